"""The training loop: flat; the engine takes its steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, inf, pi

import torch
from torch import Tensor

from latentia.evaluation.bound import Bound, bound, mean_objective, reported
from latentia.evaluation.by_group import group_sizes, grouped
from latentia.model import LatentVariableModel
from latentia.objective.base import Objective
from latentia.rng import mix, reseed, seeded
from latentia.training.checkpoint import Checkpoints, Progress
from latentia.training.critic import TOLD, opinion
from latentia.training.diagnosis import (
    require_finite,
    require_finite_weights,
    require_progress,
)
from latentia.training.engine import Engine
from latentia.training.observer import Observer, Row
from latentia.training.saving import Saver
from latentia.training.settings import Settings
from latentia.training.signals import Interrupted, noted
from latentia.view import Examples

__all__ = ["Sums", "Task", "fit", "why_stopped"]

# Seconds between checkpoints: little lost by a crash, little spent by a run of short epochs.
_CHECKPOINT_SECONDS = 15.0
_LONG_EPOCH_SECONDS = 60.0
# Seconds between looks at whether a run that stands still is to go on.
_TURN = 0.05
_VALIDATION_SEED = 1
# Of the steps of an epoch that were left out, so many are worth a word.
_MANY_SKIPPED = 0.1


@dataclass
class Task:
    """What is trained, on what, towards what.

    Arguments:
        model: The model; it ends with the weights of the best validation ELBO.
        objective: What training maximizes.
        train: Training examples.
        validation: Validation examples, the only ones that choose.
        corruption: Noise put on the encoder's copy of x, or None.
        checkpoints: Where checkpoints go, or None.
        keep: Called after every epoch with the model, its rows and whether it is the best so far.
        best: The weights of the best validation ELBO so far.
    """

    model: LatentVariableModel
    objective: Objective
    train: Examples
    validation: Examples
    corruption: Callable[[Tensor], Tensor] | None = None
    checkpoints: Checkpoints | None = None
    keep: Callable[[LatentVariableModel, list[Row], bool], None] | None = None
    best: dict[str, Tensor] = field(default_factory=dict)


def fit(task: Task, settings: Settings, observer: Observer, *, resume: bool = False) -> Progress:
    """Train a model and leave it with its best weights.

    Arguments:
        task: The model, the objective and the examples.
        settings: Epochs, batch size, learning rate and so on.
        observer: Told of every step and epoch.
        resume: Continue from the newest checkpoint, bitwise as if never stopped (on CPU).

    Returns:
        Where the run ended.

    Raises:
        RunError: if training diverges; the model then holds the last good weights.
        Interrupted: after Ctrl-C, a termination or a hang-up signal, with a checkpoint kept.
        MachineError: if the last checkpoint cannot be written.
    """
    engine = Engine(
        task.model,
        task.objective,
        task.train,
        settings,
        corruption=task.corruption,
        warn=observer.warn,
    )
    progress = Progress()
    if resume and task.checkpoints is not None:
        progress = task.checkpoints.load(task.model, engine.optimizer, engine.critic)
    observer.begin(settings, progress)
    try:
        with seeded(settings.seed), noted() as stop:
            _train(_Fit(task, settings, engine, progress, observer, stop))
    finally:
        observer.end()
        if task.best:
            task.model.load_state_dict(task.best)
        task.model.eval()
        task.model.prior.let_go()
    return progress


@dataclass
class _Fit:
    """What the steps of one fit share."""

    task: Task
    settings: Settings
    engine: Engine
    progress: Progress
    observer: Observer
    stop: list[int]
    told: bool = False

    def __post_init__(self) -> None:
        self.saver = Saver(self.task.checkpoints, self._write, self.observer.warn)
        self.sums = Sums(self.progress.sums)

    def _write(self) -> None:
        task = self.task
        if task.checkpoints is not None:
            self.look(wait=True)
            require_finite_weights(task.model, self.progress)
            self.progress.sums = self.sums.values()
            optimizer, critic = self.engine.optimizer, self.engine.critic
            task.checkpoints.save(task.model, optimizer, self.progress, task.best, critic)

    def look(self, *, wait: bool = False) -> None:
        """Look at the numbers of steps that were taken, and stop if they are none.

        Raises:
            RunError: if training diverged.
        """
        for taken in self.engine.seen(wait=wait):
            require_finite(taken, self.progress, self.task.model)

    def stand_still(self) -> float:
        """Wait while the observer asks for it, a checkpoint kept; return for how many seconds."""
        if not self.observer.pauses:
            return 0.0
        began = time.perf_counter()
        self.saver.save()
        while self.observer.pauses and not self.stop:
            time.sleep(_TURN)
        return time.perf_counter() - began

    def tell_skipped(self, steps: int) -> None:
        """Say, once, that many steps were left out: a run that stands still should say why."""
        if self.settings.skip is None:
            return
        count = int(self.engine.skipped)
        self.engine.skipped.zero_()
        if count > _MANY_SKIPPED * steps and not self.told:
            self.told = True
            self.observer.warn(
                f"{count} of {steps} steps of epoch {self.progress.epoch + 1} were left out: the "
                f"norms of their gradients are above --skip {self.settings.skip:g}"
            )


def _train(fit: _Fit) -> None:
    task, progress = fit.task, fit.progress
    if progress.first_elbo == -inf:
        progress.first_elbo = _validate(task).elbo
        # Untrained weights are the last good ones until an epoch has ended.
        task.best = _weights(task.model)
        fit.saver.save()  # from here on, there is something to resume from
    while not _finished(progress, fit.settings):
        _train_epoch(fit)
        require_finite_weights(task.model, progress)
        began = time.perf_counter()
        progress.sums = fit.sums.values()
        with fit.engine.optimizer.averaged():
            rows, improved = _close_epoch(task, progress)
            progress.elapsed += time.perf_counter() - began
            fit.observer.look(task.model)
        fit.sums = Sums([])
        fit.observer.epoch(rows, improved)
        if fit.stop or fit.observer.enough:
            break
        fit.saver.save(every=0.0 if progress.epoch == 1 else _CHECKPOINT_SECONDS)
    fit.saver.save_last(progress)
    if fit.stop:  # while an epoch was measured, the last one perhaps
        raise Interrupted(128 + fit.stop[0])


def _train_epoch(fit: _Fit) -> None:
    task, settings, progress = fit.task, fit.settings, fit.progress
    order = _order(len(task.train), settings.seed, progress.epoch).to(task.train.index.device)
    batches = order.split(settings.batch_size)  # type: ignore[no-untyped-call]
    task.model.train()
    started = time.perf_counter() - progress.epoch_seconds
    for step in range(progress.step, len(batches)):
        # Every step's noise is a function of its place, so a resumed run repeats it exactly.
        reseed(settings.seed, progress.epoch, step)
        position = progress.epoch + step / len(batches)
        progress.learning_rate = _learning_rate(settings, progress, position)
        taken = fit.engine.step(step + 1, batches[step], position, progress.learning_rate)
        fit.look()
        progress.step, progress.steps = step + 1, progress.steps + 1
        fit.sums.add(taken.sums)
        progress.epoch_seconds = time.perf_counter() - started
        fit.observer.step(progress, len(batches), taken.terms)
        started += fit.stand_still()
        if fit.stop:
            fit.saver.save_last(progress)
            raise Interrupted(128 + fit.stop[0])
        if _out_of_time(progress, settings):
            break  # the epoch ends here, and is measured like any other
        fit.saver.save(every=_LONG_EPOCH_SECONDS)
    fit.look(wait=True)
    fit.tell_skipped(len(batches))
    progress.epoch_seconds = time.perf_counter() - started


def _close_epoch(task: Task, progress: Progress) -> tuple[list[Row], bool]:
    """End an epoch: evaluate, keep the weights if they are the best, and write its rows."""
    validated = _validate(task)
    require_progress(validated, progress, task.model)
    score = _score(task, validated)
    count, reconstruction, kl, *more = progress.sums
    told = TOLD * task.objective.contested
    critic, per_dim = opinion(task.objective, more[:told]), more[told:]
    progress.elapsed += progress.epoch_seconds
    common = {
        "epoch": progress.epoch + 1,
        "step": progress.steps,
        "seconds": round(progress.epoch_seconds, 4),
    }
    rate = progress.learning_rate
    trained: Row = {
        **common,
        "split": "train",
        **reported(task.model, (reconstruction - kl) / count, reconstruction / count, kl / count),
        "kl_per_dim": [value / count for value in per_dim] or None,
        "active_units": None,
        "learning_rate": rate,
    }
    if critic:
        trained["critic"] = critic
    numbers = validated.numbers(task.model)
    row: Row = {**common, "split": "validation", **numbers, "learning_rate": rate}
    if score != validated.elbo or row["elbo"] is None:
        row["objective"] = score
    progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, []
    progress.epoch_seconds = 0.0
    improved = score > progress.best_score
    if improved:
        progress.best_score, progress.best_epoch = score, progress.epoch
        task.best = _weights(task.model)
    sizes = group_sizes(task.model)
    rows = [grouped(trained, sizes), grouped(row, sizes)]
    if task.keep is not None:
        task.keep(task.model, rows, improved)
    return rows, improved


def _validate(task: Task) -> Bound:
    """Measure on validation data what is trained: with the same noise on the encoder's input."""
    seed, noise = _VALIDATION_SEED, task.corruption
    # Where the class is a latent, the bound is on log p(x) of all of them, labelled or not.
    examples = task.validation if task.model.labels is None else task.validation.bare()
    return bound(task.model, examples, seed=seed, corruption=noise)


