"""Rulers: integrals against scipy, Jacobians, which numbers compare, and rankings that fail."""

from math import log

import numpy as np
import pytest
import torch
from scipy import integrate
from torch.distributions import Bernoulli, Independent, Normal

from latentia.errors import UsageError
from latentia.lab import default_structure
from latentia.lab._rulers import (
    Decoded,
    Ruler,
    farthest_from_one,
    log_mass_of_greys,
    moved_by_units,
    scored_black_and_white,
)
from latentia.lab.default_structure import DefaultStructure, Scored, checks, pairs

BINARY = Ruler("binary", "dynamic", True, "")
COST = Ruler("levels", "none", True, "no density of greys")
DENSITY = Ruler("levels", "none", False, "")
MASS = Ruler("levels", "none", True, "")
RULERS = dict(zip("abcde", (BINARY, COST, DENSITY, DENSITY, MASS), strict=True))


def test_the_mass_of_greys_is_the_integral():
    logits = torch.tensor([[-9.0, -1.0, 0.0], [0.3, 4.0, 20.0]])

    def integral(logit):
        p = 1 / (1 + np.exp(-logit))
        return integrate.quad(lambda x: p**x * (1 - p) ** (1 - x), 0, 1)[0]

    expected = [sum(log(integral(logit)) for logit in row.tolist()) for row in logits]
    np.testing.assert_allclose(log_mass_of_greys(logits), expected, rtol=1e-6)
    assert log_mass_of_greys(torch.zeros(1, 1))[0] == pytest.approx(-log(2))


def test_a_density_moves_by_the_logarithm_of_the_unit_for_each_dimension():
    p = Independent(Normal(torch.rand(5, 2, 3), 0.3), 2)
    x = p.sample()
    np.testing.assert_allclose(moved_by_units(p, x, 255.0), -6 * log(255), rtol=1e-5)
    there = Independent(Normal(255 * p.mean, 255 * 0.3), 2).log_prob(255 * x)
    np.testing.assert_allclose(moved_by_units(p, x, 255.0), there - p.log_prob(x), rtol=1e-5)


def test_probabilities_of_levels_sum_to_one_and_a_cost_does_not():
    p = Independent(Bernoulli(probs=torch.rand(4, 3), validate_args=False), 1)
    assert farthest_from_one(p, 2) < 1e-6
    assert farthest_from_one(p, 1) == pytest.approx(p.mean.max().item(), abs=1e-6)
    assert farthest_from_one(p, 3) > 0.2  # greys between black and white are not of its x


def test_the_common_ruler_is_a_bernoullis_own_bound():
    probs, kl = torch.rand(4, 3) * 0.9 + 0.05, torch.rand(4)
    p = Independent(Bernoulli(probs=probs), 1)
    drawn = p.sample()
    found = scored_black_and_white(Decoded(p, kl, np.zeros(4)), drawn)
    np.testing.assert_allclose(found, (p.log_prob(drawn) - kl).numpy(), rtol=1e-5)
    wild = Independent(Normal(torch.full((4, 3), 3.0), 1.0), 1)
    worst = scored_black_and_white(Decoded(wild, kl, np.zeros(4)), torch.zeros(4, 3))
    np.testing.assert_allclose(worst, 3 * log(1e-3) - kl.numpy(), rtol=1e-3)


def test_numbers_compare_on_the_same_ruler_and_costs_never():
    scored = {name: Scored(ruler, *[np.zeros(2)] * 4) for name, ruler in RULERS.items()}
    assert pairs(scored) == [["c", "d"]]
    assert not COST.shares(COST)
    assert [ruler.kind for ruler in (BINARY, COST, DENSITY)] == ["probability", "cost", "density"]


def scored(gaussian=500.0, default=-120.0, common=(-120.0, -140.0), moved=None):
    """Return two decoders with these means over images."""
    noise = np.random.default_rng(0).normal(size=100)
    move = np.full(100, -784 * log(255) if moved is None else moved)
    return {
        "Bernoulli": Scored(BINARY, default + noise, None, common[0] + noise, noise),
        "Gaussian": Scored(DENSITY, gaussian - noise, move, common[1] - noise, noise),
    }


def verdicts(**given):
    return [check.verdict for check in checks(scored(**given), 784)]


def test_numbers_as_claimed_are_confirmed():
    assert set(verdicts()) == {"confirmed"}


@pytest.mark.parametrize(
    ("which", "given"),
    [
        (0, {"gaussian": -300.0}),
        (1, {"moved": 0.0}),
        (2, {"moved": -4300.0}),
        (2, {"moved": -4400.0}),
        (3, {"common": (-140.0, -120.0)}),
    ],
)
def test_numbers_not_as_claimed_are_refuted_by_the_check_that_says_so(which, given):
    assert verdicts(**given)[which] == "refuted"


def test_on_digits(bench, monkeypatch):
    monkeypatch.setattr(default_structure, "_NETWORK", {"name": "mlp", "hidden": (16,)})
    monkeypatch.setattr(default_structure, "_L", 2)
    finding = DefaultStructure(n=50).run(bench)
    told = finding.numbers["decoders"]
    assert [each["kind"] for each in told.values()] == [
        *("probability", "cost", "density", "density", "probability"),
    ]
    assert finding.numbers["comparable"] == [["continuous Bernoulli", "Gaussian"]]
    # What holds whatever the training: sums, integrals and Jacobians.
    assert [check.verdict for check in finding.checks[:3]] == ["confirmed"] * 3
    assert finding.checks[5].verdict == "confirmed"
    own, common = told["Bernoulli"]["own"]["mean"], told["Bernoulli"]["common"]["mean"]
    assert own == pytest.approx(common, abs=2)
    assert len(DefaultStructure(n=50).draw(finding).axes) == 5


def test_one_image_has_no_error():
    with pytest.raises(UsageError, match="nothing to compare"):
        DefaultStructure(n=1)
