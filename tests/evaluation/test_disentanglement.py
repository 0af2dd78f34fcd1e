"""A model's latents against known factors: models whose codes are known."""

import numpy as np
import pytest
import torch
from torch.distributions import Independent, Normal

from latentia import room
from latentia.distribution.dirac import Dirac
from latentia.errors import DataError
from latentia.evaluation.dci import dci
from latentia.evaluation.disentanglement import active_codes, disentanglement
from latentia.evaluation.factor_vae import factor_vae_score
from latentia.evaluation.factors import Factors
from latentia.evaluation.mutual_information import gap, mig, posterior_information
from latentia.evaluation.sap import sap
from latentia.model import LatentVariableModel
from latentia.posterior.base import Posterior
from latentia.view import Examples, View

GRID = np.repeat(np.stack(np.unravel_index(np.arange(24), (2, 3, 4)), 1), 20, axis=0)
FACTORS = Factors.of({"kind": np.array(["a", "b"])[GRID[:, 0]], "x": GRID[:, 1], "y": GRID[:, 2]})


class Linear(Posterior):
    """q(z|x) = N(A x, s^2), or a point."""

    def __init__(self, matrix, scale):
        super().__init__()
        self.matrix, self.scale = torch.tensor(matrix, dtype=torch.float32), scale

    def forward(self, x, c=None):
        mean = x @ self.matrix.T
        return Independent(Normal(mean, self.scale), 1) if self.scale else Dirac(mean)


X = Examples(torch.tensor(GRID, dtype=torch.float32), View("real"))


def with_codes(matrix, scale):
    """Return a model whose codes are A v with noise of a standard deviation."""
    latents = len(matrix)
    offer = {"network": room.build("network", "linear"), "x_shape": (3,), "latent_dim": latents}
    return LatentVariableModel(
        Linear(matrix, scale),
        room.build("prior", "standard-normal", latent_dim=latents),
        room.build("likelihood", "gaussian", **offer),
    )


def measured(matrix, scale=0.01, seed=0):
    return disentanglement(with_codes(matrix, scale), X, FACTORS, seed=seed)


@pytest.fixture(scope="module")
def found():
    """One latent for each factor in another order and sign, and one that does not move."""
    return measured([[0, 0, -1.0], [2.0, 0, 0], [0, 0.5, 0], [1e-3, 1e-3, 1e-3]])


def test_a_latent_for_each_factor_is_perfect_by_every_measure(found):
    assert (found.factors, found.n_examples, found.active_units) == (("kind", "x", "y"), 480, 3)
    assert found.mig == pytest.approx(1, abs=0.02) and found.mig_binned == pytest.approx(1)
    assert found.dci[:3] == pytest.approx((1, 1, 1), abs=1e-6)
    assert found.factor_vae == 1
    # The factor without order is ahead of a guess among two.
    assert found.sap == pytest.approx((0.5 + 1 + 1) / 3)


def test_information_is_in_nats_and_bounded_by_the_entropy(found):
    np.testing.assert_allclose(found.entropy, np.log([2, 3, 4]))
    h2, h3, h4 = found.entropy
    table = [[0, 0, h4], [h2, 0, 0], [0, h3, 0], [0, 0, 0]]
    np.testing.assert_allclose(found.information, table, atol=0.06)
    np.testing.assert_allclose(found.information_binned, table, atol=1e-9)


def test_a_latent_that_does_not_move_is_no_code_of_anything(found):
    """Its means are a perfect code of the first factor, a thousandth of its noise in size."""
    quiet = [[1e-3, 0, 0], [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]
    assert mig(GRID @ np.array(quiet).T, GRID) == pytest.approx(2 / 3)
    whole = measured(quiet, scale=0.02)
    assert whole.active_units == 3 and whole.mig_binned == pytest.approx(1)
    assert whole.dci.importance[0].tolist() == [0, 0, 0]
    assert whole.sap == found.sap and whole.factor_vae == 1


def test_the_parts_are_those_of_the_posterior_means():
    matrix = np.array([[1.0, 0.4, 0.1], [-0.3, 1.0, 0.5], [0.2, 0.3, 1.0]])
    found, codes = measured(matrix, scale=0.3), GRID @ matrix.T
    codes = codes.astype(np.float32).astype(float)
    assert found.mig_binned == pytest.approx(mig(codes, FACTORS), abs=0.01)
    assert found.sap == pytest.approx(sap(codes, FACTORS), abs=1e-4)
    assert found.factor_vae == pytest.approx(factor_vae_score(codes, FACTORS), abs=0.02)
    order = np.random.default_rng([0, 0xDC1]).permutation(len(codes))
    again = dci(codes[order], FACTORS.index[order])
    assert found.dci[:3] == pytest.approx(again[:3], abs=0.02)
    drawn = posterior_information(with_codes(matrix, 0.3), X, FACTORS)
    np.testing.assert_array_equal(found.information, drawn)
    assert found.mig == gap(drawn, found.entropy)


def test_points_have_no_noise_to_be_measured_in():
    found = measured(np.eye(3), scale=None)
    assert found.mig is None and found.information is None
    assert found.mig_binned == pytest.approx(1)


def test_nothing_moves():
    found = measured(1e-3 * np.eye(3), scale=1.0)
    assert found.active_units == 0 and found.factor_vae == 0 and found.mig_binned == 0
    assert found.dci[:2] == (0, 0) and found.sap == 0
    assert abs(found.mig) < 1e-3


def test_a_seed_repeats_it(found):
    again = measured([[0, 0, -1.0], [2.0, 0, 0], [0, 0.5, 0], [1e-3, 1e-3, 1e-3]])
    assert again.mig == found.mig
    np.testing.assert_array_equal(again.information, found.information)


def test_activity_is_that_of_the_bound():
    means = np.array([[0.0, 0.3, 0.0], [0.19, 0.0, 0.0], [0.0, 0.0, 5.0]])
    codes, active = active_codes(means)
    assert active == 3 and (codes == means).all()
    codes, active = active_codes(means * [0.9, 0.2, 1.0])
    assert active == 1 and not codes[:, :2].any()


def test_factors_of_other_examples_are_refused(model, examples):
    with pytest.raises(DataError, match="Factors of 480 examples are given for 130"):
        disentanglement(model, examples, FACTORS)
