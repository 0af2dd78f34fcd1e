"""What a model that tells classes from x tells of labelled examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from latentia.command._inputs import Examples
    from latentia.estimator.base import Estimator

__all__ = ["accuracy_of", "classes", "predicted"]


def classes(model: Estimator, found: Examples) -> dict[str, Any]:
    """Return how well q(y|x) tells the classes of examples, under `classes`; else nothing.

    Arguments:
        model: The model of a run.
        found: Examples; those whose class is known count, also where training did not know it.
    """
    from latentia.estimator.semi_supervised_vae import SemiSupervisedVAE

    if not isinstance(model, SemiSupervisedVAE) or found.c is None:
        return {}
    known = ~np.isnan(found.c).any(axis=1)
    if not known.any():
        return {}
    q, y = model.predict_proba(found.x[known]).astype(np.float64), found.c[known].argmax(1)
    right = (q.argmax(1) == y).mean()
    told = np.log(np.maximum(q[np.arange(len(y)), y], np.finfo(np.float32).tiny))
    numbers = {
        "name": model.schema_.conditions[0].name,
        "n": len(y),
        "accuracy": float(right),
        "standard_error": float(np.sqrt(right * (1 - right) / len(y))),
        "cross_entropy": float(-told.mean()),
    }
    return {"classes": numbers}


def accuracy_of(found: dict[str, Any]) -> str:
    """Return the line that tells of it."""
    return (
        f"  accuracy         {found['accuracy']:10.2%} of {found['n']} labelled examples, "
        f"standard error {found['standard_error']:.2%}; "
        f"-log q(y|x) is {found['cross_entropy']:.3f} nats"
    )


def predicted(model: Estimator, x: Any) -> dict[str, Any]:
    """Return the columns of the predicted class and its probability (n,); else nothing."""
    from latentia.estimator.semi_supervised_vae import SemiSupervisedVAE

    if not isinstance(model, SemiSupervisedVAE):
        return {}
    q = model.predict_proba(x)
    return {"predicted": model.classes_[q.argmax(1)].astype(str), "probability": q.max(1)}
