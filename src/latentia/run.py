"""A run: a folder that anyone can read without this package.

    config.json        everything needed to rebuild the model, and what was chosen and why
    model.safetensors  the weights of the best validation ELBO
    metrics.jsonl      one object per epoch and split
    figures/           pictures
    checkpoint/        all that --resume needs
    README.md          the model card

There is no pickle anywhere, and no data: a model is rebuilt from its folder alone.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from latentia.data import Schema
from latentia.design import Design, assemble
from latentia.errors import LatentiaError, MachineError, RunError
from latentia.model import LatentVariableModel
from latentia.training.checkpoint import Checkpoints, write_atomically
from latentia.training.settings import Settings

__all__ = ["FORMAT_VERSION", "Config", "DataRecord", "Run"]

FORMAT_VERSION = 1

_FILES = ("config.json", "model.safetensors", "metrics.jsonl", "README.md")


class DataRecord(BaseModel):
    """Which data a run was trained on, and how they were divided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # What was asked for (a name or a path), with the options that change what is read.
    request: str
    size: int | None = None
    validation: float | None = None
    test: float | None = None
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
    estimator: Literal["VAE", "AutoEncoder"]
    data: DataRecord
    model: Design
    objective: dict[str, Any]
    corruption: dict[str, Any] | None
    training: Settings
    reasons: list[str]
    # Empty where nats are a likelihood of the data, else why they are not.
    no_likelihood: str