def _score(task: Task, validated: Bound) -> float:
    """Return the mean objective on validation data, its schedules over: what chooses the epoch.

    That of beta = 0.1 is not chosen by the ELBO, whose best epoch would be an early one.
    """
    if task.objective.is_elbo:
        return validated.elbo
    seed, noise = _VALIDATION_SEED, task.corruption
    return mean_objective(task.model, task.validation, task.objective, seed=seed, corruption=noise)


def _weights(model: LatentVariableModel) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _finished(progress: Progress, settings: Settings) -> bool:
    return progress.epoch >= settings.epochs or bool(why_stopped(progress, settings))


def why_stopped(progress: Progress, settings: Settings) -> str:
    """Return why a run stops where it stands, before its last epoch; else nothing.

    Example:
        >>> why_stopped(Progress(epoch=4, best_epoch=3), Settings(epochs=9, patience=1))
        'after epoch 4 of 9: no better validation for 1 epoch (--patience 1)'
    """
    if progress.epoch >= settings.epochs:
        return ""
    after = f"after epoch {progress.epoch} of {settings.epochs}"
    if _out_of_time(progress, settings):
        spent = progress.elapsed + progress.epoch_seconds
        return f"{after}: the time is up, {spent:.3g} s (--max-time {settings.max_time:g} s)"
    waited, patience = progress.epoch - max(progress.best_epoch, 0), settings.patience
    if patience is None or progress.step != 0 or waited < patience:
        return ""
    epochs = f"{waited} epoch{'s' * (waited != 1)}"
    return f"{after}: no better validation for {epochs} (--patience {patience})"


