"""Elementary functions that are exact from their first call on.

Intel's vector library, behind torch's exp, log and others on a processor, chooses its code when a
function is first called. Where two threads make that first call at once, one of them may compute
its half with code of four digits (measured: one process in fifteen, errors of 7e-5 in exp), once,
and a run is not the same again: https://github.com/pytorch/pytorch/issues/188792. A first call on
a single number comes from one thread.
"""

from __future__ import annotations

import torch

__all__ = ["settle"]

_FUNCTIONS = (
    *("acos", "asin", "atan", "cos", "erf", "erfc", "erfinv", "exp", "expm1", "log", "log10"),
    *("log1p", "log2", "sigmoid", "sin", "sqrt", "tan", "tanh"),
)


def settle() -> None:
    """Call every such function once, on one number of either precision."""
    for kind in (torch.float32, torch.float64):
        one = torch.full((1,), 0.5, dtype=kind)
        for name in _FUNCTIONS:
            getattr(one, name)()
