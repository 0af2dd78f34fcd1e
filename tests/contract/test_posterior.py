"""The contract of the posterior room: q(z|x) is a distribution that a gradient passes through."""

import pytest
import torch

from latentia import room
from latentia.posterior.base import Refined

SHAPES = [(5,), (1, 4, 4)]


def make(member, x_shape=(5,), latent_dim=3, seed=0):
    torch.manual_seed(seed)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    offer = {"network": network, "x_shape": x_shape, "latent_dim": latent_dim}
    found = room.build("posterior", member, **offer)
    if isinstance(found, Refined):  # a model's log p(x, z), of which all here is known
        found.log_joint = lambda x, z, c: -((z - 0.3) / 0.7).square().sum(-1) / 2
    return found


def decoded(posterior, q, n):
    """Return what a decoder is given of n draws: z itself, or what a code stands for."""
    z = posterior.embedded(q.rsample((n,)))
    return z + q.carry if posterior.decoded_dim else z


@pytest.mark.parametrize("x_shape", SHAPES)
def test_it_returns_a_batch_of_distributions_over_latents(member, x_shape):
    q = make(member, x_shape)(torch.randn(4, *x_shape))
    assert q.batch_shape == (4,)
    assert q.event_shape == (3,)
    assert q.mean.shape == q.variance.shape == (4, 3)
    z = q.rsample((6,))
    assert z.shape == (6, 4, 3)
    assert q.log_prob(z).shape == (6, 4)


def test_a_draw_has_a_finite_gradient_for_every_parameter(member):
    posterior = make(member)
    q = posterior(torch.randn(20, 5))
    value = (1 + decoded(posterior, q, 2)).square().sum()
    if posterior.commits:  # a codebook learns from what lies between x and its code
        value = value + q.strayed.codebook.sum()
    value.backward()
    for name, parameter in posterior.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_saved_and_loaded_weights_give_the_same_posterior(member):
    one, other = make(member, seed=0), make(member, seed=1)
    one.standardize.fit(torch.randn(5), torch.rand(5) + 0.5)
    x = torch.randn(4, 5)
    assert not torch.equal(one(x).mean, other(x).mean)
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(x).mean, other(x).mean)
    assert torch.equal(one(x).variance, other(x).variance)


def test_draws_have_the_mean_and_variance_that_it_states(member):
    posterior = make(member)
    with torch.no_grad():
        q, n = posterior(torch.randn(4, 5)), 20_000
        z = q.rsample((n,))
    error = (q.variance / n).sqrt()
    assert ((z.mean(0) - q.mean).abs() <= 5 * error + 1e-6).all()
    assert ((z.var(0) - q.variance).abs() <= 0.1 * q.variance + 1e-6).all()


def test_its_density_integrates_to_one(member):
    sphere = room.load("posterior", member["name"]).space == "sphere"
    posterior = make(member, latent_dim=2 if sphere else 1)
    if not posterior.has_density or isinstance(posterior, Refined):
        return
    if sphere:
        angle = torch.linspace(0, 2 * torch.pi, 2001)[:, None]
        z = torch.stack([angle.cos(), angle.sin()], -1)
        area = torch.trapezoid(posterior(torch.randn(4, 5)).log_prob(z).exp(), angle, dim=0)
        torch.testing.assert_close(area, torch.ones(4), rtol=0, atol=1e-4)
        return
    if posterior.space in ("binary", "one-hot"):
        q = posterior(torch.randn(4, 5))
        z = torch.tensor([0.0, 1.0] if posterior.space == "binary" else [1.0])
        area = q.log_prob(z[:, None, None].expand(-1, 4, 1)).exp().sum(0)
        torch.testing.assert_close(area, torch.ones(4))
        return
    with torch.no_grad():
        q = posterior(torch.randn(4, 5))
        z = q.mean + q.stddev * torch.linspace(-12, 12, 2001)[:, None, None]
        area = torch.trapezoid(q.log_prob(z).exp(), z[..., 0], dim=0)
    torch.testing.assert_close(area, torch.ones(4), rtol=0, atol=1e-4)


def test_gradients_of_draws_are_gradients_of_the_expectation(member):
    posterior, x = make(member), torch.randn(4, 5)
    if (
        posterior.decoded_dim
    ):  # a single code has no derivative; what is decoded of it is given one
        return
    if posterior.relaxation is not None:  # whose bias goes with the temperature
        posterior.relaxation = posterior.relaxation._replace(temperature=0.1)
    parameters = list(posterior.parameters())
    exact = torch.autograd.grad(posterior(x).mean.tanh().sum(), parameters)
    drawn = posterior(x).rsample((20_000,)).mean(0).tanh().sum()
    about = torch.autograd.grad(drawn, parameters)
    for one, other in zip(exact, about, strict=True):
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.1)


def test_the_same_x_has_the_same_posterior_whatever_else_is_in_the_batch(member):
    posterior, x = make(member).eval(), torch.randn(4, 5)
    assert torch.equal(posterior(x).mean, posterior(x).mean)
    torch.testing.assert_close(posterior(x).mean[2:3], posterior(x[2:3]).mean)


def test_missing_cells_leave_it_finite_and_count_as_the_mean(member):
    posterior = make(member)
    posterior.standardize.fit(torch.full((5,), 3.0), torch.full((5,), 2.0))
    missing, average = torch.randn(4, 5), None
    average = missing.clone()
    missing[0, 1], average[0, 1] = torch.nan, 3.0
    assert posterior(missing).mean.isfinite().all()
    torch.testing.assert_close(posterior(missing).mean, posterior(average).mean)
