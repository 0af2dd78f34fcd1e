"""Draw a run's figures: curves, reconstructions, samples, manifold, maps, traversals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from latentia.errors import MachineError, UsageError
from latentia.options import by_member, member_options, named_member
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.command._inputs import Asked
    from latentia.estimator.base import Estimator
    from latentia.figure.base import Peer, Subject

__all__ = ["OPTIONS", "figure"]

OPTIONS = member_options("figure")


def figure(
    shell: Shell,
    run: Path,
    *kinds: str,
    out: Path | None = None,
    format_: Literal["png", "pdf", "svg"] = "png",
    against: str | None = None,
    data: str | None = None,
    split: Literal["test", "validation", "train"] = "test",
    noise: float | None = None,
    condition: str | None = None,
    data_root: str | None = None,
    **options: Any,
) -> None:
    """Draw figures of RUN; without a KIND, all that apply.

    Arguments:
        out: Folder to write to; the run's own figures/ by default.
        format_: Kind of file.
        against: Other runs to draw beside it, separated by commas (ae-vs-vae, by-latent-size).
        data: Other data, by name or path; used whole.
        split: Part of the run's own data.
        noise: Salt-and-pepper rate of the denoising figure; the run's own noise by default.
        condition: NAME=VALUE,NAME=VALUE, under which a model of p(x|c) is drawn: of the examples
            those under it (of numbers the nearest twentieth), all if the data do not say which
            are. Where the class is a latent nothing need be said; captions tell what is drawn.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    from latentia import figure as figures
    from latentia import room
    from latentia.command._inputs import Asked

    asked = Asked(data, split, data_root)
    others = [Path(path) for path in (against or "").split(",") if path]
    wanted = [named_member("figure", kind, "KIND") for kind in kinds]
    chosen = _chosen(options, wanted)
    folder = _folder(out or run / "figures")
    for kind, given in chosen.items():
        room.build("figure", {"name": kind, **given}).check_options()
    subject = _subject(shell, run, asked, others, noise, condition)
    for kind in wanted:
        room.build("figure", {"name": kind, **chosen.get(kind, {})}).check(subject)
    left = {} if wanted else {k: why for k, why in figures.available(subject).items() if why}
    drawn: list[str] = []
    for kind in wanted or [kind for kind in figures.kinds() if kind not in left]:
        picture = figures.draw(kind, subject, **chosen.get(kind, {}))
        path = figures.save(
            picture, folder / f"{kind}.{format_}", tell=lambda text: shell.say(f"note      {text}")
        )
        shell.say(f"drew      {path}")
        drawn.append(str(path))
    for kind, reason in left.items():
        shell.say(f"left out  {kind}: {reason}")
    shell.give({"figures": drawn, "left_out": left}, "\n".join(drawn) if shell.quiet else "")


def _chosen(options: dict[str, Any], wanted: list[str]) -> dict[str, dict[str, Any]]:
    """Sort the options given by the kind of figure that they belong to.

    Raises:
        UsageError: if one belongs to a figure that is not drawn.
    """
    chosen = by_member(options, wanted or None, "is not to be drawn")
    return {kind: _typed(kind, given) for kind, given in chosen.items()}


