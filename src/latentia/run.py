"""A run: a folder that anyone can read without this package.

    config.json        everything needed to rebuild the model, and what was chosen and why
    model.safetensors  the weights of the best validation ELBO
    metrics.jsonl      one object per epoch and split
    figures/           pictures
    film.safetensors   small pictures by epoch, if it was watched (`explorer/reel.py`)
    checkpoint/        all that --resume needs
    evaluation-*.json  what `latentia evaluate` found, by part of the data; also quality-*.json
                       and disentanglement-*.json
    README.md          the model card

There is no pickle anywhere, and no data but what pictures show of them: a model is rebuilt from
its folder alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save

import latentia
from latentia.config import FORMAT_VERSION, Config, DataRecord, first_line, read_config
from latentia.design import assemble
from latentia.errors import LatentiaError, RunError
from latentia.files import write_atomically, writing
from latentia.frames import cut
from latentia.lock import LOCK_NAME, FolderLock
from latentia.model import LatentVariableModel
from latentia.training.checkpoint import Checkpoints

__all__ = ["FORMAT_VERSION", "Config", "DataRecord", "Run"]

# What is measured of the weights and kept beside them, by the first word of its files.
_MEASURED = ("evaluation", "quality", "disentanglement")
_FILES = ("config.json", "model.safetensors", "metrics.jsonl", "film.safetensors", "README.md")


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
        self._lock = FolderLock(self.path)

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

    @property
    def film(self) -> Path:
        """Where the film of its training is, if it was watched."""
        return self.path / "film.safetensors"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only one who writes a run here, for a while; reading is open to all.

        Raises:
            RunError: if another process trains into this folder, saying which.
            MachineError: if the folder cannot be written.
        """
        with self._lock.hold():
            yield

    @property
    def seems_busy(self) -> bool:
        """Whether a process seems to train into this folder now."""
        return self._lock.seems_held

    def require_free(self, *, force: bool = False) -> None:
        """Refuse a folder in which no run may be started.

        Arguments:
            force: Whether a run that is there may be replaced.

        Raises:
            RunError: if the folder holds a run and `force` is off, or something else; or if
                another process trains into it.
        """
        if not self.path.exists():
            return
        if self.path.is_file() or any(p.name != LOCK_NAME for p in self.path.iterdir()):
            if not self.exists:
                raise RunError(
                    "This path holds something that is not a run; it was left alone.",
                    where=str(self.path),
                    how="Choose another path with --out.",
                )
            if not force:
                raise self._occupied()
        with self.hold():
            pass

    def create(self, config: Config, *, force: bool = False) -> None:
        """Start a run in this folder.

        Raises:
            RunError: if the folder already holds one, or something else, and `force` is off.
            MachineError: if it cannot be written.
        """
        self.require_free(force=force)
        with self.hold():
            self._clear()
            self.rewrite(config)

    def rewrite(self, config: Config) -> None:
        """Write `config.json`, whole or not at all."""
        text = config.model_dump_json(indent=2)
        write_atomically(self.path / "config.json", text.encode())

    def mark_diverged(self, story: str) -> None:
        """Write into `config.json` how training ran away; nothing once it is going on again."""
        config = self.config()
        if config.diverged != story:
            self.rewrite(config.model_copy(update={"diverged": story}))

    @property
    def begun(self) -> bool:
        """Whether training has left anything here to go on from or to use."""
        return self.checkpoints.any or (self.path / "model.safetensors").exists()

    def _occupied(self) -> RunError:
        here = quote(str(self.path))
        if not self.begun:
            return RunError(
                "This path holds a run that was stopped before it had trained at all.",
                where=str(self.path),
                how=f"Begin it again as it was meant with `latentia train --resume --out {here}`, "
                "replace it with --force, or choose another path with --out.",
            )
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
        return read_config(self.path / "config.json")

    def save_model(self, model: LatentVariableModel) -> None:
        """Write `model.safetensors`, whole or not at all; numbers of other weights go."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
        path, content = self.path / "model.safetensors", save(tensors)
        if path.exists() and path.read_bytes() == content:
            return
        self._forget_numbers()
        write_atomically(path, content)

    def save_snapshot(self, model: LatentVariableModel, epoch: int) -> None:
        """Keep the weights of one epoch, for figures of how the latent space came to be."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
        folder = self.path / "epochs"
        with writing(folder):
            folder.mkdir(exist_ok=True)
        write_atomically(folder / f"{epoch:04d}.safetensors", save(tensors))

    def snapshots(self) -> list[tuple[int, Path]]:
        """Return the epochs whose weights were kept, with their files."""
        return [(int(path.stem), path) for path in sorted(self.path.glob("epochs/*.safetensors"))]

    def snapshot(self, epoch: int) -> Path:
        """Return the file of the weights of one epoch.

        Raises:
            RunError: if they were not kept, saying which were.
        """
        kept = dict(self.snapshots())
        if epoch in kept:
            return kept[epoch]
        raise RunError(
            f"The weights of epoch {epoch} were not kept.",
            where=str(self.path / "epochs"),
            how=f"Take one of {', '.join(map(str, kept))}."
            if kept
            else "Training with --snapshots keeps those of every epoch.",
        )

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
                how=f"Continue it with `latentia train --resume --out {quote(str(self.path))}`.",
            ) from None
        except RuntimeError:
            raise RunError(
                "The weights are those of another model than config.json describes.",
                where=str(path),
                how="Restore the file of this run, or train again.",
            ) from None
        except (SafetensorError, OSError) as error:
            raise RunError(
                f"The weights cannot be read: {first_line(error)}",
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
                f"config.json describes no model that can be built: {first_line(error)}",
                where=str(self.path / "config.json"),
                how="Restore the file, or install the latentia (and the plug-ins) that wrote it.",
            ) from None

    def append(self, rows: list[dict[str, Any]]) -> None:
        """Append rows to `metrics.jsonl`."""
        path = self.path / "metrics.jsonl"
        with writing(path), path.open("a", encoding="utf8") as file:
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

        A log p(x) of more samples, which took longer, is not replaced by one of fewer; another
        estimator's stays until it, or yet another, has a new one.

        Raises:
            MachineError: if the folder cannot be written; the earlier numbers then stay.
            RunError: if the earlier numbers cannot be read.
        """
        known = self.evaluations().get(numbers["split"], {})
        beside = numbers.get("evidence") or known.get("evidence")
        if (known.get("n_importance") or 0) > (numbers.get("n_importance") or 0):
            numbers = known
        kept = numbers | ({"evidence": beside} if beside else {})
        self._keep(f"evaluation-{numbers['split']}", kept)

    def save_measured(self, name: str, numbers: dict[str, Any]) -> None:
        """Write other numbers of the model on the run's own data, with the day and the version.

        Those of more examples are not replaced by those of fewer.

        Arguments:
            name: What was measured, `quality` or `disentanglement`, and on what: the stem of the
                file.
            numbers: Among them `n`, of how many examples they are.

        Raises:
            MachineError: if the folder cannot be written; the earlier numbers then stay.
            RunError: if the earlier numbers cannot be read.
        """
        known = self.measured(name).get(name)
        if known is not None and known["n"] > numbers["n"]:
            return
        made = {"latentia": latentia.__version__, "date": datetime.now(UTC).date().isoformat()}
        self._keep(name, numbers | made)

    def _keep(self, name: str, numbers: dict[str, Any]) -> None:
        """Write numbers, naming the run and its data by no place on this machine."""
        names = {"run": self.name, "data": Path(numbers.get("data", "")).name}
        numbers = {key: names.get(key, value) for key, value in numbers.items()}
        text = json.dumps(numbers, indent=2) + "\n"
        write_atomically(self.path / f"{name}.json", text.encode())

    def measured(self, kind: str) -> dict[str, dict[str, Any]]:
        """Read what was measured and kept beside evaluations, by file, in their order.

        Arguments:
            kind: `quality`, `disentanglement`, or more of a name.

        Raises:
            RunError: if such a file cannot be read.
        """
        command = kind.partition("-")[0]
        paths = sorted(self.path.glob(f"{kind}*.json"))
        return {path.stem: _numbers_in(path, command) for path in paths}

    def evaluations(self) -> dict[str, dict[str, Any]]:
        """Read what `latentia evaluate` found on the run's own parts, by part.

        Raises:
            RunError: if such a file cannot be read.
        """
        found: dict[str, dict[str, Any]] = {}
        for split in ("test", "validation", "train"):
            path = self.path / f"evaluation-{split}.json"
            if path.exists():
                found[split] = _numbers_in(path, "evaluate")
        return found

    def rewind(self, epoch: int) -> None:
        """Keep only metrics, weights and film of epochs up to `epoch`, to go on from there."""
        cut(self.film, epoch)
        for path in [path for number, path in self.snapshots() if number > epoch]:
            path.unlink()
        if not (self.path / "metrics.jsonl").exists():
            return
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
        with writing(self.path):
            self.sweep()
            for name in _FILES:
                (self.path / name).unlink(missing_ok=True)
            for name in ("checkpoint", "figures", "epochs"):
                if (self.path / name).exists():
                    shutil.rmtree(self.path / name)
            self._forget_numbers()

    def _forget_numbers(self) -> None:
        for kind in _MEASURED:
            for path in self.path.glob(f"{kind}-*.json"):
                path.unlink()


def _numbers_in(path: Path, command: str) -> dict[str, Any]:
    """Read numbers that a command has kept.

    Raises:
        RunError: if they cannot be read.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"These numbers cannot be read: {first_line(error)}",
            where=str(path),
            how=f"Delete the file and run `latentia {command}` again.",
        ) from None
    return found
