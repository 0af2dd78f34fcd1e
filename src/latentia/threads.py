"""How the processor's threads wait for each other, settled before torch starts them.

A step of training is a hundred short parallel pieces. Threads that sleep between them are woken a
hundred times, which on an idle machine doubles the time of a step. Threads that spin are there at
once, but beside another busy program they keep it, and each other, from working: an epoch of 0.3 s
then takes 8. So they spin on an idle machine and sleep on a busy one. Results are the same.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

__all__ = ["busy", "settle"]

_LOAD, _OWN = Path("/proc/loadavg"), Path("/proc/self/task")
# Looks at the machine, and seconds between them: what keeps it busy is there every time, and what
# only passes is not.
_LOOKS, _APART = 10, 0.005


def settle() -> None:
    """Let waiting threads sleep if the machine is busy; OpenMP reads this once, with torch.

    `OMP_WAIT_POLICY` (ACTIVE or PASSIVE), where the user has set it, decides instead.
    """
    if "torch" not in sys.modules and busy():
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def busy() -> bool:
    """Whether other programs keep half of the processors or more at work at this moment.

    Where the system does not say (it is Linux that does), it is not.
    """
    many = max(1, (os.cpu_count() or 1) // 2)
    return all(_others() >= many for _ in range(_LOOKS))


def _others() -> int:
    """Return how many threads of other programs are running or ready to, a moment from now."""
    try:
        time.sleep(_APART)
        running = int(_LOAD.read_text().split()[3].split("/")[0])
        return running - sum(_runs(task) for task in _OWN.iterdir())
    except (OSError, ValueError, IndexError):
        return 0


def _runs(task: Path) -> bool:
    """Whether a thread of this program is running or ready to; its state follows its name."""
    return (task / "stat").read_text().rpartition(")")[2].split()[0] == "R"
