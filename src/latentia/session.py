"""A training session: from loaded data and a plan to a trained model, with or without a folder.

The command line and the estimators both come through here, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import torch

import latentia
from latentia import room
from latentia.config import EstimatorKind
from latentia.data import Data
from latentia.data._labelled import kept
from latentia.design import (
    Component,
    Design,
    Wishes,
    assemble,
    decide,
    start_at_data,
    why_no_likelihood,
)
from latentia.device import choose
from latentia.errors import RunError, UsageError
from latentia.model import LatentVariableModel
from latentia.objective._labelled import Labelled, Labelling
from latentia.objective.base import Objective
from latentia.posterior.base import Refined
from latentia.request import DataRequest, lasting, load_again, split_data
from latentia.rng import seeded
from latentia.run import Config, DataRecord, Run
from latentia.training.diagnosis import Diverged
from latentia.training.loop import Task, fit, why_stopped
from latentia.training.observer import Observer, Row
from latentia.training.settings import Settings
from latentia.training.tuning import tuned, work
from latentia.view import Examples, tensor_of

__all__ = [
    "Plan",
    "Session",
    "prepare",
    "reopen",
    "require_likelihood",
]


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
        labelling: How q(y|x) is taught where the class of some examples is unknown.
    """

    kind: EstimatorKind = "VAE"
    wishes: Wishes = field(default_factory=Wishes)
    objective: Component = "elbo"
    corruption: Component | None = None
    settings: Settings = field(default_factory=Settings)
    device: str = "auto"
    labelling: Labelling = field(default_factory=Labelling)


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
        epochs = self.config.training.epochs
        if not self.stopped and observer.enough and progress.epoch < epochs:
            self.stopped = f"after epoch {progress.epoch} of {epochs}, as was asked"

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


def prepare(data: Data, plan: Plan, request: DataRequest) -> Session:
    """Decide on a model for the data and build it, untrained.

    Arguments:
        data: The data.
        plan: What to train and how.
        request: How the data were asked for and are divided.
    """
    design, reasons = decide(data.schema, plan.wishes)
    _require_clean(design, plan)
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
            labelled=request.labelled,
            # A run is shared; where a named set lay on this machine is nobody's business.
            data_schema={**data.schema.to_dict(), "source": request.name},
            n_train=len(parts["train"]),
            n_validation=len(parts["validation"]),
            n_test=len(parts["test"]),
            notes=list(data.notes),
        ),
        model=design,
        objective=room.spec("objective", plan.objective),
        labelling=plan.labelling._asdict() if design.partly else None,
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
    why = [f"labels      {task.objective.reason}"] if isinstance(task.objective, Labelled) else []
    update = {"training": settings, "reasons": [*config.reasons, *why, *why_fast]}
    session.config = config.model_copy(update=update)
    return session


def _require_clean(design: Design, plan: Plan) -> None:
    """Refuse noise on the input of a posterior that is moved by log p(x, z) of what it sees."""
    if plan.corruption is None or not issubclass(
        room.load("posterior", design.posterior["name"]), Refined
    ):
        return
    raise UsageError(
        f"A posterior {design.posterior['name']} is moved by log p(x, z) of the x that it sees, "
        "and that of a noisy x is not the model's.",
        where="--corruption, --posterior",
        how="Leave --corruption out, or use --posterior gaussian.",
    )


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
        model.prior.require(len(task.train))
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
    record = config.data
    request = DataRequest(validation=record.validation, test=record.test)
    parts = split_data(data, request)
    stored = tensor_of(data.model_array()).to(place)
    view = config.model.view
    classes = data.c
    if classes is not None and record.labelled is not None:
        classes = kept(classes, parts["train"], record.labelled, config.training.seed)
    c = None if classes is None else tensor_of(classes).to(place)
    train = Examples(stored, view, parts["train"], c=c)
    objective: Objective = room.build("objective", config.objective)
    if config.labelling is not None:
        objective = Labelled.of(objective, train, Labelling(**config.labelling))
    task = Task(
        model=model.to(place),
        objective=objective,
        train=train,
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
