"""Pixels one after the other: held against sums over all images, and against the order."""

from itertools import product

import pytest
import torch
from scipy.stats import chi2

from latentia.distribution import autoregressive
from latentia.distribution.autoregressive import Autoregressive, Context
from latentia.distribution.pixel import BlackOrWhite, Levels
from latentia.errors import UsageError
from latentia.likelihood._causal import Reach

F, G = 16, 2


def make(event, batch=(4,), *, field=2, pixel=None, numbers=1, seed=0, kind=torch.float64):
    """Return a distribution whose pixels depend strongly on those before them."""
    torch.manual_seed(seed)
    whole = event if len(event) == 3 else (1, 1, *event)
    reach = Reach(whole, field=field, numbers=numbers, features=G, width=F, layers=1)
    with torch.no_grad():
        for parameter in reach.parameters():
            parameter.copy_(torch.randn_like(parameter))
    context = reach.to(kind)()
    plain = torch.randn(*batch, numbers, *event, dtype=kind)
    g = torch.randn(*batch, G, *event, dtype=kind)
    return Autoregressive(plain, g, pixel or BlackOrWhite(), context, len(event))


def all_images(event):
    size = torch.Size(event).numel()
    return torch.tensor(list(product((0.0, 1.0), repeat=size))).double().reshape(-1, *event)


@pytest.mark.parametrize("event", [(1, 3, 3), (2, 2, 2), (3, 1, 3), (1, 2, 4), (9,)])
@pytest.mark.parametrize("field", [1, 2, 8])
@torch.no_grad()
def test_the_probabilities_of_all_images_sum_to_one(event, field):
    p = make(event, field=field)
    x = all_images(event)
    total = p.log_prob(x[:, None]).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(4, dtype=torch.float64), rtol=0, atol=1e-9)


def order(event):
    """Return at which turn each number of an example comes, by hand."""
    channels, height, width = event if len(event) == 3 else (1, 1, *event)
    turn = torch.empty(channels, height, width, dtype=torch.long)
    at = 0
    for i in range(height):
        for j in range(width):
            for c in range(channels):
                turn[c, i, j] = at
                at += 1
    return turn


@pytest.mark.parametrize("event", [(1, 4, 5), (3, 3, 3), (7,)])
@pytest.mark.parametrize("field", [1, 2])
def test_a_pixel_depends_on_those_in_its_window_before_it_and_on_no_other(event, field):
    p = make(event, (), field=field)
    x = torch.rand(event, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: p.given(v).logits, x)
    channels, height, width = event if len(event) == 3 else (1, 1, *event)
    shape = (channels, height, width)
    jacobian = jacobian.reshape(*shape, *shape)
    turn = order(event)
    for here in product(*map(range, shape)):
        (_, i, j) = here
        for there in product(*map(range, shape)):
            (_, k, m) = there
            near = 0 <= i - k <= field and abs(j - m) <= field
            allowed = near and turn[there] < turn[here]
            assert (jacobian[(*here, *there)] != 0) == allowed, (here, there)


def frequencies(p, event, n):
    """Return the probability of every image and how often it is among n draws."""
    x = all_images(event).to(p.plain.dtype)
    mass = p.log_prob(x).double().exp()
    torch.manual_seed(3)
    drawn = p.sample((n,)).flatten(1).long()
    weight = 2 ** torch.arange(drawn.shape[1] - 1, -1, -1)
    return mass, torch.bincount((drawn * weight).sum(1), minlength=len(x)).double()


@pytest.mark.parametrize("event", [(1, 2, 3), (2, 2, 2), (6,)])
@torch.no_grad()
def test_images_are_drawn_as_often_as_they_are_probable(event):
    n = 100_000
    mass, count = frequencies(make(event, (), seed=5), event, n)
    often = mass * n > 5
    expected = torch.cat([mass[often], mass[~often].sum()[None]]) * n
    found = torch.cat([count[often], count[~often].sum()[None]])
    keep = expected > 5
    statistic = float(((found - expected).square() / expected)[keep].sum())
    assert 1e-4 < chi2.sf(statistic, int(keep.sum()) - 1) < 1 - 1e-6


