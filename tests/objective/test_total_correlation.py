"""The total correlation of the aggregate posterior, against quadrature."""

import numpy as np
import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal

from latentia import room
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.elbo import ELBO
from latentia.objective.total_correlation import BetaTCVAE, correlation

LOC = torch.tensor([[-1.0, -1.2], [0.3, 0.1], [1.5, 0.9]], dtype=torch.float64)
SCALE = torch.tensor([[0.4, 0.5], [0.3, 0.6], [0.5, 0.4]], dtype=torch.float64)


def by_quadrature():
    """Return KL(q(z) || q(z_1) q(z_2)) of a mixture of three Gaussians in the plane."""
    grid = torch.linspace(-5, 5, 801, dtype=torch.float64)
    each = Normal(LOC[:, None], SCALE[:, None]).log_prob(grid[None, :, None]).exp()
    joint = torch.einsum("ja,jb->ab", each[..., 0], each[..., 1]) / 3
    alone = torch.outer(each[..., 0].mean(0), each[..., 1].mean(0))
    ratio = joint.clamp_min(1e-300).log() - alone.clamp_min(1e-300).log()
    return float((joint * ratio).sum() * (10 / 800) ** 2)


def test_over_a_batch_that_is_all_there_is_it_is_the_total_correlation():
    torch.manual_seed(0)
    q = Independent(Normal(LOC, SCALE), 1)
    found = correlation(q, q.sample((20_000,)))
    assert found.shape == (20_000, 3)
    error = found.mean(1).std() / 20_000**0.5
    assert abs(found.mean() - by_quadrature()) < 4 * error
    assert by_quadrature() > 20 * error  # else zero would do


def test_of_latents_that_say_nothing_together_there_is_none():
    q = Independent(Normal(torch.zeros(4, 3), torch.ones(4, 3)), 1)
    found = correlation(q, q.sample((5,)))
    torch.testing.assert_close(found, torch.zeros(5, 4), rtol=0, atol=1e-5)


def model_of(posterior):
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 2}
    rooms = [("posterior", posterior), ("prior", "standard-normal"), ("likelihood", "bernoulli")]
    return LatentVariableModel(*(room.build(*each, **offer) for each in rooms))


def test_it_charges_beta_less_one_times_and_leaves_the_reported_bound_alone():
    model, x = model_of("gaussian"), torch.rand(16, 6).round()
    torch.manual_seed(1)
    terms = BetaTCVAE(beta=4.0).terms(model, x)
    torch.manual_seed(1)
    plain = ELBO().terms(model, x)
    torch.testing.assert_close(terms.elbo, plain.elbo)
    torch.testing.assert_close(BetaTCVAE(beta=4.0)(terms), plain.elbo - 3 * terms.penalty)
    torch.testing.assert_close(BetaTCVAE(beta=1.0)(terms), plain.elbo)


def test_its_gradient_reaches_the_encoder_and_not_the_decoder():
    model, x = model_of("gaussian"), torch.rand(16, 6).round()
    penalty = BetaTCVAE().terms(model, x).penalty.sum()
    slopes = torch.autograd.grad(penalty, list(model.posterior.parameters()))
    assert all(slope.isfinite().all() and slope.any() for slope in slopes)
    (none,) = torch.autograd.grad(
        BetaTCVAE().terms(model, x).penalty.sum(), [model.likelihood.bias], allow_unused=True
    )
    assert none is None


def test_a_posterior_that_does_not_factorize_is_refused():
    q = MultivariateNormal(torch.zeros(4, 2), torch.eye(2))
    with pytest.raises(UsageError, match="does not factorize"):
        correlation(q, q.sample((1,)))
    with pytest.raises(UsageError, match="does not factorize"):
        BetaTCVAE().terms(model_of("full"), torch.rand(4, 6).round())


def test_a_negative_price_is_refused():
    with pytest.raises(UsageError, match="beta"):
        BetaTCVAE(beta=-1.0)
    assert np.isfinite(BetaTCVAE(beta=0.0).beta)
