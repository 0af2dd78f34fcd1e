"""The exact evidence of a linear-Gaussian model: probabilistic PCA and factor analysis."""

from __future__ import annotations

from copy import deepcopy
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Independent, LowRankMultivariateNormal, MultivariateNormal, Normal

from latentia.errors import UsageError
from latentia.evidence.base import Evidence, EvidenceEstimator
from latentia.likelihood.base import Likelihood
from latentia.model import LatentVariableModel

__all__ = ["Exact", "LinearGaussian", "linear_gaussian"]

# Random latents on which an affine decoder must agree with its own matrix: to rounding in
# float64, or to so small a part of the noise that no density can tell.
_PROBES = 64
_ROUNDING, _OF_NOISE = 1e-9, 1e-6


class LinearGaussian(NamedTuple):
    r"""The model z ~ N(0, I), x|z ~ N(b + W z, diag s^2), flattened to D numbers, in float64.

    Arguments:
        weight: W, (D, L), the prior's scale taken in.
        bias: b, (D,), the prior's mean taken in.
        variance: s^2, (D,).
    """

    weight: Tensor
    bias: Tensor
    variance: Tensor

    def marginal(self, observed: Tensor) -> LowRankMultivariateNormal:
        """Return p(x) of the observed cells (D,): N(b, W W^T + diag s^2)."""
        return LowRankMultivariateNormal(
            self.bias[observed], self.weight[observed], self.variance[observed]
        )

    def posterior(self, x: Tensor) -> MultivariateNormal:
        r"""Return p(z|x) of complete x (B, *x_shape): N(M^-1 W^T (x - b) / s^2, M^-1).

        M = I + W^T diag(s^-2) W, and z is in units of the prior.
        """
        scaled = self.weight / self.variance[:, None]
        precision = torch.eye(self.weight.shape[1]).to(scaled) + self.weight.T @ scaled
        loc = torch.linalg.solve(precision, ((x.flatten(1).double() - self.bias) @ scaled).T).T
        return MultivariateNormal(loc, precision_matrix=precision)


@final
class Exact(EvidenceEstimator):
    r"""Computes log p(x) of a linear-Gaussian model in closed form.

    .. math:: p(x) = N(x;\; b,\; W W^T + \mathrm{diag}\, s^2)

    for a Gaussian prior and a Gaussian decoder whose mean b + W z is affine and whose s does not
    depend on z. Missing cells are marginalized.

    References:
        Tipping and Bishop, "Probabilistic principal component analysis", 1999.

    Example:
        >>> Exact().draws
        False
    """

    draws: ClassVar[bool] = False

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a model that is not linear-Gaussian."""
        super().require(model)
        linear_gaussian(model)

    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p(x) of x (B, *x_shape), with an error of 0: it is exact to float64."""
        super().require(model)
        known = linear_gaussian(model)
        flat = x.flatten(1).double()
        observed = ~flat.isnan()
        found = torch.zeros(len(x), dtype=torch.float64, device=x.device)
        patterns, which = torch.unique(observed, dim=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            rows = which == number
            if pattern.any():
                marginal = known.marginal(pattern)
                found[rows] = marginal.log_prob(flat[rows][:, pattern])  # type: ignore[no-untyped-call]
        return Evidence(found, torch.zeros_like(found))


def _require_alone(model: LatentVariableModel) -> None:
    if model.c_dim:
        raise UsageError(
            "A closed form is known of p(x), and this is a model of p(x|c).",
            where="--evidence exact",
            how="Use --evidence importance.",
        )


@torch.no_grad()
def linear_gaussian(model: LatentVariableModel) -> LinearGaussian:
    """Return a model as a linear-Gaussian one, found by asking its decoder.

    Raises:
        UsageError: if its prior or decoder is not Gaussian, or its decoder not affine.
    """
    _require_alone(model)
    prior = model.prior()
    if not (isinstance(prior, Independent) and isinstance(prior.base_dist, Normal)):
        raise _refusal("the prior is not Gaussian")
    mean, sd = prior.mean.double(), prior.stddev.double()
    decoder = deepcopy(model.likelihood).double().eval()
    bias, s = _decode(decoder, torch.zeros_like(mean)[None])
    columns, _ = _decode(decoder, torch.eye(len(mean)).to(mean))
    weight = (columns - bias).T
    generator = torch.Generator().manual_seed(0)
    for scale in (0.1, 1.0, 10.0):
        z = scale * torch.randn(_PROBES, len(mean), generator=generator).to(mean)
        loc, other = _decode(decoder, z)
        size = bias.abs() + z.abs() @ weight.abs().T
        slack = _ROUNDING * size + _OF_NOISE * s
        # Asked this way round, NaN is no agreement.
        if not ((loc - (bias + z @ weight.T)).abs() <= slack).all():
            raise _refusal("the decoder is not affine in z")
        if not ((other - s).abs() <= _ROUNDING * s).all():
            raise _refusal("the decoder's sigma depends on z")
    return LinearGaussian(weight * sd, bias[0] + weight @ mean, s[0].square())


def _decode(likelihood: Likelihood, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of p(x|z), flattened, (n, D) each."""
    p = likelihood(z)
    if not (isinstance(p, Independent) and isinstance(p.base_dist, Normal)):
        raise _refusal("the likelihood is not Gaussian")
    return p.mean.flatten(1), p.stddev.flatten(1)


def _refusal(why: str) -> UsageError:
    return UsageError(
        f"This model has no log p(x) in closed form: {why}.",
        where="--evidence exact",
        how="Only linear-Gaussian models have one: --network linear --likelihood gaussian. "
        "Use --evidence annealed, or quadrature for one or two latents.",
    )
