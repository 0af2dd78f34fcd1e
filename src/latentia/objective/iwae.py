"""The importance-weighted bound."""

from __future__ import annotations

from math import inf, log
from typing import final

from torch import Tensor

from latentia.model import Terms
from latentia.objective.base import Objective, heard, require_samples

__all__ = ["IWAE"]


@final
class IWAE(Objective):
    r"""The importance-weighted bound of K samples, which rises to log p(x) with K.

    .. math:: \log p(x) \ge E\Big[\frac{1}{M} \sum_{m=1}^M \log \frac{1}{K} \sum_{k=1}^K
        \frac{p(x|z_{mk})\, p(z_{mk})}{q(z_{mk}|x)}\Big], \quad z_{mk} \sim q(z|x)

    The KL inside is always sampled: a closed form there would bound nothing. More groups M make
    the same bound less noisy (MIWAE); more samples K make it tighter, and the encoder's gradient
    noisier.

    Arguments:
        samples: K, draws of z in each group.
        groups: M, groups of which the bound is the mean.

    References:
        Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", 2016; Rainforth et
        al., "Tighter variational bounds are not necessarily better" (MIWAE), 2018.

    Example:
        >>> import torch
        >>> one = torch.ones(4, 2)
        >>> IWAE(samples=4)(Terms(-one, one, one, None, None))
        tensor([-1., -1.])
    """

    def __init__(self, *, samples: int = 5, groups: int = 1) -> None:
        self.groups = require_samples("groups", groups)
        self.samples = require_samples("samples", samples) * groups

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the mean over groups of the log of the mean importance weight, (B,) nats."""
        log_w = heard(terms.log_w.reshape(self.groups, -1, terms.log_w.shape[1]), 1)
        return (log_w.logsumexp(1) - log(log_w.shape[1])).mean(0)