class Run:
    """A run folder.

    Arguments:
        path: The folder; it need not exist yet.

    Example:
        >>> Run("no/such/run").exists
        False
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.resolve().name

    @property
    def exists(self) -> bool:
        """Whether the folder holds a run."""
        return (self.path / "config.json").exists()

    @property
    def checkpoints(self) -> Checkpoints:
        """The folder's checkpoints."""
        return Checkpoints(self.path / "checkpoint")

    @property
    def figures(self) -> Path:
        """Where pictures go."""
        return self.path / "figures"

    def create(self, config: Config, *, force: bool = False) -> None:
        """Start a run in this folder.

        Raises:
            RunError: if the folder already holds one, or something else, and `force` is off.
            MachineError: if it cannot be written.
        """
        if self.path.exists() and (self.path.is_file() or any(self.path.iterdir())):
            if not self.exists:
                raise RunError(
                    "This path holds something that is not a run; it was left alone.",
                    where=str(self.path),
                    how="Choose another path with --out.",
                )
            if not force:
                raise self.occupied()
            self._clear()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.rewrite(config)
        except OSError as error:
            raise MachineError(
                f"The run's folder cannot be written: {error.strerror or error}.",
                where=str(self.path),
                how="Choose another path with --out, or make room and give yourself the right.",
            ) from None

    def rewrite(self, config: Config) -> None:
        """Write `config.json`, whole or not at all."""
        text = config.model_dump_json(indent=2)
        write_atomically(self.path / "config.json", text.encode())

    def occupied(self) -> RunError:
        """Return the error of a path that already holds a run."""
        return RunError(
            "This path already holds a run, and a run is never overwritten by accident.",
            where=str(self.path),
            how="Continue it with --resume, replace it with --force, "
            "or choose another path with --out.",
        )

    def config(self) -> Config:
        """Read `config.json`.

        Raises:
            RunError: if there is none, it cannot be read, or a newer version wrote it.
        """
        path = self.path / "config.json"
        if not path.exists():
            raise RunError(
                "There is no run here: config.json is missing.",
                where=str(self.path),
                how="Give the folder that `latentia train --out` wrote.",
            )
        try:
            written = json.loads(path.read_text(encoding="utf8"))
            version = written.get("format_version")
            if not isinstance(version, int) or version < 1:
                raise ValueError(f"format_version is {version!r}, not a number from 1")
            if version > FORMAT_VERSION:
                raise RunError(
                    f"This run was written in format {version}; this version reads up to "
                    f"{FORMAT_VERSION}.",
                    where=str(path),
                    how="Install a newer latentia.",
                )
            config = Config.model_validate(written)
            Schema.from_dict(config.data.data_schema)
            return config
        except (OSError, ValueError, ValidationError, AttributeError, TypeError) as error:
            raise RunError(
                f"config.json cannot be read: {_first_line(error)}",
                where=str(path),
                how="Restore the file, or train again with --force.",
            ) from None

    def save_model(self, model: LatentVariableModel) -> None:
        """Write `model.safetensors`, whole or not at all; evaluations of other weights go."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
        path, content = self.path / "model.safetensors", save(tensors)
        if path.exists() and path.read_bytes() == content:
            return
        self._forget_evaluations()
        write_atomically(path, content)

    def save_snapshot(self, model: LatentVariableModel, epoch: int) -> None:
        """Keep the weights of one epoch, for figures of how the latent space came to be."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
        folder = self.path / "epochs"
        folder.mkdir(exist_ok=True)
        write_atomically(folder / f"{epoch:04d}.safetensors", save(tensors))

    def snapshots(self) -> list[tuple[int, Path]]:
        """Return the epochs whose weights were kept, with their files."""
        return [(int(path.stem), path) for path in sorted(self.path.glob("epochs/*.safetensors"))]

    def load_model(self, weights: Path | None = None) -> LatentVariableModel:
        """Rebuild the model with its best weights, in evaluation mode on the CPU.

        Arguments:
            weights: Another file of weights, e.g. one of `snapshots`.

        Raises:
            RunError: if the weights are missing, broken, or of another model.
        """
        path = weights or self.path / "model.safetensors"
        model = self._assembled()
        try:
            tensors = load_file(path)
            model.load_state_dict(tensors)
        except FileNotFoundError:
            raise RunError(
                "This run has no weights yet: it stopped before its first epoch ended.",
                where=str(path),
                how="Continue it with `latentia train ... --resume`.",
            ) from None
        except RuntimeError:
            raise RunError(
                "The weights are those of another model than config.json describes.",
                where=str(path),
                how="Restore the file of this run, or train again.",
            ) from None
        except (SafetensorError, OSError) as error:
            raise RunError(
                f"The weights cannot be read: {_first_line(error)}",
                where=str(path),
                how="Restore the file, or train again.",
            ) from None
        return model.eval()

    def _assembled(self) -> LatentVariableModel:
        try:
            return assemble(self.config().model)
        except RunError:
            raise
        except (LatentiaError, KeyError, TypeError, ValueError) as error:
            raise RunError(
                f"config.json describes no model that can be built: {_first_line(error)}",
                where=str(self.path / "config.json"),
                how="Restore the file, or install the latentia (and the plug-ins) that wrote it.",
            ) from None

    def append(self, rows: list[dict[str, Any]]) -> None:
        """Append rows to `metrics.jsonl`."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)

    def metrics(self) -> list[dict[str, Any]]:
        """Read `metrics.jsonl`; a last line cut by a crash is left out."""
        path = self.path / "metrics.jsonl"
        rows: list[dict[str, Any]] = []
        if path.exists():
            for line in path.read_text(encoding="utf8").splitlines():
                try:
                    rows.append(json.loads(line))
                except ValueError:
                    break
        return rows

    def save_evaluation(self, numbers: dict[str, Any]) -> None:
        """Write the numbers of the model on one of the run's own parts.

        A log p(x) of more samples, which took longer, is not replaced by one of fewer.
        """
        known = self.evaluations().get(numbers["split"], {})
        if (known.get("n_importance") or 0) > (numbers.get("n_importance") or 0):
            return
        text = json.dumps(numbers, indent=2) + "\n"
        write_atomically(self.path / f"evaluation-{numbers['split']}.json", text.encode())

    def evaluations(self) -> dict[str, dict[str, Any]]:
        """Read what `latentia evaluate` found on the run's own parts, by part.

        Raises:
            RunError: if such a file cannot be read.
        """
        found: dict[str, dict[str, Any]] = {}
        for split in ("test", "validation", "train"):
            path = self.path / f"evaluation-{split}.json"
            try:
                if path.exists():
                    found[split] = json.loads(path.read_text(encoding="utf8"))
            except ValueError as error:
                raise RunError(
                    f"These numbers cannot be read: {_first_line(error)}",
                    where=str(path),
                    how="Delete the file and run `latentia evaluate` again.",
                ) from None
        return found

    def rewind(self, epoch: int) -> None:
        """Keep only the metrics of epochs up to `epoch`, which a resumed run goes on from."""
        kept = [json.dumps(row) + "\n" for row in self.metrics() if row["epoch"] <= epoch]
        write_atomically(self.path / "metrics.jsonl", "".join(kept).encode())

    def sweep(self) -> None:
        """Remove what a killed process left half written."""
        for name in _FILES:
            for path in self.path.glob(f".{name}.*"):
                path.unlink()
        self.checkpoints.sweep()

    def _clear(self) -> None:
        """Remove what a run wrote, and nothing else that may lie in its folder."""
        self.sweep()
        for name in _FILES:
            (self.path / name).unlink(missing_ok=True)
        for name in ("checkpoint", "figures", "epochs"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        self._forget_evaluations()

    def _forget_evaluations(self) -> None:
        for path in self.path.glob("evaluation-*.json"):
            path.unlink()


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).strip().split("\n")[0]
