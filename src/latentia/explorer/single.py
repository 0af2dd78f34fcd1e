"""The page as one file: it opens from disk, without a server and without a network.

    content  =  page  +  runtime  +  model  +  examples

The page is the built template; the runtime is the WebAssembly that runs graphs; the model is its
graphs with everything that is told of it; the examples are x, their small pictures, and what
Python found of each. Each is a block of the file, compressed and as text.
"""

from __future__ import annotations

import base64
import errno
import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import prod
from pathlib import Path
from typing import Any, final

import numpy as np

from latentia.app.operation.base import Array, Arrays, Operation
from latentia.errors import MachineError, RunError, UsageError
from latentia.explorer import page
from latentia.explorer.contents import DRAWS, as_json, beside, head, packed, told_of
from latentia.explorer.description import described
from latentia.explorer.sheets import sheet
from latentia.explorer.subject import Subject
from latentia.explorer.work import Drawn, Encoded, Graphs, PriorDraws
from latentia.files import unwritable, write_atomically, writing
from latentia.view import tensor_of

__all__ = ["SingleFile", "require_free", "usual_examples", "write_single"]

_USUAL = 1000  # examples, where they are small
_LARGE = 2_000_000  # numbers in all examples of a file, where nobody asked for more
_NONE = "This file was made without examples."


@final
@dataclass(frozen=True)
class SingleFile:
    """A page as the bytes of one file, and what makes it as large as it is.

    Arguments:
        content: The file.
        sizes: Bytes of `page`, `runtime`, `model` and `examples`, which are all of it.
        examples: How many examples are in it.
    """

    content: bytes
    sizes: dict[str, int]
    examples: int

    @classmethod
    def of(
        cls,
        subject: Subject,
        examples: int | None = None,
        folder: Path | None = None,
        *,
        seed: int = 0,
    ) -> SingleFile:
        """Make the file.

        The same model and examples give the same bytes. Paths of this machine are not in it: the
        run has its folder's name, and data their file's.

        Arguments:
            subject: The run with all its examples; the file's are chosen among them.
            examples: How many; `usual_examples` if None, all where there are fewer.
            folder: Where the built page is; its place in the package if None.
            seed: What the choice is drawn from.

        Raises:
            MachineError: if the page has not been built, or a package is missing.
            RunError: if the model cannot be written as graphs.
            UsageError: if there is no such number of examples.

        References:
            The format of the blocks: web/README.md, "The single file".
        """
        template, wasm = _built(folder)
        places = _places(subject, examples, seed)
        graphs = _graphs(subject)
        part = subject.at(places)
        model, seen = dict(_told(part, graphs)), dict(_seen(subject, places))
        prior = _run(PriorDraws(), subject, np.empty(0, np.float32), DRAWS)
        model["arrays"] = as_json([head(name, a) for name, a in {**prior, **seen}.items()])
        model |= {f"array/{name}": packed(a) for name, a in prior.items()}
        shown: dict[str, bytes | Array] = {f"array/{name}": packed(a) for name, a in seen.items()}
        shown |= dict(_examples(subject, part, places))
        blocks = {
            "runtime": _blocks({"wasm": wasm}),
            "model": _blocks(model),
            "examples": _blocks(shown),
        }
        end = template.rindex(b"</body>")
        body = b"".join(blocks.values())
        return cls(
            template[:end] + body + template[end:],
            {"page": len(template), **{name: len(block) for name, block in blocks.items()}},
            len(places),
        )

    def told(self) -> str:
        """Return in words how large it is, and why.

        Example:
            >>> SingleFile(b"", {"page": 300_000, "model": 1_200_000}, 0).told()
            '1.5 MB: page 0.3, model 1.2'
        """
        parts = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in self.sizes.items())
        return f"{sum(self.sizes.values()) / 1e6:.1f} MB: {parts}"


def write_single(made: SingleFile, path: Path, *, force: bool = False) -> int:
    """Write it, whole or not at all.

    Arguments:
        made: The file.
        path: Where to.
        force: Whether a file that is there may be replaced.

    Returns:
        Its size in bytes, as it lies on the disk.

    Raises:
        UsageError: if there is a file already, and `force` is off.
        MachineError: if it cannot be written.
    """
    require_free(path, force=force)
    write_atomically(path, made.content)
    return path.stat().st_size


def require_free(path: Path, *, force: bool) -> None:
    """Refuse a path at which there is something, or nothing can be.

    Raises:
        UsageError: if there is a folder, or a file and `force` is off.
        MachineError: if its folder is not there, or may not be written.
    """
    with writing(path):  # a folder that may not be looked into
        if path.is_dir():
            raise UsageError("This is a folder.", where=str(path), how="Name a file in it.")
        if path.exists() and not force:
            raise UsageError(
                "There is a file already, and none is overwritten by accident.",
                where=str(path),
                how="Replace it with --force, or choose another name.",
            )
        if not path.parent.is_dir():
            raise MachineError(
                "There is no such folder to write a file into.",
                where=str(path.parent),
                how="Make it first, or choose another place.",
            )
        if not os.access(path.parent, os.W_OK):
            raise unwritable(PermissionError(errno.EACCES, "Permission denied"), path)


