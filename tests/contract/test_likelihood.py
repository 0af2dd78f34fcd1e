"""The contract of the likelihood room: p(x|z) is a density over what it says it describes."""

from typing import get_args

import pytest
import torch
from torch.distributions import Independent

from latentia import room
from latentia.distribution.masked import Masked
from latentia.errors import UsageError
from latentia.likelihood.base import Support

SMALL = [(5,), (1, 4, 4), (3, 4, 5)]
SHAPES = [*SMALL, (1, 13, 12)]


def built(member, x_shape, seed=0):
    torch.manual_seed(seed)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    return room.build("likelihood", member, network=network, x_shape=x_shape, latent_dim=3)


def refuses(member, x_shape):
    """Whether a member is none of such examples; it must say where and how to mend it."""
    try:
        built(member, x_shape)
    except UsageError as error:
        assert "where:" in str(error) and "mend:" in str(error)
        return True
    return False


def home(member):
    """Return the first shape that a member takes."""
    return next(shape for shape in SHAPES if not refuses(member, shape))


def make(member, x_shape=None, seed=0):
    return built(member, home(member) if x_shape is None else x_shape, seed)


def moved(member, x_shape=None, seed=0):
    """Return a decoder that says something else for every latent and dimension."""
    likelihood = make(member, x_shape, seed)
    with torch.no_grad():
        for parameter in likelihood.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        if likelihood.describes == {"open-unit"}:
            likelihood.bias[1] += 3.0  # else mass lies nearer to 1 than any number
    return likelihood


def support(likelihood):
    """Return values of x and the weight of each in a sum over all that x can be."""
    kinds = likelihood.describes
    if "real" in kinds:
        u = torch.linspace(-9, 9, 8001, dtype=torch.float64)
        return u.sinh(), u.cosh() * (18 / 8000)
    if "positive" in kinds:
        x = torch.linspace(-12, 12, 4001, dtype=torch.float64).exp()
        return x, x * (24 / 4000)
    if "open-unit" in kinds:
        # Dense at both ends, where the density may be infinite.
        u = torch.linspace(-40, 40, 8001, dtype=torch.float64)
        return u.sigmoid(), u.sigmoid() * (-u).sigmoid() * (80 / 8000)
    if "counts" in kinds:
        return torch.arange(3000, dtype=torch.float64), torch.ones(3000).double()
    if "classes" in kinds:
        n = likelihood.classes
        return torch.arange(n, dtype=torch.float64), torch.ones(n).double()
    if "unit" in kinds:
        values, weights = torch.linspace(0, 1, 2001, dtype=torch.float64), torch.ones(2001)
        weights[[0, -1]] = 0.5
        return values, weights.double() / 2000
    levels = 2 if "binary" in kinds else 256
    return torch.arange(levels, dtype=torch.float64) / (levels - 1), torch.ones(levels).double()


def moments_of(likelihood, x_shape):
    """Return a mean and a standard deviation that such data could have."""
    mean = 0.3 + 0.4 * torch.rand(x_shape)
    kinds = likelihood.describes
    if kinds == {"binary"}:
        return mean, (mean * (1 - mean)).sqrt()
    if kinds & {"counts", "classes"}:
        return 3 * mean, (3 * mean).sqrt() * 1.2
    return mean, 0.05 + 0.05 * torch.rand(x_shape)


def values_of(member, n, x_shape=None):
    """Return n examples of such data: draws of another such decoder."""
    with torch.no_grad():
        return moved(member, x_shape, seed=7)(torch.zeros(n, 3)).sample()


def test_it_says_of_which_values_it_is_a_density(member):
    likelihood = make(member)
    assert likelihood.describes <= set(get_args(Support))
    assert bool(likelihood.describes) != bool(likelihood.cost)


@pytest.mark.parametrize("x_shape", SHAPES)
def test_any_batch_of_latents_has_a_log_density_for_each(member, x_shape):
    if refuses(member, x_shape):
        return
    likelihood = moved(member, x_shape).eval()
    z, x = torch.randn(6, 4, 3), values_of(member, 4, x_shape)
    p = likelihood(z)
    assert p.batch_shape == (6, 4) and p.event_shape == x_shape
    assert not likelihood.has_mean or p.mean.shape == (6, 4, *x_shape)
    assert likelihood.shown(p).shape == (6, 4, *x_shape)
    each = p.log_prob(x)
    assert each.shape == (6, 4)
    torch.testing.assert_close(likelihood(z[2]).log_prob(x), each[2])
    with torch.no_grad():  # which may be another way
        torch.testing.assert_close(p.log_prob(x), each)
    assert isinstance(p, Independent) == likelihood.factorizes
    if likelihood.factorizes:
        torch.testing.assert_close(
            p.base_dist.log_prob(x).flatten(2).sum(-1), each, rtol=1e-5, atol=1e-4
        )


