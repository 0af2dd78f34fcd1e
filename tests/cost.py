"""What a piece of work costs, counted and not timed: kernels, numbers written, products, calls.

Counts are the same on every machine and under any load, so they can guard speed where seconds
cannot.
"""

import sys
from contextlib import contextmanager
from math import prod

import torch
from torch.utils._python_dispatch import TorchDispatchMode

PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "convolution", "convolution_backward"}
# They make no number: other views of the same memory, or memory alone.
FREE = {
    *("view", "_unsafe_view", "t", "transpose", "permute", "expand", "slice", "select", "alias"),
    *("split", "split_with_sizes", "unsqueeze", "squeeze", "detach", "as_strided", "unbind"),
    *("empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "reshape"),
    *("_reshape_alias", "lift_fresh", "chunk", "detach_"),
}


class Cost(TorchDispatchMode):
    """Counts what torch does within the block.

    Attributes:
        kernels: How many operations made numbers.
        products: How many of them were products of matrices or convolutions.
        flops: Operations of the products of matrices.
        written: Numbers that all the others wrote.
    """

    def __init__(self):
        super().__init__()
        self.kernels = self.products = self.flops = self.written = 0
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        name = func.name().split("::")[1].split(".")[0]
        if name in FREE:
            return out
        self.kernels += 1
        self.names.append(name)
        outs = out if isinstance(out, tuple | list) else (out,)
        made = sum(o.numel() for o in outs if isinstance(o, torch.Tensor))
        if name in PRODUCTS:
            self.products += 1
            matrices = [a for a in args if isinstance(a, torch.Tensor) and a.dim() > 1]
            self.flops += 2 * made * matrices[0].shape[-1] if name in ("mm", "addmm") else 0
        else:
            self.written += made
        return out


@contextmanager
def calls():
    """Count calls of Python functions within the block; the count is in the list's only place."""
    found = [0]

    def count(frame, event, arg):
        found[0] += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(before)


def numbers(*shapes):
    """Return how many numbers arrays of these shapes have in all."""
    return sum(prod(shape) for shape in shapes)
