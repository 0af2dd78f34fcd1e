"""A single code: what an encoder that rounds returns."""

from __future__ import annotations

from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints, register_kl

from latentia.distribution.autoregressive_codes import Autoregressive
from latentia.distribution.one_hots import OneHots
from latentia.distribution.space import require_same_choices

__all__ = ["Quantized", "Strayed"]


class Strayed(NamedTuple):
    """What was rounded to words of a codebook, and the words.

    Arguments:
        rest: What was given to each of M rounds for each of P vectors, (..., P, M, D).
        words: What it was rounded to, (..., P, M, D).
        learned: Whether the words are drawn to it by a gradient.
    """

    rest: Tensor
    words: Tensor
    learned: bool

    @property
    def commitment(self) -> Tensor:
        """Squared distance of what was given from the words, which stay, (...)."""
        return (self.rest - self.words.detach()).square().sum((-1, -2, -3))

    @property
    def codebook(self) -> Tensor:
        """Squared distance of the words from what was given, which stays; 0 if not learned."""
        if not self.learned:
            return torch.zeros_like(self.rest[..., 0, 0, 0])
        return (self.rest.detach() - self.words).square().sum((-1, -2, -3))


@final
class Quantized(Distribution):
    r"""All mass on one code: in each of G groups one of C classes, written as OneHots are.

    .. math:: q(z|x) = [z = z(x)], \quad \log q(z(x)|x) = 0

    Codes can be counted, so this is a probability like any other, and with it log p(x|z) +
    log p(z) is a true lower bound of log p(x), in nats. It gives every other code 0, though, so
    that importance weights are all the same and their mean is no estimate of p(x).

    A code has no derivative. What was rounded hands its own to whatever is decoded by `carry`.

    Arguments:
        codes: The class of each group, whole numbers, (..., G).
        classes: C.
        encoded: What was rounded, (..., E).
        strayed: What lies between what was rounded and the words of a codebook, if it was to
            those.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning", 2017.

    Example:
        >>> q = Quantized(torch.tensor([[2, 0]]), 3, torch.tensor([[0.9, 0.1]]))
        >>> q.mean, q.log_prob(q.mean)
        (tensor([[0., 0., 1., 1., 0., 0.]]), tensor([0.]))
    """

    arg_constraints: dict[str, constraints.Constraint] = {}  # noqa: RUF012
    support = constraints.independent(constraints.boolean, 1)  # type: ignore[no-untyped-call]
    has_rsample = True

    def __init__(
        self,
        codes: Tensor,
        classes: int,
        encoded: Tensor,
        strayed: Strayed | None = None,
    ) -> None:
        self.codes, self.classes, self.encoded = codes, classes, encoded
        self.groups, self.strayed = codes.shape[-1], strayed
        ones = codes[..., None] == torch.arange(classes, device=codes.device)
        self.one_hots = ones.to(encoded.dtype).flatten(-2)
        event = torch.Size([self.groups * classes])
        super().__init__(codes.shape[:-1], event, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The code, (..., G C)."""
        return self.one_hots

    @property
    def variance(self) -> Tensor:
        """Zero, (..., G C)."""
        return torch.zeros_like(self.one_hots)

    @property
    def carry(self) -> Tensor:
        """Zero, with the derivative of what was rounded (straight-through), (..., E).

        References:
            Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
            neurons for conditional computation", 2013.
        """
        return self.encoded - self.encoded.detach()

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Return the code, repeated."""
        return self.one_hots.expand(self._extended_shape(torch.Size(sample_shape)))

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Return the code, repeated; it has no derivative."""
        return self.sample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return 0 nats for the code and minus infinity for any other."""
        here = (value == self.one_hots).all(-1)
        zero = torch.zeros_like(value[..., 0])
        return torch.where(here, zero, torch.full_like(zero, -torch.inf))


@register_kl(Quantized, OneHots)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_quantized_one_hots(q: Quantized, p: OneHots) -> Tensor:
    """Return -log p(z) of the only code there is."""
    require_same_choices(q.groups, q.classes, p.groups, p.classes)
    return -p.log_prob(q.one_hots)


@register_kl(Quantized, Autoregressive)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_quantized_autoregressive(q: Quantized, p: Autoregressive) -> Tensor:
    """Refuse other choices; else leave it to the draws, which all are the only code there is."""
    require_same_choices(q.groups, q.classes, p.groups, p.classes)
    raise NotImplementedError
