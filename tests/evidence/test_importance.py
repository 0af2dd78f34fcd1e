"""Importance sampling as arithmetic: streamed sums, errors and effective sizes.

Its agreement with known log p(x) is in `tests/test_model.py`.
"""

import math

import pytest
import torch
from torch.distributions import Independent, Normal

from latentia import room
from latentia.evidence import importance
from latentia.evidence.importance import ImportanceSampling
from latentia.model import LatentVariableModel


class Pool(Independent):
    """A posterior whose draws are the next ones of a fixed pool, however they are asked for."""

    def __init__(self, pool):
        super().__init__(Normal(torch.zeros(pool.shape[1:]), 1.0), 1)
        self.pool, self.used = pool, 0

    def sample(self, sample_shape=()):
        (count,) = sample_shape
        self.used += count
        return self.pool[self.used - count : self.used]

    rsample = sample


@pytest.fixture
def model():
    torch.manual_seed(0)
    offer = {"network": room.build("network", "linear"), "x_shape": (4,), "latent_dim": 2}
    rooms = [("posterior", "gaussian"), ("prior", "standard-normal"), ("likelihood", "bernoulli")]
    model = LatentVariableModel(*(room.build(*each, **offer) for each in rooms)).eval()
    with torch.no_grad():
        model.likelihood.decoder[0].weight.mul_(300)
    return model


def weights(model, x, pool):
    q, p = Pool(pool), model.prior()
    log_w = model.log_likelihood(x, pool) + p.log_prob(pool) - q.log_prob(pool)
    return log_w.detach().double()


@pytest.mark.parametrize("decodes", [1, 9, 60, 10_000])
def test_a_stream_of_any_chunk_is_the_whole(model, decodes, monkeypatch):
    monkeypatch.setattr(importance, "_NUMBERS", 4 * decodes)
    x, pool = torch.rand(3, 4).round(), 3 * torch.randn(40, 3, 2)
    log_w = weights(model, x, pool)
    source = Pool(pool)
    monkeypatch.setattr(model.posterior, "forward", lambda x, c=None: source)
    found = ImportanceSampling(samples=40)(model, x)
    assert source.used == 40
    exact = log_w.logsumexp(0) - math.log(40)
    torch.testing.assert_close(found.log_likelihood, exact, rtol=1e-6, atol=1e-6)
    share = log_w.softmax(0)
    torch.testing.assert_close(
        found.effective_samples, 1 / share.square().sum(0), rtol=1e-5, atol=0
    )
    # Delta method: Var(log mean w) = Var(w) / (K mean(w)^2), with the variance over K.
    relative = (share * 40 - 1).square().mean(0) / 40
    torch.testing.assert_close(found.error.square(), relative, rtol=1e-4, atol=1e-9)


def test_densities_too_small_for_any_float_still_have_a_logarithm(model):
    with torch.no_grad():
        model.likelihood.bias.fill_(2000.0)
    found = ImportanceSampling(samples=30)(model, torch.zeros(3, 4))
    assert found.log_likelihood.isfinite().all()
    assert (found.log_likelihood < -7000).all()


def test_one_sample_is_its_own_estimate_of_unknown_error(model):
    found = ImportanceSampling(samples=1)(model, torch.zeros(3, 4))
    assert found.effective_samples.tolist() == pytest.approx([1, 1, 1])
    assert found.error.isnan().all()


def test_no_gradient_is_kept(model):
    assert not ImportanceSampling(samples=5)(model, torch.zeros(3, 4)).log_likelihood.requires_grad
