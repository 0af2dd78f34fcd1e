"""The spine against models whose log p(x) is known: probabilistic PCA and a small enumeration."""

import itertools
import math

import pytest
import torch
from tests.known import DATA_DIM, LATENT_DIM, LinearGaussian, balance, build
from torch.distributions import MultivariateNormal

from latentia.errors import UsageError
from latentia.evidence.importance import ImportanceSampling
from latentia.objective.iwae import IWAE


def test_with_the_exact_posterior_the_elbo_is_the_evidence():
    known = LinearGaussian()
    found = balance(known.model)(known.x).elbo
    torch.testing.assert_close(found, known.evidence, rtol=0, atol=1e-8)


def test_with_the_exact_posterior_every_single_weight_is_the_evidence():
    known = LinearGaussian()
    log_w = known.model(known.x, samples=7).log_w
    torch.testing.assert_close(log_w, known.evidence.expand(7, -1), rtol=0, atol=1e-8)


@pytest.mark.parametrize("orthogonal", [True, False])
def test_the_elbo_is_the_evidence_less_the_divergence_to_the_true_posterior(orthogonal):
    known = LinearGaussian(orthogonal).spoil()
    gap = known.gap()
    assert (gap > 0.01).all()
    found = balance(known.model)(known.x).elbo
    torch.testing.assert_close(found, known.evidence - gap, rtol=0, atol=1e-8)


def test_the_sampled_elbo_has_the_same_mean_as_the_one_with_a_closed_form():
    known = LinearGaussian().spoil()
    terms = known.model(known.x, samples=20_000)
    error = 6 * terms.log_w.std(0) / 20_000**0.5
    assert ((terms._replace(kl=None).elbo - (known.evidence - known.gap())).abs() < error).all()
    sampled = (terms.log_qz_x - terms.log_pz).mean(0)
    torch.testing.assert_close(sampled, terms.kl, rtol=0, atol=0.1)
    torch.testing.assert_close(terms.kl_per_dim.sum(-1), terms.kl)


def test_the_bound_rises_with_samples_from_the_elbo_to_the_evidence():
    known = LinearGaussian().spoil()
    torch.manual_seed(0)
    terms = known.model(known.x, samples=2**15)
    gaps = []
    for samples in (1, 4, 16, 64, 1024):
        repeated = [t.reshape(samples, -1) for t in terms[:3]]  # (K, repeats x B)
        bound = IWAE()(type(terms)(*repeated, None, None)).reshape(-1, len(known.x))
        gaps.append((known.evidence - bound.mean(0)).mean().item())
    assert gaps[0] == pytest.approx(known.gap().mean().item(), abs=0.03)
    assert all(larger > smaller for larger, smaller in itertools.pairwise(gaps))
    assert 0 < gaps[-1] < 0.005


def test_importance_sampling_from_the_exact_posterior_has_no_error():
    known = LinearGaussian()
    found = ImportanceSampling(samples=50)(known.model, known.x)
    torch.testing.assert_close(found.log_likelihood, known.evidence, rtol=0, atol=1e-8)
    torch.testing.assert_close(found.effective_samples, torch.full((40,), 50.0).double())
    assert found.error.max() < 1e-6


def test_importance_sampling_is_within_the_error_that_it_states():
    known = LinearGaussian().spoil()
    torch.manual_seed(0)
    found = ImportanceSampling(samples=400)(known.model, known.x.repeat(25, 1))
    gap = found.log_likelihood - known.evidence.repeat(25)
    score = gap / found.error
    assert score.abs().max() < 6
    assert 0.7 < score.square().mean() < 1.4
    assert (found.effective_samples > 1).all() and (found.effective_samples < 400).all()


def test_missing_cells_are_integrated_out():
    known = LinearGaussian()
    x = known.x[:5].clone()
    x[:, [1, 4]] = torch.nan
    kept = [0, 2, 3, 5]
    covariance = known.marginal.covariance_matrix[kept][:, kept]
    exact = MultivariateNormal(known.offset[kept], covariance).log_prob(x[:, kept])
    with torch.no_grad():  # a posterior wide enough for what fewer cells leave open
        known.model.posterior.head.bias[LATENT_DIM:] += 0.7
        known.model.posterior.standardize.shift.copy_(known.offset)
        known.model.posterior.head.bias[:LATENT_DIM].zero_()
    torch.manual_seed(0)
    found = ImportanceSampling(samples=20_000)(known.model, x)
    assert ((found.log_likelihood - exact).abs() < 5 * found.error).all()
    assert found.error.max() < 0.1


class Enumerated:
    """Six pixels, one latent, a decoder with a hidden layer; p(x) by quadrature."""

    def __init__(self):
        torch.manual_seed(3)
        network = {"name": "mlp", "hidden": (5,), "activation": "tanh"}
        self.model = build(likelihood="bernoulli", network=network, latent_dim=1)
        with torch.no_grad():
            for parameter in self.model.likelihood.parameters():
                parameter.normal_(std=1.5)
        bits = torch.arange(2**DATA_DIM)[:, None] >> torch.arange(DATA_DIM) & 1
        self.x = bits.double()

    @torch.no_grad()
    def probability(self):
        z = torch.linspace(-9, 9, 2001, dtype=torch.float64)[:, None, None]
        x = self.x
        log_joint = self.model.log_likelihood(x, z.expand(-1, len(x), -1))
        log_joint = log_joint + self.model.prior().log_prob(z)
        return torch.trapezoid(log_joint.exp(), z[:, 0, 0], dim=0)


