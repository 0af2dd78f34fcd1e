"""The bound of a model with a codebook, with what holds encoder and codebook together."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

from torch import Tensor

from latentia.distribution.quantized import Quantized
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, require_positive

__all__ = ["VQVAE"]


@final
class VQVAE(Objective):
    r"""The ELBO with a price on what lies between x's vectors and the words they become.

    .. math:: \log p(x|z) + \log p(z) - \| \mathrm{sg}(e) - w \|^2
        - \beta\, \| e - \mathrm{sg}(w) \|^2

    sg stops a gradient: the second term draws words to vectors, if they are no running means; the
    third vectors to words. Both are summed over an example's vectors and rounds, so the batch's
    size is of no matter. They are in no reported bound.

    Arguments:
        commitment: beta, what it costs a vector to be away from its word.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning", 2017.

    Example:
        >>> import torch
        >>> one = torch.ones(1, 2)
        >>> VQVAE()(Terms(-one, -one, 0 * one, None, None, penalty=one[0]))
        tensor([-3., -3.])
    """

    commits: ClassVar[bool] = True

    def __init__(self, *, commitment: float = 0.25) -> None:
        require_positive(commitment=commitment)
        self.commitment = commitment

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with the price as the penalty."""
        q = model.posterior(x if given is None else given, None)
        # A single code: any number of draws would be the same.
        terms = model.terms(x, q.rsample([1]), q)
        if not isinstance(q, Quantized) or q.strayed is None:
            return terms
        price = q.strayed.codebook + self.commitment * q.strayed.commitment
        return terms._replace(penalty=price)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the ELBO less the price, (B,) nats."""
        return terms.elbo if terms.penalty is None else terms.elbo - terms.penalty