@pytest.mark.parametrize("x_shape", SMALL)
def test_every_dimension_sums_to_one_over_its_support(member, x_shape):
    if refuses(member, x_shape):
        return
    likelihood = moved(member, x_shape)
    if not likelihood.factorizes:
        return
    with torch.no_grad():
        p = likelihood(torch.randn(4, 3))
        values, weights = support(likelihood)
        # float32 has few numbers near 1, where a beta may have much of its mass.
        exact = likelihood.describes == {"open-unit"}
        x = (values if exact else values.float()).reshape(-1, 1, *[1] * len(x_shape))
        mass = torch.einsum("v...,v->...", p.base_dist.log_prob(x).double().exp(), weights)
    torch.testing.assert_close(mass, torch.ones_like(mass), rtol=0, atol=2e-5)


def test_what_does_not_factorize_sums_to_one_over_whole_examples(member):
    binary = make(member).describes == {"binary"}
    x_shape = (2, 2, 2) if binary else (2, 1, 1)
    if make(member).factorizes or make(member).cost:
        return
    likelihood = moved(member, x_shape).double()
    values, _ = support(likelihood)
    x = torch.cartesian_prod(*[values] * torch.Size(x_shape).numel()).reshape(-1, 1, *x_shape)
    with torch.no_grad():
        total = likelihood(torch.randn(4, 3).double()).log_prob(x).exp().sum(0)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-6)


def test_the_mean_is_that_of_its_draws(member):
    likelihood = moved(member)
    if not likelihood.has_mean:
        with pytest.raises(UsageError, match="no mean"):
            likelihood(torch.randn(4, 3)).mean  # noqa: B018
        return
    with torch.no_grad():
        p, n = likelihood(torch.randn(4, 3)), 20_000
        draws = p.sample((n,))
    assert draws.shape == (n, 4, *likelihood.x_shape)
    gap = (draws.mean(0) - p.mean).abs()
    assert (gap <= 5 * draws.std(0) / n**0.5 + 1e-5).all()


def test_a_missing_cell_is_summed_over(member):
    likelihood = moved(member)
    if not likelihood.factorizes:
        return  # then it is refused: see test_model.py
    with torch.no_grad():
        p = likelihood(torch.randn(1, 3))
        values, weights = support(likelihood)
        x = values_of(member, 1).repeat(len(values), 1)
        x = x.to(values.dtype) if likelihood.describes == {"open-unit"} else x
        x[:, 2] = values
        over_all = (p.log_prob(x).double() + weights.log()).logsumexp(0)
        observed = torch.tensor([True, True, False, True, True])
        found = Masked(p, observed).log_prob(torch.where(observed, x[0], torch.nan))
    torch.testing.assert_close(found.double()[0], over_all, rtol=0, atol=1e-4)


@pytest.mark.parametrize("x_shape", SHAPES)
def test_an_untrained_decoder_starts_at_the_training_marginals(member, x_shape):
    if refuses(member, x_shape):
        return
    likelihood = make(member, x_shape)
    mean, std = moments_of(likelihood, x_shape)
    likelihood.initialise(mean, std)
    z = torch.randn(100, 3)
    with torch.no_grad():
        p = likelihood(z)
        found = p.mean.mean(0) if likelihood.has_mean else p.sample((300,)).mean((0, 1))
        torch.testing.assert_close(found, mean, rtol=0, atol=0.01 if likelihood.has_mean else 0.03)
        x = p.sample()
        untrained = p.log_prob(x).mean()
        likelihood.decoder[-2].weight.zero_()
        marginal = likelihood(z).log_prob(x).mean()
    assert untrained.item() == pytest.approx(marginal.item(), abs=0.01 * mean.numel())


def test_log_prob_has_a_finite_gradient_for_every_parameter_and_latent(member):
    likelihood, z = make(member), torch.randn(20, 3, requires_grad=True)
    (-likelihood(z).log_prob(values_of(member, 20)).sum()).backward()
    for name, parameter in likelihood.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all() and parameter.grad.any(), name
    assert z.grad.isfinite().all() and z.grad.any()


def test_saved_and_loaded_weights_give_the_same_density(member):
    one, other = moved(member, seed=0), moved(member, seed=1)
    shape = one.x_shape
    one.standardize(torch.rand(shape), torch.rand(shape) + 0.5)
    one.initialise(torch.rand(shape), torch.rand(shape))
    other.load_state_dict(one.state_dict())
    z, x = torch.randn(4, 3), values_of(member, 4)
    assert torch.equal(one(z).log_prob(x), other(z).log_prob(x))
