"""What one pixel can be: draws from uniform numbers have the probabilities that it says."""

import pytest
import torch

from latentia.distribution.logistic_mixture import LogisticMixture
from latentia.distribution.pixel import BlackOrWhite, Levels

LEVELS = torch.arange(256) / 255


def test_black_or_white_is_white_as_often_as_its_logit_says():
    numbers = torch.tensor([[-2.0], [0.0], [1.5]])
    u = ((torch.arange(40_000) + 0.5) / 40_000)[:, None, None]
    share = BlackOrWhite().draw(numbers, u).mean(0)
    torch.testing.assert_close(share, numbers[:, 0].sigmoid(), rtol=0, atol=1e-4)
    log_p = BlackOrWhite().distribution(numbers).log_prob(torch.ones(3))
    torch.testing.assert_close(log_p.exp(), numbers[:, 0].sigmoid())


def test_levels_are_a_mixture_of_logistics_with_bounded_scales():
    torch.manual_seed(0)
    numbers = torch.cat([torch.randn(5, 2), torch.rand(5, 2), torch.tensor([[-20.0, 9.0]] * 5)], 1)
    p = Levels(-6.0, 1.0).distribution(numbers)
    logits, loc, _ = numbers.chunk(3, -1)
    q = LogisticMixture(logits, loc, torch.tensor([-6.0, 1.0]).expand(5, 2))
    x = LEVELS[:, None]
    torch.testing.assert_close(p.log_prob(x), q.log_prob(x))


@pytest.mark.parametrize("components", [1, 3])
def test_levels_are_drawn_as_often_as_they_are_probable(components):
    torch.manual_seed(1)
    numbers = torch.cat(
        [torch.randn(components), torch.rand(components), -3 - torch.rand(components)]
    )
    pixel, n = Levels(-7.0, 2.0), 200_000
    drawn = pixel.draw(numbers.expand(n, -1), torch.rand(n, 2))
    k = (drawn * 255).round()
    torch.testing.assert_close(drawn, k / 255)
    mass = pixel.distribution(numbers).log_prob(LEVELS).exp().double()
    share = torch.bincount(k.long(), minlength=256).double() / n
    often = mass * n > 20
    z = (share - mass)[often] / (mass * (1 - mass) / n).sqrt()[often]
    assert z.abs().max() < 4.5 and z.square().mean() < 1.5