def test_the_probabilities_of_all_images_sum_to_one():
    probability = Enumerated().probability()
    assert probability.sum().item() == pytest.approx(1, abs=1e-9)
    assert probability.max() > 5 * probability.min()


def test_the_estimated_probability_is_unbiased_and_its_logarithm_rises_to_the_truth():
    toy = Enumerated()
    index = [0, 21, 42, 63]
    exact, repeats, gaps = toy.probability()[index], 4000, []
    torch.manual_seed(0)
    for samples in (1, 4, 32):
        x = toy.x[index].repeat(repeats, 1)
        found = ImportanceSampling(samples=samples)(toy.model, x).log_likelihood
        estimate = found.reshape(repeats, 4).exp() / exact
        assert ((estimate.mean(0) - 1).abs() < 5 * estimate.std(0) / repeats**0.5).all()
        gaps.append(-estimate.log().mean(0))
    assert (gaps[0] > gaps[1]).all() and (gaps[1] > gaps[2]).all()
    assert (gaps[2] < 0.5 * gaps[0]).all()


def test_the_reparameterization_gradient_is_that_of_finite_differences():
    toy = Enumerated()
    parameters = dict(toy.model.named_parameters())

    def elbo():
        torch.manual_seed(1)  # common random numbers
        return toy.model(toy.x, samples=2).elbo.sum()

    slopes = dict(zip(parameters, torch.autograd.grad(elbo(), parameters.values()), strict=True))
    for name, parameter in parameters.items():
        direction, step = torch.randn_like(parameter), 1e-5
        with torch.no_grad():
            parameter += step * direction
            above = elbo()
            parameter -= 2 * step * direction
            below = elbo()
            parameter += step * direction
        found = ((above - below) / (2 * step)).item()
        expected = (slopes[name] * direction).sum().item()
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6), name


@pytest.mark.parametrize("likelihood", ["autoregressive", "autoregressive-levels"])
def test_a_cell_that_others_depend_on_cannot_be_left_out(model_of, likelihood, says):
    model, x = model_of(5, 2, likelihood=likelihood), torch.zeros(3, 5).double()
    assert model(x).log_w.shape == (1, 3)
    x[1, 2] = torch.nan
    with pytest.raises(UsageError) as caught:
        model(x)
    says(caught.value, "what a cell is given others", "bernoulli")


def test_what_the_encoder_is_given_is_not_what_is_scored():
    known = LinearGaussian()
    blind = torch.zeros_like(known.x)
    torch.manual_seed(0)
    terms = known.model(known.x, given=blind)
    torch.manual_seed(0)
    z = known.model.posterior(blind).rsample((1,))
    torch.testing.assert_close(terms.log_px_z, known.model.log_likelihood(known.x, z))
    torch.testing.assert_close(terms.kl, known.model(blind).kl)


def test_without_a_closed_form_the_kl_is_that_of_the_samples():
    model = build(prior={"name": "mixture", "components": 3})
    terms = model(torch.randn(5, DATA_DIM, dtype=torch.float64), samples=4)
    assert terms.kl is None and terms.kl_per_dim is None
    torch.testing.assert_close(
        terms.elbo, (terms.log_px_z - terms.log_qz_x + terms.log_pz).mean(0)
    )


@pytest.mark.parametrize(
    ("posterior", "prior", "bounds"),
    [
        ("gaussian", "standard-normal", True),
        ("gaussian", "mixture", True),
        ("dirac", "flat", False),
        ("gaussian", "flat", False),
        ("dirac", "standard-normal", False),
    ],
)
def test_a_bound_needs_a_density_and_a_proper_prior(posterior, prior, bounds):
    assert build(posterior, prior).bounds_evidence is bounds


def test_an_autoencoder_s_terms_are_its_reconstruction_alone():
    model = build("dirac", "flat")
    terms = model(torch.randn(5, DATA_DIM, dtype=torch.float64))
    assert torch.equal(terms.elbo, terms.reconstruction)
    assert (terms.kl == 0).all()


def test_sigma_is_solved_for_in_training_and_kept_in_evaluation():
    model, x = build(), 5 * torch.randn(50, DATA_DIM, dtype=torch.float64)
    torch.manual_seed(0)
    evaluated = model.eval()(x).reconstruction.mean()
    kept = model.likelihood.log_sigma.clone()
    torch.manual_seed(0)
    trained = model.train()(x).reconstruction.mean()
    # At the best sigma, a mean log-density is minus the entropy of N(0, its mean squared error).
    torch.manual_seed(0)
    error = (x - model.likelihood(model.posterior(x).rsample()).mean).square().mean()
    best = -0.5 * DATA_DIM * (2 * math.pi * math.e * error).log()
    torch.testing.assert_close(trained, best)
    assert trained > evaluated + 1
    assert kept.item() == 0 and model.likelihood.log_sigma.item() > 0
