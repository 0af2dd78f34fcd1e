"""The ladder: latents in groups, each drawn given those above it, from coarse to fine."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import ceil, prod
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, pixel_shuffle, pixel_unshuffle

from latentia.descent import Gaussian, Pass
from latentia.network.base import output

__all__ = ["BottomUp", "Decoder", "Heads", "Plan", "TopDown"]

# Deviations within e^-6 and e^6 of one, approached softly.
_LOG_SCALE = 6.0
# Of a block's own path through the residual network, how much narrower it is.
_NARROWER = 2


class Plan(NamedTuple):
    """The shape of a ladder.

    Arguments:
        x_shape: Shape of one example, (C, H, W).
        groups: Groups of latents at each scale, from the coarsest to the finest.
        width: Channels of a group's latents.
        channels: Channels of the maps between.
        patch: Pixels (each way) that are one place of the finest scale.
        blocks: Residual blocks at each scale on the way up.
    """

    x_shape: tuple[int, ...]
    groups: tuple[int, ...]
    width: int
    channels: int
    patch: int
    blocks: int

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each scale, from the coarsest to the finest."""
        _, height, width = self.x_shape
        sizes = [(ceil(height / self.patch), ceil(width / self.patch))]
        for _ in self.groups[1:]:
            sizes.append((ceil(sizes[-1][0] / 2), ceil(sizes[-1][1] / 2)))
        return sizes[::-1]

    @property
    def shapes(self) -> list[tuple[int, int, int]]:
        """Shape of each group's latents, (width, h, w), in the order in which they are drawn."""
        pairs = zip(self.groups, self.sizes, strict=True)
        return [(self.width, *size) for count, size in pairs for _ in range(count)]

    @property
    def latents(self) -> int:
        """L, how many numbers all latents are."""
        return sum(map(prod, self.shapes))

    @property
    def depth(self) -> int:
        """How many blocks follow each other."""
        return sum(self.groups) + self.blocks * len(self.groups)