def usual_examples(subject: Subject) -> int:
    """Return how many examples keep a file small: 1000, or fewer where each is large."""
    size = prod(subject.model.config_.model.x_shape)
    return max(1, min(_USUAL, _LARGE // size, subject.count)) if subject.count else 0


def _built(folder: Path | None) -> tuple[bytes, bytes]:
    """Return the template and the runtime."""
    folder = folder or page.PAGE
    page.require_page(folder, "single.html")
    found = sorted((folder / "assets").glob("ort-wasm-*.wasm"))
    if len(found) != 1:
        raise MachineError(
            f"The page was built with {len(found)} runtimes, and one is needed.",
            where=str(folder / "assets"),
            how="Build it again: `npm ci && npm run build` in web/ of the source.",
        )
    return (folder / "single.html").read_bytes(), found[0].read_bytes()


def _graphs(subject: Subject) -> Arrays:
    """Return the graphs; the model is brought to the CPU for them, and stays there."""
    try:
        return _run(Graphs(), subject, np.empty(0, np.float32))
    except RunError as error:
        raise RunError(
            f"This model cannot be in a file that needs no Python. {error.what}",
            where=str(subject.run.path or "--html"),
            how="Look at it with `latentia explore`, where Python decodes for the page.",
        ) from error


def _places(subject: Subject, examples: int | None, seed: int) -> Array:
    """Return the places of examples that are in the file, in their order."""
    if examples is not None and examples < 0:
        raise UsageError(
            f"There are no {examples} examples.",
            where=f"--examples {examples}",
            how="Use 0 for none, or leave it out for as many as keep the file small.",
        )
    wanted = usual_examples(subject) if examples is None else min(examples, subject.count)
    # A shuffled choice: data may lie in the order of their classes.
    return np.sort(np.random.default_rng(seed).permutation(subject.count)[:wanted])


def _run(operation: Operation, subject: Subject, x: Array, asked: Any = None) -> Arrays:
    c = None
    if isinstance(operation, Encoded) and subject.c is not None:
        c = tensor_of(np.asarray(subject.c, np.float32))
    return operation.run(subject.model.under(c), x, asked, lambda: True)


def _told(part: Subject, graphs: Arrays) -> Iterator[tuple[str, bytes]]:
    """Yield the blocks that are told of the model."""
    said = described(part)
    # Whoever opens it has no such folder, and no path of this machine goes with it.
    said["run"], said["command"] = part.run.name if part.run.path else "", ""
    said["snapshots"] = []  # whose weights are in no file
    said["film"] = None  # which shows examples that nobody chose for it
    data = said["examples"]
    data["data"] = Path(data["data"]).name
    data["missing"] = "" if part.count else _NONE  # and not where its data were looked for
    yield "description", as_json(said)
    yield "graphs", as_json(told_of(graphs))
    for name, graph in graphs.items():
        if name.endswith(".onnx"):
            yield f"graph/{name}", packed(graph)
    yield "metrics", as_json(part.run.metrics())


def _seen(subject: Subject, places: Array) -> Iterator[tuple[str, Array]]:
    """Yield what is known of the file's examples, by name.

    All examples are encoded, for the draw of an example that is binarized belongs to its place
    among all of them: its nats are then those that a server tells.
    """
    if len(places):
        for name, values in _run(Encoded(), subject, subject.x).items():
            yield name, values[places]
        yield from beside(subject.at(places)).items()


def _examples(
    subject: Subject, part: Subject, places: Array
) -> Iterator[tuple[str, bytes | Array]]:
    """Yield the examples themselves, and their small pictures."""
    if not part.count:
        return
    x = part.model.plain(part.x).cpu().numpy().reshape(part.count, -1)
    yield "examples", _small(x)
    drawn = _run(Drawn(), subject, subject.x, places.tolist())["x"].reshape(part.count, -1)
    if not np.array_equal(drawn, x, equal_nan=True):
        yield "drawn", _small(drawn)
    for number in range((part.sheets or {"sheets": 0})["sheets"]):
        yield f"sheet/{number}.png", sheet(part, number)


def _small(x: Array) -> Array:
    """Return x as uint8 where it is k/255 for whole k, so that a page finds the same float32."""
    levels = np.round(np.nan_to_num(x) * 255).clip(0, 255).astype(np.uint8)
    return levels if np.array_equal((levels / 255).astype(np.float32), x) else x


def _blocks(contents: dict[str, Any]) -> bytes:
    """Return blocks as the page reads them; uint8 that stands for x says so."""
    lines = []
    for name, content in contents.items():
        is_levels = isinstance(content, np.ndarray) and content.dtype == np.uint8
        plain = packed(content) if isinstance(content, np.ndarray) else content
        # No time and no name in the header: the same content is the same text.
        text = base64.b64encode(gzip.compress(plain, 9, mtime=0)).decode()
        kind = ' data-dtype="uint8"' if is_levels else ""
        named = escape(f"latentia:{name}", quote=True)
        lines.append(f'<script type="text/plain" id="{named}"{kind}>{text}</script>\n')
    return "".join(lines).encode()
