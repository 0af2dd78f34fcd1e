"""How a model uses its codes: all classes of a choice, or a few."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["CodeUse", "code_use"]


class CodeUse(NamedTuple):
    """The use of codes that are some choices of one of several classes each.

    Arguments:
        choices: G, how many choices.
        classes: C, of how many each.
        perplexity: How many classes of C a choice uses, if it used them equally; between 1 and C.
        distinct: How many different codes n examples have.
    """

    choices: int
    classes: int
    perplexity: float
    distinct: int


def code_use(mean: Tensor, choices: int) -> CodeUse:
    r"""Return how n examples use their codes.

    .. math:: \exp\Big(-\frac{1}{G} \sum_g \sum_k \bar q_{gk} \log \bar q_{gk}\Big), \quad
        \bar q_{gk} = E_x[q(z_{gk} = 1|x)]

    G times the logarithm of this perplexity is what the codes would cost, in nats, under the best
    prior of independent choices.

    Arguments:
        mean: The posterior means, the probabilities of the classes, (n, G C).
        choices: G.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning", 2017.

    Example:
        >>> code_use(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 1)
        CodeUse(choices=1, classes=3, perplexity=2.0, distinct=2)
    """
    each = mean.double().reshape(len(mean), choices, -1)
    share = each.mean(0)
    entropy = -share.xlogy(share).sum(-1).mean()
    distinct = len(torch.unique(each.argmax(-1), dim=0))
    return CodeUse(choices, each.shape[-1], float(entropy.exp()), distinct)
