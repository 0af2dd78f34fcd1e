"""Divergences of Gaussians with correlations from those without, which torch lacks."""

from __future__ import annotations

from torch import Tensor
from torch.distributions import (
    Distribution,
    Independent,
    LowRankMultivariateNormal,
    MultivariateNormal,
    Normal,
    register_kl,
)

__all__ = ["correlated_kl"]


@register_kl(MultivariateNormal, Independent)  # type: ignore[no-untyped-call, untyped-decorator]
@register_kl(LowRankMultivariateNormal, Independent)  # type: ignore[no-untyped-call, untyped-decorator]
def correlated_kl(
    q: MultivariateNormal | LowRankMultivariateNormal, p: Independent[Distribution]
) -> Tensor:
    r"""Return KL(q || p) in nats for a p that factorizes into normals.

    .. math:: KL = \frac12 \sum_l \Big( \frac{\Sigma_{ll} + (\mu_l - m_l)^2}{s_l^2} - 1
        + \log s_l^2 \Big) - \frac12 \log \det \Sigma

    Arguments:
        q: N(mu, Sigma), batch (B,), event (L,).
        p: N(m, diag s^2), event (L,).

    Raises:
        NotImplementedError: if p is of another kind.

    Example:
        >>> import torch
        >>> q = MultivariateNormal(torch.ones(1, 2), scale_tril=torch.eye(2).expand(1, 2, 2))
        >>> correlated_kl(q, Independent(Normal(torch.zeros(2), torch.ones(2)), 1))
        tensor([1.])
    """
    base = p.base_dist
    if not isinstance(base, Normal):
        raise NotImplementedError
    variance = base.scale**2
    each = (q.variance + (q.mean - base.loc) ** 2) / variance - 1 + variance.log()
    # The entropy is (L (1 + log 2 pi) + log det Sigma) / 2.
    entropy: Tensor = q.entropy()  # type: ignore[no-untyped-call]
    return each.sum(-1) / 2 - (entropy - _unit_entropy(q.event_shape[-1]))


def _unit_entropy(latents: int) -> float:
    """Return the entropy of N(0, I), in nats."""
    return latents * 1.4189385332046727  # (1 + log 2 pi) / 2
