"""A normalizing flow for a prior."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.errors import UsageError
from latentia.prior.base import Prior

__all__ = ["Flow"]


@final
class Flow(Prior):
    r"""The normalizing flow :math:`p(z) = N(f(z); 0, I)\, |\det \partial f / \partial z|`.

    `affine` is a masked autoregressive flow, `coupling` the same with two groups of latents
    (RealNVP), `spline` an autoregressive neural spline flow, the most flexible for each layer.
    The density takes one pass of each layer; a draw takes as many as there are latents, with
    `coupling` two. Its KL from a Gaussian is estimated from the posterior's samples.

    Arguments:
        latent_dim: L, the number of latents.
        kind: `affine`, `coupling` or `spline`.
        layers: How many transformations follow each other.
        hidden: Widths of each transformation's network.

    References:
        Papamakarios et al., "Masked autoregressive flow", 2017; Dinh et al., "Density estimation
        using Real NVP", 2017; Durkan et al., "Neural spline flows", 2019.

    Example:
        >>> import torch
        >>> Flow(2)().log_prob(torch.zeros(5, 2)).shape
        torch.Size([5])
    """

    compiles: ClassVar[bool] = False

    def __init__(
        self,
        latent_dim: int,
        *,
        kind: Literal["affine", "coupling", "spline"] = "affine",
        layers: int = 4,
        hidden: tuple[int, ...] = (128, 128),
    ) -> None:
        super().__init__()
        if layers < 1 or any(width < 1 for width in hidden):
            raise UsageError(
                f"A flow cannot have layers={layers}, hidden={hidden}.",
                where="--prior.layers, --prior.hidden",
                how="Give at least one layer, and positive widths.",
            )
        self.flow = _made(latent_dim, kind, layers, hidden)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the flow, event (L,)."""
        found: Distribution = self.flow()
        return found


def _made(latent_dim: int, kind: str, layers: int, hidden: tuple[int, ...]) -> nn.Module:
    from zuko.flows import MAF, NSF

    # A single latent has nothing to be coupled to.
    passes = 2 if kind == "coupling" and latent_dim > 1 else None
    make = NSF if kind == "spline" else MAF
    return make(  # type: ignore[no-any-return]
        latent_dim, transforms=layers, hidden_features=hidden, passes=passes, activation=nn.SiLU
    )
