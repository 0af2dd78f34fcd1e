"""The encoder that bends a Gaussian by an invertible network."""

from __future__ import annotations

from typing import ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.flow import Flow as FlowDistribution
from latentia.distribution.planar import Planar
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Flow"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0
# So nearly the identity does an untrained transform start.
_START = 0.01


@final
class Flow(Posterior):
    r"""A normalizing flow: z = mu(x) + sigma(x) T(e; h(x)), with e standard normal.

    .. math:: \log q(z|x) = \log N(e; 0, I)
        - \log \Big|\det \frac{\partial T}{\partial e}\Big| - \sum_l \log \sigma_l(x)

    T is invertible and sees what the encoder has found in x. It starts as nearly nothing, where
    this is the diagonal Gaussian, and learns what that misses: correlation, skew, several modes.
    Autoregressive (IAF): each latent is shifted and scaled by those before it; one pass draws it.
    Coupling: each half by the other. Spline: autoregressive, with bends instead of scales. Planar:
    pushed away from a plane, or towards it, once in each layer.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        kind: `autoregressive`, `coupling`, `spline` or `planar`.
        layers: Transforms, one after the other, in alternating order.
        hidden: Widths of each transform's network; the first is also that of what it sees of x.
            Planar transforms have no network, and take the first alone.

    References:
        Rezende and Mohamed, "Variational inference with normalizing flows", 2015; Kingma et al.,
        "Inverse autoregressive flow", 2016; Dinh et al., "RealNVP", 2017; Durkan et al., "Neural
        spline flows", 2019.

    Example:
        >>> from latentia.network.linear import Linear
        >>> Flow(Linear(), (5,), 2)(torch.zeros(3, 5)).rsample((4,)).shape
        torch.Size([4, 3, 2])
    """

    compiles: ClassVar[bool] = False

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        kind: Literal["autoregressive", "coupling", "spline", "planar"] = "autoregressive",
        layers: int = 2,
        hidden: tuple[int, ...] = (64, 64),
    ) -> None:
        super().__init__()
        if layers < 1 or not hidden or any(width < 1 for width in hidden):
            raise UsageError(
                f"A flow cannot have layers={layers}, hidden={hidden}.",
                where="--posterior.layers, --posterior.hidden",
                how="Give at least one layer, and positive widths.",
            )
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.latent_dim = latent_dim
        self.head = nn.Linear(self.body.out_features, 2 * latent_dim + hidden[0])
        self.transform = _made(latent_dim, kind, layers, hidden)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        out = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        loc, raw = out[..., : 2 * self.latent_dim].chunk(2, -1)
        seen = nn.functional.silu(out[..., 2 * self.latent_dim :])
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        return FlowDistribution(loc, scale, self.transform(seen))


class _Planar(nn.Module):
    """From what is seen of x, (B, C), to planar maps."""

    def __init__(self, latent_dim: int, layers: int, seen: int) -> None:
        super().__init__()
        self.shape = (layers, 2 * latent_dim + 1)
        self.head = nn.Linear(seen, layers * (2 * latent_dim + 1))
        # Pushed from a plane, u = 0 is no push; w is not to start at 0, or u had no gradient.
        with torch.no_grad():
            weight = self.head.weight.view(*self.shape, -1)
            weight[:, :latent_dim] *= _START
            self.head.bias.view(self.shape)[:, :latent_dim] *= _START

    def forward(self, seen: Tensor) -> Planar:
        out = self.head(seen).unflatten(-1, self.shape)
        u, w = out[..., :-1].chunk(2, -1)
        return Planar(u, w, out[..., -1])


def _made(latent_dim: int, kind: str, layers: int, hidden: tuple[int, ...]) -> nn.Module:
    if kind == "planar":
        return _Planar(latent_dim, layers, hidden[0])
    from zuko.flows import MAF, NSF

    # A single latent has nothing to be coupled to.
    passes = 2 if kind == "coupling" and latent_dim > 1 else None
    make = NSF if kind == "spline" else MAF
    # Used from noise to latents, a masked autoregressive flow is an inverse autoregressive one.
    flow = make(
        latent_dim,
        hidden[0],
        transforms=layers,
        hidden_features=hidden,
        passes=passes,
        activation=nn.SiLU,
    )
    found: nn.Module = flow.transform
    with torch.no_grad():
        for part in flow.transform.transforms:
            weight, bias = list(part.parameters())[-2:]  # of its network's last layer
            weight.mul_(_START)
            bias.mul_(_START)
    return found
