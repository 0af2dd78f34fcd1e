"""Streams of weights: whatever the chunks, the same mean, error, effective size and ladder."""

import math

import pytest
import torch

from latentia.evidence import _weights
from latentia.evidence._weights import Weights, rungs


def streamed(log_w, *sizes, ladder=()):
    weights = Weights(ladder)
    for part in log_w.split(list(sizes)):
        weights.add(part)
    return weights.evidence()


def drawn(count, scale=1.0):
    torch.manual_seed(count)
    return scale * torch.randn(count, 3, dtype=torch.float64)


@pytest.mark.parametrize("sizes", [(120,), (1,) * 120, (7, 100, 13), (119, 1)])
def test_a_stream_is_the_whole(sizes):
    log_w = drawn(120, 3.0)
    found = streamed(log_w, *sizes, ladder=(1, 10))
    whole = log_w.logsumexp(0) - math.log(120)
    share = log_w.softmax(0)
    torch.testing.assert_close(found.log_likelihood, whole)
    torch.testing.assert_close(found.effective_samples, 1 / share.square().sum(0))
    groups = log_w.reshape(12, 10, 3).logsumexp(1) - math.log(10)
    torch.testing.assert_close(found.ladder, torch.stack([log_w.mean(0), groups.mean(0), whole]))


def test_the_error_is_that_of_the_delta_method():
    log_w = drawn(50)
    w = log_w.exp()
    expected = w.std(0, correction=0) / w.mean(0) / 50**0.5
    torch.testing.assert_close(streamed(log_w, 50).error, expected)


def test_the_error_is_the_spread_of_repeated_estimates():
    log_w = drawn(200 * 500)[:, :1].reshape(200, 500)
    found = streamed(log_w, 200)
    spread = found.log_likelihood.std()
    assert found.error.mean().item() == pytest.approx(spread.item(), rel=0.15)


def test_the_ladder_cannot_fall():
    found = streamed(drawn(1000, 4.0), *[40] * 25, ladder=rungs(1000)[:-1])
    assert (found.ladder.diff(dim=0) > 0).all()
    assert found.ladder.shape == (4, 3)


def test_samples_that_fill_no_group_are_left_out_of_its_rung_alone():
    log_w = drawn(25)
    found = streamed(log_w, 4, 21, ladder=(1, 10))
    groups = log_w[:20].reshape(2, 10, 3).logsumexp(1) - math.log(10)
    torch.testing.assert_close(found.ladder[1], groups.mean(0))
    torch.testing.assert_close(found.ladder[2], log_w.logsumexp(0) - math.log(25))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [(1, (1,)), (2, (1, 2)), (10, (1, 10)), (11, (1, 10, 11)), (5000, (1, 10, 100, 1000, 5000))],
)
def test_rungs(samples, expected):
    assert rungs(samples) == expected


@pytest.mark.parametrize("shift", [-1e5, 1e5])
def test_weights_beyond_any_float_have_a_mean(shift):
    found = streamed(torch.tensor([[0.0], [1.0], [-700.0]]).double() + shift, 1, 1, 1)
    expected = shift + math.log((1 + math.e) / 3)
    assert found.log_likelihood.item() == pytest.approx(expected, rel=1e-12)


def test_a_weight_of_zero_counts_as_a_sample_and_no_more():
    log_w = torch.tensor([[-math.inf, -math.inf], [0.0, -math.inf], [0.0, -math.inf]])
    for sizes in ((3,), (1, 1, 1), (1, 2)):
        found = streamed(log_w, *sizes, ladder=(1,))
        assert found.log_likelihood.tolist() == [pytest.approx(math.log(2 / 3)), -math.inf]
        assert found.effective_samples.tolist() == [pytest.approx(2), 0]
        assert found.error.tolist() == [pytest.approx((1 / 2 - 1 / 3) ** 0.5), math.inf]
        assert not found.ladder.isnan().any()


def test_one_weight_does_not_say_how_far_another_might_differ():
    found = streamed(torch.zeros(1, 3), 1)
    assert found.error.isnan().all() and (found.effective_samples == 1).all()


def test_what_is_no_number_is_not_hidden():
    log_w = torch.tensor([[0.0], [math.nan], [0.0]])
    assert streamed(log_w, 1, 1, 1).log_likelihood.isnan().all()


def test_single_precision_comes_in_and_double_goes_out():
    log_w = drawn(5000).float()
    found = streamed(log_w, *[100] * 50)
    exact = log_w.double().logsumexp(0) - math.log(5000)
    torch.testing.assert_close(found.log_likelihood, exact, rtol=1e-13, atol=1e-13)


def test_weights_that_wait_for_each_other_are_all_counted(monkeypatch):
    log_w = drawn(120, 3.0)
    whole = streamed(log_w, 120, ladder=(1, 10))
    for together in (1, 7, 119, 120, 500):
        monkeypatch.setattr(_weights, "_TOGETHER", together)
        found = streamed(log_w, *[4] * 30, ladder=(1, 10))
        for one, other in zip(found, whole, strict=True):
            torch.testing.assert_close(one, other)
