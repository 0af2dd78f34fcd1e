"""Information in nats: by hand, by closed form, by quadrature; and the gap that is made of it."""

from math import log, pi

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad
from torch.distributions import Independent, MultivariateNormal, Normal

from latentia import room
from latentia.distribution.dirac import Dirac
from latentia.errors import DataError, UsageError
from latentia.evaluation.mutual_information import (
    entropies,
    gap,
    information,
    mig,
    posterior_information,
)
from latentia.model import LatentVariableModel
from latentia.posterior.base import Posterior
from latentia.view import Examples, View

# Every combination of 3, 4 and 5 values, 20 times.
GRID = np.repeat(np.stack(np.unravel_index(np.arange(60), (3, 4, 5)), 1), 20, axis=0)


class TestInBins:
    def test_a_joint_distribution_by_hand(self):
        """p(0,0) = 1/2, p(0,1) = p(1,1) = 1/4: H(3/4, 1/4) + H(1/2, 1/2) - H(1/2, 1/4, 1/4)."""
        codes, factors = [[0.0], [0.0], [0.0], [1.0]], [[0], [0], [1], [1]]
        by_hand = (log(4) - 0.75 * log(3)) + log(2) - 1.5 * log(2)
        assert information(codes, factors) == pytest.approx(by_hand, abs=1e-12)
        assert mig(codes, factors) == pytest.approx(by_hand / log(2), abs=1e-12)

    def test_entropies_by_hand(self):
        factors = [["a", 0], ["a", 1], ["b", 0], ["c", 1]]
        np.testing.assert_allclose(entropies(factors), [1.5 * log(2), log(2)])

    def test_codes_that_are_the_factors_have_a_gap_of_one(self):
        codes = GRID[:, [2, 0, 1]] * [1.0, -7.0, 0.001]
        np.testing.assert_allclose(
            information(codes, GRID),
            [[0, 0, log(5)], [log(3), 0, 0], [0, log(4), 0]],
            atol=1e-12,
        )
        assert mig(codes, GRID) == pytest.approx(1, abs=1e-12)

    def test_a_factor_in_two_codes_has_none(self):
        codes = np.concatenate([GRID, GRID], axis=1)
        assert mig(codes, GRID) == pytest.approx(0, abs=1e-12)
        half = np.concatenate([GRID, -GRID[:, :1]], axis=1)  # one of three is there twice
        assert mig(half, GRID) == pytest.approx(2 / 3, abs=1e-12)

    def test_codes_of_other_things_tell_their_bias_and_no_more(self):
        """Its mean for independent data is (bins - 1)(values - 1) / 2n, a chi-square's."""
        rng = np.random.default_rng(0)
        told = information(rng.uniform(size=(len(GRID), 40)), GRID)
        expected = 19 * (np.array([3, 4, 5]) - 1) / (2 * len(GRID))
        np.testing.assert_allclose(told.mean(0), expected, rtol=0.12)
        assert 0 <= mig(rng.normal(size=(len(GRID), 5)), GRID) < 0.02

    def test_two_bits_turned_by_45_degrees(self):
        """a + b has 3/2 log 2 of the pair and tells of a 1/2 log 2, as does a - b: no gap."""
        bits = np.stack(np.unravel_index(np.arange(4), (2, 2)), 1)
        turned = bits @ np.array([[1, 1], [1, -1]])
        np.testing.assert_allclose(information(turned, bits), 0.5 * log(2))
        assert mig(bits, bits) == pytest.approx(1) and mig(turned, bits) == pytest.approx(0)

    def test_order_sign_and_scale_of_codes_are_nothing(self):
        rng = np.random.default_rng(1)
        codes = GRID @ rng.normal(size=(3, 6)) + rng.normal(size=(len(GRID), 6))
        changed = codes[:, ::-1] * [-1, 3, -0.1, 5, 1, -2]
        assert mig(changed, GRID) == pytest.approx(mig(codes, GRID), abs=1e-12)
        assert mig(codes, GRID[:, ::-1]) == pytest.approx(mig(codes, GRID), abs=1e-12)
        assert mig(codes, -GRID) == pytest.approx(mig(codes, GRID), abs=1e-12)
        assert 0.01 < mig(codes, GRID) < 0.9

    def test_bins_are_of_equal_width(self):
        """21 values in 2 bins: those to the middle, and those beyond."""
        codes = np.array([*range(20), 100.0])[:, None]
        factor = (codes > 50).astype(int)
        assert information(codes, factor, bins=2) == pytest.approx(entropies(factor)[0])
        assert information(codes, codes < 10, bins=2)[0, 0] < 0.1

    def test_few_values_are_told_apart_however_they_lie(self):
        codes = np.array([0.0, 1e-3, 1.0, 1.001, 50.0])[GRID[:, [2]]]
        assert information(codes, GRID)[0, 2] == pytest.approx(log(5))

    def test_a_single_code_is_ahead_of_nothing(self):
        assert mig(GRID[:, :1], GRID) == pytest.approx(1 / 3, abs=1e-12)

    def test_a_constant_code_tells_nothing(self):
        assert information(np.full((len(GRID), 1), 0.1), GRID) == pytest.approx(0, abs=1e-12)

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(DataError, match="constant"):
            mig(np.zeros((3, 1)), [[1], [1], [1]])
        with pytest.raises(UsageError, match="In 1 bins"):
            information(GRID, GRID, bins=1)