class Block(nn.Module):
    """A residual block: to fewer channels, across places, and back.

    Arguments:
        before: Channels that come.
        after: Channels that go; the block is added to what comes where they are as many.
        kernel: Places across.
        gain: What the last weights are multiplied by at first.
    """

    regions: ClassVar[tuple[str, ...]] = ("forward",)

    def __init__(self, before: int, after: int, *, kernel: int, gain: float) -> None:
        super().__init__()
        hidden = max(1, before // _NARROWER)
        last = nn.Conv2d(hidden, after, 1)
        with torch.no_grad():
            for parameter, factor in zip(last.parameters(), (gain, 0.0), strict=True):
                parameter.mul_(factor)
        self.layers = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(before, hidden, 1),
            nn.SiLU(),
            nn.Conv2d(hidden, hidden, kernel, padding=kernel // 2),
            nn.SiLU(),
            last,
        )

    def forward(self, *maps: Tensor) -> Tensor:
        """Return (N, after, h, w) of maps that are `before` channels together."""
        made: Tensor = self.layers(maps[0] if len(maps) == 1 else torch.cat(maps, 1))
        return made


def _kernel(size: tuple[int, int]) -> int:
    return 3 if min(size) >= 3 else 1


class Group(nn.Module):
    """One group of latents: its prior given the map above, and what a draw makes of the map.

    Arguments:
        plan: The shape of the ladder.
        size: (height, width) of its map.
    """

    # Compiled by themselves: there are few kinds of groups, and many of each.
    regions: ClassVar[tuple[str, ...]] = ("above", "below")

    def __init__(self, plan: Plan, size: tuple[int, int]) -> None:
        super().__init__()
        channels, self.width = plan.channels, plan.width
        gain, kernel = plan.depth**-0.5, _kernel(size)
        # At first the prior is a standard normal, whatever stands above.
        self.prior = Block(channels, 2 * plan.width + channels, kernel=kernel, gain=0.0)
        self.project = nn.Conv2d(plan.width, channels, 1)
        with torch.no_grad():
            self.project.weight.mul_(gain)
        self.after = Block(channels, channels, kernel=kernel, gain=gain)

    def above(self, h: Tensor) -> tuple[Gaussian, Tensor]:
        """Return the prior given the map above, and what the map says by itself."""
        out = self.prior(h).to(h.dtype)
        loc, raw, said = out.split([self.width, self.width, h.shape[1]], 1)
        return Gaussian(loc, bounded(raw)), said

    def below(self, h: Tensor, said: Tensor, z: Tensor) -> Tensor:
        """Return the map below, with the latents in it."""
        h = h + said + self.project(z)
        return h + self.after(h)  # type: ignore[no-any-return]


def bounded(raw: Tensor) -> Tensor:
    """Return a log-deviation within bounds that no gradient jumps at."""
    return _LOG_SCALE * torch.tanh(raw / _LOG_SCALE)


# From a group's number, the map above and the prior to the latents and what they are drawn from.
Choose = Callable[[int, Tensor, Gaussian], tuple[Tensor, Gaussian]]


class TopDown(nn.Module):
    r"""The way down: p(z) = \prod_g p(z_g | z_{<g}), and the map that is decoded.

    Posterior, prior and decoder all go this way. Where they do so with the same draw, it is gone
    once: the last one is remembered for as long as the posterior that drew it lives.

    Arguments:
        plan: The shape of the ladder.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        coarsest = plan.sizes[0]
        self.start = nn.Parameter(torch.zeros(1, plan.channels, *coarsest))
        self.groups = nn.ModuleList(
            Group(plan, size)
            for count, size in zip(plan.groups, plan.sizes, strict=True)
            for _ in range(count)
        )
        self._last: weakref.ref[Pass] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the last way down behind: a copy has gone nowhere yet."""
        return {**self.__dict__, "_last": None}

    def remember(self, gone: Pass) -> None:
        """Remember a way down while somebody else holds it."""
        gone.stamp, self._last = self._stamp(), weakref.ref(gone)

    def remembered(self, z: Tensor) -> Pass | None:
        """Return the last way down if z is what was drawn on it, by the weights as they are."""
        last = None if self._last is None else self._last()
        known = last is not None and last.is_of(z) and last.stamp == self._stamp()
        return last if known else None

    def _stamp(self) -> int:
        """Return how often weights were changed in place."""
        return sum(parameter._version for parameter in self.parameters())

    def given(self, z: Tensor) -> Pass:
        """Go down with given latents (N, L)."""
        parts = self.parts(z)
        return self.go(z.shape[0], lambda number, above, prior: (parts[number], prior))

    def parts(self, z: Tensor) -> list[Tensor]:
        """Return latents (N, L) group by group, (N, width, h, w) each."""
        shapes = self.plan.shapes
        pieces = z.split([prod(shape) for shape in shapes], -1)  # type: ignore[no-untyped-call]
        return [piece.reshape(-1, *shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def go(self, n: int, choose: Choose, *, scored: bool = False) -> Pass:
        """Go down n times.

        Arguments:
            n: How many.
            choose: Chooses the latents of each group, and says what they are drawn from.
            scored: Whether that is q, to be scored too.
        """
        h = _inner(self.start.expand(n, -1, -1, -1))
        zs, priors, origins = [], [], []
        for number, (group, size) in enumerate(self._walk()):
            if h.shape[2:] != size:
                h = interpolate(h, size=size, mode="nearest")
            prior, said = group.above(h)
            z, origin = choose(number, h, prior)
            h = group.below(h, said, z)
            zs.append(z)
            priors.append(prior)
            origins.append(origin)
        # Once for all groups: what is done to every number costs a launch, however few they are.
        z, p, q = _flat(zs), _together(priors), _together(origins)
        return Pass(
            z=z,
            features=h,
            log_p=p.log_prob(z),
            log_q=q.log_prob(z) if scored else None,
            kl=q.kl(p) if scored else None,
            loc=q.loc,
            log_scale=q.log_scale,
            differentiable=torch.is_grad_enabled(),
        )

    def _walk(self) -> Iterator[tuple[Group, tuple[int, int]]]:
        shapes = self.plan.shapes
        for group, (_, height, width) in zip(self.groups, shapes, strict=True):
            assert isinstance(group, Group)
            yield group, (height, width)


def _together(groups: list[Gaussian]) -> Gaussian:
    """Return the Gaussians of all groups as one over (N, L)."""
    return Gaussian(_flat([g.loc for g in groups]), _flat([g.log_scale for g in groups]))


def _flat(parts: list[Tensor]) -> Tensor:
    return torch.cat([part.flatten(1) for part in parts], 1)


class BottomUp(nn.Module):
    """The way up: from x to a map at every scale.

    Arguments:
        plan: The shape of the ladder.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.stem = nn.Conv2d(plan.x_shape[0] * plan.patch**2, plan.channels, 3, padding=1)
        fine = plan.sizes[::-1]
        gain = plan.depth**-0.5
        self.scales = nn.ModuleList(
            nn.ModuleList(
                Block(plan.channels, plan.channels, kernel=_kernel(size), gain=gain)
                for _ in range(plan.blocks)
            )
            for size in fine
        )
        self.steps = nn.ModuleList(
            nn.Conv2d(plan.channels, plan.channels, 3, stride=2, padding=1) for _ in pairwise(fine)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return maps of x (B, C, H, W), (B, channels, h, w) each, from the coarsest to finest."""
        h = self.stem(_inner(_patches(x, self.plan)))
        found = []
        for number, blocks in enumerate(self.scales):
            if number:
                h = self.steps[number - 1](h)
            for block in blocks:  # type: ignore[attr-defined]
                h = h + block(h)
            found.append(h)
        return found[::-1]


def _inner(maps: Tensor) -> Tensor:
    """Return maps with their channels side by side in memory: a step takes three quarters."""
    return maps.contiguous(memory_format=torch.channels_last)


def _patches(x: Tensor, plan: Plan) -> Tensor:
    height, width = plan.sizes[-1]
    below = height * plan.patch - x.shape[-2]
    right = width * plan.patch - x.shape[-1]
    return pixel_unshuffle(pad(x, (0, right, 0, below)), plan.patch)


class Heads(nn.Module):
    r"""The posterior of each group, relative to its prior.

    .. math:: q(z_g|z_{<g}, x) = N(\mu_p + \Delta\mu, (\sigma_p e^{\Delta})^2)

    At first both differences are 0, so q is p and the KL is 0.

    Arguments:
        plan: The shape of the ladder.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.width = plan.width
        self.heads = nn.ModuleList(
            Block(2 * plan.channels, 2 * plan.width, kernel=_kernel(size), gain=0.0)
            for count, size in zip(plan.groups, plan.sizes, strict=True)
            for _ in range(count)
        )

    def forward(self, number: int, above: Tensor, seen: Tensor, prior: Gaussian) -> Gaussian:
        """Return q of a group, given the map above it and the map of x beside it."""
        out = self.heads[number](above, seen).to(prior.loc.dtype)
        loc, raw = out.split(self.width, 1)
        return Gaussian(prior.loc + loc, prior.log_scale + bounded(raw))


class Decoder(nn.Module):
    """From latents (N, L) to the numbers of a likelihood, (N, *out_shape), down the ladder.

    Arguments:
        top_down: The way down, whose weights stay the prior's.
        out_shape: (P, C, H, W).
    """

    def __init__(self, top_down: TopDown, out_shape: tuple[int, ...]) -> None:
        super().__init__()
        # In a tuple, so that its weights are not counted, saved and trained a second time.
        self._top_down = (top_down,)
        self.out_shape, plan = out_shape, top_down.plan
        count = prod(out_shape[:2]) * plan.patch**2
        self.last = output(nn.Conv2d(plan.channels, count, 3, padding=1, bias=False))

    def forward(self, z: Tensor) -> Tensor:
        """Return the numbers of latents (N, L), (N, *out_shape)."""
        (top_down,) = self._top_down
        gone = top_down.remembered(z) or top_down.given(z)
        height, width = self.out_shape[2:]
        maps = pixel_shuffle(self.last(nn.functional.silu(gone.features)), top_down.plan.patch)
        return maps[..., :height, :width].reshape(z.shape[0], *self.out_shape)
