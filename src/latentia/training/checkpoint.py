"""Checkpoints that a crash cannot spoil: written aside, checksummed, then renamed into place."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from latentia.errors import MachineError, RunError
from latentia.files import writing

__all__ = ["Checkpoints", "Progress"]

_KEEP = 2
_FILES = ("best.safetensors", "model.safetensors", "optimizer.safetensors", "state.json")


@dataclass
class Progress:
    """Where a run stands: all that a resumed run needs besides weights and optimizer.

    Arguments:
        epoch: Epochs completed.
        step: Steps completed in the epoch under way.
        steps: Steps completed in all.
        best_epoch: The epoch with the best validation score so far.
        best_score: That score: the mean objective, the ELBO by default, nats per example.
        first_elbo: The validation ELBO before the first step, nats per example.
        elapsed: Seconds spent so far on training and validation, over all sessions.
        epoch_seconds: Seconds spent so far on the epoch under way.
        learning_rate: The learning rate of the last step.
        sums: Running sums of the epoch under way.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    best_epoch: int = -1
    best_score: float = float("-inf")
    first_elbo: float = float("-inf")
    elapsed: float = 0.0
    epoch_seconds: float = 0.0
    learning_rate: float = 0.0
    sums: list[float] = field(default_factory=list)


class Kept(Protocol):
    """What comes back as it was: an optimizer, or a critic with its own."""

    def tensors(self) -> dict[str, Tensor]:
        """Return everything by name."""

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take it back."""


class Checkpoints:
    """The `checkpoint/` folder of a run: the last two states, newest used, broken ones skipped.

    Arguments:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(
        self,
        model: torch.nn.Module,
        optimizer: Kept,
        progress: Progress,
        best: dict[str, Tensor],
        critic: Kept | None = None,
    ) -> None:
        """Write a checkpoint; an earlier one stays until this one is whole.

        Arguments:
            model: The model as it is.
            optimizer: Its optimizer.
            progress: Where the run stands.
            best: The weights of the best validation ELBO so far.
            critic: What learns beside the model, or None.

        Raises:
            MachineError: if it cannot be written.
        """
        name = f"epoch-{progress.epoch:06d}-step-{progress.step:08d}"
        if (self.folder / name).exists() and not _fault(self.folder / name):
            return  # a run that went on from here, and has come no further
        aside = self.folder / f".{name}.{os.getpid()}"
        try:
            with writing(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                shutil.rmtree(aside, ignore_errors=True)
                aside.mkdir()
                tensors = {
                    "best": _contiguous(best),
                    "model": _contiguous(model.state_dict()),
                    "optimizer": _contiguous(optimizer.tensors()),
                }
                if critic is not None:
                    tensors["critic"] = _contiguous(critic.tensors())
                _write(aside, tensors, progress)
                shutil.rmtree(self.folder / name, ignore_errors=True)
                aside.rename(self.folder / name)
                _sync(self.folder)
        except SafetensorError as error:  # what a full disk is called there
            raise MachineError(
                f"This cannot be written: {error}.",
                where=str(self.folder),
                how="Make room on this disk, or write to another.",
            ) from None
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        for old in self._all()[:-_KEEP]:
            shutil.rmtree(old, ignore_errors=True)

    @property
    def any(self) -> bool:
        """Whether there is one, whole or broken."""
        return bool(self._all())

    def peek(self) -> tuple[Progress, list[str]]:
        """Return where the newest whole checkpoint stands, and what is wrong with newer ones."""
        _, progress, broken = self._newest()
        return progress, broken

    def load(
        self, model: torch.nn.Module, optimizer: Kept, critic: Kept | None = None
    ) -> Progress:
        """Load the newest whole checkpoint into model, optimizer and critic.

        Returns:
            Where it stands.

        Raises:
            RunError: if there is none, or none is whole.
        """
        folder, progress, _ = self._newest()
        model.load_state_dict(load_file(folder / "model.safetensors"))
        optimizer.restore(load_file(folder / "optimizer.safetensors"))
        if critic is not None:
            critic.restore(load_file(folder / "critic.safetensors"))
        return progress

    def best(self) -> dict[str, Tensor]:
        """Return the best weights as of the newest whole checkpoint."""
        folder, _, _ = self._newest()
        return load_file(folder / "best.safetensors")

    def sweep(self) -> None:
        """Remove what a killed process left half written."""
        for path in self.folder.glob(".epoch-*"):
            shutil.rmtree(path, ignore_errors=True)

    def _newest(self) -> tuple[Path, Progress, list[str]]:
        broken: list[str] = []
        for folder in reversed(self._all()):
            fault = _fault(folder)
            if fault:
                broken.append(f"{folder.name} is broken ({fault}); used the one before.")
                continue
            state: dict[str, Any] = json.loads((folder / "state.json").read_text("utf8"))
            return folder, Progress(**state), broken
        raise RunError(
            "There is no checkpoint to resume from."
            if not broken
            else "Every checkpoint is broken: " + " ".join(broken),
            where=str(self.folder),
            how="Train a new run with another --out; model.safetensors keeps any best weights.",
        )

    def _all(self) -> list[Path]:
        if not self.folder.exists():
            return []
        return sorted(p for p in self.folder.iterdir() if p.name.startswith("epoch-"))


def _write(folder: Path, tensors: dict[str, dict[str, Tensor]], progress: Progress) -> None:
    """Write the files of one checkpoint, and see them on the disk."""
    for name, content in tensors.items():
        save_file(content, folder / f"{name}.safetensors")
    (folder / "state.json").write_text(json.dumps(asdict(progress)), encoding="utf8")
    manifest = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest, indent=1), encoding="utf8")
    for path in folder.iterdir():
        _sync(path)


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: t.detach().cpu().contiguous() for name, t in tensors.items()}


def _fault(folder: Path) -> str:
    """Return what is wrong with a checkpoint, or nothing."""
    try:
        manifest: dict[str, str] = json.loads((folder / "MANIFEST.json").read_text("utf8"))
    except (OSError, ValueError):
        return "its manifest is missing or unreadable"
    for name in {*_FILES, *manifest}:
        path, digest = folder / name, manifest.get(name)
        if not path.exists():
            return f"{name} is missing"
        if _sha256(path) != digest:
            return f"{name} does not match its checksum"
    return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
