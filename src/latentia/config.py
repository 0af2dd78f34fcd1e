"""What `config.json` says of a run: all that is needed to rebuild it, and why it is so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from latentia.data import Schema
from latentia.design import Design
from latentia.errors import RunError, in_words
from latentia.training.settings import Settings

__all__ = [
    "FORMAT_VERSION",
    "Config",
    "DataRecord",
    "EstimatorKind",
    "first_line",
    "read_config",
]

FORMAT_VERSION = 1
EstimatorKind = Literal["VAE", "AutoEncoder", "ConditionalVAE", "SemiSupervisedVAE"]


class DataRecord(BaseModel):
    """Which data a run was trained on, and how they were divided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # What was asked for (a name or a path), with the options that change what is read.
    request: str
    size: int | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    validation: float | None = None
    test: float | None = None
    # How many training examples kept their class, where others were hidden.
    labelled: int | None = None
    data_schema: dict[str, Any]
    n_train: int
    n_validation: int
    n_test: int
    notes: list[str]

    @property
    def schema_(self) -> Schema:
        """The schema as an object."""
        return Schema.from_dict(self.data_schema)


class Config(BaseModel):
    """The whole of `config.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: int = FORMAT_VERSION
    latentia: str
    estimator: EstimatorKind
    data: DataRecord
    model: Design
    objective: dict[str, Any]
    # How q(y|x) is taught where the class of some examples is unknown.
    labelling: dict[str, float] | None = None
    corruption: dict[str, Any] | None
    training: Settings
    reasons: list[str]
    # Empty where nats are a likelihood of the data, else why they are not.
    no_likelihood: str
    # Empty, or how training ran away and which weights are left.
    diverged: str = ""


def read_config(path: Path) -> Config:
    """Read a `config.json`.

    Arguments:
        path: The file.

    Raises:
        RunError: if there is none, it cannot be read, or a newer version wrote it.
    """
    if not path.exists():
        raise RunError(
            "There is no run here: config.json is missing.",
            where=str(path.parent),
            how="Give the folder that `latentia train --out` wrote.",
        )
    try:
        written = json.loads(path.read_text(encoding="utf8"))
        _require_version(written.get("format_version"), path)
        config = Config.model_validate(written)
        Schema.from_dict(config.data.data_schema)
        return config
    except (OSError, ValueError, ValidationError, AttributeError, TypeError) as error:
        raise RunError(
            f"config.json cannot be read: {first_line(error)}",
            where=str(path),
            how="Restore the file, or train again with --force.",
        ) from None


def _require_version(version: object, path: Path) -> None:
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"format_version is {version!r}, not a number from 1")
    if version > FORMAT_VERSION:
        raise RunError(
            f"This run was written in format {version}; this version reads up to "
            f"{FORMAT_VERSION}.",
            where=str(path),
            how="Install a newer latentia.",
        )


def first_line(error: Exception) -> str:
    """Return what an error says in one line, and where in a file's fields it is.

    Example:
        >>> first_line(ValueError("no such thing"))
        'no such thing'
    """
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {in_words(first)}"
    return str(error).strip().split("\n")[0]
