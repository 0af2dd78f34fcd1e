"""The ELBO of examples and its parts, as an estimator returns them."""

from __future__ import annotations

from typing import NamedTuple

from latentia.estimator._arrays import Array

__all__ = ["Nats"]


class Nats(NamedTuple):
    """The ELBO of each of n examples and its parts, in nats.

    Arguments:
        elbo: reconstruction - kl, (n,).
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,).
        kl_per_dim: The same for each latent, (n, L), or None where it does not factorize.
        kl_of_class: KL(q(y|x) || p(y)), (n,), part of `kl`; None where no class is a latent.
    """

    elbo: Array
    reconstruction: Array
    kl: Array
    kl_per_dim: Array | None
    kl_of_class: Array | None = None
