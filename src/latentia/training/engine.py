"""The engine: one step of training, as fast as this machine takes it.

    rows --read--> x --objective--> loss --backward--> gradient --AdamW--> weights

Data stay where they are, in their smallest exact type; a step gathers its rows and draws their
black and white from them. The products of matrices may be of bfloat16, everything else (weights,
moments, log-probabilities, sums) is float32 and more. The loss may be compiled; on a GPU the whole
step is recorded and replayed. Nothing waits for a GPU but the look at the numbers, which there is
taken every few steps.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import inf
from typing import NamedTuple

import torch
from torch import Tensor

from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective
from latentia.training.adamw import AdamW
from latentia.training.compiled import (
    Before,
    Found,
    Loss,
    Whole,
    first_line,
    loss,
    require_alike,
    ways,
)
from latentia.training.critic import apprentice
from latentia.training.halved import Halved, side_by_side
from latentia.training.recorded import Outcome, Recorded
from latentia.training.settings import Settings
from latentia.view import Examples

__all__ = ["Engine", "Taken"]

Corruption = Callable[[Tensor], Tensor]

# What there is to give of a model without conditions.
_NOTHING = nullcontext()
# Steps between looks at the numbers where looking means waiting for the device.
_APART = 16


class Taken(NamedTuple):
    """A step that was taken.

    Arguments:
        step: Its number in the epoch, from 1.
        loss: What was minimized, () nats.
        norm: Norm of its gradient before clipping, (), or None where nothing is clipped.
        sums: Count, reconstruction, KL, what a critic tells, and KL by latent, each summed over
            the batch, (3 + L,) or (6 + L,).
        terms: The terms of the batch; where steps are replayed, of the last one.
    """

    step: int
    loss: Tensor
    norm: Tensor | None
    sums: Tensor
    terms: Terms


class Engine:
    """Takes the steps of one fit.

    Arguments:
        model: The model; its parameters are trained in place.
        objective: What is maximized.
        examples: Training examples.
        settings: Batch size, weight decay, clipping, precision, and whether to compile.
        corruption: Noise on the encoder's copy of x, or None.
        warn: Is told, once, if the step cannot be compiled.
    """

    def __init__(
        self,
        model: LatentVariableModel,
        objective: Objective,
        examples: Examples,
        settings: Settings,
        *,
        corruption: Corruption | None = None,
        warn: Callable[[str], object] = lambda text: None,
    ) -> None:
        self.model, self.objective, self.examples = model, objective, examples
        self.settings, self.corruption, self._warn = settings, corruption, warn
        model.prior.hold(examples.plain, len(examples))
        # Where an example is no part of its own prior, it has to be known which it is.
        self._leaves_out = model.prior.leaves_out
        if next(model.parameters()).device.type == "cuda":
            side_by_side(model)
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        place = self._parameters[0].device
        self.optimizer = AdamW(
            self._parameters,
            weight_decay=settings.weight_decay,
            average=settings.average,
            # What adapts to batches follows the weights, and its mean those of theirs.
            others=[b for b in model.buffers() if b.is_floating_point()],
        )
        # What learns beside the model, if anything does.
        self.critic = apprentice(objective, model, examples, settings.seed)
        # How many steps of an epoch were left out for the length of their gradient.
        self.skipped = torch.zeros((), device=place)
        self._device = place.type
        self._autocast = settings.precision == "bfloat16"
        there = self._device == "cuda"
        self._halved = Halved(model) if there and self._autocast else None
        compiles = settings.compile == "yes"
        self._ways = ways(model, self._parameters, self._autocast) if compiles else []
        self._proven = False
        self._recorded: Recorded | None = None
        same = examples.complete and objective.records
        if self._device == "cuda" and settings.compile in ("yes", "graph") and same:
            self._recorded = Recorded(self._take, place)
        self._unseen: list[Taken] = []

    def step(self, number: int, rows: Tensor, position: float, rate: float) -> Taken:
        """Take one step.

        Arguments:
            number: Its number in the epoch, from 1.
            rows: Rows of the examples, (B,).
            position: Epochs trained so far, with fraction.
            rate: The learning rate.
        """
        recorded = self._recorded
        # Compiled and recorded for one shape; the last rows of an epoch may be fewer.
        if recorded is not None and len(rows) == self.settings.batch_size:
            outcome = self._replayed(recorded, rows, position, rate)
        else:
            outcome = self._take(rows, position, rate)
        taken = Taken(number, *outcome)
        self._unseen.append(taken)
        return taken

    def _take(self, rows: Tensor, position: float | Tensor, rate: float | Tensor) -> Outcome:
        """Take one step as it is written; nothing here looks at a number."""
        x = self.examples.read(rows)
        given = None if self.corruption is None else self.corruption(x)
        self._forget()
        c = self.examples.conditions(rows)
        given_c = _NOTHING if c is None else self.model.given(c)
        mine = rows if self._leaves_out else None
        with self.model.seeing(complete=self.examples.complete, rows=mine), given_c:
            value, terms, sums = self._differentiated(x, given, position)
            told = None if self.critic is None else self.critic.learn(self.model, terms)
        limit, far = self.settings.clip, self.settings.skip
        norm = None if limit is None and far is None else _clip(self._parameters, limit)
        value = value.detach()
        # A step whose numbers are none is not taken, nor one that would go too far.
        lost = ~value.isfinite() if norm is None else ~(value + norm).isfinite()
        if norm is not None and far is not None:
            self.skipped += norm > far
            lost = lost | (norm > far)
        # Where nothing is waited for by a look at a number, it is looked at.
        skip = lost.float() if self._device != "cpu" or bool(lost) else None
        self.optimizer.step(rate, skip=skip)
        if self._device == "cuda":
            # A graph of gradients that lives on would tie the next ones to its stream.
            terms = terms._replace(rows=None, under=None)
            terms = Terms(*(None if part is None else part.detach() for part in terms))  # type: ignore[arg-type]
        if told is not None:
            sums = torch.cat([sums[:3], told, sums[3:]])
        return Outcome(value, norm, sums, terms)

    def _replayed(self, recorded: Recorded, rows: Tensor, position: float, rate: float) -> Outcome:
        """Take one step from the recording, or as it is written if none can be made."""
        if recorded.proven:
            return recorded(rows, position, rate)
        before = Before(self.model, self._device)
        try:
            return recorded(rows, position, rate)
        except Exception as error:  # whatever the device has to say
            self._recorded = None
            before.restore()
            outcome = self._take(rows, position, rate)  # what is wrong here too is no fault of it
            self._warn(
                "the step could not be recorded, and is taken as it is written: "
                f"{first_line(error)}"
            )
            return outcome

    def _forget(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    def seen(self, *, wait: bool = False) -> list[Taken]:
        """Return the steps whose numbers may now be looked at without holding up the device.

        Arguments:
            wait: Whether to look at all of them now.
        """
        if self._device == "cuda" and not wait and len(self._unseen) < _APART:
            return []
        taken, self._unseen = self._unseen, []
        return taken

    def _differentiated(self, x: Tensor, given: Tensor | None, position: float | Tensor) -> Found:
        """Return what is found of a batch, with the gradient in the parameters."""
        ways = self._ways
        if isinstance(position, float) and position >= self.objective.settles:
            position = inf  # one number for all that is compiled
        elif isinstance(position, float):
            ways = []
        if not ways or len(x) != self.settings.batch_size:
            return self._back(loss, x, given, position)
        if self._proven:
            return self._back(ways[0], x, given, position)
        before = Before(self.model, self._device)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the compiler's, of itself
                found = self._proved(ways[0], before, x, given, position)
        except Exception as error:  # whatever a compiler has to say
            self._ways = ways[1:]
            before.restore()
            self._forget()
            # What is wrong as it is written too is no fault of a compiler's.
            found = self._differentiated(x, given, position)
            if not ways[1:]:
                self._warn(
                    "the step could not be compiled, and is taken as it is written: "
                    f"{first_line(error)}  (--compile no says nothing of it)"
                )
            return found
        self._proven = True
        return found

    def _proved(
        self,
        compiled: Loss,
        before: Before,
        x: Tensor,
        given: Tensor | None,
        position: float | Tensor,
    ) -> Found:
        """Differentiate both ways with the same noise: a compiler may be wrong without a word."""
        self._back(loss, x, given, position)
        expected = [parameter.grad for parameter in self._parameters]
        self._forget()
        before.restore()
        found = self._back(compiled, x, given, position)
        gradients = [parameter.grad for parameter in self._parameters]
        require_alike(gradients, expected, rounding=1e-3 if self._autocast else 1e-4)
        return found

    def _back(
        self, value_of: Loss, x: Tensor, given: Tensor | None, position: float | Tensor
    ) -> Found:
        if isinstance(value_of, Whole):
            return value_of(self.model, self.objective, x, given, position)
        if self._halved is not None:
            self._halved.lend()
        try:
            with torch.autocast(self._device, torch.bfloat16, enabled=self._autocast):
                found = value_of(self.model, self.objective, x, given, position)
            found.loss.backward()  # type: ignore[no-untyped-call]
        finally:
            if self._halved is not None:
                self._halved.take_back()
        return found


def _clip(parameters: Sequence[Tensor], limit: float | None) -> Tensor:
    """Return the norm of the gradient, and shorten it to the limit if there is one."""
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
    if limit is not None:
        torch.nn.utils.clip_grads_with_norm_(parameters, limit, norm)
    return norm
