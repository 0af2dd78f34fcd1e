"""The schema of a data set: what its numbers are, which is what chooses likelihood and network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from latentia.data._blocks import is_mapped
from latentia.data._conditions import Condition
from latentia.errors import DataError

__all__ = ["Kind", "Layout", "Schema"]

Kind = Literal["binary", "bytes", "unit", "real"]
Layout = Literal["vector", "hw", "hwc", "chw"]


@dataclass(frozen=True)
class Schema:
    """What one example of a data set is.

    Arguments:
        name: The data set's name, e.g. `mnist5k` or a file's stem.
        source: Where it was found.
        kind: `binary` (every value 0 or 1), `bytes` (intensities 0..255), `unit` (floats within
            [0, 1]) or `real` (other numbers).
        shape: Shape of one example as the user gave it, e.g. (28, 28), (64, 64, 3) or (12,).
        layout: What the axes of `shape` are.
        columns: Names of a table's columns, else empty.
        labels: Names of the classes that `y` counts, else empty.
        missing: Share of the cells that are NaN.
        low: The smallest value.
        high: The largest value.
        sha256: Hash of the values, labels and conditions, in hexadecimal.
        contrast: Mean of 4p(1-p) over the values on the scale [0, 1]: 0 for ink on paper, near 1
            for the greys of a photograph; 0 for kind `real`.
        constant: Columns of an array of vectors that hold one value only, counted from 0. They
            have no density, so a model sees the other columns, and gives these back as they are.
        constant_values: Their values.
        left_out: Names of a table's columns that held one value only, and are not among `columns`.
        white: The grey of 16-bit images that was taken as white; 0 where there are none.
        offset: What `to_model` takes from each column of vectors, in the user's order, so that
            float32 can hold what is left; `from_model` adds it. Empty where nothing is taken.
        whole: Whether every value is a whole number.
        conditions: What a model of p(x|c) is told of every example; empty for p(x).
        sha256_x: Hashes by which the same examples are known whatever is told of them: of the
            values alone, and of values and labels. Empty in runs of versions that kept none.

    Example:
        >>> schema = Schema("s", "memory", "bytes", (28, 28), "hw")
        >>> schema.model_shape
        (1, 28, 28)
    """

    name: str
    source: str
    kind: Kind
    shape: tuple[int, ...]
    layout: Layout
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    missing: float = 0.0
    low: float = 0.0
    high: float = 1.0
    sha256: str = ""
    contrast: float = 0.0
    constant: tuple[int, ...] = ()
    constant_values: tuple[float, ...] = ()
    white: float = 0.0
    offset: tuple[float, ...] = ()
    whole: bool = False
    conditions: tuple[Condition, ...] = ()
    sha256_x: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_image(self) -> bool:
        """Whether one example is a picture."""
        return self.layout != "vector"

    @property
    def model_shape(self) -> tuple[int, ...]:
        """Shape of one example as networks take it: (C, H, W) for images, (D,) for vectors.

        D leaves out the constant columns.
        """
        match self.layout:
            case "vector":
                return (self.shape[0] - len(self.constant),)
            case "chw":
                return self.shape
            case "hw":
                return (1, *self.shape)
            case "hwc":
                return (self.shape[2], self.shape[0], self.shape[1])

    def to_model(self, x: npt.NDArray[Any], source: str = "") -> npt.NDArray[Any]:
        """Bring examples from the user's layout to the model's; values stay as they are.

        Constant columns are left out, and the offset, where there is one, is taken away.

        Arguments:
            x: Examples (n, *shape), flattened (n, prod(shape)), or already (n, *model_shape).
            source: Where they are from, for messages; if empty, the data set is named.

        Returns:
            The same values as an array (n, *model_shape), C-contiguous unless it is a view of what
            is mapped from a file, which stays there.

        Raises:
            DataError: if the examples have another shape.
        """
        x = np.asarray(x)
        given = x.shape[1:]
        if given not in (self.shape, (prod(self.shape),)):
            if x.ndim > 1 and given == self.model_shape:
                return self._shifted(x)
            if self.layout != "hw" or given != (*self.shape, 1):
                raise self._wrong_shape(x.shape, source)
        x = x.reshape(len(x), *self.shape)
        if self.layout == "hwc":
            x = x.transpose(0, 3, 1, 2)
        if self.constant:
            x = np.delete(x, self.constant, axis=1)
        return self._shifted(x).reshape(len(x), *self.model_shape)

    def from_model(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Bring examples from the model's layout back to the user's.

        Constant columns come back with their values, and the offset is added, in float64.

        Arguments:
            x: Examples (n, *model_shape) or flattened (n, prod(shape)).

        Returns:
            The same values as a C-contiguous array (n, *shape).

        Raises:
            DataError: if the examples have another shape.
        """
        x = np.asarray(x)
        if x.ndim < 2 or x.shape[1:] not in (self.model_shape, (prod(self.model_shape),)):
            raise DataError(
                f"Expected model output of shape (n, {_dims(self.model_shape)}), got {x.shape}.",
                where=f"data set {self.name!r}",
                how="Pass what the model's likelihood returns, one example per row.",
            )
        x = x.reshape(len(x), *self.model_shape)
        if self.layout == "hwc":
            x = x.transpose(0, 2, 3, 1)
        if self.offset:
            x = x.astype(np.float64) + self._offset()
        if self.constant:
            x = self._with_constants(x)
        return np.ascontiguousarray(x).reshape(len(x), *self.shape)

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as a JSON-able dictionary."""
        written = dataclasses.asdict(self)
        listed = {k: list(v) if isinstance(v, tuple) else v for k, v in written.items()}
        for name in ("conditions", "left_out"):
            if not listed[name]:
                del listed[name]
        for one in listed.get("conditions", ()):
            if not one["partly"]:
                del one["partly"]
        return listed

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Schema:
        """Rebuild a schema from `to_dict`'s dictionary.

        Example:
            >>> schema = Schema("s", "memory", "unit", (3,), "vector", columns=("a", "b", "c"))
            >>> Schema.from_dict(schema.to_dict()) == schema
            True
        """
        known = {field.name for field in dataclasses.fields(cls)}
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in written.items() if k in known
        }
        conditions = tuple(
            Condition(**{**one, "classes": tuple(one["classes"])})
            for one in written.get("conditions", ())
        )
        return cls(**{**given, "conditions": conditions})

    def _offset(self) -> npt.NDArray[Any]:
        """Return the offset of the columns that the model sees."""
        return np.delete(np.array(self.offset), self.constant)

    def _shifted(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return model examples (n, ...) without their offset, in float32 where there is one."""
        if not self.offset:
            return x if is_mapped(x) else np.ascontiguousarray(x)
        return np.ascontiguousarray(x.astype(np.float64) - self._offset(), dtype=np.float32)

    def _with_constants(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        varies = np.ones(self.shape, bool)
        varies[list(self.constant)] = False
        whole = np.empty((len(x), *self.shape), np.result_type(x.dtype, np.float32))
        whole[:, varies] = x
        whole[:, ~varies] = self.constant_values
        return whole

    def _wrong_shape(self, given: tuple[int, ...], source: str) -> DataError:
        expected = f"(n, {_dims(self.shape)})"
        if given == self.shape:
            how = "Pass a batch: x[None] makes one of a single example."
        elif self.is_image and len(given) > 2:
            side = self.model_shape[1]
            how = (
                f"Resize the images (--size {side} for a folder of images) "
                f"or train a model on the new shape."
            )
        else:
            how = f"Give the same {prod(self.shape)} values per example, or reshape to {expected}."
        return DataError(
            f"Expected examples of shape {expected}, got an array of shape {given}.",
            where=source or f"data set {self.name!r}",
            how=how,
        )


def _dims(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))
