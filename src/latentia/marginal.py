r"""The sum over classes: examples of unknown class, under every class that they may have.

    log p(x)  >=  sum_y q(y|x) [ ELBO(x|y) + log p(y) - log q(y|x) ]
               =  E_q(y|x)[reconstruction(x|y)]  -  E_q(y|x)[KL(q(z|x,y) || p(z|y))]
                                                 -  KL(q(y|x) || p(y))

An example of known class stands under that one alone, with q(y|x) in its place:

    log p(x, y)  >=  ELBO(x|y) + log p(y)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from latentia.model import LatentVariableModel, Terms

__all__ = ["Rows", "over_classes", "spread"]

# Rows that are decoded at once, where nothing is differentiated.
_TOGETHER = 5000


class Rows(NamedTuple):
    """B examples as R rows, one for each class that an example may have.

    Arguments:
        example: Which example each row is of, (R,).
        c: Under which class, one-hot, (R, C).
        log_q: log q(y|x), (R,) nats; 0 where the class is known.
        log_p: log p(y), (R,) nats.
        n: B.
    """

    example: Tensor
    c: Tensor
    log_q: Tensor
    log_p: Tensor
    n: int

    def mean(self, each: Tensor) -> Tensor:
        """Return E_q(y|x) of numbers of rows: from (R, ...) to (B, ...)."""
        weight = self.log_q.exp().reshape(-1, *[1] * (each.dim() - 1))
        # A class beside which the others leave nothing counts nothing, whatever is under it.
        weighed = torch.where(weight > 0, weight * each, torch.zeros_like(each))
        place = self.example * self.c.shape[1] + self.c.argmax(1)
        table = weighed.new_zeros(self.n * self.c.shape[1], *each.shape[1:])
        # Every row has a place of its own, so that the order of the sum is always the same.
        return table.index_copy(0, place, weighed).reshape(self.n, -1, *each.shape[1:]).sum(1)

    def bound(self, nats: Tensor) -> Tensor:
        """Return E_q(y|x)[nats + log p(y) - log q(y|x)], (B,), of bounds on log p(x|y), (R,)."""
        return self.mean(nats + self.log_p - self.log_q)

    def joined(self, terms: Terms) -> Terms:
        """Return the terms of the examples, each (1, B), of those of the rows (K, R).

        What they are a mean of stands in `Terms.rows` and `Terms.under`.
        """
        of_class = self.mean(self.log_q - self.log_p)
        per_dim = terms.kl_per_dim
        return Terms(
            log_px_z=self.mean(terms.reconstruction)[None],
            log_pz=self.mean(terms.log_pz.mean(0) + self.log_p)[None],
            log_qz_x=self.mean(terms.log_qz_x.mean(0) + self.log_q)[None],
            kl=self.mean(terms.regularization) + of_class,
            kl_per_dim=None if per_dim is None else self.mean(per_dim),
            kl_of_class=of_class,
            rows=self,
            under=terms,
        )


def spread(model: LatentVariableModel, x: Tensor, c: Tensor | None = None) -> Rows:
    """Return the rows of examples: one for a class that is known, one for each where it is not.

    Arguments:
        model: A model with `labels`.
        x: What the classifier sees, (B, *x_shape).
        c: Classes, one-hot, (B, C), NaN where unknown; None where all are.
    """
    labels = model.labels
    assert labels is not None
    q, p = labels(x), labels.prior()
    known = torch.zeros_like(q.logits) if c is None else c.nan_to_num(nan=0.0)
    unknown = known.sum(1, keepdim=True) == 0
    example, y = ((known > 0) | unknown).nonzero(as_tuple=True)
    log_q = q.logits[example, y] * unknown[example, 0]
    return Rows(example, _one_hot(y, labels.classes, x), log_q, p.logits[y], len(x))


@torch.no_grad()
def over_classes(
    model: LatentVariableModel, x: Tensor, seen: Tensor, samples: int
) -> tuple[Terms, Tensor]:
    """Return the terms of the bound on log p(x), whatever the class, and E_q[z|x] (B, L).

    Arguments:
        model: A model with `labels`.
        x: Examples, (B, *x_shape).
        seen: What the encoder and the classifier see, the same or a corrupted copy.
        samples: K, draws of z for each class.
    """
    assert model.labels is not None
    parts, means = [], []
    size = max(1, _TOGETHER // model.labels.classes)
    for part, see in zip(x.split(size), seen.split(size), strict=True):  # type: ignore[no-untyped-call]
        rows = spread(model, see)
        with model.given(rows.c):
            q = model.posterior(see[rows.example])
            terms = model.terms(part[rows.example], q.rsample(torch.Size([samples])), q)
        parts.append(rows.joined(terms)._replace(rows=None, under=None))
        means.append(rows.mean(q.mean))
    return _together(parts), torch.cat(means)


def _together(parts: list[Terms]) -> Terms:
    """Return the terms of all examples of those of some after the other."""
    first = parts[0]
    found: dict[str, Any] = {
        name: torch.cat([getattr(part, name) for part in parts], dim=1 if at < 3 else 0)
        for at, name in enumerate(Terms._fields)
        if getattr(first, name) is not None
    }
    return first._replace(**found)


def _one_hot(y: Tensor, classes: int, x: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(y, classes).to(x.dtype)
