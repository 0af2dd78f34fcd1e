"""A model of 16 states and 8 pixels, whose p(x) and p(z|x) are sums that can be written out."""

import itertools

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, OneHotCategorical

from latentia.evidence.importance import ImportanceSampling
from latentia.model import LatentVariableModel
from latentia.objective.iwae import IWAE
from latentia.objective.score_function import ScoreFunction

STATES, PIXELS = 16, 8


class Posterior(nn.Module):
    """q(z|x), a softmax of the pixels."""

    has_density = True

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(PIXELS, STATES)

    def forward(self, x, c=None):
        return OneHotCategorical(logits=self.linear(x))


class Prior(nn.Module):
    """States of unequal probability."""

    is_proper = True

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.randn(STATES))

    def forward(self, c=None):
        return OneHotCategorical(logits=self.logits)


class Likelihood(nn.Module):
    """The odds of each pixel in each state."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(1.5 * torch.randn(STATES, PIXELS))

    def forward(self, z, c=None):
        return Independent(Bernoulli(logits=z @ self.table), 1)


class Toy:
    """The model, all 256 x, and their probabilities by enumeration of z."""

    def __init__(self):
        torch.manual_seed(0)
        self.model = LatentVariableModel(Posterior(), Prior(), Likelihood()).double().eval()
        bits = torch.arange(2**PIXELS)[:, None] >> torch.arange(PIXELS) & 1
        self.x = bits.double()
        self.z = torch.eye(STATES, dtype=torch.float64)

    def log_joint(self, x):
        """Return log p(x, z) of every state, (16, B)."""
        each = self.z[:, None].expand(-1, len(x), -1)
        return self.model.log_likelihood(x, each) + self.model.prior().log_prob(each)

    def elbo(self, x):
        """Return E_q[log p(x, z) - log q(z|x)], (B,)."""
        q = self.model.posterior(x).probs.T
        return (q * (self.log_joint(x) - q.log())).sum(0)

    def evidence(self, x):
        return self.log_joint(x).logsumexp(0)


@pytest.fixture(scope="module")
def toy():
    return Toy()


def test_the_probabilities_of_all_x_sum_to_one(toy):
    assert toy.evidence(toy.x).exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_the_gap_of_the_bound_is_the_divergence_from_the_posterior(toy):
    q = toy.model.posterior(toy.x).probs.T
    posterior = toy.log_joint(toy.x).softmax(0)
    gap = (q * (q / posterior).log()).sum(0)
    torch.testing.assert_close(toy.evidence(toy.x) - toy.elbo(toy.x), gap)
    assert (gap > 0).all()


def test_p_hat_is_unbiased_at_every_k_and_its_logarithm_rises_to_the_truth(toy):
    some, repeats = [0, 37, 90, 181, 255], 3000
    exact = toy.evidence(toy.x[some])
    x = toy.x[some].repeat(repeats, 1)
    gaps = []
    torch.manual_seed(1)
    for samples in (1, 2, 4, 16, 256):
        found = ImportanceSampling(samples=samples)(toy.model, x).log_likelihood
        ratio = (found.reshape(repeats, -1) - exact).exp()
        error = ratio.std(0) / repeats**0.5
        assert ((ratio.mean(0) - 1).abs() < 5 * error).all(), samples
        gaps.append((exact - found.reshape(repeats, -1)).mean(0))
    torch.testing.assert_close(gaps[0], exact - toy.elbo(toy.x[some]), rtol=0, atol=0.2)
    assert all((more > less).all() for more, less in itertools.pairwise(gaps))
    assert (gaps[-1] < 0.05).all() and (gaps[-1] > -0.01).all()


def test_of_two_samples_the_bound_is_the_sum_over_all_pairs_of_states(toy):
    """E[log((w_1 + w_2) / 2)] exactly, against the draws of the objective."""
    x = toy.x[[37, 181]]
    q = toy.model.posterior(x).probs.T
    log_w = toy.log_joint(x) - q.log()
    pairs = torch.logaddexp(log_w[:, None], log_w[None]) - torch.tensor(2.0).log()
    exact = (q[:, None] * q[None] * pairs).sum((0, 1))
    torch.manual_seed(2)
    terms = toy.model(x.repeat(20_000, 1), 2, reparameterize=False)
    found = IWAE(samples=2)(terms).reshape(20_000, 2)
    error = found.std(0) / 20_000**0.5
    assert ((found.mean(0) - exact).abs() < 5 * error).all()
    assert (exact > toy.elbo(x)).all() and (exact < toy.evidence(x)).all()


def test_the_score_function_follows_the_enumerated_gradient(toy):
    """There is no path through 16 states, and still an unbiased gradient."""
    x, n = toy.x[[37]], 40_000
    parameters = [toy.model.posterior.linear.bias, toy.model.likelihood.table]
    expected = torch.autograd.grad(toy.elbo(x).sum(), parameters)
    objective = ScoreFunction(samples=4)
    torch.manual_seed(3)
    draws = []
    for _ in range(20):
        terms = objective.terms(toy.model, x.expand(n // 20, -1))
        draws.append(torch.autograd.grad(objective(terms).mean(), parameters))
    for found, slope in zip(map(torch.stack, zip(*draws, strict=True)), expected, strict=True):
        error = found.std(0) / 20**0.5
        assert ((found.mean(0) - slope).abs() < 6 * error + 1e-3).all()
        assert error.max() < 0.1 * slope.abs().max()
