"""The groups of a ladder one by one: what each adds to an example, and what it says by itself."""

from __future__ import annotations

from math import isfinite
from typing import Any, ClassVar, Literal, NamedTuple, final

import torch

from latentia.app.operation.base import Alive, Array, Arrays
from latentia.errors import UsageError
from latentia.estimator.base import Estimator
from latentia.explorer.halves import Decoder
from latentia.explorer.inner import Inner
from latentia.posterior.ladder import Ladder as Posterior
from latentia.prior.ladder import Ladder as Prior
from latentia.rng import seeded

__all__ = ["Groups", "Wanted", "wanted"]

DRAWS = 8  # of a group that is drawn anew
_HOTTEST = 2.0
_STREAM = 5  # of the seed, apart from those that samples and the ELBO are drawn from


class Wanted(NamedTuple):
    """What is asked of a ladder.

    Arguments:
        group: The group that is drawn anew, from 0; None for the first groups one after the other.
        temperature: What the deviations of p are multiplied by; 0 leaves its means.
        seed: Of the draws.
        follow: Whether groups below one that is drawn anew follow it, or stay as they are.
    """

    group: int | None
    temperature: float
    seed: int
    follow: bool = False


@final
class Groups(Inner):
    """Reconstructions of one example from some groups of a ladder, as E[x|z] of their latents.

    Example:
        >>> Groups().takes
        'examples'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return `shown` of x (1, ...): of its first 0, ..., G groups, or of draws of one."""
        posterior, prior = _halves(model)
        seen, count = model.plain(x), len(model.groups_)
        rows = 1 if asked.group is None else DRAWS
        # By the CPU's generator, whose draws are the same beside whatever device.
        with torch.no_grad(), seeded(asked.seed, _STREAM):
            noise = asked.temperature * torch.randn(rows, model.latent_dim_)
            noise = noise.to(seen.device)
            if asked.group is None:
                z = posterior.first(seen, range(count + 1), noise)
            else:
                z = posterior.first(seen, count).expand(rows, -1)
                z = prior.redrawn(z, asked.group, noise, follow=asked.follow)
        return {"shown": Decoder().run(model, z.cpu().numpy(), None, alive)["shown"]}


def wanted(model: Estimator, asked: Wanted) -> Wanted:
    """Return what is asked of a ladder, if it can be.

    Raises:
        UsageError: if the latents stand in no groups, or there is no such group or temperature.
    """
    _halves(model)
    count = len(model.groups_)
    if asked.group is not None and not 0 <= asked.group < count:
        raise UsageError(
            f"There is no group {asked.group}.", where="group", how=f"They are 0 to {count - 1}."
        )
    if not (isfinite(asked.temperature) and 0 <= asked.temperature <= _HOTTEST):
        raise UsageError(
            f"A temperature of {asked.temperature} is not drawn with.",
            where="temperature",
            how=f"Use 0 to {_HOTTEST}.",
        )
    return asked


def rows_of(model: Estimator, asked: Wanted) -> int:
    """Return the rows that are decoded."""
    return len(model.groups_) + 1 if asked.group is None else DRAWS


def _halves(model: Estimator) -> tuple[Posterior, Prior]:
    posterior, prior = model.model_.posterior, model.model_.prior
    if not isinstance(posterior, Posterior) or not isinstance(prior, Prior):
        raise UsageError(
            "The latents of this model stand in no groups.",
            how="Only a ladder's do: --network ladder.",
        )
    return posterior, prior
