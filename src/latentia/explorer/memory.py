"""A fitted model and arrays in memory as a page shows them: no run folder is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

import numpy as np

from latentia.data import Data
from latentia.errors import UsageError
from latentia.estimator._conditions import fitting, read
from latentia.estimator.base import Estimator
from latentia.explorer.subject import MOST, Array, Subject
from latentia.view import tensor_of

__all__ = ["Memory", "subject_of"]


@final
class Memory:
    """What a page asks of a run, of a model that is in no folder.

    Arguments:
        model: The fitted model.
    """

    path = None

    def __init__(self, model: Estimator) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's class, in words that stand above a page."""
        return self._model.kind

    def metrics(self) -> list[dict[str, Any]]:
        """Return the history of its training."""
        return list(self._model.history_)

    def evaluations(self) -> dict[str, dict[str, Any]]:
        """Return nothing: what was measured stands in folders."""
        return {}

    def snapshots(self) -> list[tuple[int, Path]]:
        """Return nothing: weights of epochs are kept in folders."""
        return []


def subject_of(model: Estimator, X: Any = None, labels: Any = None) -> Subject:
    """Return a model with examples for a page.

    Arguments:
        model: A fitted model; one of p(x|c) under conditions (`given`), or with `labels` that are
            its condition.
        X: Examples (n, ...) such as those of `fit`, or None; the first 100,000 are shown.
        labels: Their classes (n,), of any type, or None.

    Raises:
        DataError: if X is not of the model's shape, or labels are not as many.
        UsageError: if there are labels and no X, or a model of p(x|c) lacks c.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> subject = subject_of(lt.VAE(2, max_epochs=1).fit(X), X[:50], y[:50])
        >>> subject.count, len(subject.labels)
        (50, 10)
    """
    schema, run = model.schema_, Memory(model)
    if X is None:
        if labels is not None:
            raise UsageError(
                "There are labels, and no examples that have them.",
                where="labels",
                how="Give X too: lt.explore(model, X, labels).",
            )
        return Subject(run=run, model=model, x=np.empty((0, *schema.shape), np.float32))
    data = Data.from_array(X, labels, like=schema)
    n = min(len(data), MOST)
    return Subject(
        run=run,
        model=model.under(None),
        x=data.x[:n],
        y=None if labels is None or data.y is None else data.y[:n],
        labels=() if labels is None else data.schema.labels,
        source="X",
        split="all",
        rows=np.arange(n),
        c=_conditions(model, labels, len(data), n),
        total=len(data),
    )


def _conditions(model: Estimator, labels: Any, total: int, n: int) -> Array | None:
    """Return the conditions of examples (n, C); None of a model without, or where none is said."""
    schema = model.schema_
    if not schema.conditions:
        return None
    known = model.condition_
    c = None if known is None else known.cpu().numpy()
    if c is None and labels is not None and [one.name for one in schema.conditions] == ["label"]:
        c = read(labels, schema)
    if c is None:
        if model.model_.is_open:
            return None
        raise UsageError(
            "This is a model of p(x|c), and nothing says the c of X.",
            where="lt.explore(model, X)",
            how="Give it: lt.explore(model.given(c), X).",
        )
    fitting(tensor_of(c), total)
    return np.broadcast_to(c, (total, c.shape[1]))[:n]
