"""The distance between aggregate posterior and prior, against quadrature."""

import pytest
import torch
from scipy import integrate, stats

import latentia as lt
from latentia import room
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.mmd import InfoVAE, squared_mmd


def kernel(difference):
    return sum(2 * s / (2 * s + difference**2) for s in (0.1, 0.2, 0.5, 1, 2, 5, 10))


def mean_kernel(loc, std):
    """Return E[k(d)] for d ~ N(loc, std^2)."""
    d = stats.norm(loc, std)
    return integrate.quad(lambda t: kernel(t) * d.pdf(t), loc - 12 * std, loc + 12 * std)[0]


def test_its_expectation_is_the_squared_distance():
    """a ~ N(1, 0.5^2), b ~ N(0, 1): differences of independent draws are Gaussian too."""
    own = mean_kernel(0.0, 0.5 * 2**0.5) + mean_kernel(0.0, 2**0.5)
    expected = own - 2 * mean_kernel(1.0, (0.25 + 1) ** 0.5)
    torch.manual_seed(0)
    found = torch.stack(
        [squared_mmd(1 + 0.5 * torch.randn(20, 1), torch.randn(20, 1)) for _ in range(3000)]
    )
    error = found.std() / 3000**0.5
    assert abs(found.mean() - expected) < 4 * error
    assert expected > 20 * error


def test_of_the_same_distribution_it_is_zero_in_expectation_however_few_the_draws():
    torch.manual_seed(0)
    found = torch.stack([squared_mmd(torch.randn(5, 3), torch.randn(5, 3)) for _ in range(5000)])
    assert abs(found.mean()) < 4 * found.std() / 5000**0.5
    assert (found < 0).any()  # unbiased, so not always positive


def model_of(posterior):
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 2}
    rooms = [("posterior", posterior), ("prior", "standard-normal"), ("likelihood", "bernoulli")]
    return LatentVariableModel(*(room.build(*each, **offer) for each in rooms))


def test_both_prices_are_charged_and_the_reported_bound_is_left_alone():
    model, x = model_of("gaussian"), torch.rand(16, 6).round()
    terms = InfoVAE().terms(model, x)
    found = InfoVAE(kl=0.5, weight=7.0)(terms)
    expected = terms.reconstruction - 0.5 * terms.kl - 7 * terms.penalty
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(terms.elbo, terms.reconstruction - terms.kl)


def test_a_wasserstein_autoencoder_has_points_for_posteriors():
    model, x = model_of("dirac"), torch.rand(16, 6).round()
    objective = InfoVAE(kl=0.0, weight=10.0)
    nats = objective(objective.terms(model, x))
    slopes = torch.autograd.grad(nats.sum(), list(model.parameters()))
    assert nats.isfinite().all() and all(slope.isfinite().all() for slope in slopes)
    assert model.posterior.head.bias.requires_grad


def test_by_itself_it_codes_what_it_sees():
    """With its default weight, a few epochs on digits."""
    X, _ = lt.data.load("digits", return_X_y=True)
    vae = lt.VAE(n_components=4, objective="mmd", max_epochs=12, random_state=0).fit(X)
    nats = vae.elbo(X[:300])
    assert nats.kl.mean() > 2
    elbo = lt.VAE(n_components=4, max_epochs=12, random_state=0).fit(X).elbo(X[:300])
    assert nats.reconstruction.mean() > elbo.reconstruction.mean()  # for the KL is free


def test_a_prior_that_would_never_move_is_refused(model_of):
    model = model_of(4, 2, prior="mixture")
    with pytest.raises(UsageError, match="nothing moves a prior"):
        InfoVAE(kl=0.0).require(model)
    InfoVAE(kl=1.0).require(model)


def test_points_that_are_too_far_out_are_drawn_in():
    torch.manual_seed(0)
    z = (3 * torch.randn(200, 2)).requires_grad_()
    (slope,) = torch.autograd.grad(squared_mmd(z, torch.randn(200, 2)), z)
    assert (slope * z).sum(-1).mean() > 0  # downhill is towards the middle


def test_a_single_example_has_nothing_to_compare():
    objective = InfoVAE()
    terms = objective.terms(model_of("gaussian"), torch.rand(1, 6).round())
    assert terms.penalty is None and objective(terms).isfinite().all()
