"""What every operation says of itself: what it takes, what it can be told, what it gives back."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from latentia.app.limits import Limits
from latentia.app.spec import Spec
from latentia.errors import UsageError, in_words
from latentia.estimator.base import Estimator

__all__ = [
    "Alive",
    "Array",
    "Arrays",
    "Operation",
    "Options",
    "Portions",
    "at_once",
    "checked",
    "examples_told",
    "one_dimensional",
    "said_again",
    "total",
]

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
# Whether anybody still waits for the answer; asked between pieces of long work.
Alive = Callable[[], bool]
# Long work that stands still where other work may come between, and gives its arrays at last.
Portions = Generator[None, None, Arrays]


class Options(BaseModel):
    """What a request says beside its examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: str | int | float | list[Any] | dict[str, Any] | None = Field(
        None,
        description="Under which condition, of a model of p(x|c): a value for all rows, a list of "
        "one for each, or an object of these by name. In a query: NAME=VALUE,NAME=VALUE, or JSON.",
    )


class Operation(ABC):
    """One thing that the service does with the model: `POST /v1/NAME`.

    What needs no randomness is `together`: rows of several requests are worked on at once, and
    each row's numbers are its own. What draws runs alone, from its own seed, so that an answer
    never depends on who else asked.
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]]
    together: ClassVar[bool]
    options: ClassVar[type[Options]] = Options
    # Whether what it makes are examples, which can be shown.
    makes_examples: ClassVar[bool] = True
    # What a .npy of its answer holds.
    array_is: ClassVar[str] = "The examples, (n, ...)."
    # How many rows it takes, where that is fixed.
    exactly: ClassVar[int | None] = None
    # Which of its options an answer tells again.
    again: ClassVar[tuple[str, ...]] = ()
    # What is in an answer only where it means something.
    sometimes: ClassVar[tuple[str, ...]] = ()

    def count(self, rows: int, asked: Any, limits: Limits) -> int:
        """Return the rows of work that a request is.

        Arguments:
            rows: Rows that it brought.
            asked: Its options.
            limits: What it may ask for.

        Raises:
            UsageError: if it is too much.
        """
        return rows

    def notes(self, model: Estimator, x: Array) -> tuple[str, ...]:
        """Return what is to be known of its numbers for these examples; nothing by default.

        Arguments:
            model: The model; nothing is computed by it.
            x: Examples, (n, ...), of the schema's type.
        """
        return ()

    @abstractmethod
    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Do it.

        Arguments:
            model: The model, under the request's conditions.
            x: What it takes, (n, ...); (0,) where it takes nothing.
            asked: Its options.
            alive: Whether the answer is still waited for.

        Returns:
            Arrays by name; of an operation that is `together`, (n, ...) each.
        """

    def portions(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Portions:
        """Do it as `run` does, which is one portion where an operation does not say others."""
        yield from ()
        return self.run(model, x, asked, alive)

    @abstractmethod
    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the answer as an object, in which arrays may stand."""

    @abstractmethod
    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the JSON schema of each entry of `told`, by name, but of options `again`."""

    def array(self, found: Arrays) -> Array:
        """Return the answer as one array."""
        return found["x"]


def at_once(portions: Portions) -> Arrays:
    """Do all portions one after the other, and return what comes of them."""
    while True:
        try:
            next(portions)
        except StopIteration as end:
            found: Arrays = end.value
            return found


def said_again(asked: Options, names: tuple[str, ...]) -> dict[str, Any]:
    """Return options as an answer tells them again."""
    return {name: getattr(asked, name) for name in names}


def examples_told(x: Array, model: Estimator) -> dict[str, Any]:
    """Return examples as an answer tells them: with the names of a table's columns."""
    columns = model.schema_.columns
    return {"n": len(x), **({"columns": list(columns)} if columns else {}), "x": x}


def checked(options: type[Options], given: dict[str, Any], *, text: bool) -> Options:
    """Return options if they can be.

    Arguments:
        options: What there is.
        given: What was said.
        text: Whether every value is text, as those of a query are.

    Raises:
        UsageError: naming the first that cannot.

    Example:
        >>> checked(Options, {"condition": "label=7"}, text=True).condition
        'label=7'
    """
    try:
        return options.model_validate(given, strict=not text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "the options"
        known = ", ".join(options.model_fields)
        raise UsageError(
            _fault(name, first),
            where=name,
            how=_mended(name, first, known),
        ) from None


def _fault(name: str, fault: ErrorDetails) -> str:
    """Return what is wrong with an option, in one sentence."""
    if fault["type"] == "extra_forbidden":
        return f"There is no option {name!r} here."
    if fault["type"].endswith("_type") and len(fault["loc"]) > 1 and name == "condition":
        return "A condition is a value, a list of values, or an object of these by name."
    return f"{_said(fault['input'])} is not allowed for {name}: {in_words(fault).rstrip('.')}."


def _mended(name: str, fault: ErrorDetails, known: str) -> str:
    if fault["type"] == "extra_forbidden":
        return f"The options here are: {known}."
    return f"Send another {name}, or leave it out; the options here are: {known}."


def _said(value: Any) -> str:
    """Return a value as it was sent, as far as it is short."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."


def total(n: int, limits: Limits, name: str, how: str) -> int:
    """Return a number of rows if one request may ask for it.

    Arguments:
        n: The number.
        limits: What one request may ask for.
        name: The option that says it.
        how: How to get along with fewer.

    Raises:
        UsageError: if it is too many.
    """
    if n > limits.rows:
        raise UsageError(
            f"{n} rows are more than {limits.rows}, the most of one request.",
            where=name,
            how=how,
        )
    return n


def one_dimensional(*columns: Array | None, n: int) -> Array:
    """Return columns (n,) side by side, NaN where one is none: (n, k), float64."""
    return np.stack([np.full(n, np.nan) if c is None else c for c in columns], 1).astype(float)
