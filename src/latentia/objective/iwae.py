"""The importance-weighted bound."""

from __future__ import annotations

from math import inf, log
from typing import final

from torch import Tensor

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.base import Objective

__all__ = ["IWAE"]


@final
class IWAE(Objective):
    r"""The importance-weighted bound of K samples, which rises to log p(x) with K.

    .. math:: \log p(x) \ge E\Big[\log \frac{1}{K} \sum_{k=1}^K
        \frac{p(x|z_k)\, p(z_k)}{q(z_k|x)}\Big], \quad z_k \sim q(z|x)

    The KL inside is always sampled: a closed form there would bound nothing.

    Arguments:
        samples: K, draws of z for each example.

    References:
        Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", 2016.

    Example:
        >>> import torch
        >>> one = torch.ones(4, 2)
        >>> IWAE(samples=4)(Terms(-one, one, one, None, None))
        tensor([-1., -1.])
    """

    def __init__(self, *, samples: int = 5) -> None:
        if samples < 1:
            raise UsageError(
                f"IWAE needs at least one sample, not {samples}.", where="--objective.samples"
            )
        self.samples = samples

    def __call__(self, terms: Terms, epoch: float = inf) -> Tensor:
        """Return log of the mean importance weight, (B,) nats."""
        return terms.log_w.logsumexp(0) - log(terms.log_w.shape[0])
