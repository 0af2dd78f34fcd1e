"""A film of training: the same examples and the same draws of the prior, epoch after epoch."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.estimator.base import Estimator
from latentia.explorer.reel import Reel
from latentia.explorer.small import size_of, small
from latentia.rng import seeded

__all__ = ["Film"]

Array = npt.NDArray[Any]

COUNT = 6  # examples, and draws
_SHARE = 0.02  # of the time that training took, what pictures may take
_AT_ONCE = 0.5  # seconds of them that nobody notices
_MOST = 128  # frames; beyond it, every second one goes


@final
class Film:
    """Pictures of what a model makes of the same examples, and of the same noise from its prior.

    Each frame is bytes (2 x COUNT, H, W, channels): reconstructions, then E[x|z] of z ~ p(z), of
    which there are none where there is no prior. A frame is left out where it would cost too much.

    Arguments:
        model: The model, which is being trained.
        x: Examples (n, ...), as the user has them; the first few are shown.
        c: Their conditions (n, C), or None.
    """

    def __init__(self, model: Estimator, x: Array, c: Array | None = None) -> None:
        self._x = x[:COUNT]
        self._model = model if c is None else model.under(np.asarray(c[:COUNT], np.float32))
        self.schema = model.schema_
        self._size = size_of(self.schema)
        self._frames: dict[int, bytes] = {}
        self._spent, self._cost = 0.0, 0.0
        self._probed = False

    @cached_property
    def _examples(self) -> Array:
        assert self._size is not None
        return small(self._x, self.schema, *self._size)

    @property
    def reel(self) -> Reel | None:
        """The frames so far; None where examples are no pictures."""
        if self._size is None or not len(self._x):
            return None
        draws = len(self._x) if self._model.is_generative else 0
        return Reel(self._examples, draws, self._frames)

    @property
    def layout(self) -> dict[str, int] | None:
        """How a frame is laid out; None where examples are no pictures."""
        reel = self.reel
        return None if reel is None else reel.layout

    @property
    def epochs(self) -> list[int]:
        """The epochs of which there is a frame."""
        return list(self._frames)

    def go_on(self, earlier: Reel) -> None:
        """Begin with the frames of an earlier film, if it is of the same examples."""
        reel = self.reel
        if reel is not None and reel.goes_on(earlier):
            self._frames = dict(earlier.frames)

    def begin(self, epoch: int, seconds: float, *, ended: bool = True) -> None:
        """Forget what comes after an epoch, from which a run goes on, and take its own frame.

        Arguments:
            epoch: The last that has ended; 0 of an untrained model.
            seconds: What training has taken so far.
            ended: Whether the weights are still those of its end, not of the middle of the next.
        """
        self._frames = {one: frame for one, frame in self._frames.items() if one <= epoch}
        if ended and epoch not in self._frames:
            self.take(epoch, seconds)

    def take(self, epoch: int, seconds: float) -> bool:
        """Take a frame, if there is time; return whether one was taken.

        Arguments:
            epoch: The epoch that has ended; 0 of an untrained model.
            seconds: What training has taken so far.
        """
        if self.layout is None:
            return False
        began = time.perf_counter()
        with seeded(0, 5), self._model.model_.evaluating():
            if not self._probed:
                self._probe()
            affordable = max(_AT_ONCE, _SHARE * seconds)
            taken = self._spent + self._cost <= affordable
            if taken:
                since = time.perf_counter()
                # Another dictionary, for a page may be reading this one.
                self._frames = {**self._frames, epoch: self._made()}
                self._cost = time.perf_counter() - since
                self._spent += time.perf_counter() - began
        if len(self._frames) > _MOST:
            kept = [*self.epochs[:-1:2], self.epochs[-1]]
            self._frames = {one: self._frames[one] for one in kept}
        return taken

    def _probe(self) -> None:
        """Find out what one example costs: of some decoders it is a pass for every pixel."""
        one = self._model.condition_
        single = self._model if one is None else self._model.under(one[:1])
        single.reconstruct(self._x[:1])  # the first pass of a model is slower than all others
        since = time.perf_counter()
        single.reconstruct(self._x[:1])
        # Twice as many passes as one example, each of a few.
        self._cost = 4 * (time.perf_counter() - since)
        self._probed = True

    def _made(self) -> bytes:
        model = self._model
        made = self._bytes(model.reconstruct(self._x))
        if model.is_generative:
            made += self._bytes(model.sample_mean(len(self._x), random_state=0))
        return made

    def _bytes(self, x: Array) -> bytes:
        assert self._size is not None
        return small(x, self.schema, *self._size).tobytes()
