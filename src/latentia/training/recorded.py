"""A step recorded once and then replayed: one launch on a GPU where there were hundreds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple, final

import torch
from torch import Tensor

from latentia.model import Terms

__all__ = ["Outcome", "Recorded"]

# Steps taken as they are written before one is recorded: libraries choose their kernels in them.
_WARM = 3


class Outcome(NamedTuple):
    """What a step leaves behind.

    Arguments:
        loss: What was minimized, () nats.
        norm: Norm of its gradient before clipping, (), or None where nothing is clipped.
        sums: Count, reconstruction, KL, what a critic tells, and KL by latent, each summed over
            the batch, (3 + L,) or (6 + L,).
        terms: The terms of the batch, without a gradient.
    """

    loss: Tensor
    norm: Tensor | None
    sums: Tensor
    terms: Terms


@final
class Recorded:
    """Takes steps on a GPU: the first few as they are written, then those of a recording.

    A small model's step is a hundred kernels of a few microseconds, and to launch each takes as
    long again. A recording (a CUDA graph) is launched at once, reads its rows and its schedules
    where they lay when it was made, and draws from torch's generator as the step would.

    Arguments:
        take: Takes a step: from rows (B,), epochs so far () and learning rate () to its outcome.
            It must not look at any number.
        device: The GPU.
    """

    def __init__(
        self, take: Callable[[Tensor, Tensor, Tensor], Outcome], device: torch.device
    ) -> None:
        self._take, self._device = take, device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._left = _WARM
        self._graph: torch.cuda.CUDAGraph | None = None
        self._epoch, self._rate = torch.zeros(2, device=device).unbind()
        self._rows: Tensor | None = None
        self._outcome: Outcome | None = None

    @property
    def proven(self) -> bool:
        """Whether there is a recording, so that nothing can go wrong with making one."""
        return self._graph is not None

    def __call__(self, rows: Tensor, epoch: float, rate: float) -> Outcome:
        """Take a step.

        Arguments:
            rows: Rows of the examples, (B,), the same number every time.
            epoch: Epochs trained so far, with fraction.
            rate: The learning rate.

        Returns:
            The outcome; all but the loss and the norm is overwritten by the next step.
        """
        if self._rows is None:
            self._rows = rows.to(self._device, copy=True)
        self._rows.copy_(rows, non_blocking=True)
        self._epoch.fill_(epoch)
        self._rate.fill_(rate)
        if self._left:
            self._left -= 1
            return self._beside(self._rows)
        if self._graph is None:
            self._graph = self._record(self._rows)
        self._graph.replay()
        found = self._outcome
        assert found is not None
        norm = None if found.norm is None else found.norm.clone()
        return found._replace(loss=found.loss.clone(), norm=norm)

    def _beside(self, rows: Tensor) -> Outcome:
        """Take a step as it is written, in the stream of the recording."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            found = self._take(rows, self._epoch, self._rate)
        current.wait_stream(self._stream)
        return found

    def _record(self, rows: Tensor) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=self._stream):
                self._outcome = self._take(rows, self._epoch, self._rate)
        except Exception:
            _close()
            raise
        return graph


def _close() -> None:
    """Let the generator draw again after a recording that failed, which left it open."""
    with warnings.catch_warnings(), torch.cuda.graph(torch.cuda.CUDAGraph()):
        warnings.simplefilter("ignore")  # that there is nothing in it
