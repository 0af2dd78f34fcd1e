"""The encoder whose draws climb by the model's own gradient."""

from __future__ import annotations

from math import isfinite, log
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.hamiltonian import Dynamics
from latentia.distribution.hamiltonian import Hamiltonian as HamiltonianDistribution
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior.base import Refined, Standardize

__all__ = ["Hamiltonian"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0
# The longest step, in units of sigma(x): from twice as long on leapfrog steps are unstable on a
# posterior as wide as q_0.
_LONGEST = 1.0


@final
class Hamiltonian(Refined):
    r"""A Gaussian whose draws are moved by Hamiltonian dynamics on log p(x, z).

    .. math:: z_0 \sim N(\mu(x), \sigma(x)^2), \quad r_0 \sim N(0, \tau_0), \quad
        (z_T, r_T) = T \text{ leapfrog steps on } \log p(x, z), \text{ cooling}

    .. math:: \log w = \log p(x, z_T) + \log N(r_T; 0, I)
        - \log N(z_0; \mu, \sigma^2) - \log N(r_0; 0, \tau_0) + \log |\det|

    E[w] is p(x) whatever the number of steps, their lengths and tau_0, so the ELBO bounds
    log p(x), IWAE comes to it, and importance sampling estimates it. What is reported as
    log q(z|x) is all of log w but log p(x, z). Lengths, one for each latent, are in units of
    sigma(x) (in the paper, in those of z) and learned, and so is tau_0.

    Exact dynamics without tempering would keep energy, and log w that of z_0: what is gained comes
    of the cooling, and of steps that are not short.

    The model's gradient is part of every draw, and where it learns, its derivative too: a step of
    training takes about T + 1 times as long, and several times that.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        steps: T, leapfrog steps.
        length: How long a step is at first, in sigma(x), below 1.
        temperature: tau_0 at first, above 1; 1 is no tempering, and then nothing of it is learned.

    References:
        Caterini, Doucet and Sejdinovic, "Hamiltonian variational auto-encoder", 2018; Salimans,
        Kingma and Welling, "Markov chain Monte Carlo and variational inference", 2015.

    Example:
        >>> from latentia.network.linear import Linear
        >>> posterior = Hamiltonian(Linear(), (5,), 2, steps=2)
        >>> posterior.log_joint = lambda x, z, c: -z.square().sum(-1)  # what a model hands to it
        >>> posterior(torch.zeros(3, 5)).rsample((4,)).shape
        torch.Size([4, 3, 2])
    """

    compiles: ClassVar[bool] = False

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        steps: int = 3,
        length: float = 0.2,
        temperature: float = 1.5,
    ) -> None:
        super().__init__()
        possible = steps >= 1 and 0 < length < _LONGEST and temperature >= 1
        if not possible or not isfinite(temperature):
            raise UsageError(
                f"Hamiltonian dynamics cannot have steps={steps}, length={length}, "
                f"temperature={temperature}.",
                where="--posterior.*",
                how="Use at least one step, a length above 0 and below 1, and a temperature from "
                "1 on.",
            )
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, 2 * latent_dim)
        self.steps = steps
        share = length / _LONGEST
        self.length = nn.Parameter(torch.full((latent_dim,), log(share / (1 - share))))
        tempered = temperature > 1
        self.hotter = nn.Parameter(torch.tensor(log(temperature - 1))) if tempered else None

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,), of which log q is known of its own draws."""
        both = self.head(self.body(self.standardize(x, c)))
        loc, raw = both.to(self.head.weight.dtype).chunk(2, dim=-1)
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        given = self.standardize.c if c is None else c
        return HamiltonianDistribution(
            loc, scale, lambda z: self.joint(x, z, given), self._dynamics()
        )

    def _dynamics(self) -> Dynamics:
        length = _LONGEST * torch.sigmoid(self.length)
        if self.hotter is None:
            return Dynamics(self.steps, length, length.new_ones(()))
        return Dynamics(self.steps, length, torch.sqrt(1 + self.hotter.exp()))
