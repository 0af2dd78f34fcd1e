"""How stored examples become the x of a model: from their smallest exact type to a support."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentia.data import Kind
from latentia.errors import UsageError
from latentia.likelihood.base import Support
from latentia.rng import seeded

__all__ = ["BATCH", "Batch", "Binarize", "Examples", "View", "tensor_of"]

BATCH = 500  # examples that are read at once, where nobody asks for another number

Binarize = Literal["dynamic", "threshold", "none"]

_STORED_SUPPORT: dict[str, Support] = {
    "binary": "binary",
    "bytes": "levels",
    "unit": "unit",
    "real": "real",
}


def tensor_of(array: npt.NDArray[Any]) -> Tensor:
    """Return an array as a tensor of the same memory, which nobody writes to."""
    with warnings.catch_warnings():
        # Of what is mapped from a file or belongs to a table.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)


@dataclass(frozen=True)
class View:
    r"""The step from a stored example to the x that the model is a density of.

    Arguments:
        kind: What is stored: `binary`, `bytes` (0..255), `unit` ([0, 1]) or `real`.
        binarize: `dynamic`: every read draws x = [u < pixel] anew, so that x is black or white
            and a Bernoulli is its probability; `threshold`: x = [pixel >= 1/2]; `none`: as is.
        also: What more is true of the values: that they are counts, say, or above 0.

    References:
        Salakhutdinov and Murray, "On the quantitative analysis of deep belief networks", 2008.

    Example:
        >>> View("bytes", "none")(torch.tensor([0, 51, 255], dtype=torch.uint8))
        tensor([0.0000, 0.2000, 1.0000])
    """

    kind: Kind
    binarize: Binarize = "none"
    also: tuple[Support, ...] = ()

    def __post_init__(self) -> None:
        if self.binarize != "none" and self.kind == "real":
            raise UsageError(
                "Only values within [0, 1] can be binarized, and these data are real numbers.",
                where=f"--binarize {self.binarize}",
                how="Use --binarize none.",
            )

    @property
    def support(self) -> Support:
        """What the values of x are after this view."""
        return _STORED_SUPPORT[self.kind] if self.binarize == "none" else "binary"

    @property
    def supports(self) -> frozenset[Support]:
        """Everything that the values of x are known to be."""
        also = self.also if self.binarize == "none" else ()
        return frozenset({self.support, *also})

    def __call__(self, stored: Tensor) -> Tensor:
        """Return x as float32, same shape; draws from the global generator when dynamic."""
        if self.binarize == "dynamic" and self.kind != "binary":
            return _bernoulli(stored)
        x = (
            stored.float() / 255
            if stored.dtype == torch.uint8 and self.kind == "bytes"
            else stored
        )
        if self.binarize == "threshold":
            return _missing_as_in(x, (x >= 0.5).float())
        return x.float()


def _bernoulli(stored: Tensor) -> Tensor:
    if stored.dtype == torch.uint8:
        # r uniform on 0..254: P(r < k) = k / 255 exactly, without a float per pixel.
        drawn = torch.empty_like(stored).random_(0, 255) < stored
        return drawn.view(torch.uint8).float()  # a fifth of the time that a bool's takes
    return _missing_as_in(stored, (torch.rand_like(stored) < stored).float())


def _missing_as_in(stored: Tensor, x: Tensor) -> Tensor:
    """Return x, but NaN where the stored value is: no comparison with NaN is true."""
    return torch.where(stored.isnan(), torch.nan, x) if stored.is_floating_point() else x


class Batch(NamedTuple):
    """Some examples, as a model takes them.

    Arguments:
        x: Examples, (B, *x_shape).
        c: Their conditions, (B, C), (1, C) of all of them, or None.
    """

    x: Tensor
    c: Tensor | None


class Examples:
    """A set of examples held once, read in batches through a view.

    Arguments:
        stored: All examples in their smallest exact type, (n, *x_shape).
        view: How they become x.
        index: Which of them belong to this set, (m,); all when None.
        c: Their conditions, (n, C), or (1, C) of all of them; None without.

    Example:
        >>> examples = Examples(torch.zeros(10, 4, dtype=torch.uint8), View("bytes"))
        >>> examples.read(torch.tensor([1, 2])).shape
        torch.Size([2, 4])
    """

    def __init__(
        self,
        stored: Tensor,
        view: View,
        index: np.ndarray | Tensor | None = None,
        *,
        c: Tensor | None = None,
    ) -> None:
        self.stored, self.view, self.c = stored, view, c
        rows = torch.arange(len(stored)) if index is None else torch.as_tensor(index)
        self.index = rows.to(stored.device)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def x_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(self.stored.shape[1:])

    @cached_property
    def complete(self) -> bool:
        """Whether no cell of any stored example is missing; looked at once."""
        if not self.stored.is_floating_point():
            return True
        parts = self.stored.split(1000)  # type: ignore[no-untyped-call]
        return not any(bool(part.isnan().any()) for part in parts)

    def read(self, rows: Tensor) -> Tensor:
        """Return x (b, *x_shape) of these rows of the set; a dynamic view draws here."""
        return self.view(self.stored.index_select(0, self.index[rows]))

    def plain(self, rows: Tensor) -> Tensor:
        """Return x (b, *x_shape) of these rows of the set, grey where a view would draw."""
        binarize: Binarize = "threshold" if self.view.binarize == "threshold" else "none"
        return View(self.view.kind, binarize)(self.stored[self.index[rows]])

    def conditions(self, rows: Tensor) -> Tensor | None:
        """Return the conditions (b, C) of these rows of the set, (1, C) of all, or None."""
        if self.c is None or len(self.c) == 1:
            return self.c
        return self.c[self.index[rows]]

    def bare(self) -> Examples:
        """Return the same examples without their conditions."""
        return Examples(self.stored, self.view, self.index)

    def batches(self, seed: int, rows: int = BATCH) -> Iterator[Tensor]:
        """Yield all of x in order, the same draw of a dynamic view for the same seed."""
        for x, _ in self.pairs(seed, rows):
            yield x

    def pairs(self, seed: int, rows: int = BATCH, only: int | None = None) -> Iterator[Batch]:
        """Yield what `batches` does, with the conditions of each batch.

        Arguments:
            seed: Seed of the draw of a dynamic view, which is a function of where a batch begins.
            rows: Examples of a batch.
            only: Which batch alone is asked for; all if None.
        """
        starts = range(0, len(self), rows)
        for start in starts if only is None else starts[only : only + 1]:
            part = torch.arange(start, min(start + rows, len(self)))
            with seeded(seed, 0, start):
                x = self.read(part)
            yield Batch(x, self.conditions(part))

    def whole(self, seed: int) -> Batch:
        """Return all of x at once, as `batches` yields it."""
        parts = list(self.pairs(seed))
        one = self.c is None or len(self.c) == 1
        c = self.c if one else torch.cat([part.c for part in parts if part.c is not None])
        return Batch(torch.cat([part.x for part in parts]), c)

    def draw_entropy(self) -> float:
        r"""Return the mean entropy of the draw of a dynamic view, in nats per example.

        .. math:: H(x \mid \text{pixels}) = -\sum_d p_d \log p_d + (1 - p_d) \log (1 - p_d)

        No model that does not see the pixels has a mean log p(x) above its negative. It is 0
        where nothing is drawn.
        """
        if self.view.binarize != "dynamic" or self.view.kind == "binary":
            return 0.0
        total, plain = 0.0, View(self.view.kind)
        for rows in torch.arange(len(self)).split(1000):  # type: ignore[no-untyped-call]
            p = plain(self.stored[self.index[rows.to(self.index.device)]]).double()
            each = torch.special.entr(p) + torch.special.entr(1 - p)
            total += float(each.nansum())
        return total / max(1, len(self))

    def moments(self, scaled: Callable[[Tensor], Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation of the unbinarized values, each (*x_shape).

        Arguments:
            scaled: What the values are brought to first, or None.
        """
        plain = View(self.view.kind)
        total = torch.zeros(self.x_shape, dtype=torch.float64, device=self.stored.device)
        square, count = total.clone(), total.clone()
        for rows in torch.arange(len(self), device=self.stored.device).split(1000):  # type: ignore[no-untyped-call]
            x = plain(self.stored[self.index[rows]])
            x = (x if scaled is None else scaled(x)).double()
            count += (~x.isnan()).sum(0)
            total += x.nan_to_num().sum(0)
            square += x.nan_to_num().square().sum(0)
        seen = count.clamp_min(1)  # a cell never seen in this part has mean 0 and deviation 0
        mean = total / seen
        variance = (square / seen - mean.square()).clamp_min(0)
        return mean.float(), variance.sqrt().float()
