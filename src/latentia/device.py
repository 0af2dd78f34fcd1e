"""The device that tensors live on."""

from __future__ import annotations

import torch

from latentia.errors import MachineError, UsageError

__all__ = ["choose"]


def choose(name: str = "auto") -> torch.device:
    """Return the device of that name; `auto` is the first GPU if there is one, else the CPU.

    Raises:
        MachineError: if the device is not there.
        UsageError: if there is no such kind of device.

    Example:
        >>> choose("cpu")
        device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in ("cpu", "cuda"):
        raise UsageError(
            f"There is no device called {name!r}.",
            where=f"--device {name}",
            how="Choose one of: auto, cpu, cuda.",
        )
    if name == "cuda" and not torch.cuda.is_available():
        raise MachineError(
            "This machine has no CUDA device, or this torch was built without CUDA.",
            where="--device cuda",
            how="Use --device cpu, or install a CUDA build of torch; see `latentia doctor`.",
        )
    return torch.device(name)
