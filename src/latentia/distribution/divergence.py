"""KL divergences in closed form where one is registered."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor
from torch.distributions import Distribution, Independent, kl_divergence

from latentia.distribution.hamiltonian import Hamiltonian
from latentia.distribution.ladder import LadderPosterior, LadderPrior

__all__ = ["Divergence", "closed_form_kl"]


class Divergence(NamedTuple):
    """KL(q || p) in nats: whole (B,), and per latent (B, L) where both sides factorize."""

    total: Tensor | None
    per_dim: Tensor | None


def closed_form_kl(q: Distribution, p: Distribution) -> Divergence:
    r"""Return KL(q || p) in closed form, or `Divergence(None, None)` where none is registered.

    .. math:: KL(q \| p) = E_q[\log q(z) - \log p(z)]

    Of a ladder it is that of each group in closed form, given the groups above as they were last
    drawn: an estimate with no bias, and less noise than log q - log p. So it is of Hamiltonian
    draws, with what is known of where they began.

    Arguments:
        q: The posterior, batch shape (B,), event shape (L,).
        p: The prior, batch shape () or (B,), event shape (L,).

    Example:
        >>> import torch
        >>> from torch.distributions import Normal
        >>> q = Independent(Normal(torch.ones(1, 2), 1.0), 1)
        >>> p = Independent(Normal(torch.zeros(2), 1.0), 1)
        >>> closed_form_kl(q, p)
        Divergence(total=tensor([1.]), per_dim=tensor([[0.5000, 0.5000]]))
    """
    if isinstance(q, LadderPosterior) and isinstance(p, LadderPrior):
        each = q.kl_per_dim()
        return Divergence(None if each is None else each.sum(-1), each)
    if isinstance(q, Hamiltonian):
        known = closed_form_kl(q.start, p).total
        return Divergence(None if known is None else q.kl(p, known), None)
    try:
        if isinstance(q, Independent) and isinstance(p, Independent):
            each = kl_divergence(q.base_dist, p.base_dist)
            return Divergence(each.sum(-1), each)
        return Divergence(kl_divergence(q, p), None)
    except NotImplementedError:
        return Divergence(None, None)
