"""The film in a run's folder (`explorer/reel.py`), cut where the run goes on from."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load, save

from latentia.files import write_atomically, writing

__all__ = ["cut"]


def cut(film: Path, epoch: int) -> None:
    """Keep only the frames of epochs up to `epoch`; a film that has none left goes.

    What cannot be read is left alone: whoever shows it tells of it, and training can do without.

    Arguments:
        film: The file; it need not be there.
        epoch: The last epoch that is kept.

    Raises:
        MachineError: if it cannot be written.
    """
    try:
        found = load(film.read_bytes())
        kept = found["epochs"] <= epoch
        rest = {name: found[name][kept] for name in ("frames", "epochs")}
    except (SafetensorError, OSError, KeyError, IndexError, TypeError, ValueError):
        return
    if kept.all():
        return
    if kept.any():
        write_atomically(film, save(found | rest))
        return
    with writing(film):
        film.unlink()
