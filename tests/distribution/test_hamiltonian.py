"""Moved draws: reversible, of one volume, and with a log q that makes every estimate unbiased."""

import math
from itertools import pairwise

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.hamiltonian import Dynamics, Hamiltonian
from latentia.errors import UsageError


def bumpy(z):
    """Return the log of a density that is no Gaussian, up to a constant."""
    first = -0.5 * z.square().sum(-1)
    return first + 0.8 * torch.sin(2 * z).sum(-1) + torch.cos(z[..., 0] + 2 * z[..., -1])


def made(steps=4, length=0.25, heat=1.4, examples=3, latents=2, log_density=bumpy):
    torch.manual_seed(0)
    loc = 0.3 * torch.randn(examples, latents).double()
    scale = 0.9 + 0.5 * torch.rand(examples, latents).double()
    each = length * torch.linspace(0.6, 1.4, latents).double()
    dynamics = Dynamics(steps, each, torch.tensor(heat).double())
    return Hamiltonian(loc, scale, log_density, dynamics)


def test_with_its_momentum_turned_round_a_draw_goes_back_to_where_it_was():
    q = made(heat=1.0)
    u, momentum = torch.randn(2, 5, 3, 2).double()
    with torch.no_grad():
        there = q.move(u, momentum)
        back = q.move(there[0], -there[1])
    assert (there[0] - u).abs().min() > 1e-3
    torch.testing.assert_close(back[0], u)
    torch.testing.assert_close(-back[1], momentum)


@pytest.mark.parametrize("steps", [1, 4])
def test_heating_and_cooling_undo_each_other_and_steps_keep_volumes(steps):
    q = made(steps, heat=1.7, examples=1)

    def moved(both):
        u, e = both.reshape(2, 1, 1, 2)
        return torch.cat(q.move(u, q.dynamics.heat * e)).flatten()

    slope = torch.autograd.functional.jacobian(moved, torch.randn(4).double())
    assert torch.linalg.det(slope).item() == pytest.approx(1, abs=1e-9)
    assert (slope - torch.eye(4)).abs().max() > 0.1


def test_momenta_cool_from_hot_to_1():
    dynamics = made(steps=5, heat=1.4).dynamics
    path = [dynamics.temperature(t).item() for t in range(6)]
    assert path[0] == pytest.approx(1.4) and path[-1] == pytest.approx(1)
    assert all(a > b for a, b in pairwise(path))
    # Caterini et al.: sqrt(b_t) = 1 / ((1 - 1 / sqrt(b_0)) t^2 / T^2 + 1 / sqrt(b_0)).
    assert path[2] == pytest.approx((1 - 1.4) * 4 / 25 + 1.4)


def test_log_q_is_that_of_what_was_drawn_less_the_momentum_s_target():
    q = made()
    torch.manual_seed(3)
    with torch.no_grad():
        z = q.rsample((5,))
        torch.manual_seed(3)
        u, e = torch.randn(2, 5, 3, 2, dtype=torch.float64)
        moved, momentum = q.move(u, 1.4 * e)
        torch.testing.assert_close(z, q.loc + q.scale * moved)
        standard = Normal(torch.zeros(()).double(), 1.0)
        begun = Normal(q.loc, q.scale).log_prob(q.loc + q.scale * u)
        parts = begun + Normal(0.0, 1.4).log_prob(1.4 * e) - standard.log_prob(momentum)
        # |det| of the steps and their cooling is heat^-L.
        expected = parts.sum(-1) + 2 * math.log(1.4)
        torch.testing.assert_close(q.log_prob(z), expected)


