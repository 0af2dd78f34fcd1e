"""The estimator of log p(x) beside importance sampling: chosen, built and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from latentia.errors import UsageError

if TYPE_CHECKING:
    from latentia.evidence.base import EvidenceEstimator
    from latentia.model import LatentVariableModel

__all__ = ["Beside"]


class Beside(NamedTuple):
    """The estimator beside importance sampling, and how it is written down."""

    estimator: EvidenceEstimator | None = None
    written: dict[str, Any] = {}  # noqa: RUF012 - never changed

    @property
    def name(self) -> str:
        """What it is called; empty where there is none."""
        return str(self.written.get("name", ""))

    @classmethod
    def chosen(
        cls, model: LatentVariableModel, given: dict[str, Any] | None, no_likelihood: bool
    ) -> Beside:
        """Build the estimator asked for; the exact one where it is there for nothing."""
        from latentia import room

        if no_likelihood:
            return cls()
        if given is not None and "name" not in given:
            raise UsageError(
                f"Options of which estimator? {', '.join(given)}.",
                where="--evidence.*",
                how=f"Name it: --evidence {' or '.join(room.names('evidence'))}.",
            )
        written = room.spec("evidence", given or "exact")
        if written["name"] == "importance":
            raise UsageError(
                "Importance sampling is there already, and this would be the same numbers twice.",
                where="--evidence importance",
                how=f"Use --importance {written['samples']}, and another --evidence or none.",
            )
        estimator: EvidenceEstimator = room.build("evidence", written)
        try:
            estimator.require(model)
        except UsageError:
            if given is None:
                return cls()
            raise
        return cls(estimator, written)

    def require_sandwich(self, n: int) -> None:
        """Refuse a sandwich without the estimator that makes it."""
        if n and self.name != "annealed":
            raise UsageError(
                "Only annealed importance sampling runs from both sides.",
                where=f"--sandwich {n}",
                how=f"Use --evidence annealed --sandwich {n}.",
            )

    def sandwich(self, model: LatentVariableModel, n: int, seed: int) -> dict[str, Any]:
        """Bracket log p(x) of n examples drawn from the model; for `require_sandwich`'s one."""
        from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional

        assert isinstance(self.estimator, AnnealedImportanceSampling)
        return bidirectional(model, self.estimator, n, seed=seed).summary()
