"""The categorical decoder."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.categorical import Categorical as CategoricalDistribution
from latentia.errors import UsageError
from latentia.likelihood._cut import located, log_probabilities
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["Categorical"]


@final
class Categorical(Likelihood):
    r"""The categorical decoder: each cell is one of C classes, in no order.

    .. math:: P(x_d = k|z) = \frac{e^{l_{dk}(z)}}{\sum_j e^{l_{dj}(z)}}

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        classes: C; the data's own number where it is not given.

    References:
        Nazabal et al., "Handling incomplete heterogeneous data using VAEs", 2020.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Categorical(Linear(), (5,), 2, classes=4)(torch.zeros(3, 2))
        >>> p.log_prob(torch.ones(3, 5))  # 5 log(1/4)
        tensor([-6.9315, -6.9315, -6.9315], grad_fn=<SumBackward1>)
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
        if classes < 2:
            raise UsageError(
                f"There is nothing to choose between {classes} classes.",
                where=f"--likelihood.classes {classes}",
                how="Give 2 or more, or leave it out: then the data say how many.",
            )
        self.numbers = self.classes = classes
        super().__init__(network, x_shape, latent_dim)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        logits = self.emit(z, c).movedim(-1 - len(self.x_shape), -1)
        return self.independent(CategoricalDistribution(logits))

    @staticmethod
    def shown(p: Distribution) -> Tensor:
        """Return the most probable classes: between two there is nothing."""
        assert isinstance(p, Independent)
        found: Tensor = p.base_dist.mode
        return found

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start at rounded logistics of the codes' mean and about their standard deviation."""
        loc, scale = located(mean, std, self.classes)
        edges = (torch.arange(self.classes - 1, device=mean.device) + 0.5) / scale[..., None]
        self.bias.copy_(log_probabilities(edges, loc / scale).movedim(-1, 0))
