"""Simulation-based calibration: the exact posterior passes, and every other one fails."""

import pytest
import torch
from tests.known import LATENT_DIM, LinearGaussian

from latentia.errors import UsageError
from latentia.evaluation.calibration import Calibration, calibrate


def test_the_exact_posterior_is_calibrated():
    found = calibrate(LinearGaussian().model, 2000)
    assert found.ranks.shape == (2000, LATENT_DIM)
    assert found.ranks.min() == 0 and found.ranks.max() == 99
    assert min(found.p_values) > 0.01
    assert found.spread == pytest.approx([1, 1], abs=0.08)


@pytest.mark.parametrize(
    ("which", "by", "spread"),
    [(slice(2, 4), -0.5, "narrow"), (slice(2, 4), 0.5, "wide"), (slice(0, 2), 0.15, "off")],
)
def test_any_other_is_not_and_the_ranks_say_how(which, by, spread):
    known = LinearGaussian()
    with torch.no_grad():
        known.model.posterior.head.bias[which] += by
    found = calibrate(known.model, 2000)
    assert max(found.p_values) < 1e-6
    if spread != "off":
        assert all((value > 1.3) is (spread == "narrow") for value in found.spread)


def test_uniform_ranks_have_uniform_p_values():
    generator = torch.Generator().manual_seed(0)
    ranks = torch.randint(0, 100, (1000, 200), generator=generator)
    p = torch.tensor(Calibration(ranks, 99).p_values)
    assert 0.4 < p.mean() < 0.6 and (p < 0.1).double().mean() == pytest.approx(0.1, abs=0.06)


def test_a_seed_repeats_it_and_rows_are_drawn_whatever_the_chunk():
    model = LinearGaussian().model
    one, again, other = (calibrate(model, 700, seed=seed).ranks for seed in (1, 1, 2))
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert len(one) == 700


@pytest.mark.parametrize("bad", [{"n": 0}, {"draws": 3}])
def test_nothing_to_rank_is_refused(bad):
    with pytest.raises(UsageError, match="Nothing can be simulated"):
        calibrate(LinearGaussian().model, **bad)


def test_codes_have_no_rank(model_of):
    model = model_of(4, 3, posterior="bernoulli", prior="bernoulli")
    with pytest.raises(UsageError, match="Only numbers can be ranked"):
        calibrate(model, 20)
