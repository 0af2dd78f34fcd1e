"""Between the ELBO and the importance-weighted bound."""

from __future__ import annotations

from math import inf, log
from typing import final

from torch import Tensor

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.base import Objective, heard, require_samples

__all__ = ["CIWAE"]


@final
class CIWAE(Objective):
    r"""A combination of the ELBO and the importance-weighted bound of the same K samples.

    .. math:: \beta\, \frac{1}{K} \sum_k \log w_k
        + (1 - \beta) \log \frac{1}{K} \sum_k w_k, \quad
        w_k = \frac{p(x|z_k)\, p(z_k)}{q(z_k|x)}

    The share of the ELBO keeps a signal for the encoder, which the other loses with K.

    Arguments:
        samples: K, draws of z for each example.
        beta: The share of the ELBO, from 0 to 1.

    References:
        Rainforth et al., "Tighter variational bounds are not necessarily better", 2018.

    Example:
        >>> import torch
        >>> one = torch.ones(4, 2)
        >>> CIWAE(samples=4)(Terms(-one, one, one, None, None))
        tensor([-1., -1.])
    """

    def __init__(self, *, samples: int = 5, beta: float = 0.5) -> None:
        if not 0 <= beta <= 1:
            raise UsageError(
                f"A share of {beta} is none.",
                where=f"--objective.beta {beta}",
                how="Use 0 (the importance-weighted bound) to 1 (the ELBO).",
            )
        self.samples, self.beta = require_samples("samples", samples), beta

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the combination of both bounds, (B,) nats."""
        log_w = terms.log_w
        tight = heard(log_w, 0).logsumexp(0) - log(len(log_w))
        return self.beta * log_w.mean(0) + (1 - self.beta) * tight