def _out_of_time(progress: Progress, settings: Settings) -> bool:
    spent = progress.elapsed + progress.epoch_seconds
    return settings.max_time is not None and spent >= settings.max_time


def _order(n: int, seed: int, epoch: int) -> Tensor:
    generator = torch.Generator().manual_seed(mix(seed, epoch))
    return torch.randperm(n, generator=generator)


def _learning_rate(settings: Settings, progress: Progress, position: float) -> float:
    if settings.schedule == "constant":
        return settings.learning_rate
    done = position / settings.epochs
    if settings.max_time is not None:
        spent = progress.elapsed + progress.epoch_seconds
        done = max(done, spent / settings.max_time)
    return settings.learning_rate * (0.5 + 0.5 * cos(pi * min(done, 1.0)))


class Sums:
    """Sums over an epoch, kept where the model is, as the engine tells them.

    Arguments:
        start: What an interrupted epoch had summed up already, or nothing.
    """

    def __init__(self, start: list[float]) -> None:
        self._total = torch.tensor(start, dtype=torch.float64) if start else None

    def add(self, sums: Tensor) -> None:
        """Add the sums of a batch, as the engine tells them."""
        # A recording writes the next ones where these are.
        start = torch.zeros_like(sums) if self._total is None else self._total.to(sums.device)
        self._total = start + sums

    def values(self) -> list[float]:
        """Return the sums, or nothing where nothing was added."""
        return [] if self._total is None else self._total.tolist()
