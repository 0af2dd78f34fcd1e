"""What the loop may be told."""

from __future__ import annotations

from math import ceil
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from latentia import room
from latentia.errors import UsageError, in_words

__all__ = ["Settings"]

_EPOCHS = 50
_STEPS = 2000
_BATCHES = (16, 32, 64, 128)
_BATCHES_PER_EPOCH = 30


class Settings(BaseModel):
    """Settings of one training run; every field is an option of `latentia train`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    epochs: int = Field(
        default=0,
        ge=0,
        description="passes over the training data; 0 is 50, or more where data are few",
    )
    batch_size: int = Field(
        default=0, ge=0, description="examples per step; 0 is 128, or fewer where data are few"
    )
    learning_rate: float = Field(default=1e-3, gt=0, description="Adam's step size")
    schedule: Literal["cosine", "constant"] = Field(
        default="cosine", description="how the learning rate goes over the run"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="AdamW's decoupled decay")
    clip: float | None = Field(default=None, gt=0, description="largest gradient norm")
    skip: float | None = Field(
        default=None, gt=0, description="gradient norm beyond which a step is not taken"
    )
    average: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="decay of the running mean of the weights, which is then measured and kept",
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        description="stop after this many epochs without a better validation ELBO",
    )
    max_time: float | None = Field(default=None, gt=0, description="stop after this many seconds")
    snapshots: bool = Field(default=False, description="keep the weights of every epoch")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="numbers in the matrix products of training; auto measures which are faster",
    )
    compile: Literal["auto", "yes", "graph", "no"] = Field(
        default="auto",
        description="compile the step, or only record it (graph, on a GPU); auto does what "
        "the length of the run pays for",
    )
    seed: int = Field(default=0, ge=0, description="seed of weights, order and noise")

    @classmethod
    def checked(cls, **options: Any) -> Settings:
        """Make settings of values that a user wrote.

        Raises:
            UsageError: if a setting is unknown, or its value cannot be.

        Example:
            >>> Settings.checked(epochs="3").epochs
            3
        """
        room.require_known(options, list(cls.model_fields), "the settings of training")
        try:
            return cls(**options)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).replace("_", "-")
            default = cls.model_fields[str(first["loc"][0])].default
            usual = "." if default in (None, 0) else f" (it is {default} where nothing is said)."
            raise UsageError(
                f"{first['input']!r} cannot be: {in_words(first)}.",
                where=f"--{name} {first['input']}",
                how=f"Correct it, or leave --{name} out{usual}",
            ) from None

    def complete(self, n_train: int) -> tuple[Settings, str]:
        """Choose batch size and epochs where they were left open.

        Training takes steps, not passes: a few hundred rows are read in small batches, and often.

        Arguments:
            n_train: Training examples.

        Returns:
            The settings, and a sentence that says why.

        Example:
            >>> small, large = Settings().complete(150)[0], Settings().complete(55_000)[0]
            >>> (small.epochs, small.batch_size), (large.epochs, large.batch_size)
            ((200, 16), (50, 128))
        """
        most = n_train // _BATCHES_PER_EPOCH
        fitting = max((size for size in _BATCHES if size <= most), default=_BATCHES[0])
        batch = self.batch_size or fitting
        steps = ceil(n_train / batch)
        epochs = self.epochs or max(_EPOCHS, ceil(_STEPS / steps))
        chosen = self.model_copy(update={"epochs": epochs, "batch_size": batch})
        return chosen, f"epochs      {epochs}: {steps * epochs} steps of {batch} examples"
