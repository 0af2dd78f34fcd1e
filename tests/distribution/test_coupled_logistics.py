"""Logistics of pixels whose channels are coupled: sums over all colours, draws, means."""

from itertools import product

import pytest
import torch
from scipy.stats import chi2

from latentia.distribution.coupled_logistics import CoupledLogistics
from latentia.distribution.discretized_logistic import DiscretizedLogistic
from latentia.distribution.logistic_mixture import LogisticMixture

K = 2


def make(channels=3, levels=4, batch=(), sides=(1, 1), *, seed=0, sharp=1.0, strength=1.0):
    torch.manual_seed(seed)
    pairs = channels * (channels - 1) // 2
    return CoupledLogistics(
        torch.randn(*batch, K, *sides).double(),
        torch.rand(*batch, K, channels, *sides).double(),
        (-sharp - torch.rand(*batch, K, channels, *sides)).double(),
        strength * (2 * torch.rand(*batch, K, pairs, *sides) - 1).double(),
        levels,
    )


def colours(channels, levels):
    values = [k / (levels - 1) for k in range(levels)]
    found = torch.tensor(list(product(values, repeat=channels)), dtype=torch.float64)
    return found.reshape(-1, channels, 1, 1)


@pytest.mark.parametrize(("channels", "levels"), [(1, 8), (2, 8), (3, 4), (4, 3)])
@pytest.mark.parametrize("sharp", [0.0, 2.0, 5.0])
def test_the_probabilities_of_all_colours_sum_to_one(channels, levels, sharp):
    p = make(channels, levels, batch=(5,), sharp=sharp)
    total = p.log_prob(colours(channels, levels)[:, None]).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(5, dtype=torch.float64), rtol=0, atol=1e-9)


def test_it_is_the_sum_written_by_hand():
    p = make(3, 4)
    x = colours(3, 4)
    found = p.log_prob(x).exp()
    weights = p.logits.exp().flatten()
    expected = torch.zeros(len(x), dtype=torch.float64)
    for k in range(K):
        mu, log_s = p.loc[k].flatten(), p.log_scale[k].flatten()
        a = p.coupling[k].flatten()
        red, green, blue = x.flatten(1).unbind(1)
        places = [
            mu[0],
            mu[1] + a[0] * (red - mu[0]),
            mu[2] + a[1] * (red - mu[0]) + a[2] * (green - mu[1]),
        ]
        each = [
            DiscretizedLogistic(torch.as_tensor(m), s, 4).log_prob(v)
            for m, s, v in zip(places, log_s, (red, green, blue), strict=True)
        ]
        expected += weights[k] * sum(each).exp()
    torch.testing.assert_close(found, expected)


def test_without_coupling_a_single_component_is_independent_channels():
    torch.manual_seed(0)
    logits, coupling = torch.zeros(4, 1, 2, 3), torch.zeros(4, 1, 3, 2, 3)
    loc, log_scale = torch.rand(4, 1, 3, 2, 3), -2 - torch.rand(4, 1, 3, 2, 3)
    p = CoupledLogistics(logits, loc, log_scale, coupling)
    x = torch.randint(256, (4, 3, 2, 3)) / 255
    alone = LogisticMixture(*(part.movedim(1, -1) for part in (0 * loc, loc, log_scale)))
    torch.testing.assert_close(p.log_prob(x), alone.log_prob(x).sum((1, 2, 3)))


def test_pixels_are_independent_and_samples_share_x():
    p = make(3, 4, batch=(2, 5), sides=(2, 3))
    x = torch.randint(4, (5, 3, 2, 3)).double() / 3
    found = p.log_prob(x)
    assert found.shape == (2, 5) and p.event_shape == (3, 2, 3)
    parts = 0
    for i, j in product(range(2), range(3)):
        here = (..., slice(i, i + 1), slice(j, j + 1))
        one = CoupledLogistics(p.logits[here], p.loc[here], p.log_scale[here], p.coupling[here], 4)
        parts = parts + one.log_prob(x[here])
    torch.testing.assert_close(found, parts)


def test_colours_are_drawn_as_often_as_they_are_probable():
    p, n = make(3, 4, strength=2.0), 100_000
    torch.manual_seed(1)
    drawn = (p.sample((n,)) * 3).round().long().flatten(1)
    count = torch.bincount((drawn * torch.tensor([16, 4, 1])).sum(1), minlength=64).double()
    expected = p.log_prob(colours(3, 4)).exp() * n
    often = expected > 5
    statistic = float(((count - expected).square() / expected)[often].sum())
    assert 1e-4 < chi2.sf(statistic, int(often.sum()) - 1) < 1 - 1e-6
    assert p.sample((7,)).shape == (7, 3, 1, 1)
    assert make(batch=(2, 5), sides=(2, 3)).sample((7,)).shape == (7, 2, 5, 3, 2, 3)


@pytest.mark.parametrize("sharp", [0.5, 1.5, 3.0, 5.5, 6.0])
def test_the_mean_is_close_to_that_of_all_colours(sharp):
    """A sum over all 256 levels of red and green, with the exact mean of what follows.

    Channels spread by a hundred levels down to less than one.
    """
    levels = torch.arange(256, dtype=torch.float64) / 255
    worst = torch.zeros(3, dtype=torch.float64)
    for seed in range(3):
        p = make(3, 256, seed=seed, sharp=sharp)
        exact = torch.zeros(3, dtype=torch.float64)
        for k in range(K):
            mu, log_s, a = p.loc[k].flatten(), p.log_scale[k].flatten(), p.coupling[k].flatten()
            red = DiscretizedLogistic(mu[0], log_s[0]).log_prob(levels).exp()
            place = mu[1] + a[0] * (levels - mu[0])
            after = DiscretizedLogistic(place, log_s[1])
            green = after.log_prob(levels[:, None]).exp().T  # red, green
            step = mu[2] + a[1] * (levels[:, None] - mu[0]) + a[2] * (levels - mu[1])
            means = (
                (red * levels).sum(),
                (red * after.mean).sum(),
                (red[:, None] * green * DiscretizedLogistic(step, log_s[2]).mean).sum(),
            )
            exact += p.logits[k].exp().item() * torch.stack(means)
        worst = torch.maximum(worst, (p.mean.flatten() - exact).abs() * 255)
    assert worst[0] < 0.1, worst
    assert worst.max() < 0.3, worst


class Mean(torch.nn.Module):
    def forward(self, logits, loc, log_scale, coupling):
        return CoupledLogistics(logits, loc, log_scale, coupling).mean


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_as_a_graph_the_mean_is_the_same_in_few_steps(channels):
    p = make(channels, 256, batch=(2, 5), sides=(2, 3), sharp=3.0)
    given = (p.logits, p.loc, p.log_scale, p.coupling)
    graph = torch.export.export(Mean(), given)
    assert len(graph.graph.nodes) < 150 * channels
    torch.testing.assert_close(graph.module()(*given), p.mean, rtol=0, atol=1e-12)


def test_coupled_channels_move_together():
    one = torch.ones(1, 1, 1)
    parts = (one, torch.full((1, 2, 1, 1), 0.5), torch.full((1, 2, 1, 1), -2.5))
    torch.manual_seed(0)
    for a, sign in ((0.9, 1), (-0.9, -1), (0.0, 0)):
        x = CoupledLogistics(*parts, a * one[None]).sample((5000,)).flatten(1)
        correlation = torch.corrcoef(x.T)[0, 1]
        assert abs(correlation - sign * 0.67) < 0.05
