"""What the loop may be told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Settings"]


class Settings(BaseModel):
    """Settings of one training run; every field is an option of `latentia train`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int = Field(default=50, ge=1, description="passes over the training data")
    batch_size: int = Field(default=128, ge=1, description="examples per step")
    learning_rate: float = Field(default=1e-3, gt=0, description="Adam's step size")
    schedule: Literal["cosine", "constant"] = Field(
        default="cosine", description="how the learning rate goes over the run"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="AdamW's decoupled decay")
    clip: float | None = Field(default=None, gt=0, description="largest gradient norm")
    patience: int | None = Field(
        default=None,
        ge=1,
        description="stop after this many epochs without a better validation ELBO",
    )
    max_time: float | None = Field(default=None, gt=0, description="stop after this many seconds")
    snapshots: bool = Field(default=False, description="keep the weights of every epoch")
    seed: int = Field(default=0, ge=0, description="seed of weights, order and noise")
