"""What an experiment is: a claim, the checks that it must pass, and a figure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latentia.lab._bench import Bench

__all__ = ["Check", "Experiment", "Finding", "Verdict", "verdict"]

Verdict = Literal["confirmed", "refuted", "undecided"]

# A difference of fewer standard errors than this decides nothing.
_SURE = 2.0


class Check(NamedTuple):
    """A measured number, and the bound that it must be above (or below) for the claim to hold.

    Arguments:
        what: What was measured, as a sentence without a full stop.
        value: The number.
        relation: Whether it must be above or below the bound.
        bound: The bound.
        error: Standard error of value - bound; 0 where nothing was sampled.
        unit: Unit of value and bound, such as `nats`.
    """

    what: str
    value: float
    relation: Literal[">", "<"]
    bound: float
    error: float = 0.0
    unit: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the bound holds, by more than two standard errors.

        Example:
            >>> Check("heads", 0.55, ">", 0.5, error=0.05).verdict
            'undecided'
        """
        margin = self.value - self.bound if self.relation == ">" else self.bound - self.value
        # Written so that NaN decides nothing.
        if margin > _SURE * self.error:
            return "confirmed"
        # An exact number that only equals its bound is not beyond it.
        missed = margin < -_SURE * self.error or (margin == 0 and self.error == 0)
        return "refuted" if missed else "undecided"


@dataclass(frozen=True)
class Finding:
    """What an experiment found.

    Arguments:
        checks: The checks, of which every one must hold for the claim to.
        numbers: More numbers that the tutorial tells, JSON-able.
        picture: Whatever `draw` needs besides; not written down.
    """

    checks: Sequence[Check]
    numbers: dict[str, Any] = field(default_factory=dict)
    picture: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Confirmed if all checks are, refuted if one is, else undecided."""
        return verdict([check.verdict for check in self.checks])


def verdict(each: Sequence[Verdict]) -> Verdict:
    """Return the verdict on a claim whose parts have verdicts of their own.

    Example:
        >>> verdict(["confirmed", "undecided"])
        'undecided'
    """
    if "refuted" in each:
        return "refuted"
    return "confirmed" if each and set(each) == {"confirmed"} else "undecided"


class Experiment(ABC):
    """A claim put to the test. The first sentence of the class is the claim."""

    @abstractmethod
    def run(self, bench: Bench) -> Finding:
        """Measure.

        Arguments:
            bench: Data, trained models and the seed of everything random.
        """

    @abstractmethod
    def draw(self, finding: Finding) -> Figure:
        """Draw what was found, within the house's style."""
