"""The Gaussian decoder."""

from __future__ import annotations

from typing import ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from latentia.errors import UsageError
from latentia.likelihood._located import Located
from latentia.likelihood.base import Support
from latentia.network.base import Network

__all__ = ["Gaussian"]

# Relative to the data's own spread. A free sigma can make a density as large as it likes on a
# column that z can copy exactly; this floor keeps the maximum likelihood finite.
_LOG_SIGMA_FLOOR = -6.0
_MOMENTUM = 0.02


@final
class Gaussian(Located):
    r"""The Gaussian decoder p(x|z) = N(x; mu(z), diag sigma^2), in the units of the data.

    .. math:: \log p(x|z) = \sum_d -\frac{(x_d - \mu_d(z))^2}{2\sigma_d^2}
        - \log \sigma_d - \tfrac{1}{2} \log 2\pi

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        sigma: `optimal`: one sigma for all dimensions, the root mean squared error of the batch,
            which maximizes the likelihood in closed form (a running mean of it when evaluated);
            `learned`: one free sigma per dimension; `fixed`: `value`.
        value: The sigma of `fixed`, relative to the data's standard deviation where the data
            are standardized.

    References:
        Rybkin et al., "Simple and effective VAE training with calibrated decoders" (sigma-VAE),
        2021; Mattei and Frellsen, "Leveraging the exact likelihood of deep latent variable
        models", 2018.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Gaussian(Linear(), (5,), 2, sigma="fixed", value=1.0)(torch.zeros(3, 2))
        >>> p.log_prob(torch.zeros(3, 5))
        tensor([-4.5947, -4.5947, -4.5947], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"real", "unit", "levels"})
    # An option does nothing unless another has this value.
    needs: ClassVar[dict[str, tuple[str, str]]] = {"value": ("sigma", "fixed")}
    log_sigma: Tensor

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        sigma: Literal["optimal", "learned", "fixed"] = "optimal",
        value: float = 1.0,
    ) -> None:
        super().__init__(network, x_shape, latent_dim)
        if sigma not in ("optimal", "learned", "fixed") or value <= 0:
            raise UsageError(
                f"A Gaussian likelihood cannot have sigma={sigma!r} with value={value}.",
                where="--likelihood.sigma, --likelihood.value",
                how="Use sigma optimal, learned or fixed, and a positive value.",
            )
        self.sigma, self.adapts = sigma, sigma == "optimal"
        log_sigma = torch.full(x_shape if sigma == "learned" else (1,), value).log()
        if sigma == "learned":
            self.log_sigma = nn.Parameter(log_sigma)
        else:
            self.register_buffer("log_sigma", log_sigma)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        return self._normal(self.place(z, c), self._bounded(self.log_sigma))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the mean and, unless fixed, sigma to the standard deviation."""
        self.bias[0] = (mean - self.shift) / self.scale
        relative = std / self.scale
        if self.sigma == "learned":
            self.log_sigma.copy_(relative.clamp_min(1e-2).log())
        elif self.sigma == "optimal":
            log_sigma = 0.5 * relative.square().mean().log().reshape(1)
            self.log_sigma.copy_(log_sigma.clamp_min(_LOG_SIGMA_FLOOR))

    def adapt(self, p: Distribution, x: Tensor) -> Distribution:
        """Return p with sigma set to the batch's own root mean squared error, if `optimal`.

        The gradient of the mean log p(x|z) with respect to sigma is zero there, so treating it as
        a constant gives the exact gradient of the maximized ELBO (envelope theorem). Under IWAE,
        which weights the samples, it is an approximation.
        """
        if self.sigma != "optimal":
            return p
        with torch.no_grad():
            error = ((x - p.mean) / self.scale).square()
            log_sigma = 0.5 * error.nanmean().log().reshape(1)
            # No error at all is log 0, and no observed cell is a mean of nothing: neither may
            # enter the running mean.
            log_sigma = log_sigma.clamp_min(_LOG_SIGMA_FLOOR).where(
                ~log_sigma.isnan(), self.log_sigma
            )
            self.log_sigma.lerp_(log_sigma, _MOMENTUM)
        return self._normal(p.mean, self._bounded(log_sigma))

    def _bounded(self, log_sigma: Tensor) -> Tensor:
        return self.scale * log_sigma.clamp_min(_LOG_SIGMA_FLOOR).exp()

    def _normal(self, loc: Tensor, scale: Tensor) -> Independent[Distribution]:
        return self.independent(Normal(loc, scale.expand_as(loc), validate_args=False))
