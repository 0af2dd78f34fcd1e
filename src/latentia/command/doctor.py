"""Look at this machine: versions, devices, threads, folders, data."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

from latentia.shell import Shell

__all__ = ["doctor"]

_PACKAGES = ("torch", "numpy", "scikit-learn", "matplotlib", "pyarrow", "pillow", "safetensors")
_EXIT_MACHINE = 5


def doctor(shell: Shell) -> int:
    """Look at this machine and say, for every problem, one line that mends it."""
    import torch

    from latentia import data

    problems: list[str] = []
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    here, free = Path.cwd(), shutil.disk_usage(Path.cwd()).free / 2**30
    if not _writable(here):
        problems.append(f"{here} cannot be written: run from another folder, or give --out.")
    if free < 1:
        problems.append(f"Only {free:.2f} GiB are free here: make room, or give --out elsewhere.")
    found: dict[str, Any] = {
        "latentia": importlib.metadata.version("latentia"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpus": gpus,
        "free_gib": round(free, 1),
        "data": {name: data.where(name) for name in data.names()},
        "problems": problems,
    }
    shell.give(found, _text(found))
    return _EXIT_MACHINE if problems else 0


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _text(found: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    lines = [
        f"latentia  {found['latentia']}, Python {found['python']}, {found['system']}",
        f"packages  {versions}",
        f"compute   {found['cores']} cores, {found['threads']} threads; "
        + (f"GPU {', '.join(found['gpus'])}" if found["gpus"] else "no GPU, so the CPU"),
        f"disk      {found['free_gib']} GiB free here",
    ]
    lines += [f"data      {name}: {place or 'not here'}" for name, place in found["data"].items()]
    lines += [f"problem   {problem}" for problem in found["problems"]]
    if not found["problems"]:
        lines.append("all is well")
    return "\n".join(lines)
