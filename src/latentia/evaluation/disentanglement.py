"""Disentanglement: a model's latents held against the known factors of its examples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from latentia.errors import DataError
from latentia.evaluation.bound import ACTIVE_VARIANCE
from latentia.evaluation.dci import Dci, dci
from latentia.evaluation.factor_vae import factor_vae_score
from latentia.evaluation.factors import Factors
from latentia.evaluation.mutual_information import (
    entropies,
    gap,
    information,
    posterior_information,
)
from latentia.evaluation.sap import sap
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["Disentanglement", "active_codes", "disentanglement"]

Array = npt.NDArray[Any]

# Gradient boosting of one factor of 16 values takes some 15 s on so many.
_MOST_BOOSTED = 2500


class Disentanglement(NamedTuple):
    """How a model's latents follow K known factors; all but the nats are from 0 to 1.

    Arguments:
        factors: The names of the factors.
        n_examples: n.
        active_units: Latents whose posterior means move: their variance is above 0.01.
        mig: The mutual information gap of z ~ q(z|x), Chen et al. (2018); None where q(z|x)
            does not factorize.
        mig_binned: That of the posterior means in 20 bins, Locatello et al. (2019).
        dci: Eastwood and Williams (2018), from at most 2,500 of the examples.
        sap: Kumar et al. (2018).
        factor_vae: Kim and Mnih (2018).
        entropy: H(v_k), (K,), nats.
        information: I(z_d; v_k) of which `mig` is made, (L, K), nats; None without.
        information_binned: That of `mig_binned`.
    """

    factors: tuple[str, ...]
    n_examples: int
    active_units: int
    mig: float | None
    mig_binned: float
    dci: Dci
    sap: float
    factor_vae: float
    entropy: Array
    information: Array | None
    information_binned: Array


def disentanglement(
    model: LatentVariableModel, examples: Examples, factors: Factors, *, seed: int = 0
) -> Disentanglement:
    """Measure how the latents of a model follow the known factors of n examples.

    The codes are the posterior means. Those of a latent that is not active are taken as constant:
    bins, trees and correlations have no scale, and would read a factor from differences that
    drown in the latent's own noise.

    Arguments:
        model: A model.
        examples: n examples.
        factors: Their factors.
        seed: Seed of the binarization and of every draw.

    Returns:
        `Disentanglement`.

    Raises:
        DataError: if the factors are not of these examples, or are fewer than two.
    """
    if len(factors) != len(examples):
        raise DataError(
            f"Factors of {len(factors)} examples are given for {len(examples)}.",
            where="factors",
            how="Give those of the same examples, in the same order.",
        )
    codes, active = active_codes(_means(model, examples, seed))
    rows = np.random.default_rng([seed, 0xDC1]).permutation(len(codes))[:_MOST_BOOSTED]
    entropy, told = entropies(factors), information(codes, factors)
    drawn = posterior_information(model, examples, factors, seed=seed)
    return Disentanglement(
        factors=factors.names,
        n_examples=len(codes),
        active_units=active,
        mig=None if drawn is None else gap(drawn, entropy),
        mig_binned=gap(told, entropy),
        dci=dci(codes[rows], factors.index[rows], seed=seed),
        sap=sap(codes, factors),
        factor_vae=factor_vae_score(codes, factors, seed=seed),
        entropy=entropy,
        information=drawn,
        information_binned=told,
    )


def active_codes(means: Array) -> tuple[Array, int]:
    """Return posterior means (n, L) with 0 for latents that are not active, and how many are.

    Example:
        >>> active_codes(np.array([[0.0, 0.01], [2.0, -0.01]]))
        (array([[0., 0.],
               [2., 0.]]), 1)
    """
    active = means.var(0, ddof=1) > ACTIVE_VARIANCE
    return np.where(active, means, 0.0), int(active.sum())


@torch.no_grad()
def _means(model: LatentVariableModel, examples: Examples, seed: int) -> Array:
    """Return the posterior means (n, L), float64."""
    found = []
    with model.evaluating():
        for number, (x, c) in enumerate(examples.pairs(seed)):
            with seeded(seed, 7, number), model.given(c):
                found.append(model.posterior(x).mean.double().cpu().numpy())
    return np.concatenate(found)
