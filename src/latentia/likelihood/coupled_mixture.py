"""The decoder of colours: a mixture of logistics for each pixel, its channels coupled."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.coupled_logistics import CoupledLogistics
from latentia.errors import UsageError
from latentia.likelihood._logistics import LOG_SCALE, side_by_side
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["CoupledMixture"]


@final
class CoupledMixture(Likelihood):
    r"""The probability of 8-bit colours: a mixture for each pixel, its channels coupled.

    .. math:: P(x_p|z) = \sum_k \pi_{pk}(z) \prod_c L(x_{pc};\; m_{pkc}, s_{pkc}(z)), \quad
        m_{pkc} = \mu_{pkc}(z) + \sum_{j < c} \tanh(a_{pkcj}(z)) (x_{pj} - \bar\mu_{pkj}(z))

    A pixel chooses one component for all its channels, and within it green follows red, and blue
    both: a shade lighter is lighter in all. Pixels are independent given z. Means have no closed
    form; they are computed to within a third of a level, see `CoupledLogistics.mean`.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example, (channels, height, width), of two channels or more.
        latent_dim: L, the number of latents.
        components: K, logistics for each pixel.

    References:
        Salimans et al., "PixelCNN++", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = CoupledMixture(Linear(), (3, 4, 4), 2, components=3)(torch.zeros(5, 2))
        >>> p.batch_shape, p.event_shape
        (torch.Size([5]), torch.Size([3, 4, 4]))
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"levels"})
    is_mass: ClassVar[bool] = True
    factorizes: ClassVar[bool] = False

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 5,
    ) -> None:
        if len(x_shape) != 3 or x_shape[0] < 2:
            raise UsageError(
                f"There are no channels to be coupled in examples of shape {x_shape}.",
                where="--likelihood coupled-mixture",
                how="It is for images of two channels or more (channels, height, width); use "
                "--likelihood logistic-mixture.",
            )
        if components < 1:
            raise UsageError(
                f"A mixture needs at least one component, not {components}.",
                where=f"--likelihood.components {components}",
            )
        c = x_shape[0]
        self.components = components
        # Of each component: its weight, places and scales, and what couples them.
        self.counts = [components * n for n in (1, c, c, c * (c - 1) // 2)]
        self.numbers = sum(self.counts)
        super().__init__(network, x_shape, latent_dim)

    @property
    def emitted(self) -> tuple[int, ...]:
        """Shape of what is emitted: the numbers of a pixel are for all its channels at once."""
        return (self.numbers, 1, *self.x_shape[1:])

    def forward(self, z: Tensor, c: Tensor | None = None) -> Distribution:
        """Return p(x|z), batch (...), event (C, H, W)."""
        logits, loc, log_scale, coupling = self._parts(self.emit(z, c))
        return CoupledLogistics(
            logits.squeeze(-3), loc, log_scale.clamp(*LOG_SCALE), coupling.tanh()
        )

    def _parts(self, emitted: Tensor) -> list[Tensor]:
        """Return what is emitted, taken apart: (..., K, n, H, W) each."""
        parts = emitted.squeeze(-3).split(self.counts, -3)  # type: ignore[no-untyped-call]
        return [part.unflatten(-3, (self.components, -1)) for part in parts]

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start with logistics side by side whose mean is the data's, and no coupling."""
        loc, log_scale = side_by_side(mean, std, self.components)
        logits = torch.zeros_like(loc[:, :1])
        coupling = torch.zeros_like(loc[:, :1]).expand(
            -1, self.counts[3] // self.components, -1, -1
        )
        parts = [part.flatten(0, 1) for part in (logits, loc, log_scale, coupling)]
        self.bias.copy_(torch.cat(parts)[:, None])
