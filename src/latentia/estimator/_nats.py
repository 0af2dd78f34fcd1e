"""The ELBO of examples and its parts, as an estimator returns them."""

from __future__ import annotations

from typing import NamedTuple

from latentia.estimator._arrays import Array, array_of
from latentia.evaluation.bound import PerExample, reported
from latentia.model import LatentVariableModel

__all__ = ["Nats", "nats_of"]


class Nats(NamedTuple):
    """The ELBO of each of n examples and its parts, in nats.

    Arguments:
        elbo: reconstruction - kl, (n,); None where it bounds nothing, as of points.
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,); None likewise: that of a point to a density is infinite.
        kl_per_dim: The same for each latent, (n, L), or None where it does not factorize.
        kl_of_class: KL(q(y|x) || p(y)), (n,), part of `kl`; None where no class is a latent.
        log_pz: log p(z) at the points where q(z|x) is one and the prior has a density, a penalty
            in the units of z, (n,); else None.
    """

    elbo: Array | None
    reconstruction: Array
    kl: Array | None
    kl_per_dim: Array | None
    kl_of_class: Array | None = None
    log_pz: Array | None = None


def nats_of(model: LatentVariableModel, each: PerExample) -> Nats:
    """Return the numbers of examples by the names under which they are reported, as arrays."""
    shown = reported(model, each.elbo, each.reconstruction, each.kl)
    parts = {**each._asdict(), "log_pz": None, **shown}
    values = [parts[name] for name in Nats._fields]
    return Nats(*(None if part is None else array_of(part) for part in values))  # type: ignore[arg-type]
