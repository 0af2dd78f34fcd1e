"""The architecture of a ladder of latents."""

from __future__ import annotations

from math import prod
from typing import ClassVar, final

from torch import Tensor, nn

from latentia.errors import UsageError
from latentia.hierarchy import BottomUp, Decoder, Plan, TopDown
from latentia.network.base import Features, Network

__all__ = ["Ladder", "ladder_of"]


@final
class Ladder(Network):
    r"""A residual network whose latents stand in groups, drawn one after the other.

    .. math:: p(z) = \prod_g p(z_g | z_{<g}), \quad q(z|x) = \prod_g q(z_g | z_{<g}, x)

    Coarse maps are drawn first and say where fine ones are probable. How many latents there are
    follows from groups, width and the size of the images.

    Arguments:
        groups: Groups of latents at each scale, from the coarsest to the finest.
        width: Channels of a group's latents.
        channels: Channels of the maps between.
        patch: Pixels (each way) that are one place of the finest scale.
        blocks: Residual blocks at each scale on the way up.

    References:
        Sonderby et al., "Ladder variational autoencoders", 2016; Kingma et al., "Improving
        variational inference with inverse autoregressive flow", 2016; Vahdat and Kautz, "NVAE",
        2020; Child, "Very deep VAEs", 2021.

    Example:
        >>> Ladder(groups=(1, 2), width=3, patch=2).latents((1, 28, 28))
        1323
    """

    hierarchical: ClassVar[bool] = True

    def __init__(
        self,
        *,
        groups: tuple[int, ...] = (2, 3, 3),
        width: int = 4,
        channels: int = 32,
        patch: int = 2,
        blocks: int = 2,
    ) -> None:
        whole = (*groups, width, channels, patch)
        if not groups or any(value < 1 for value in whole) or blocks < 0:
            raise UsageError(
                f"A ladder cannot have groups={groups}, width={width}, channels={channels}, "
                f"patch={patch}, blocks={blocks}.",
                where="--network.groups, --network.width, --network.channels, --network.patch",
                how="Give at least one group at each scale, and positive widths.",
            )
        self.groups, self.width, self.channels = groups, width, channels
        self.patch, self.blocks = patch, blocks
        self._top_down: TopDown | None = None

    def plan(self, x_shape: tuple[int, ...]) -> Plan:
        """Return the shape of the ladder over images.

        Raises:
            UsageError: if examples are no images.
        """
        if len(x_shape) != 3:
            raise UsageError(
                f"A ladder needs images (channels, height, width), not shape {x_shape}.",
                where="--network ladder",
                how="Use --network mlp, or reshape the data to images.",
            )
        return Plan(x_shape, self.groups, self.width, self.channels, self.patch, self.blocks)

    def latents(self, x_shape: tuple[int, ...]) -> int:
        """Return how many latents the groups are."""
        return self.plan(x_shape).latents

    def top_down(self, x_shape: tuple[int, ...]) -> TopDown:
        """Return the way down: one module, which posterior, prior and decoder share."""
        if self._top_down is None:
            self._top_down = TopDown(self.plan(x_shape))
        return self._top_down

    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return a module from (B, C, H, W) to the coarsest map, flattened."""
        plan = self.plan(x_shape)
        body = nn.Sequential(BottomUp(plan), _Coarsest(), nn.Flatten())
        return Features(body, plan.channels * prod(plan.sizes[0]))

    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return a module from all latents (B, L) to (B, P, C, H, W)."""
        top_down = self.top_down(out_shape[1:])
        if latent_dim != top_down.plan.latents:
            raise UsageError(
                f"This ladder decodes {top_down.plan.latents} latents, not {latent_dim}.",
                where="--network ladder",
                how="Leave --latent-dim out, and name no conditions.",
            )
        return Decoder(top_down, out_shape)


def ladder_of(network: Network, option: str) -> Ladder:
    """Return a network as the ladder that it is, or raise.

    Raises:
        UsageError: if it is another one.
    """
    if not isinstance(network, Ladder):
        raise UsageError(
            "Only a ladder has latents in groups.", where=option, how="Use --network ladder."
        )
    return network


class _Coarsest(nn.Module):
    def forward(self, maps: list[Tensor]) -> Tensor:
        return maps[0]