def _typed(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Give the texts of one kind's options their types; a fault is told by the flag's name."""
    from latentia import room

    try:
        written = room.spec("figure", {"name": kind, **given})
    except UsageError as error:
        where = error.where.replace("--figure.", f"--{kind}.").replace("_", "-")
        raise UsageError(error.what, where=where, how=error.how) from None
    return {name: written[name] for name in given}


def _folder(path: Path) -> Path:
    """Return the folder to write to, unless it is a file or lies in one."""
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            raise MachineError(
                "This is a file, and figures go into a folder.",
                where=str(place),
                how="Name a folder with --out; it is made if it is missing.",
            )
    return path


def _subject(
    shell: Shell,
    run: Path,
    asked: Asked,
    others: list[Path],
    noise: float | None,
    condition: str | None,
) -> Subject:
    from latentia.command._inputs import alone, examples, open_run, snapshots
    from latentia.figure.base import Subject

    opened, model = open_run(shell, run)
    found = examples(shell, opened, asked)
    given, told = model.given, _said(model, condition)
    if condition is not None:
        model, found = alone(model, found, condition)
    schema, config = model.schema_, model.config_
    kept = snapshots(opened, shell)
    subject = Subject(
        model=model,
        test_x=found.x,
        test_y=found.y,
        label_names=found.labels,
        is_image=schema.is_image,
        column_names=schema.columns,
        metrics=opened.metrics(),
        title=opened.name,
        snapshots=tuple(
            (epoch, at if condition is None else at.under(model.condition_)) for epoch, at in kept
        ),
        others=tuple(_peer(shell, path, model) for path in others),
        corruption=_corruption(model, noise),
        no_likelihood=config.no_likelihood,
        prior=config.model.prior["name"],
        space=model.model_.prior.space,
        prior_log_prob=_prior_log_prob(model) if model.is_generative else None,
        trained_on_noise=config.corruption is not None,
        conditions=schema.conditions,
        given=given if schema.conditions else None,
        groups=model.groups_,
        by_group=model.by_group,
        factors=found.factors(model),
        **told,
        has_mean=model.model_.likelihood.has_mean,
        shows=model.model_.likelihood.shows,
        unit=model.model_.likelihood.unit,
        span=(schema.low, schema.high) if schema.kind == "real" else (0.0, 1.0),
    )
    return _with_class(subject, model, kept) if subject.open_class else subject


def _said(model: Estimator, condition: str | None) -> dict[str, Any]:
    """Return what a figure is told of conditions: which, that a class is open, or none is said."""
    from latentia.options import said_condition

    known = model.schema_.conditions
    if condition is not None:
        said = said_condition(condition)
        pairs = said if isinstance(said, dict) else {known[0].name if known else "": said}
        return {"condition": ", ".join(f"{name} {value}" for name, value in pairs.items())}
    if not known:
        return {}
    if model.model_.is_open:
        return {"open_class": True}
    names = ",".join(f"{one.name}=VALUE" for one in known)
    how = f"a model of p(x|c) is drawn under one condition; say it with --condition {names}"
    return {"unsaid": how}


def _with_class(
    subject: Subject, model: Estimator, kept: tuple[tuple[int, Estimator], ...]
) -> Subject:
    """Add to a subject the same under the class that p(y) has most of."""
    from dataclasses import replace

    from latentia.command._classes import predicted

    labels, (one,) = model.model_.labels, model.schema_.conditions
    assert labels is not None
    name = one.classes[int(labels.log_p.argmax())]
    rows = predicted(model, subject.test_x)["predicted"] == name
    y, under = subject.test_y, model.given(name)
    alone = replace(
        subject,
        model=under,
        # Where q(y|x) takes nothing for it, all have to do.
        test_x=subject.test_x[rows] if rows.any() else subject.test_x,
        test_y=y[rows] if y is not None and rows.any() else y,
        snapshots=tuple((epoch, at.under(under.condition_)) for epoch, at in kept),
        prior_log_prob=_prior_log_prob(under) if under.is_generative else None,
        factors={},
        open_class=False,
        condition=f"{one.name} {name}, the most frequent class (--condition takes another)",
    )
    # p(z|y) has a density under a class alone.
    known = None if subject.prior == "conditional" else subject.prior_log_prob
    return replace(subject, of_class=alone, prior_log_prob=known)


def _peer(shell: Shell, path: Path, model: Estimator) -> Peer:
    """Load another run, of examples of the same shape."""
    from latentia.command._inputs import open_run
    from latentia.figure.base import Peer

    run, other = open_run(shell, path)
    if other.schema_.shape != model.schema_.shape:
        raise UsageError(
            f"The other run models examples of shape {other.schema_.shape}, "
            f"not {model.schema_.shape}.",
            where=f"--against {path}",
            how="Name a run on the same data.",
        )
    config = other.config_
    shown = other.model_.likelihood
    names = (run.name, other, config.model.prior["name"], config.no_likelihood)
    return Peer(*names, shown.shows, shown.unit)


def _prior_log_prob(model: Estimator) -> Callable[[Any], Any]:
    """Return the log-density of a model's prior as a function of latents (n, L)."""
    import torch

    def log_prob(z: Any) -> Any:
        device = next(model.model_.parameters()).device
        with torch.no_grad(), model.model_.given(model.condition_):
            at = torch.as_tensor(z, dtype=torch.float32, device=device)
            return model.model_.prior().log_prob(at).cpu().numpy()

    return log_prob


def _corruption(model: Estimator, noise: float | None) -> Any:
    """Return the noise of the denoising figure, as a function of examples and a seed."""
    from latentia import room
    from latentia.rng import seeded

    spec = model.config_.corruption
    if noise is not None and not 0 <= noise <= 1:
        raise UsageError(
            f"A rate of noise is between 0 and 1, not {noise}.",
            where="--noise",
            how="0.25 is much noise, and 0 is none.",
        )
    if noise is not None:
        spec = {"name": "salt-and-pepper", "rate": noise}
    if spec is None:
        return None
    corrupt = room.build("corruption", spec)

    def noisy(x: Any, seed: int) -> Any:
        with seeded(seed):
            return model.schema_.from_model(corrupt(model.plain(x)).cpu().numpy())

    return noisy
