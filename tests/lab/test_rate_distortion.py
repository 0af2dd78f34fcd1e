"""Rate and distortion: the linear theory against exact inference, and curves that fail."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import MultivariateNormal, kl_divergence

from latentia.errors import UsageError
from latentia.evidence.exact import LinearGaussian
from latentia.lab import _water, rate_distortion
from latentia.lab._water import Level, water_filling
from latentia.lab.rate_distortion import Point, RateDistortion, checks, linear_check

BETAS = (0.25, 1.0, 4.0, 16.0)


def test_the_rate_of_the_best_linear_model_is_that_of_its_exact_posterior():
    """Probabilistic PCA's maximum: W = U (l - s^2)^1/2; the mean over x of KL(p(z|x), p(z))."""
    rng = np.random.default_rng(0)
    spectrum, variance = np.array([5.0, 2.0, 0.7]), 1.0
    u = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    x = rng.normal(size=(2000, 3))
    x = (x - x.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T, bias=True)).T)
    x = x * np.sqrt(spectrum) @ u.T  # a sample whose covariance is exactly U diag(l) U^T
    weight = torch.tensor(u * np.sqrt(np.maximum(spectrum - variance, 0)))
    model = LinearGaussian(weight, torch.zeros(3).double(), torch.full((3,), variance).double())
    q = model.posterior(torch.tensor(x))
    kl = kl_divergence(q, MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()))
    found = water_filling(spectrum, variance)
    assert kl.mean().item() == pytest.approx(found.sum(), rel=1e-6)
    assert found[2] == 0


def test_eigenvalues_are_those_of_pixels_between_0_and_1():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (5000, 2, 2)).astype(np.uint8)
    np.testing.assert_allclose(_water.eigenvalues(x, 2), 1 / 12, rtol=0.1)


def points(rate, distortion, active=(20, 20, 18, 0)):
    """Return points about these means, with the noise of images and of two seeds."""
    rng = np.random.default_rng(0)
    image, seed = rng.normal(size=500), np.array([[0.1], [-0.1]])
    return [
        Point(beta, r + 0.1 * image + seed, d + image - seed, np.array([a, a]), np.zeros(3))
        for beta, r, d, a in zip(BETAS, rate, distortion, active, strict=True)
    ]


# Where R + D is least at beta = 1.
RATE, FAR = (40.0, 20.0, 6.0, 0.0), (95.0, 110.0, 145.0, 205.0)


def verdicts(found):
    return [check.verdict for check in checks(found)]


def test_a_curve_as_claimed_is_confirmed():
    assert set(verdicts(points(RATE, FAR))) == {"confirmed"}


@pytest.mark.parametrize(
    ("which", "changed"),
    [
        (0, {"rate": (40.0, 20.0, 25.0, 0.0)}),
        (1, {"distortion": (95.0, 110.0, 210.0, 205.0)}),
        (2, {"distortion": (80.0, 110.0, 145.0, 205.0)}),
        (3, {"active": (15, 20, 18, 0)}),
        (4, {"active": (20, 20, 18, 2)}),
    ],
)
def test_a_curve_that_is_not_as_claimed_is_refuted_by_the_check_that_says_so(which, changed):
    given = {"rate": RATE, "distortion": FAR} | changed
    assert verdicts(points(**given))[which] == "refuted"


def test_a_lead_within_the_spread_of_seeds_decides_nothing():
    """Paired over images its error would be next to nothing; seeds are no constants."""
    given = points(RATE, (90.1, 110.0, 145.0, 205.0))
    wild = given[0].distortion + np.array([[1.0], [-1.0]])
    given[0] = given[0]._replace(distortion=wild)
    assert verdicts(given)[2] == "undecided"


def test_two_seeds_are_few_and_the_error_says_so():
    """Two errors of a mean of S seeds reach as far as the 97.5% point of Student's t."""
    for values in ([1.0, 3.0], [1.0, 2.0, 4.0, 5.0]):
        mean, error = rate_distortion._mean(np.array(values)[:, None].repeat(5, 1))
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (mean - 2 * error, mean + 2 * error) == pytest.approx((low, high))


def test_linear_rates_far_from_theory_refute():
    near = [Level(1.0, (4.4, 0.01), 4.3, (12, 12)), Level(4.0, (0.1, 0.01), 0.12, (2, 1))]
    assert linear_check(near).verdict == "confirmed"
    far = [near[0], near[1]._replace(rate=(1.0, 0.01))]
    assert linear_check(far).verdict == "refuted"


def test_on_digits_the_parts_make_the_bound(bench, monkeypatch):
    monkeypatch.setattr(rate_distortion, "_BETAS", (1.0, 64.0))
    monkeypatch.setattr(rate_distortion, "_NETWORK", {"name": "mlp", "hidden": (16,)})
    monkeypatch.setattr(rate_distortion, "_L", 3)
    monkeypatch.setattr(_water, "LEVELS", (1.0,))
    finding = RateDistortion(n=200).run(bench)
    numbers = finding.numbers
    for told in numbers["betas"].values():
        assert told["elbo"] == pytest.approx(-told["rate"] - told["distortion"])
        assert sum(told["kl_per_latent"]) == pytest.approx(told["rate"], rel=0.5, abs=0.1)
    rate = [told["rate"] for told in numbers["betas"].values()]
    far = [told["distortion"] for told in numbers["betas"].values()]
    assert numbers["slopes"] == [pytest.approx((far[1] - far[0]) / (rate[0] - rate[1]))]
    assert len(RateDistortion(n=200).draw(finding).axes) == 4


@pytest.mark.parametrize("bad", [{"n": 1}, {"seeds": 1}])
def test_without_a_spread_there_is_no_error(bad):
    with pytest.raises(UsageError, match="no standard error"):
        RateDistortion(**bad)
