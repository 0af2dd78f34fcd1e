"""Reparameterization: draws that know only the density, and variances in closed form."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Independent, Laplace, Normal

from latentia.errors import UsageError
from latentia.lab._direct import direct, p_values
from latentia.lab._gradients import Gradients, gradients, integrated
from latentia.lab.reparameterization import Reparameterization, _biases, _ratios
from latentia.rng import seeded


def normal(loc, scale, family=Normal):
    return Independent(family(loc, scale), 1)


class Counterfeit:
    """A model whose log p(x|z) is a function of z alone, and its own bench and estimator."""

    seed = 0

    def __init__(self, f, latents=2, family=Normal):
        self.f, self.latents, self.family = f, latents, family

    def posterior(self, x):
        loc = torch.linspace(-1, 1, len(x))[:, None].expand(len(x), self.latents)
        # Of a Laplace distribution the deviation is sqrt(2) times the scale.
        scale = torch.full_like(loc, 0.5 / (2**0.5 if self.family is Laplace else 1))
        return normal(loc, scale, self.family)

    def prior(self):
        return normal(torch.zeros(self.latents), torch.ones(self.latents))

    def log_likelihood(self, x, z):
        return self.f(z).sum(-1)

    def some(self, n):
        return SimpleNamespace(x=np.zeros((n, 2, 2)))

    def draw(self, x):
        return torch.from_numpy(x)

    def epochs(self, share):
        return 1

    def model(self, n_components, max_epochs):
        return SimpleNamespace(model_=Counterfeit(self.f, n_components, self.family))


def quadratic(z):
    return -z.square() / 2


def verdict_of(counterfeit):
    return Reparameterization(n=100, draws=300, latents=(2, 4)).run(counterfeit)


def test_direct_draws_have_the_density():
    loc, scale = torch.tensor([[3.0, -1.0]]), torch.tensor([[0.01, 2.0]])
    drawn = direct(normal(loc, scale), 5000, np.random.default_rng(0))
    for i in range(2):
        law = stats.norm(loc[0, i].item(), scale[0, i].item())
        assert stats.kstest(drawn[:, 0, i], law.cdf).pvalue > 0.01


def test_the_test_sees_a_dependence_that_no_axis_shows():
    rng = np.random.default_rng(0)
    free = rng.standard_normal((2000, 1, 2))
    bound = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], (2000, 1))
    p = p_values(bound, free, np.random.default_rng(1))[0]
    assert p[:2].min() > 0.01 and p[2:].min() < 1e-4


def test_gradients_are_those_of_the_closed_form():
    model, x = Counterfeit(quadratic), torch.zeros(4, 1)
    q = model.posterior(x)
    mu, sigma = q.mean.numpy(), q.stddev.numpy()
    expected = np.concatenate([-mu * sigma, -(sigma**2)], axis=1)
    np.testing.assert_allclose(integrated(model, q, x), expected, atol=1e-5)
    with seeded(0):
        found = gradients(model, q, x, 4000)
    for each in (found.path, found.by_score(baseline=False), found.by_score(baseline=True)):
        error = each.std(0) / 4000**0.5
        assert (np.abs(each.mean(0) - expected) < 4 * error + 1e-6).all()
    kl = np.concatenate([-mu * sigma, 1 - sigma**2], axis=1)
    np.testing.assert_allclose(found.kl, kl, atol=1e-6)


def test_the_baseline_is_the_mean_of_the_other_draws():
    f = np.array([[1.0], [4.0], [10.0]])
    found = Gradients(np.zeros((3, 1, 2)), np.ones((3, 1, 2)), f, np.zeros((1, 2)))
    np.testing.assert_allclose(found.by_score(baseline=True)[:, 0, 0], [-6, -1.5, 7.5])


@pytest.mark.parametrize("latents", [2, 6])
def test_the_ratio_of_variances_of_a_quadratic_is_half_the_latents_and_five(latents):
    model = Counterfeit(quadratic, latents)
    x = torch.zeros(5, 1)
    q = normal(torch.zeros(5, latents), torch.ones(5, latents))
    with seeded(0):
        found = _ratios(gradients(model, q, x, 5000), 0)
    # Moments of a normal number: 3L c^2 by the path, (1.5 L + 15) L c^2 by the score.
    assert found["score_baseline"]["ratio"] == pytest.approx(latents / 2 + 5, rel=0.1)


def test_a_smooth_likelihood_confirms_and_a_jagged_one_refutes():
    assert verdict_of(Counterfeit(quadratic)).verdict == "confirmed"
    jagged = verdict_of(Counterfeit(lambda z: torch.cos(40 * z)))
    assert [check.verdict for check in jagged.checks[:3]] == ["confirmed"] * 3
    assert jagged.checks[4].verdict == jagged.verdict == "refuted"
    # Its gradient is 0 on average, and so is a longer one: the test has no power, and says so.
    assert jagged.checks[3].verdict == "refuted"


def test_gradients_that_are_too_long_are_noticed_by_whatever_compares_them():
    model, x = Counterfeit(quadratic), torch.zeros(100, 1)
    q = model.posterior(x)
    with seeded(0):
        found = {2: gradients(model, q, x, 300)}
    exact = integrated(model, q, x)
    right, longer = (_biases(found, exact, times) for times in (1.0, 1.2))
    assert min(right.values()) > 0.01 and right.keys() == longer.keys()
    assert max(longer.values()) < 0.01 / len(longer)  # without a constant in f, the plain score's


def test_another_law_of_the_same_mean_and_deviation_is_noticed():
    finding = verdict_of(Counterfeit(quadratic, family=Laplace))
    assert finding.checks[0].verdict == "refuted"


def test_on_digits_the_gradients_agree_with_the_integral_and_repeat(bench):
    experiment = Reparameterization(n=30, draws=40, latents=(2,))
    finding = experiment.run(bench)
    assert [check.verdict for check in finding.checks[:3]] == ["confirmed"] * 3
    slope = finding.numbers["slope_on_the_exact_gradient"]
    assert slope["slope"] == pytest.approx(1, abs=5 * slope["error"])
    assert experiment.run(bench).numbers == finding.numbers
    assert len(experiment.draw(finding).axes) == 3


@pytest.mark.parametrize("bad", [{"n": 1}, {"draws": 5}, {"latents": (3, 5)}, {"latents": ()}])
def test_options_without_a_variance_or_an_exact_gradient_are_refused(bad):
    with pytest.raises(UsageError, match="no variance or no exact gradient"):
        Reparameterization(**bad)
