"""Operations that the page asks of the model's thread, and nobody over HTTP by their names."""

from __future__ import annotations

from typing import Any, ClassVar

from latentia.app.operation.base import Arrays, Operation
from latentia.app.spec import Spec
from latentia.estimator.base import Estimator

__all__ = ["Inner"]


class Inner(Operation):
    """An operation whose answer is its arrays; it runs alone."""

    together: ClassVar[bool] = False

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the arrays."""
        return dict(found)

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return nothing: no contract speaks of it."""
        return {}
