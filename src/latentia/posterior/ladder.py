"""The posterior of a ladder of latents."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.descent import Gaussian, Pass
from latentia.distribution.ladder import LadderPosterior
from latentia.hierarchy import BottomUp, Heads
from latentia.network.base import Network
from latentia.network.ladder import ladder_of
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Ladder"]


@final
class Ladder(Posterior):
    r"""The posterior of latents in groups, each relative to its prior.

    .. math:: q(z|x) = \prod_g q(z_g|z_{<g}, x), \quad
        q(z_g|z_{<g}, x) = N(\mu_p + \Delta\mu, (\sigma_p e^{\Delta})^2)

    x goes up to a map at every scale; on the way down each group sees the map beside it and what
    was drawn above. It starts as the prior, with a KL of 0.

    Arguments:
        network: A ladder, with whose prior and decoder it shares the way down.
        x_shape: Shape of one example.
        latent_dim: L, all latents of all groups.

    References:
        Sonderby et al., "Ladder variational autoencoders", 2016; Vahdat and Kautz, "NVAE", 2020.

    Example:
        >>> from latentia.network.ladder import Ladder as Network
        >>> q = Ladder(Network(groups=(1, 1)), (1, 8, 8), 80)(torch.zeros(2, 1, 8, 8))
        >>> q.rsample((3,)).shape
        torch.Size([3, 2, 80])
    """

    compiles: ClassVar[bool] = False
    hierarchical: ClassVar[bool] = True

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        ladder = ladder_of(network, "--posterior ladder")
        plan = self.plan = ladder.plan(x_shape)
        # In a tuple, so that its weights are not counted, saved and trained a second time.
        self._top_down = (ladder.top_down(x_shape),)
        self.latent_dim = latent_dim
        self.standardize = Standardize(x_shape)
        self.up, self.heads = BottomUp(plan), Heads(plan)
        counts = [(scale, count) for scale, count in enumerate(plan.groups)]
        self.scale_of = [scale for scale, count in counts for _ in range(count)]

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        maps = self.up(self.standardize(x, c))

        def draw(shape: tuple[int, ...] | None) -> Pass:
            gone = self._down(maps, 0 if shape is None else prod(shape))
            if shape is not None:
                gone.handed_out((*shape, len(x), self.latent_dim), maps)
            return gone

        def score(z: Tensor) -> Pass:
            (top_down,) = self._top_down
            gone = top_down.remembered(z)
            mine = gone is not None and gone.whose is maps
            return gone if gone is not None and mine else self._given(maps, z)

        return LadderPosterior(draw, score, len(x), self.latent_dim)

    def first(self, x: Tensor, groups: int | Sequence[int], noise: Tensor | None = None) -> Tensor:
        """Return latents of which the first groups see x: means of q(z|x), and below them of p.

        Arguments:
            x: Examples, (B, *x_shape).
            groups: How many groups see x; or several such numbers, one after the other.
            noise: Deviations from the means of p, in its standard deviations, (B, L); none if
                None. Where several numbers are asked for it is the same for each.

        Returns:
            (B, L), or (K B, L) of K numbers.
        """
        counts = torch.tensor([groups] if isinstance(groups, int) else list(groups))
        maps = _repeated(self.up(self.standardize(x)), len(counts))
        # How many of its groups each row is told of x.
        told = counts.repeat_interleave(len(x)).reshape(-1, 1, 1, 1).to(x.device)
        (top_down,) = self._top_down
        parts = None if noise is None else top_down.parts(noise.repeat(len(counts), 1))

        def choose(number: int, above: Tensor, prior: Gaussian) -> tuple[Tensor, Gaussian]:
            below = prior.loc
            if parts is not None:
                below = below + torch.exp(prior.log_scale) * parts[number]
            if number >= int(counts.max()):
                return below, prior
            q = self.heads(number, above, maps[self.scale_of[number]], prior)
            return torch.where(number < told, q.loc, below), prior

        return top_down.go(len(told), choose).z

    def _down(self, maps: list[Tensor], samples: int) -> Pass:
        """Go down with draws, so many for each example; with the means if none."""
        seen = _repeated(maps, max(1, samples))

        def choose(number: int, above: Tensor, prior: Gaussian) -> tuple[Tensor, Gaussian]:
            q = self.heads(number, above, seen[self.scale_of[number]], prior)
            noise = torch.randn_like(q.loc) if samples else torch.zeros_like(q.loc)
            return q.loc + torch.exp(q.log_scale) * noise, q

        (top_down,) = self._top_down
        gone = top_down.go(len(seen[0]), choose, scored=True)
        if samples:
            top_down.remember(gone)
        return gone

    def _given(self, maps: list[Tensor], z: Tensor) -> Pass:
        """Go down with given latents (N, L), of the examples in turn, and score them."""
        (top_down,) = self._top_down
        parts, seen = top_down.parts(z), _repeated(maps, len(z) // len(maps[0]))

        def choose(number: int, above: Tensor, prior: Gaussian) -> tuple[Tensor, Gaussian]:
            q = self.heads(number, above, seen[self.scale_of[number]], prior)
            return parts[number], q

        return top_down.go(len(z), choose, scored=True)


def _repeated(maps: list[Tensor], times: int) -> list[Tensor]:
    """Return maps (B, ...) of K samples of each example, (K B, ...)."""
    return [part.repeat(times, 1, 1, 1) if times > 1 else part for part in maps]
