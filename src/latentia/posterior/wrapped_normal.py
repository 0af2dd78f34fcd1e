"""The encoder into hyperbolic space."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.wrapped_normal import WrappedNormal as WrappedNormalDistribution
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["WrappedNormal"]

_LOG_SCALE_LIMIT = 10.0
# How far, in units of curvature, a mean may lie from the origin: volume grows by e^8 until there.
_FAR = 8.0


@final
class WrappedNormal(Posterior):
    r"""The wrapped normal q(z|x) on the Poincare ball: latents that branch like a tree.

    .. math:: z = \mu(x) \oplus_c \exp_0(\sigma(x) \odot \varepsilon), \quad
        \varepsilon \sim N(0, I)

    In hyperbolic space there is more room the farther one goes from the origin. Latents are
    written in normal coordinates, as the vectors that lead to them from the origin; in these the
    wrapped normal around it is N(0, I), so that the prior is `standard-normal` (or any other), and
    the divergence is estimated from samples. The decoder sees normal coordinates.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        curvature: c; the space has curvature -c, and near 0 this is a Gaussian.

    References:
        Mathieu et al., "Continuous hierarchical representations with Poincare variational
        auto-encoders", 2019; Nagano et al., 2019.

    Example:
        >>> import torch
        >>> from latentia.network.mlp import MLP
        >>> q = WrappedNormal(MLP(hidden=(8,)), (1, 4, 4), 2)(torch.zeros(3, 1, 4, 4))
        >>> q.batch_shape, q.event_shape
        (torch.Size([3]), torch.Size([2]))
    """

    compiles: ClassVar[bool] = False

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        curvature: float = 1.0,
    ) -> None:
        super().__init__()
        if not 0 < curvature < inf:
            raise UsageError(
                f"A curvature is a positive number, not {curvature}.",
                where=f"--posterior.curvature {curvature}",
                how="Use 1, or --posterior gaussian for none.",
            )
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, 2 * latent_dim)
        self.curvature = curvature

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        both = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        loc, raw = both.chunk(2, -1)
        far = _FAR / self.curvature**0.5
        size = loc.square().sum(-1, keepdim=True).add(1e-12).sqrt()
        loc = loc / size * far * (size / far).tanh()
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        return WrappedNormalDistribution(loc, scale, self.curvature)