@pytest.mark.parametrize(
    ("steps", "length", "heat"), [(1, 0.3, 1.0), (3, 0.3, 1.0), (3, 0.3, 1.5), (8, 0.15, 1.2)]
)
def test_the_mean_weight_is_the_integral_whatever_the_dynamics(steps, length, heat):
    q = made(steps, length, heat, examples=2, latents=1)
    z = torch.linspace(-12, 12, 20_001).double()
    mass = torch.trapezoid(bumpy(z[:, None]).exp(), z).log()
    torch.manual_seed(1)
    with torch.no_grad():
        draws = q.sample((200_000,))
        log_w = bumpy(draws) - q.log_prob(draws)
    weight = (log_w - mass).exp()
    error = weight.std(0) / len(weight) ** 0.5
    assert ((weight.mean(0) - 1).abs() < 4.5 * error).all() and (error < 0.02).all()


def test_the_gradient_of_draws_and_log_q_is_that_of_finite_differences():
    torch.manual_seed(0)
    leaves = [torch.randn(3, 2), torch.rand(3, 2) + 0.5, torch.tensor([0.2, 0.3])]
    leaves = [leaf.double().requires_grad_() for leaf in (*leaves, torch.tensor(1.3))]
    weight = torch.tensor(0.7).double().requires_grad_()

    def run(loc, scale, length, heat, weight):
        q = Hamiltonian(loc, scale, lambda z: weight * bumpy(z), Dynamics(3, length, heat))
        torch.manual_seed(5)
        z = q.rsample((2,))
        return torch.cat([z.flatten(), q.log_prob(z).flatten(), q.mean.flatten()])

    assert torch.autograd.gradcheck(run, (*leaves, weight))


def test_its_kl_has_the_mean_of_the_sampled_one_and_less_noise():
    q, p = made(2, 0.1, 1.1), Independent(Normal(torch.zeros(2).double(), 1.3), 1)
    found, sampled = [], []
    torch.manual_seed(1)
    with torch.no_grad():
        assert closed_form_kl(q, p).total is None  # for nothing was drawn
        for _ in range(400):
            z = q.rsample((20,))
            found.append(closed_form_kl(q, p).total)
            sampled.append((q.log_prob(z) - p.log_prob(z)).mean(0))
    one, other = torch.stack(found), torch.stack(sampled)
    apart = (one - other).std(0) / 400**0.5
    assert ((one - other).mean(0).abs() < 4.5 * apart).all()
    assert (one.std(0) < 0.9 * other.std(0)).all()
    assert closed_form_kl(q, p).total is None  # drawn without the gradient that is asked for now
    mixture = MixtureSameFamily(
        Categorical(torch.ones(1)), Independent(Normal(torch.zeros(1, 2), 1.0), 1)
    )
    assert closed_form_kl(q, mixture).total is None


def test_it_knows_log_q_of_its_own_draws_alone(says):
    q = made()
    z = q.sample((2,))
    with torch.no_grad():
        assert q.log_prob(z).shape == (2, 3)
        for other in (z.clone(), torch.randn(2, 3, 2).double()):
            with pytest.raises(UsageError) as caught:
                q.log_prob(other)
            says(caught.value, "of no other", "importance")
    with pytest.raises(UsageError):  # which would be without a gradient
        q.log_prob(z)
    z = q.rsample()
    assert q.log_prob(z).requires_grad and q.log_prob(z).shape == (3,)


def test_of_a_gaussian_its_mean_and_variance_are_known():
    """A linear map of (u, e): its mean is that of rest, its covariance that of the map."""
    q = made(log_density=lambda z: -0.5 * ((z - 0.4) / 0.6).square().sum(-1), examples=1)

    def moved(both):
        u, e = both.reshape(2, 1, 1, 2)
        return q.loc + q.scale * q.move(u, q.dynamics.heat * e)[0]

    slope = torch.autograd.functional.jacobian(moved, torch.zeros(4).double()).reshape(2, 4)
    variance = slope.square().sum(1)
    with torch.no_grad():
        torch.testing.assert_close(q.mean, moved(torch.zeros(4).double())[0])
        torch.testing.assert_close(q.variance[0], variance, rtol=0.1, atol=1e-6)
