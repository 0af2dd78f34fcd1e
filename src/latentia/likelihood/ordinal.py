"""The ordinal decoder, for grades."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.distribution.categorical import Categorical
from latentia.errors import UsageError
from latentia.likelihood._cut import located, log_probabilities
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["Ordinal"]

# A gap of exp(-8) between two edges is a class that is never seen.
_LOG_GAP = (-8.0, 6.0)


@final
class Ordinal(Likelihood):
    r"""The ordinal decoder: each cell is one of C grades, cut from a logistic around f(z).

    .. math:: P(x_d \le k|z) = \sigma(t_{dk} - f_d(z)), \quad t_{d0} < t_{d1} < \dots

    z moves a cell up or down the scale; the edges t between the grades are learned, and say how
    far apart they lie.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        classes: C, the number of grades; the data's own where it is not given.

    References:
        McCullagh, "Regression models for ordinal data", 1980.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Ordinal(Linear(), (5,), 2, classes=3)(torch.zeros(3, 2))
        >>> p.log_prob(torch.zeros(3, 5))  # the first edge is at 0: 5 log(1/2)
        tensor([-3.4657, -3.4657, -3.4657], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"classes"})
    is_mass: ClassVar[bool] = True

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        classes: int = 5,
    ) -> None:
        if classes < 3:
            raise UsageError(
                f"{classes} classes have no order.",
                where=f"--likelihood.classes {classes}",
                how="Give 3 or more, or use --likelihood categorical or bernoulli.",
            )
        super().__init__(network, x_shape, latent_dim)
        self.classes = classes
        # The first edge is at 0: the bias of f does what moving all of them would.
        self.log_gaps = nn.Parameter(torch.zeros(*x_shape, classes - 2))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        gaps = self.log_gaps.clamp(*_LOG_GAP).exp()
        edges = nn.functional.pad(gaps.cumsum(-1), (1, 0))
        return self.independent(Categorical(log_probabilities(edges, self.emit_one(z, c))))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start at rounded logistics of the codes' mean and about their standard deviation."""
        loc, scale = located(mean, std, self.classes)
        self.bias[0] = (loc - 0.5) / scale
        self.log_gaps.copy_((-scale.log())[..., None].expand_as(self.log_gaps))
