"""A training session: from loaded data and a plan to a trained model, with or without a folder.

The command line and the estimators both come through here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latentia
from latentia import room
from latentia.config import EstimatorKind
from latentia.data import Data
from latentia.design import Component, Wishes, assemble, decide, start_at_data, why_no_likelihood
from latentia.device import choose
from latentia.errors import DataError, RunError, UsageError
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.run import Config, DataRecord, Run
from latentia.training.diagnosis import Diverged
from latentia.training.engine import tuned, work
from latentia.training.loop import Task, fit, why_stopped
from latentia.training.observer import Observer, Row
from latentia.training.settings import Settings
from latentia.view import Examples, tensor_of

__all__ = [
    "DataRequest",
    "Plan",
    "Session",
    "lasting",
    "load_again",
    "load_data",
    "prepare",
    "reopen",
    "require_likelihood",
    "split_data",
]


@dataclass(frozen=True)
class DataRequest:
    """Which data, and how they are divided.

    Arguments:
        name: A name or a path, as asked for; `array` for data in memory.
        root: Folder of data sets to look in first.
        size: Side in pixels for image folders, or None.
        columns: The columns of a table that are the data, or none for the default.
        drop: Columns of a table that are left out.
        conditions: What a model of p(x|c) is told: columns of a table, or `label`.
        validation: Rows or share kept for choosing, or None for the default.
        test: Rows or share kept for the final numbers, or None for the default; 0 keeps none.
    """

    name: str = "array"
    root: str | None = None
    size: int | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    validation: float | None = None
    test: float | None = None


@dataclass(frozen=True)
class Plan:
    """What to train and how.

    Arguments:
        kind: The estimator that the result is loaded as.
        wishes: The model asked for.
        objective: A member of the objective room.
        corruption: A member of the corruption room, or None.
        settings: Epochs, batch size and so on.
        device: `auto`, `cpu` or `cuda`.
    """

    kind: EstimatorKind = "VAE"
    wishes: Wishes = field(default_factory=Wishes)
    objective: Component = "elbo"
    corruption: Component | None = None
    settings: Settings = field(default_factory=Settings)
    device: str = "auto"


@dataclass
class Session:
    """A model ready to train, with everything that `config.json` says of it.

    Arguments:
        config: The whole configuration.
        task: Model, objective and examples.
        history: The rows of metrics, filled while training.
        stopped: Why training ended before its last epoch; empty where it did not.
    """

    config: Config
    task: Task
    history: list[Row] = field(default_factory=list)
    stopped: str = ""

    @property
    def model(self) -> LatentVariableModel:
        """The model, trained once `train` has returned."""
        return self.task.model

    def train(self, observer: Observer, *, run: Run | None = None, resume: bool = False) -> None:
        """Train, writing into a run folder if one is given; no other process may write there.

        Raises:
            RunError: if training diverges, and the model then holds the last good weights; or if
                another process trains into the folder.
            Interrupted: after Ctrl-C, with a checkpoint kept.
            MachineError: if the folder cannot be written.
        """
        with nullcontext() if run is None else run.hold():
            if run is not None:
                self.task.checkpoints = run.checkpoints
                run.mark_diverged("")
                if resume:
                    self._go_on_from(run)
                else:
                    run.rewind(0)  # of what failed before it left any weights
            self.task.keep = self._keeper(run)
            try:
                progress = fit(self.task, self.config.training, observer, resume=resume)
            except Diverged as error:
                if run is not None:
                    run.save_model(self.model)  # the last good weights, or else untrained ones
                    run.mark_diverged(error.story)
                raise
        self.stopped = why_stopped(progress, self.config.training)

    def _keeper(self, run: Run | None) -> Callable[[LatentVariableModel, list[Row], bool], None]:
        """Return what is done with the rows and weights of every epoch."""

        def keep(model: LatentVariableModel, rows: list[Row], improved: bool) -> None:
            self.history += rows
            if run is not None:
                run.append(rows)
                if improved:
                    run.save_model(model)
                if self.config.training.snapshots:
                    run.save_snapshot(model, rows[-1]["epoch"])

        return keep

    def _go_on_from(self, run: Run) -> None:
        standing, _ = run.checkpoints.peek()
        run.sweep()
        run.rewind(standing.epoch)
        self.history = run.metrics()
        self.task.best = run.checkpoints.best()
        if standing.best_epoch >= 0:
            # A killed run may have been past its checkpoint: back to the best as of there.
            self.model.load_state_dict(self.task.best)
            run.save_model(self.model)


def lasting(name: str) -> str:
    """Return a data set's name as it is, and a path as one that holds from any folder.

    Example:
        >>> lasting("mnist5k")
        'mnist5k'
    """
    known = latentia.data.names()
    if name == DataRequest().name or name.replace("_", "-").lower() in known:
        return name
    return str(Path(name).expanduser().resolve()) if Path(name).expanduser().exists() else name


def load_data(request: DataRequest) -> Data:
    """Load the data of a request."""
    return latentia.data.load(
        request.name,
        root=request.root,
        size=request.size,
        columns=request.columns,
        drop=request.drop,
        conditions=request.conditions,
    )


def load_again(
    record: DataRecord, *, root: str | None = None, instead: str
) -> tuple[Data, DataRequest]:
    """Load the data that a run was trained on, and how they were divided.

    Arguments:
        record: What the run remembers of them.
        root: Folder of data sets to look in first.
        instead: What else a user can do if they have changed.

    Raises:
        DataError: if they have changed since.
    """
    request = DataRequest(
        record.request,
        root=root,
        size=record.size,
        columns=record.schema_.columns,  # those that were found to be data, whatever asked for
        drop=record.drop,
        conditions=tuple(condition.name for condition in record.schema_.conditions),
        validation=record.validation,
        test=record.test,
    )
    try:
        data = load_data(request)
        now = f"{len(data)} examples, hash {data.fingerprint}"
    except UsageError as error:  # a column that was there
        data, now = None, error.what
    if data is None or data.schema.sha256 != record.schema_.sha256:
        raise DataError(
            "The data have changed since this run began: these are not the data that this run "
            "was trained on.",
            where=f"{record.request}: {now}; the run began with hash {record.schema_.sha256[:16]}",
            how=f"Restore the data, or {instead}.",
        )
    return replace(data, schema=record.schema_), request


def split_data(data: Data, request: DataRequest) -> dict[str, Any]:
    """Divide the rows as a request says; with `test=0`, everything is training or validation."""
    if request.test == 0:
        parts = data.split(validation=request.validation)
        rows = np.concatenate([parts["train"], parts["test"]])
        return {**parts, "train": rows, "test": rows[:0]}
    return data.split(validation=request.validation, test=request.test)


def prepare(data: Data, plan: Plan, request: DataRequest) -> Session:
    """Decide on a model for the data and build it, untrained.

    Arguments:
        data: The data.
        plan: What to train and how.
        request: How the data were asked for and are divided.
    """
    design, reasons = decide(data.schema, plan.wishes)
    parts = split_data(data, request)
    model = assemble(design, seed=plan.settings.seed)
    settings, why_epochs = plan.settings.complete(len(parts["train"]))
    config = Config(
        latentia=latentia.__version__,
        estimator=plan.kind,
        data=DataRecord(
            request=lasting(request.name),
            size=request.size,
            columns=request.columns,
            drop=request.drop,
            validation=request.validation,
            test=request.test,
            # A run is shared; where a named set lay on this machine is nobody's business.
            data_schema={**data.schema.to_dict(), "source": request.name},
            n_train=len(parts["train"]),
            n_validation=len(parts["validation"]),
            n_test=len(parts["test"]),
            notes=list(data.notes),
        ),
        model=design,
        objective=room.spec("objective", plan.objective),
        corruption=None if plan.corruption is None else room.spec("corruption", plan.corruption),
        training=settings,
        reasons=[*reasons, why_epochs],
        no_likelihood=why_no_likelihood(model, design.view),
    )
    session = _session(config, data, model, plan.device)
    start_at_data(model, session.task.train)
    task = session.task
    forward = _rehearse(task, settings.batch_size)
    settings, why_fast = tuned(settings, model, task.objective, task.train, forward)
    update = {"training": settings, "reasons": [*config.reasons, *why_fast]}
    session.config = config.model_copy(update=update)
    return session


def _rehearse(task: Task, batch: int) -> float:
    """Run the objective once, so that what cannot work is refused before anything is written.

    Arguments:
        task: What is to be trained.
        batch: How many examples a step will take.

    Returns:
        The operations that it takes for each example.
    """
    few = min(2, len(task.train))
    with torch.no_grad(), seeded(0), task.model.evaluating():
        rows = torch.arange(few)
        x, c = task.train.read(rows), task.train.conditions(rows)
        model, objective = task.model, task.objective
        objective.require(model)
        with model.given(c):
            objective.begin(model, x)
            once = work(model, lambda: objective(objective.terms(model, x)))
        with model.given(c if c is None or len(c) == 1 else torch.cat([c, c])):
            twice = work(model, lambda: objective(objective.terms(model, torch.cat([x, x]))))
    # What is done once in a step (pseudo-inputs) is shared by all of its examples.
    each = (twice - once) / few
    return each + (once - each * few) / batch


def reopen(
    run: Run,
    *,
    settings: Settings | None = None,
    root: str | None = None,
    device: str = "auto",
    afresh: bool = False,
) -> Session:
    """Rebuild the session of an interrupted run, on the same data.

    Arguments:
        run: The run.
        settings: Settings with which it goes on, if not its own.
        root: Folder of data sets to look in first.
        device: `auto`, `cpu` or `cuda`.
        afresh: Whether it begins again, untrained, and goes on from no checkpoint.

    Raises:
        DataError: if the data have changed since.
    """
    config = run.config()
    if settings is not None:
        config = config.model_copy(update={"training": settings})
    data, _ = load_again(config.data, root=root, instead="train a new run with another --out")
    model = assemble(config.model, seed=config.training.seed)
    session = _session(config, data, model, device)
    if afresh:
        start_at_data(model, session.task.train)
    return session


def _session(config: Config, data: Data, model: LatentVariableModel, device: str) -> Session:
    place = choose(device)
    request = DataRequest(validation=config.data.validation, test=config.data.test)
    parts = split_data(data, request)
    stored = tensor_of(data.model_array()).to(place)
    view = config.model.view
    c = None if data.c is None else tensor_of(data.c).to(place)
    task = Task(
        model=model.to(place),
        objective=room.build("objective", config.objective),
        train=Examples(stored, view, parts["train"], c=c),
        validation=Examples(stored, view, parts["validation"], c=c),
        corruption=None
        if config.corruption is None
        else room.build("corruption", config.corruption),
    )
    return Session(config, task)


def require_likelihood(config: Config) -> None:
    """Refuse where nats are no likelihood.

    Raises:
        RunError: saying why, and which model would have one.
    """
    if config.no_likelihood:
        raise RunError(
            f"This model has no log-likelihood: {config.no_likelihood}.",
            how="Train with a likelihood that describes the data (`--binarize dynamic`, "
            "or `--likelihood continuous-bernoulli`), and a VAE rather than an autoencoder.",
        )
