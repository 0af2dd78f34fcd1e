"""Export a model for others: as ONNX graphs, or as a page that is one file."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Any, Literal

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["export"]


def export(
    shell: Shell,
    run: Path,
    *,
    onnx: Path | None = None,
    html: Path | None = None,
    examples: int | None = None,
    data: str | None = None,
    split: Literal["test", "validation", "train", "all"] | None = None,
    data_root: str | None = None,
    force: bool = False,
) -> None:
    """Export RUN for programs that know no Python, or for people without any.

    Each graph is run and held against the model before anything is written. With --html the page
    of `latentia explore` becomes one file, which opens from disk without a server and a network.

    Arguments:
        onnx: FOLDER for encoder.onnx, decoder.onnx, description.json and a card, README.md.
        html: FILE for the page, with the model and a sample of the data in it.
        examples: Of --html: how many examples, chosen at random; 0 for none, so that no data
            leave this machine. As many as keep the file small where it is left out.
        data: Of --html: other data to choose from, by name or path; used whole.
        split: Of --html: part of the run's own data; test where it is left out.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA), of --html.
        force: Replace files that are already there.
    """
    _require_sense(onnx, html, examples, data, split, data_root)
    from latentia.command._inputs import Asked

    given: dict[str, Any] = {}
    lines: list[str] = []
    if onnx is not None:
        from latentia.portable import files_of, require_unused
        from latentia.run import Run

        # Before the page is written
        require_unused(onnx, files_of(Run(run).config()), force=force)
    if html is not None:
        asked = Asked(data, split or "test", data_root)
        given |= _page(shell, run, html, asked, examples, force)
        lines.append(f"{html}: {given['size']:,} bytes")
    if onnx is not None:
        from latentia.command._inputs import open_run
        from latentia.portable import write_onnx

        opened, model = open_run(shell, run)
        written = write_onnx(model.model_, model.config_, onnx, opened, force=force)
        given |= {"out": str(onnx), "bytes": written}
        lines += [f"{onnx / name}: {count:,} bytes" for name, count in written.items()]
    shell.give(given, "\n".join(lines))


def _require_sense(onnx: Path | None, html: Path | None, *others: Any) -> None:
    """Refuse where nothing is to be written, or something is said of a page that is not."""
    if onnx is None and html is None:
        raise UsageError(
            "Nothing says as what to export.",
            where="latentia export RUN",
            how="Use --html FILE for a page, or --onnx FOLDER for graphs.",
        )
    if html is None and any(one not in (None, False) for one in others):
        raise UsageError(
            "Examples and data are those of a page.",
            where="--onnx",
            how="Leave them out, or add --html FILE.",
        )


def _page(
    shell: Shell, run: Path, html: Path, asked: Any, examples: int | None, force: bool
) -> dict[str, Any]:
    """Write the page, and say how large it will be before."""
    from latentia.command._explored import explored, without_examples
    from latentia.explorer.page import require_page
    from latentia.explorer.single import SingleFile, require_free, write_single

    require_page(file="single.html")  # before the data are read, not after
    require_free(html, force=force)
    if examples == 0:
        subject = without_examples(shell, run)
    else:
        command = f"latentia export {quote(str(run))} --html {quote(str(html))}"
        needs = examples is not None  # who says how many does not want a file of none
        subject = explored(shell, run, asked, command=command, needs=needs)
    made = SingleFile.of(subject, examples, seed=shell.seed_or_zero)
    if subject.count:
        shell.say(f"examples  {made.examples} of {subject.total}, chosen at random (--examples)")
    else:
        shell.say("examples  none")
    shell.say(f"writes    {made.told()}")
    size = write_single(made, html, force=force)
    return {"html": str(html), "size": size, "sizes": made.sizes, "examples": made.examples}
