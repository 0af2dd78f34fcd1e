"""Any objective of p(x|y), of examples of which only some have a label."""

from __future__ import annotations

from math import inf
from typing import NamedTuple, final

import torch
from torch import Tensor

from latentia.errors import DataError, UsageError
from latentia.marginal import spread
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective
from latentia.objective.elbo import ELBO
from latentia.view import Examples

__all__ = ["Labelled", "Labelling"]


class Labelling(NamedTuple):
    """How a classifier is taught.

    Arguments:
        alpha: Weight of log q(y|x), averaged over labelled examples, beside the bound, averaged
            over all.
        labels_first: Epochs in which labels alone teach q(y|x); from then on the bounds do too.
    """

    alpha: float = 1.0
    labels_first: float = 10.0


@final
class Labelled(Objective):
    r"""An objective L(x|y) where the class is known, its sum over classes where it is not.

    .. math:: J(x, y) = L(x|y) + \log p(y), \quad
        J(x) = \sum_y q(y|x) \big[L(x|y) + \log p(y) - \log q(y|x)\big], \quad
        \bar J + \alpha\, \overline{\log q(y|x)}

    The bounds are averaged over all examples, log q(y|x) over those with a label: it is what
    teaches the classifier from labels, and stands in no bound. While training, a step takes it
    from labelled examples of its own, as many as a batch has or as there are, so that a hundred
    labels among fifty thousand examples are heard in every step.

    At first labels alone teach the classifier: the bounds take its word, and it not theirs. Those
    of an untrained p(x|y) say nothing of classes, and are large: they would spoil it.

    Arguments:
        inner: The objective of p(x|y).
        labelled: The training examples with a label, and their classes.
        share: The share of the training examples that they are.
        how: How the classifier is taught.

    References:
        Kingma, Rezende, Mohamed and Welling, "Semi-supervised learning with deep generative
        models" (M2), 2014, whose alpha is 0.1 N for N examples, of which bounds are summed.
    """

    def __init__(
        self,
        inner: Objective,
        labelled: Examples,
        *,
        share: float,
        how: Labelling,
    ) -> None:
        for name, value in how._asdict().items():
            if not 0 <= value < inf:
                flag = f"--{name.replace('_', '-')}"
                raise UsageError(
                    f"{value} cannot be: it is a number from 0.",
                    where=f"{flag} {value}",
                    how=f"Use {flag} 0 or more.",
                )
        self.inner, self.labelled, self.share, self.how = inner, labelled, share, how
        self.samples, self.settles = inner.samples, max(inner.settles, how.labels_first)

    @classmethod
    def of(cls, inner: Objective, train: Examples, how: Labelling) -> Labelled:
        """Return the objective of training examples whose classes (n, C) are NaN where unknown.

        Arguments:
            inner: The objective of p(x|y).
            train: The training examples.
            how: How the classifier is taught.

        Raises:
            DataError: if none of them has a label.
        """
        assert train.c is not None
        known = train.index[~train.c[train.index].isnan().any(1)]
        if not len(known):
            raise DataError(
                "No example of the training part has a label.",
                where="--condition",
                how="Label some of each class, or train a model of p(x) without conditions.",
            )
        labelled = Examples(train.stored, train.view, known, c=train.c)
        return cls(inner, labelled, share=len(known) / len(train), how=how)

    @property
    def reason(self) -> str:
        """What there is to learn classes from, in a sentence."""
        count, n = len(self.labelled), round(len(self.labelled) / self.share)
        return (
            f"{count} of {n} training examples have one; alpha {self.how.alpha:g} is the weight "
            f"of their log q(y|x), which alone teaches q for {self.how.labels_first:g} epochs"
        )

    @property
    def compiles(self) -> bool:
        """Never: how many rows a batch has depends on its labels."""
        return False

    @property
    def records(self) -> bool:
        """Never, for the same reason."""
        return False

    def require(self, model: LatentVariableModel) -> None:
        """Refuse what has no p(x|y) to sum, or is learned from a batch as a whole.

        Raises:
            UsageError: if classes could not be weighed, or rows of every class would count alike.
        """
        self.inner.require(model)
        if not model.bounds_evidence:
            raise UsageError(
                "Where a class is unknown the bounds on log p(x|y) are weighed, and this model "
                "has none: its posterior is a point, or its prior does not integrate to one.",
                where="--condition, --posterior",
                how="Use --posterior gaussian, or give every example its label.",
            )
        free = isinstance(self.inner, ELBO) and self.inner.free_bits > 0
        if self.inner.of_batches or free:
            raise UsageError(
                "This objective looks at the mean over a batch, in which an example of unknown "
                "class stands once under every class, the impossible ones too.",
                where="--objective",
                how="Use --objective elbo without free bits, or iwae.",
            )
        if model.posterior.commits:
            raise UsageError(
                "A codebook follows the codes of a batch, in which an example of unknown class "
                "stands once under every class, the impossible ones too.",
                where="--posterior",
                how="Use --posterior gaussian or categorical.",
            )
        if model.likelihood.adapts:
            raise UsageError(
                "An optimal sigma is the error over a batch, in which an example of unknown class "
                "stands once under every class, the impossible ones too.",
                where="--likelihood.sigma",
                how="Use --likelihood gaussian --likelihood.sigma learned.",
            )

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms of the examples, with -alpha log q(y|x) of labels as the penalty.

        Arguments:
            model: The model, under the classes of the batch, NaN where unknown, or under none.
            x: Examples, (B, *x_shape).
            given: What the encoder and the classifier see instead of x, or None.
        """
        seen = x if given is None else given
        rows = spread(model, seen, model.c)
        corrupted = None if given is None else given[rows.example]
        with model.given(rows.c):
            under = self.inner.terms(model, x[rows.example], given=corrupted)
        told = self._taught(model, len(x)) if model.training else self._told(model, seen)
        return rows.joined(under)._replace(penalty=-self.how.alpha * told)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the objective of each example, (B,) nats."""
        assert terms.rows is not None and terms.under is not None and terms.penalty is not None
        rows = terms.rows
        if epoch < self.how.labels_first:
            rows = rows._replace(log_q=rows.log_q.detach())
        return rows.bound(self.inner(terms.under, epoch)) - terms.penalty

    def _taught(self, model: LatentVariableModel, n: int) -> Tensor:
        """Return the mean of log q(y|x) over labelled training examples, (n,) times the same."""
        count, place = len(self.labelled), self.labelled.index.device
        every = torch.arange(count, device=place)
        some = every if count <= n else torch.randint(count, (n,), device=place)
        c = self.labelled.conditions(some)
        assert c is not None
        return _log_q(model, self.labelled.read(some), c).mean().expand(n)

    def _told(self, model: LatentVariableModel, seen: Tensor) -> Tensor:
        """Return log q(y|x) of those of a batch that have a label, over their share; else 0."""
        if model.c is None:
            return seen.new_zeros(len(seen))
        known = ~model.c.isnan().any(1)
        return _log_q(model, seen, model.c.nan_to_num()).where(known, 0.0) / self.share


def _log_q(model: LatentVariableModel, x: Tensor, c: Tensor) -> Tensor:
    """Return log q(y|x) of x (B, *x_shape) for classes c (B, C), (B,) nats."""
    assert model.labels is not None
    logits: Tensor = model.labels(x).logits
    return (logits * c).sum(1)