@torch.no_grad()
def test_levels_are_drawn_as_teacher_forcing_scores_them():
    """The mean of log p over draws is minus the entropy: exactly known for a single pixel."""
    pixel = Levels(-7.0, 2.0)
    p = make((1, 1, 2), (), pixel=pixel, numbers=3, seed=2)
    levels = torch.arange(256, dtype=torch.float64) / 255
    first, second = torch.meshgrid(levels, levels, indexing="ij")
    mass = p.log_prob(torch.stack([first, second], -1).reshape(-1, 1, 1, 2)).exp()
    assert mass.sum().item() == pytest.approx(1, abs=1e-6)
    x = p.sample((50_000,)).flatten(1)
    mass = mass.reshape(256, 256)
    for at, each in ((0, mass.sum(1)), (1, mass.sum(0))):
        mean = (each * levels).sum()
        spread = ((each * levels.square()).sum() - mean.square()).sqrt()
        assert abs(x[:, at].mean() - mean) < 5 * spread / 50_000**0.5
    product_mean = (mass * first * second).sum()
    spread = ((mass * (first * second).square()).sum() - product_mean.square()).sqrt()
    assert abs((x[:, 0] * x[:, 1]).mean() - product_mean) < 5 * spread / 50_000**0.5


@torch.no_grad()
def test_samples_of_latents_share_what_is_seen_of_x():
    p = make((1, 4, 4), (3, 5))
    x = torch.randint(2, (5, 1, 4, 4)).double()
    found = p.log_prob(x)
    assert found.shape == (3, 5)
    for k in range(3):
        one = Autoregressive(p.plain[k], p.g[k], p.pixel, p.context, 3)
        torch.testing.assert_close(one.log_prob(x), found[k])
    assert p.log_prob(x.expand(3, 5, 1, 4, 4)).equal(found)
    assert p.log_prob(torch.zeros(7, 1, 1, 1, 4, 4).double()).shape == (7, 3, 5)


@torch.no_grad()
def test_parts_of_a_batch_score_as_the_whole(monkeypatch):
    p = make((1, 4, 4), (6, 5))
    x = torch.randint(2, (6, 5, 1, 4, 4)).double()
    whole = p.log_prob(x), p.log_prob(x[0]), p.log_prob(x[:1])
    torch.manual_seed(0)
    drawn = p.draw_alike()
    monkeypatch.setattr(autoregressive, "_AT_ONCE", 2 * 5 * 16 * F)
    assert p._parts(2) == 3
    for expected, found in zip(
        whole, (p.log_prob(x), p.log_prob(x[0]), p.log_prob(x[:1])), strict=True
    ):
        torch.testing.assert_close(found, expected)
    assert p.draw_alike().equal(drawn)


@torch.no_grad()
def test_draws_that_are_alike_differ_by_z_alone():
    p = make((1, 5, 5), (3,))
    first, second, third = p.draw_alike()
    assert not first.equal(second) and not second.equal(third)
    other = Autoregressive(p.plain[[1, 0, 1]], p.g[[1, 0, 1]], p.pixel, p.context, 3)
    assert other.draw_alike().equal(torch.stack([second, first, second]))
    before = torch.get_rng_state()
    p.draw_alike()
    assert torch.equal(torch.get_rng_state(), before)


def test_a_score_has_the_gradient_of_finite_differences():
    torch.manual_seed(0)
    reach = Reach((1, 3, 3), field=1, numbers=1, features=G, width=F, layers=2).double()
    plain, g = torch.randn(2, 1, 1, 3, 3).double(), torch.randn(2, G, 1, 3, 3).double()
    x = torch.randint(2, (2, 1, 3, 3)).double()

    def score(plain, g, kernel, inward, outward):
        made = reach()
        context = Context(kernel * reach.mask, inward, made.bias, made.inner, outward)
        return Autoregressive(plain, g, BlackOrWhite(), context, 3).log_prob(x)

    given = (plain, g, reach.kernel, reach.inward, reach.outward)
    given = [v.detach().requires_grad_() for v in given]
    assert torch.autograd.gradcheck(score, given)


def test_there_is_no_mean():
    with pytest.raises(UsageError, match="no mean in closed form"):
        make((4,)).mean  # noqa: B018
