"""Summing over every latent that there is."""

import itertools

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.evidence.enumeration import Enumeration, codes
from latentia.evidence.importance import ImportanceSampling

CHOICES = {"posterior": {"name": "categorical", "choices": 2}}
CHOICES |= {"prior": {"name": "categorical", "choices": 2}}
BINARY = {"posterior": "bernoulli", "prior": "bernoulli"}
SMALL = {"layers": 1, "width": 8}
ROOMS = {
    "binary": BINARY,
    "choices": CHOICES,
    "dependent zeros and ones": BINARY | {"prior": {"name": "autoregressive-bernoulli", **SMALL}},
    "dependent choices": CHOICES | {"prior": {"name": "autoregressive", "choices": 2, **SMALL}},
}


@pytest.fixture(params=ROOMS)
def model(request, model_of):
    rooms = ROOMS[request.param]
    return model_of(4, 6, spread=0.8, **rooms)


IMAGES = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).double()


def test_all_images_together_have_probability_one(model):
    found = Enumeration()(model, IMAGES)
    assert found.log_likelihood.exp().sum().item() == pytest.approx(1, abs=1e-9)
    assert (found.error < 1e-12).all()


def test_importance_sampling_agrees(model):
    torch.manual_seed(0)
    exact = Enumeration()(model, IMAGES).log_likelihood
    found = ImportanceSampling(samples=20_000)(model, IMAGES)
    assert ((found.log_likelihood - exact).abs() <= 5 * found.error + 1e-6).all()


def test_the_elbo_is_below_it_by_the_divergence_from_the_exact_posterior(model):
    q, prior, z = model.posterior(IMAGES), model.prior(), codes(model.prior())
    log_q = q.log_prob(z[:, None].expand(-1, len(IMAGES), -1))
    joint = model.log_likelihood(IMAGES, z[:, None]) + prior.log_prob(z)[:, None]
    elbo = (log_q.exp() * (joint - log_q)).sum(0)
    evidence = Enumeration()(model, IMAGES).log_likelihood
    gap = (log_q.exp() * (log_q - (joint - evidence))).sum(0)
    torch.testing.assert_close(elbo + gap, evidence)
    assert (gap > 1e-4).all()
    # The model's own, its divergence in closed form or not, is that number in expectation.
    torch.manual_seed(0)
    terms = model(IMAGES, samples=20_000)
    error = (terms.log_w if terms.kl is None else terms.log_px_z).std(0) / 20_000**0.5
    assert ((terms.elbo - elbo).abs() <= 5 * error + 1e-9).all()


def test_every_code_is_there_once(model):
    z = codes(model.prior())
    assert len(z.unique(dim=0)) == len(z) == (64 if model.prior.space == "binary" else 9)
    torch.testing.assert_close(model.prior().log_prob(z).exp().sum(), torch.tensor(1.0).double())


@pytest.mark.parametrize("prior", ["standard-normal", "mixture", "flow"])
def test_numbers_cannot_be_counted(model_of, prior):
    with pytest.raises(UsageError, match="no end"):
        Enumeration().require(model_of(4, 2, prior=prior))


def test_too_many_are_refused(model_of):
    with pytest.raises(UsageError, match="131,072 values"):
        Enumeration().require(model_of(4, 17, **BINARY))


def test_it_is_on_the_menu():
    assert "enumeration" in room.names("evidence")
