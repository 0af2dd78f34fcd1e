"""Draw a run's figures: curves, reconstructions, samples, manifold, maps, traversals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.figure.base import Subject

__all__ = ["figure"]


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
    data_root: str | None = None,
) -> None:
    """Draw figures of RUN; without a KIND, all that apply.

    Arguments:
        out: Folder to write to; the run's own figures/ by default.
        format_: Kind of file.
        against: Other runs to draw beside it, separated by commas (ae-vs-vae, by-latent-size).
        data: Other data, by name or path; used whole.
        split: Part of the run's own data.
        noise: Salt-and-pepper rate of the denoising figure; the run's own noise by default.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    from latentia import figure as figures
    from latentia import room
    from latentia.command._inputs import Asked

    asked = Asked(data, split, data_root)
    others = [Path(path) for path in (against or "").split(",") if path]
    wanted = [room.member("figure", kind).name for kind in kinds]
    subject = _subject(shell, run, asked, others, noise)
    folder = out or run / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    reasons = figures.available(subject)
    drawn: list[str] = []
    for kind in wanted or figures.kinds():
        if reasons[kind] and not wanted:
            continue
        path = figures.save(figures.draw(kind, subject), folder / f"{kind}.{format_}")
        shell.say(f"drew      {path}")
        drawn.append(str(path))
    left = {} if wanted else {kind: reason for kind, reason in reasons.items() if reason}
    for kind, reason in left.items():
        shell.say(f"left out  {kind}: {reason}")
    shell.give({"figures": drawn, "left_out": left}, "\n".join(drawn) if shell.quiet else "")


def _subject(
    shell: Shell, run: Path, asked: Any, others: list[Path], noise: float | None
) -> Subject:
    from latentia.command._inputs import examples, open_run, snapshots
    from latentia.figure.base import Subject

    opened, model = open_run(shell, run)
    found = examples(opened, asked)
    loaded = [(path.resolve().name, open_run(shell, path)[1]) for path in others]
    schema = model.schema_
    return Subject(
        model=model,
        test_x=found.x,
        test_y=found.y,
        label_names=found.labels,
        is_image=schema.is_image,
        column_names=schema.columns,
        metrics=opened.metrics(),
        title=opened.name,
        snapshots=snapshots(opened, shell),
        other=loaded[0][1] if loaded else None,
        other_title=loaded[0][0] if loaded else "",
        others=tuple(loaded),
        corruption=_corruption(model, noise),
    )


def _corruption(model: Any, noise: float | None) -> Any:
    """Return the noise of the denoising figure, as a function of examples and a seed."""
    from latentia import room
    from latentia.rng import seeded

    spec = model.config_.corruption
    if noise is not None:
        spec = {"name": "salt-and-pepper", "rate": noise}
    if spec is None:
        return None
    corrupt = room.build("corruption", spec)

    def noisy(x: Any, seed: int) -> Any:
        with seeded(seed):
            return model.schema_.from_model(corrupt(model.plain(x)).cpu().numpy())

    return noisy
