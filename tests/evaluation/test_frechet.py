"""The Fréchet distance against closed forms, quadrature, another root, and sampling theory."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import norm, ortho_group

from latentia.errors import UsageError
from latentia.evaluation.frechet import Gaussian, frechet_bias, frechet_error, frechet_squared


def random_gaussian(seed, d=5):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(d, d))
    return Gaussian(rng.normal(size=d), root @ root.T)


def rotated(gaussian, q):
    return Gaussian(q @ gaussian.mean, q @ gaussian.covariance @ q.T)


def diagonal(mean, variances):
    return Gaussian(np.array(mean, float), np.diag(np.array(variances, float)))


A, B = diagonal([1, 0, -2], [4, 1, 0.25]), diagonal([0, 0, 1], [1, 9, 0.01])
# Means: 1 + 0 + 9. Deviations: 2 and 1, 1 and 3, 0.5 and 0.1.
BETWEEN = 10 + 1 + 4 + 0.16


def test_independent_dimensions_have_the_distance_of_means_and_deviations():
    assert frechet_squared(A, B) == pytest.approx(BETWEEN, rel=1e-12)


def test_so_have_covariances_that_commute():
    q = ortho_group.rvs(3, random_state=0)
    assert frechet_squared(rotated(A, q), rotated(B, q)) == pytest.approx(BETWEEN, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_others_agree_with_the_root_of_scipy(seed):
    a, b = random_gaussian(seed), random_gaussian(100 + seed)
    root = sqrtm(a.covariance @ b.covariance).real  # of a product that is not symmetric
    known = np.square(a.mean - b.mean).sum()
    known += np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet_squared(a, b) == pytest.approx(known, rel=1e-8)


def test_in_one_dimension_it_is_the_distance_of_quantiles():
    u = (np.arange(200_000) + 0.5) / 200_000
    apart = norm.ppf(u, 1, 2) - norm.ppf(u, -0.5, 0.7)
    found = frechet_squared(diagonal([1], [4]), diagonal([-0.5], [0.49]))
    assert found == pytest.approx(np.square(apart).mean(), rel=1e-4)


def test_singular_covariances_are_no_trouble():
    """Of lines a and b through the origin it is |a|^2 + |b|^2 - 2|a.b|."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 6))
    lines = [Gaussian(np.zeros(6), np.outer(v, v)) for v in (a, b)]
    known = a @ a + b @ b - 2 * abs(a @ b)
    # What rounding leaves of eigenvalues that are 0 has a root of 1e-8.
    assert frechet_squared(*lines) == pytest.approx(known, rel=1e-6)
    assert frechet_squared(lines[0], Gaussian(np.zeros(6), np.zeros((6, 6)))) == pytest.approx(
        a @ a
    )


def test_it_is_a_squared_metric():
    a, b, c = (random_gaussian(seed) for seed in range(3))
    assert frechet_squared(a, b) == pytest.approx(frechet_squared(b, a), rel=1e-10)
    assert 0 <= frechet_squared(a, a) < 1e-12
    legs = frechet_squared(a, c) ** 0.5 + frechet_squared(c, b) ** 0.5
    assert frechet_squared(a, b) ** 0.5 <= legs


def test_a_gaussian_of_features_has_their_moments():
    x = np.random.default_rng(0).normal(size=(50, 3))
    found = Gaussian.of(x)
    assert found.mean == pytest.approx(x.mean(0))
    centred = x - x.mean(0)
    assert found.covariance == pytest.approx(centred.T @ centred / 49)
    assert Gaussian.of(x[:, :1]).covariance.shape == (1, 1)
    with pytest.raises(UsageError, match="no covariance"):
        Gaussian.of(x[:1])


@pytest.mark.parametrize(("n", "m"), [(300, 300), (200, 900)])
def test_equal_laws_are_apart_by_the_bias_of_sampling(n, m):
    """The mean of d^2 over many pairs of samples of one Gaussian is what the formula says."""
    law = random_gaussian(3, d=4)
    rng = np.random.default_rng(0)

    def features(size):
        return Gaussian.of(rng.multivariate_normal(law.mean, law.covariance, size))

    found = [frechet_squared(features(n), features(m)) for _ in range(600)]
    error = np.std(found) / len(found) ** 0.5
    known = frechet_bias(law.covariance, n, m)
    assert error < 0.05 * known  # or nothing is tested
    # The next order is of 1/n of it and more.
    assert np.mean(found) == pytest.approx(known, abs=3 * error + 4 * known / min(n, m))


def test_the_bias_of_a_sphere_is_counted_by_hand():
    """Of C = I: means D, variances and covariances D/4 + D^2/4."""
    d, n = 7, 1000
    assert frechet_bias(np.eye(d), n, n) == pytest.approx(2 / n * (d + d / 4 + d * d / 4))
    assert frechet_bias(np.zeros((2, 2)), n, n) == 0


def test_the_error_over_draws_is_the_spread_of_repeated_ones():
    reference, law = random_gaussian(0, d=3), random_gaussian(1, d=3)
    rng = np.random.default_rng(0)
    draws = [rng.multivariate_normal(law.mean, law.covariance, 400) for _ in range(200)]
    spread = np.std([frechet_squared(reference, Gaussian.of(x)) for x in draws])
    told = np.sqrt(np.mean([frechet_error(reference, x) ** 2 for x in draws]))
    assert told == pytest.approx(spread, rel=0.2)


def test_an_error_over_hardly_any_draws_is_refused():
    with pytest.raises(UsageError, match="40 or more"):
        frechet_error(random_gaussian(0, d=2), np.zeros((39, 2)))