def test_the_gap_is_of_the_first_and_second_over_the_entropy():
    told = np.array([[0.5, 0.1], [0.9, 0.3], [0.2, 0.0]])
    assert gap(told, np.array([1.0, 0.5])) == pytest.approx((0.4 / 1 + 0.2 / 0.5) / 2)


class Known(Posterior):
    """q(z|x) = N(x_1, x_2^2) in each latent: means and deviations are the examples."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, x, c=None):
        mean, deviation = x[..., 0], x[..., 1]
        if self.kind == "factors":
            return Independent(Normal(mean, deviation), 1)
        if self.kind == "points":
            return Dirac(mean)
        return MultivariateNormal(mean, torch.diag_embed(deviation**2))


def drawn(mean, deviation, factors, kind="factors", seed=0):
    """Return the information of q(z|x) = N(mean, deviation^2), (n, L) each."""
    x = torch.tensor(np.stack(np.broadcast_arrays(mean, deviation), -1), dtype=torch.float32)
    latents = x.shape[1]
    offer = {"network": room.build("network", "linear"), "x_shape": (latents, 2)}
    parts = (
        room.build("prior", "standard-normal", latent_dim=latents),
        room.build("likelihood", "gaussian", **offer, latent_dim=latents),
    )
    model = LatentVariableModel(Known(kind), *parts)
    return posterior_information(model, Examples(x, View("real")), factors, seed=seed)


class TestOfThePosterior:
    def test_two_values_by_quadrature(self):
        """z ~ N(+-a, s): I = h(mixture) - h(N(0, s))."""
        a, s, factor = 0.7, 0.6, np.arange(4000)[:, None] % 2

        def density(z):
            return 0.5 * (stats.norm.pdf(z, a, s) + stats.norm.pdf(z, -a, s))

        entropy = quad(lambda z: -density(z) * log(density(z)), -8, 8)[0]
        expected = entropy - 0.5 * log(2 * pi * np.e * s**2)
        assert 0.2 < expected < 0.6
        found = drawn(a * (1 - 2.0 * factor), s, factor)
        assert found[0, 0] == pytest.approx(expected, abs=0.03)

    def test_means_that_follow_no_factor_within_values_are_noise_too(self):
        """z = v + e + noise of deviation 1 in all: q(z|v) is N(v, 1), whatever part e has."""
        rng = np.random.default_rng(0)
        factor = np.repeat([0, 1], 3000)[:, None]
        means = 3.0 * factor + 0.8 * rng.normal(size=factor.shape)
        both = drawn(np.concatenate([3.0 * factor, means], 1), [[1.0, 0.6]], factor)

        def density(z):
            return 0.5 * (stats.norm.pdf(z, 0) + stats.norm.pdf(z, 3))

        entropy = quad(lambda z: -density(z) * log(density(z)), -8, 11)[0]
        np.testing.assert_allclose(both[:, 0], entropy - 0.5 * log(2 * pi * np.e), atol=0.03)

    def test_narrow_and_apart_it_is_the_entropy(self):
        told = drawn(GRID.astype(float), 1e-3, GRID)
        np.testing.assert_allclose(told, np.diag(entropies(GRID)), atol=0.04)
        assert gap(told, entropies(GRID)) == pytest.approx(1, abs=0.01)

    def test_differences_that_drown_in_noise_tell_nothing_and_bins_do_not_know(self):
        means = 1e-3 * GRID
        assert abs(drawn(means, 1.0, GRID)).max() < 1e-3
        np.testing.assert_allclose(information(means, GRID), np.diag(entropies(GRID)), atol=1e-9)

    def test_values_weigh_as_often_as_they_occur(self):
        factor = np.repeat([0, 1, 2], [2000, 500, 100])[:, None]
        assert drawn(10.0 * factor, 0.1, factor)[0, 0] == pytest.approx(
            entropies(factor)[0], abs=0.03
        )

    def test_it_is_the_same_for_the_same_seed(self):
        again = [drawn(GRID.astype(float), 0.5, GRID, seed=seed) for seed in (1, 1, 2)]
        np.testing.assert_array_equal(again[0], again[1])
        assert not np.array_equal(again[0], again[2])

    @pytest.mark.parametrize("kind", ["points", "whole"])
    def test_without_factors_of_q_there_is_none(self, kind):
        assert drawn(GRID.astype(float), 0.5, GRID, kind=kind) is None
