"""The prior of a ladder of latents."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.descent import Gaussian, Pass
from latentia.distribution.ladder import LadderPrior
from latentia.network.base import Network
from latentia.network.ladder import ladder_of
from latentia.prior.base import Prior

__all__ = ["Ladder"]


@final
class Ladder(Prior):
    r"""The prior :math:`p(z) = \prod_g N(z_g; \mu_g(z_{<g}), \sigma_g(z_{<g})^2)` of a ladder.

    At first every group is a standard normal, whatever stands above it.

    Arguments:
        network: A ladder, with whose posterior and decoder it shares the way down.
        x_shape: Shape of one example.
        latent_dim: L, all latents of all groups.

    References:
        Sonderby et al., "Ladder variational autoencoders", 2016.

    Example:
        >>> from latentia.network.ladder import Ladder as Network
        >>> p = Ladder(Network(groups=(1, 1)), (1, 8, 8), 80)()
        >>> p.sample((5,)).shape
        torch.Size([5, 80])
    """

    compiles: ClassVar[bool] = False
    hierarchical: ClassVar[bool] = True

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        self.top_down = ladder_of(network, "--prior ladder").top_down(x_shape)
        self.latent_dim = latent_dim

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return p(z), batch (), event (L,)."""
        return LadderPrior(self._draw, self._score, self.latent_dim)

    def redrawn(self, z: Tensor, group: int, noise: Tensor, *, follow: bool = False) -> Tensor:
        r"""Return latents of which one group is drawn anew, given those above it.

        .. math:: z_g = \mu_g(z_{<g}) + \sigma_g(z_{<g}) \varepsilon

        Arguments:
            z: Latents, (N, L), of which those above the group stay as they are.
            group: Which, from 0.
            noise: Epsilon of all groups, (N, L), of which this one's is used.
            follow: Whether the groups below are the means that p gives them then; else they stay.

        Returns:
            (N, L).
        """
        parts, eps = self.top_down.parts(z), self.top_down.parts(noise)

        def choose(number: int, above: Tensor, prior: Gaussian) -> tuple[Tensor, Gaussian]:
            if number == group:
                return prior.loc + torch.exp(prior.log_scale) * eps[number], prior
            return prior.loc if follow and number > group else parts[number], prior

        return self.top_down.go(len(z), choose).z

    def _draw(self, n: int, temperature: float) -> Pass:
        def choose(number: int, above: Tensor, prior: Gaussian) -> tuple[Tensor, Gaussian]:
            noise = torch.randn_like(prior.loc) * temperature
            return prior.loc + torch.exp(prior.log_scale) * noise, prior

        return self.top_down.go(n, choose)

    def _score(self, z: Tensor) -> Pass:
        return self.top_down.remembered(z) or self.top_down.given(z)
