"""A film of training as it is kept with its run: `film.safetensors`, which any reader can open.

examples  uint8 (n, H, W) or (n, H, W, 3): small pictures of the examples, 0 the least value
frames    uint8 (F, n + draws, H, W) or (..., 3): reconstructions, then draws of the prior
epochs    int32 (F,): the epoch of each frame, rising; 0 is the untrained model
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from latentia.config import first_line
from latentia.data import Schema
from latentia.errors import RunError
from latentia.explorer.small import size_of
from latentia.files import write_atomically

__all__ = ["Reel"]

Array = npt.NDArray[Any]
_KINDS = ["uint8", "uint8", "int32"]


@final
@dataclass(frozen=True)
class Reel:
    """The frames of a film.

    Arguments:
        examples: Small pictures of the examples, bytes (n, H, W) or (n, H, W, 3).
        draws: How many draws of the prior stand behind the reconstructions of a frame.
        frames: Bytes (n + draws, H, W, channels) by epoch, in their order.
    """

    examples: Array
    draws: int
    frames: dict[int, bytes]

    @property
    def layout(self) -> dict[str, int]:
        """How a frame is laid out."""
        count, tall, wide = self.examples.shape[:3]
        return {"examples": count, "draws": self.draws, "height": tall, "width": wide}

    @property
    def epochs(self) -> list[int]:
        """The epochs of which there is a frame."""
        return list(self.frames)

    def named(self, name: str) -> bytes | None:
        """Return `examples`, or the frame of an epoch that a request names; None without one."""
        if name == "examples":
            return self.examples.tobytes()
        known = name.isdecimal() and len(name) < 10
        return self.frames.get(int(name)) if known else None

    def goes_on(self, other: Reel) -> bool:
        """Whether another film is of the same examples, and laid out alike."""
        same = self.layout == other.layout
        return same and np.array_equal(self.examples, other.examples)

    def write(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            MachineError: if it cannot be written.
        """
        count, *picture = self.examples.shape
        frames = np.frombuffer(b"".join(self.frames.values()), np.uint8)
        found = {
            "examples": np.ascontiguousarray(self.examples),
            "frames": frames.reshape(len(self.frames), count + self.draws, *picture),
            "epochs": np.array(self.epochs, np.int32),
        }
        write_atomically(path, save(found))

    @classmethod
    def read(cls, path: Path, schema: Schema) -> Reel | None:
        """Read the film of a run; None where none was taken.

        Arguments:
            path: The file.
            schema: What the run's examples are.

        Raises:
            RunError: if the file is broken, or of other pictures.
        """
        try:
            found = load(path.read_bytes())
            reel = cls._of(found["examples"], found["frames"], found["epochs"])
        except FileNotFoundError:
            return None
        except KeyError as error:
            raise _unreadable(f"it has no {error}", path) from None
        except (SafetensorError, OSError, TypeError, ValueError) as error:
            raise _unreadable(first_line(error), path) from None
        if reel.examples.shape[1:] != _shape_of(schema):
            raise _unreadable("its pictures are of another shape than the run's", path)
        return reel

    @classmethod
    def _of(cls, examples: Array, frames: Array, epochs: Array) -> Reel:
        if examples.ndim not in (3, 4) or frames.ndim != examples.ndim + 1 or epochs.ndim != 1:
            raise ValueError("its arrays are no pictures")
        draws = frames.shape[1] - len(examples)
        kinds = [one.dtype.name for one in (examples, frames, epochs)] == _KINDS
        fits = frames.shape[2:] == examples.shape[1:] and len(epochs) == len(frames)
        if not (kinds and fits and draws in (0, len(examples)) and (np.diff(epochs) > 0).all()):
            raise ValueError("its arrays do not fit together")
        pairs = zip(epochs.tolist(), frames, strict=True)
        return cls(examples, draws, {epoch: frame.tobytes() for epoch, frame in pairs})


def _shape_of(schema: Schema) -> tuple[int, ...]:
    """Return the shape of a small picture; () where examples are none."""
    size = size_of(schema)
    if size is None:
        return ()
    return (*size, 3) if schema.model_shape[0] == 3 else size


def _unreadable(why: str, path: Path) -> RunError:
    return RunError(
        f"The film of the training cannot be read: {why}.",
        where=str(path),
        how="Delete the file; nothing else needs it.",
    )
