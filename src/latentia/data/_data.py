"""A data set in memory: examples, labels, schema, and the explicit parts that a run uses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._columns import described
from latentia.data._conditions import Condition, encoded, learned
from latentia.data._infer import examine
from latentia.data._raw import Raw
from latentia.data._schema import Schema
from latentia.data._table import raw_of_frame
from latentia.data._wanted import Wanted
from latentia.errors import DataError, UsageError

__all__ = ["Data"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Data:
    """Examples with the schema that says what they are.

    Arguments:
        x: Examples (n, *schema.shape), C-contiguous, uint8 or float32; float64 where the schema
            has an offset.
        y: Class indices into `schema.labels` (n,), int64, -1 where unknown; None without labels.
        schema: What one example is.
        notes: What was skipped, converted or dropped on the way in, and why.
        n_official_test: So many of the last rows are the official test set.
        names: What the examples are called, such as files of a folder; empty where they have none.
        beside: What is known of every example and is no part of x, by name, (n,) each: columns of
            a table that were asked for as conditions, or the factors that a picture was made of.
        c: The conditions (n, C), float32, of `schema.conditions`, NaN where a class is unknown;
            None without.
    """

    x: Array
    y: Array | None
    schema: Schema
    notes: tuple[str, ...] = ()
    n_official_test: int = 0
    names: tuple[str, ...] = ()
    beside: dict[str, Any] = field(default_factory=dict)
    c: Array | None = None

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def from_array(
        cls, x: Any, y: Any = None, *, name: str = "array", like: Schema | None = None
    ) -> Data:
        """Take an array or data frame in: infer what it is, validate it, and say what was done.

        Arguments:
            x: Examples (n, D), (n, H, W), (n, H, W, C) or (n, C, H, W), or a data frame.
            y: Labels (n,) of any type, or None.
            name: What messages call the data.
            like: A schema that the data must have (a trained model's), instead of inferring one.

        Raises:
            DataError: if the data cannot be learned from; the message says what, where and how.

        Example:
            >>> Data.from_array(np.eye(12, dtype="uint8")).schema.kind
            'binary'
        """
        return cls.taken(x, y, name=name, wanted=Wanted(like=like))

    @classmethod
    def taken(cls, x: Any, y: Any = None, *, name: str = "array", wanted: Wanted) -> Data:
        """Do what `from_array` does, with all that can be asked for."""
        if (wanted.columns or wanted.drop) and not _is_frame(x):
            raise UsageError(
                "Columns are chosen by name, and only a table has names.",
                where="columns, drop",
                how="Choose by index before: x[:, [0, 2]], or np.delete(x, 1, axis=1).",
            )
        if isinstance(x, Data):
            if y is None and wanted == Wanted():
                return x
            name = x.schema.name
        return cls.from_raw(
            _raw_of(x, y, name, wanted), name=name, source=_source(x), like=wanted.like
        )

    @classmethod
    def model_array_of(cls, x: Any, like: Schema) -> Array:
        """Return what `from_array(x, like=like).model_array()` does, and measure nothing.

        Arguments:
            x: Examples, as for `from_array`.
            like: The schema that they must have.

        Returns:
            (n, C, H, W) or (n, D), of the schema's type.

        Raises:
            DataError: if they have another.
        """
        raw = _raw_of(x, None, "array", Wanted(like=like))
        found = examine(raw, name="array", source=_source(x), like=like, measured=False)
        return found.schema.to_model(found.x)

    @classmethod
    def from_raw(cls, raw: Raw, *, name: str, source: str, like: Schema | None = None) -> Data:
        """Check what a reader found and find out what it is.

        Arguments:
            raw: The numbers, labels and notes of the reader.
            name: The data set's name.
            source: Where it was found, for messages.
            like: The schema that the numbers must have; without one it is inferred.

        Raises:
            DataError: if the data cannot be learned from.
        """
        return cls(*examine(raw, name=name, source=source, like=like))

    def under(self, conditions: Iterable[str] | Mapping[str, Any]) -> Data:
        """Return the same examples as those of p(x|c).

        Arguments:
            conditions: Names: `label`, or columns of a table that were read as conditions; or
                values (n,) by name.

        Raises:
            UsageError: if there is no condition of that name.
            DataError: if one of several, or a number, is not known of every example; or one says
                nothing.

        Example:
            >>> data = Data.from_array(np.eye(12), ["a", "b"] * 6).under(["label"])
            >>> data.c.shape, data.schema.conditions[0].classes
            ((12, 2), ('a', 'b'))
        """
        if isinstance(conditions, Mapping):
            given = dict(conditions)
        else:
            names = [conditions] if isinstance(conditions, str) else list(conditions)
            given = {name: self._values_of(name) for name in names}
        if not given:
            return self
        known = {condition.name: condition for condition in self.schema.conditions}
        found = tuple(known.get(name) or self._condition(name, v) for name, v in given.items())
        c = encoded(found, given, len(self), missing=True)
        if len(found) > 1:
            _require_known(found, given)
        same = self.c is not None and np.array_equal(c, self.c, equal_nan=True)
        if same and found == self.schema.conditions:
            return self
        digest = hashlib.sha256(self.schema.sha256.encode() + np.ascontiguousarray(c).data)
        schema = replace(self.schema, conditions=found, sha256=digest.hexdigest())
        return replace(self, schema=schema, c=c)

    def partly(self) -> Data:
        """Return the same data, their class being one that need not be known of every example.

        Raises:
            UsageError: if there is no condition, several, or one that is a number.

        Example:
            >>> data = Data.from_array(np.eye(12), ["a", "b"] * 6).under(["label"]).partly()
            >>> data.schema.conditions[0].partly
            True
        """
        conditions = self.schema.conditions
        if len(conditions) != 1 or not conditions[0].classes:
            named = ", ".join(map(str, conditions)) or "none"
            raise UsageError(
                f"Only a single condition that is a class can be unknown of some examples; "
                f"there is: {named}.",
                where="--condition, --labelled",
                how="Name one of classes: --condition label.",
            )
        schema = replace(self.schema, conditions=(replace(conditions[0], partly=True),))
        return replace(self, schema=schema)

    def has(self, conditions: Iterable[str]) -> bool:
        """Whether the data have all of these conditions, and there are any."""
        names = list(conditions)
        labels = {"label"} if self.y is not None else set()
        return bool(names) and set(names) <= {*self.beside, *labels}

    def _condition(self, name: str, values: Any) -> Condition:
        found = learned(name, values)
        # Labels have an order of their own.
        same = set(found.classes) == set(self.schema.labels)
        return replace(found, classes=self.schema.labels) if same and found.classes else found

    def _values_of(self, name: str) -> Any:
        """Return the values (n,) of a condition that the data have."""
        if name in self.beside:
            return self.beside[name]
        if name == "label" and self.y is not None:
            return np.array([*self.schema.labels, ""], dtype=object)[self.y]
        there = [*self.beside, *(["label"] if self.y is not None else [])]
        raise UsageError(
            f"These data have nothing called {name!r} that could be a condition.",
            where=f"--condition {name}",
            how=f"There are: {', '.join(there)}." if there else "They have no labels.",
        )

    def _raw(self, y: Any, wanted: Wanted) -> Raw:
        """Go back to what a reader hands over, with other labels or the columns of a schema."""
        schema = self.schema
        raw = Raw(
            self.x,
            self.y if y is None else y,
            schema.columns,
            labels=schema.labels if y is None else (),
            n_official_test=self.n_official_test,
            notes=list(self.notes),
            names=self.names,
            white=schema.white,
            beside=self.beside,
        )
        columns = wanted.named
        if columns and set(columns) <= set(schema.columns):
            raw.x = self.x[:, [schema.columns.index(column) for column in columns]]
            raw.columns = columns
        return raw

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the content's hash."""
        return self.schema.sha256[:16]

    def describe(self) -> list[dict[str, Any]]:
        """Describe the columns of a table or of real vectors; nothing of images and their pixels.

        Returns:
            For each its `name`, `kind`, `low`, `high` and the share that is `missing`.

        Example:
            >>> Data.from_array(np.linspace(0, 9, 40).reshape(20, 2)).describe()[1]["kind"]
            'real'
        """
        pixels = not self.schema.columns and self.schema.kind in ("bytes", "binary")
        return [] if self.schema.is_image or pixels else described(self.x, self.schema)

    def model_array(self) -> Array:
        """Return the examples as networks take them: (n, C, H, W) or (n, D), dtype unchanged."""
        return self.schema.to_model(self.x)

    def split(
        self,
        *,
        validation: float | None = None,
        test: float | None = None,
        seed: int = 0,
    ) -> dict[str, Array]:
        """Divide the rows into training, validation and test parts that never overlap.

        Arguments:
            validation: Rows (a whole number) or share of the rows (below 1) kept for choosing the
                model; by default 5,000 if the training part has at least 50,000 rows, else 10%.
            test: Rows or share kept for the final numbers; by default the official test set where
                there is one, else 10%. With an official test set, a part of that set.
            seed: Seed of this division alone, so that runs with other seeds share their parts.

        Returns:
            Row indices `train`, `validation` and `test`, each int64 and not empty.

        Raises:
            UsageError: if no row would be left to train on.

        Example:
            >>> parts = Data.from_array(np.eye(30)).split()
            >>> {name: len(rows) for name, rows in parts.items()}
            {'train': 24, 'validation': 3, 'test': 3}
        """
        rng = np.random.default_rng([seed, 0x5A17])  # never the stream of the training seed
        n, official = len(self.x), self.n_official_test
        body = n - official
        order = rng.permutation(body)
        if official:
            tested = np.arange(body, n)
            if test is not None:
                tested = rng.permutation(tested)[: _rows(test, official, "test")]
        else:
            n_test = _rows(0.1 if test is None else test, n, "test")
            tested, order = order[:n_test], order[n_test:]
        if validation is None:
            validation = 5000 if len(order) >= 50_000 else 0.1
        n_valid = _rows(validation, body, "validation")
        if n_valid >= len(order):
            raise UsageError(
                f"{n} examples leave none to train on: {len(tested)} for test, "
                f"{n_valid} for validation.",
                where="--validation, --test",
                how="Ask for smaller parts.",
            )
        return {"train": order[n_valid:], "validation": order[:n_valid], "test": tested}


def _require_known(conditions: tuple[Condition, ...], given: Mapping[str, Any]) -> None:
    """Refuse a class that is unknown somewhere where there are other conditions."""
    for one in conditions:
        absent = np.isnan(one.encode(given[one.name], missing=True)[:, 0])
        if one.partly and absent.any():
            raise DataError(
                f"Condition {one.name!r} is not known of {int(absent.sum())} of {len(absent)} "
                f"examples, and it is one of {len(conditions)}.",
                where=f"--condition {one.name}, first at row {int(np.flatnonzero(absent)[0])}",
                how="A class can be unknown where it is the only condition; leave the others out, "
                "or these examples.",
            )


def _is_frame(x: Any) -> bool:
    return hasattr(x, "columns") or hasattr(x, "__arrow_c_stream__")


def _source(x: Any) -> str:
    return x.schema.source if isinstance(x, Data) else "memory"


def _raw_of(x: Any, y: Any, name: str, wanted: Wanted) -> Raw:
    if isinstance(x, Data):
        return x._raw(y, wanted)
    if _is_frame(x):
        return raw_of_frame(x, y, name=name, wanted=wanted)
    if hasattr(x, "toarray"):
        raise DataError(
            "The data are a sparse matrix.", where=name, how="Make them dense: x.toarray()."
        )
    return Raw(x, y)


def _rows(part: float, n: int, what: str) -> int:
    """Turn a number of rows or a share into a number of rows, at least one."""
    if part <= 0 or (part >= 1 and part != int(part)):
        raise UsageError(
            f"{part} is no size for the {what} part.",
            where=f"--{what}",
            how="Give a whole number of rows, or a share between 0 and 1.",
        )
    wanted = round(part * n) if part < 1 else int(part)
    if wanted > n:
        raise UsageError(
            f"The {what} part cannot have {wanted} rows: there are {n}.",
            where=f"--{what}",
            how="Ask for fewer rows, or give a share between 0 and 1.",
        )
    return max(1, wanted)
