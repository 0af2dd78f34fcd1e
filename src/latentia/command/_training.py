"""Starting and continuing a run; behind `latentia train`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

from latentia import room
from latentia.card import write_card
from latentia.command._asked import require_same, require_used
from latentia.command._described import table_of
from latentia.command._watched import Watch, require_watchable, watched
from latentia.config import Config, EstimatorKind
from latentia.data import Data
from latentia.design import Wishes, is_autoencoder, with_name
from latentia.errors import LatentiaError, MachineError, RunError, UsageError
from latentia.objective._labelled import Labelling
from latentia.request import DataRequest, lasting, load_data
from latentia.run import Run
from latentia.session import Plan, Session, prepare, reopen
from latentia.shell import Shell
from latentia.training.diagnosis import Diverged
from latentia.training.observer import Observer, chosen_by
from latentia.training.progress import observer_for
from latentia.training.settings import Settings
from latentia.training.signals import Interrupted

__all__ = ["Request", "go_on", "start"]


class Request(NamedTuple):
    """What `latentia train` was asked for.

    Arguments:
        data: A name or path, or None when resuming.
        out: The run's folder, or None for the default.
        data_root: Folder of data sets to look in first.
        force: Whether to replace a run.
        options: Everything else, typed.
        watch: How it is to be watched.
    """

    data: str | None
    out: Path | None
    data_root: str | None
    force: bool
    options: dict[str, Any]
    watch: Watch = Watch()


def start(shell: Shell, request: Request) -> int:
    """Train a new run and return the exit code."""
    if request.data is None:
        raise UsageError(
            "Which data? Give a name or a path.",
            where="latentia train DATA",
            how="For example `latentia train mnist5k`; `latentia data list` shows the names.",
        )
    options = dict(request.options)
    run = Run(request.out or _free(request.data))
    asked = DataRequest(
        request.data,
        root=request.data_root,
        size=options.pop("size", None),
        columns=options.pop("columns", ()),
        drop=options.pop("drop", ()),
        conditions=options.pop("condition", ()),
        validation=options.pop("validation", None),
        test=options.pop("test", None),
        labelled=options.pop("labelled", None),
    )
    taught = {key: options.pop(key) for key in Labelling._fields if key in options}
    plan = _plan(options, shell.device, conditional=bool(asked.conditions))
    require_watchable(request.watch)
    run.require_free(force=request.force)  # before the data are read, not after
    data = load_data(asked)
    plan = _partly(plan, data, taught)
    _tell_data(shell, data)
    session = prepare(data, plan, asked)
    require_used(session.config, request.options)
    _tell_choices(shell, session.config)
    with run.hold():
        run.create(session.config, force=request.force)
        return _train(shell, session, run, request.watch, resume=False)


def go_on(shell: Shell, request: Request) -> int:
    """Continue an interrupted run and return the exit code."""
    run = Run(request.out or _latest(request.data))
    config = run.config()
    if request.data is not None and lasting(request.data) != config.data.request:
        raise UsageError(
            f"This run was begun on {config.data.request!r}, not on {request.data!r}.",
            where=str(run.path),
            how="Leave DATA out, or train a new run.",
        )
    require_watchable(request.watch)
    with run.hold():
        settings = require_same(config, request.options) if request.options else None
        afresh = not run.begun
        session = reopen(
            run, settings=settings, root=request.data_root, device=shell.device, afresh=afresh
        )
        if settings is not None:  # written once the data are known to be there
            run.rewrite(session.config)
        _tell_standing(shell, run, config)
        return _train(shell, session, run, request.watch, resume=not afresh)


def _tell_standing(shell: Shell, run: Run, config: Config) -> None:
    """Say where a run goes on from, and what it should be known to have been through."""
    if not run.begun:
        shell.say(f"resume    {run.path} from the start: it was stopped before it had trained")
        return
    standing, broken = run.checkpoints.peek()
    for sentence in broken:
        shell.say(f"warning   {sentence}")
    if config.diverged:
        shell.say(f"warning   {config.diverged} With the same settings, it may do so again.")
    shell.say(f"resume    {run.path} after epoch {standing.epoch}, step {standing.step}")


def _train(shell: Shell, session: Session, run: Run, watch: Watch, *, resume: bool) -> int:
    config = session.config
    note = "*" if config.no_likelihood else ""
    if note:
        shell.say(f"* no likelihood: {config.no_likelihood}")
    told = observer_for(config.model.latent_dim, quiet=shell.quiet, note=note, unit=_unit(config))
    with watched(shell, run, session, told, watch) as observer:
        return _trained(shell, session, run, observer, resume=resume)


def _trained(shell: Shell, session: Session, run: Run, observer: Observer, *, resume: bool) -> int:
    """Train, write the card and tell the result; return the exit code."""
    try:
        session.train(observer, run=run, resume=resume)
    except Interrupted as stop:
        with suppress(OSError):  # the terminal may be what was closed
            _tell_stopped(shell, run)
        return stop.exit_code
    except KeyboardInterrupt:  # before the loop could note it, or a second time
        with suppress(OSError):
            shell.say(f"stopped   Continue with: {_resume(run)}")
        raise
    except Diverged:
        write_card(run)
        raise
    except MachineError:
        with suppress(LatentiaError):  # of what could be written
            write_card(run)
        shell.say(f"stopped   Once mended, continue with: {_resume(run)}")
        raise
    write_card(run)
    _tell_result(shell, session, run)
    if observer.enough and session.stopped:
        shell.say(f"resume    {_resume(run)}")
    return 0


def _tell_stopped(shell: Shell, run: Run) -> None:
    standing, _ = run.checkpoints.peek()
    shell.say(
        f"stopped   in epoch {standing.epoch + 1}, step {standing.step}; checkpoint kept. "
        f"Continue with: {_resume(run)}"
    )


def _resume(run: Run) -> str:
    return f"latentia train --resume --out {quote(str(run.path))}"


def _plan(options: dict[str, Any], device: str, *, conditional: bool) -> Plan:
    wishes = Wishes(**{key: options.pop(key) for key in Wishes._fields if key in options})
    posterior = with_name(wishes.posterior, Wishes().posterior)
    prior = with_name(wishes.prior, Wishes().prior)
    wishes = wishes._replace(posterior=posterior, prior=prior)
    objective = with_name(options.pop("objective", {}), "elbo")
    corruption = options.pop("corruption", None)
    if isinstance(corruption, dict) and "name" not in corruption:
        raise UsageError(
            f"--corruption.{next(iter(corruption))} needs --corruption, to say which noise.",
            where="--corruption",
            how=f"Choose one of: {', '.join(room.names('corruption'))}.",
        )
    settings = Settings.checked(**options)
    kind: EstimatorKind = "ConditionalVAE" if conditional else "VAE"
    if is_autoencoder(wishes):
        if conditional:
            raise UsageError(
                "An autoencoder has no p(x), so none under conditions either.",
                where="--condition",
                how="Leave --condition out, or train a VAE.",
            )
        kind = "AutoEncoder"
    return Plan(kind, wishes, objective, corruption, settings, device)


def _partly(plan: Plan, data: Data, taught: dict[str, float]) -> Plan:
    """Return the plan of a model whose class is unknown of some examples, where it is."""
    if any(condition.partly for condition in data.schema.conditions):
        return replace(plan, kind="SemiSupervisedVAE", labelling=Labelling(**taught))
    for key, value in taught.items():
        flag = f"--{key.replace('_', '-')}"
        raise UsageError(
            f"{flag} does nothing here: no class is unknown of some examples.",
            where=f"{flag} {value:g}",
            how="Hide labels with --condition label --labelled 100, or leave it out.",
        )
    return plan


def _stem(data: str) -> str:
    return Path(data).stem or Path(data).resolve().name or "run"


def _free(data: str) -> Path:
    """Return runs/NAME, or the first of runs/NAME-2, runs/NAME-3, ... that is free."""
    base = Path("runs") / _stem(data)
    paths = [base, *(base.with_name(f"{base.name}-{k}") for k in range(2, 10_000))]
    return next(path for path in paths if not path.exists())


def _latest(data: str | None) -> Path:
    """Return the newest unfinished-looking run of the default names."""
    pattern = f"{_stem(data)}*/config.json" if data else "*/config.json"
    found = sorted(Path("runs").glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        raise RunError(
            "There is no run to continue.", where=f"runs/{pattern}", how="Name it with --out."
        )
    return found[-1].parent


def _tell_data(shell: Shell, data: Data) -> None:
    schema = data.schema
    shape = "x".join(map(str, schema.shape))
    labels = f", {len(schema.labels)} labels" if schema.labels else ""
    missing = f", {schema.missing:.1%} of the cells missing" if schema.missing else ""
    shell.say(
        f"data      {schema.name}: {len(data)} examples {shape}, {schema.kind} "
        f"[{schema.low:g}, {schema.high:g}]{labels}{missing}  ({schema.source})"
    )
    for line in table_of(data.describe()):
        shell.say(f"          {line}")
    for note in data.notes:
        shell.say(f"note      {note}")


def _tell_choices(shell: Shell, config: Config) -> None:
    record = config.data
    shell.say(
        f"split     {record.n_train} train, {record.n_validation} validation (chooses the epoch), "
        f"{record.n_test} test (untouched)"
    )
    for reason in config.reasons:
        shell.say(f"chose     {reason}")


def _tell_result(shell: Shell, session: Session, run: Run) -> None:
    validated = [row for row in session.history if row["split"] == "validation"]
    if not validated:
        raise RunError(
            "The time was up before the first epoch ended, so there is nothing to show.",
            where=str(run.path),
            how="Continue it with --resume and a longer --max-time.",
        )
    best = max(validated, key=chosen_by)
    star = "*" if session.config.no_likelihood else ""
    if session.stopped:
        shell.say(f"stopped   {session.stopped}")
    result = {
        "run": str(run.path),
        "epoch": best["epoch"],
        "epochs": len(validated),
        "validation": {k: best[k] for k in _VALIDATED if k in best},
        "is_likelihood": not star,
        "unit": _unit(session.config),
        "stopped": session.stopped or None,
        "seconds": round(sum(row["seconds"] for row in validated), 2),
    }
    text = (
        f"{run.path}: best epoch {best['epoch']} of {len(validated)}, validation "
        f"{_nats(best, star, result['unit'])}, {result['seconds']:.0f} s of training"
    )
    shell.give(result, text)
    here = quote(str(run.path))
    shell.say(f"next      latentia evaluate {here}    latentia figure {here}")


# What is told of the best epoch; of points there is no ELBO and no KL.
_VALIDATED = ("elbo", "reconstruction", "kl", "log_pz", "active_units")


def _nats(best: dict[str, Any], star: str, unit: str) -> str:
    if best["elbo"] is None:
        penalty = f", log p(z) {best['log_pz']:.2f}" if "log_pz" in best else ""
        return f"reconstruction{star} {best['reconstruction']:.2f} {unit}{penalty}"
    parts = f"{best['reconstruction']:.2f} - {best['kl']:.2f}"
    return f"ELBO{star} {best['elbo']:.2f} {unit} = {parts}"


def _unit(config: Config) -> str:
    """Return what a run's numbers are counted in."""
    return str(room.load("likelihood", config.model.likelihood["name"]).unit)
