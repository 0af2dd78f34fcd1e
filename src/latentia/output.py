"""Files that commands write: images, arrays and tables, by suffix, whole or not at all."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from latentia import picture
from latentia.data import Schema
from latentia.errors import DataError, MachineError, UsageError
from latentia.files import write_atomically

__all__ = ["png_of", "read_latents", "require_writable", "write_examples", "write_table"]

Array = npt.NDArray[Any]
_TABLES = (".csv", ".parquet", ".npy", ".npz")


def require_writable(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a path that cannot be written, before the work and not after it.

    Raises:
        UsageError: on an unknown suffix.
        MachineError: if its folder is missing or may not be written, or it is a folder itself.
    """
    if path.suffix.lower() not in suffixes:
        raise UsageError(
            f"Files of the kind {path.suffix!r} cannot be written here."
            if path.suffix
            else "The suffix of a file says what is written, and this one has none.",
            where=f"--out {path}",
            how=f"Use one of: {', '.join(suffixes)}.",
        )
    if not path.resolve().parent.is_dir():
        raise MachineError(
            "The folder to write to does not exist.", where=f"--out {path}", how="Create it first."
        )
    if path.is_dir() or not os.access(path.resolve().parent, os.W_OK):
        raise MachineError(
            "This is a folder." if path.is_dir() else "This folder may not be written.",
            where=f"--out {path}",
            how="Name a file in a folder of yours.",
        )


def write_examples(path: Path, x: Array, schema: Schema, *, rows: int = 0) -> None:
    """Write examples as a picture, an array or a table, by suffix.

    Arguments:
        path: Where to; .png, .npy, .npz, .csv or .parquet.
        x: Examples, (n, ...).
        schema: What one example is: the columns of a table, the range and layout of images.
        rows: Rows of a picture's grid; as square as possible if 0.

    Raises:
        UsageError: if a picture is asked for of what is none.
    """
    if path.suffix.lower() == ".png":
        write_atomically(path, png_of(x, schema, rows=rows, where=f"--out {path}"))
        return
    flat = x.reshape(len(x), -1)
    names = schema.columns or tuple(f"x{i}" for i in range(flat.shape[1]))
    write_table(path, dict(zip(names, flat.T, strict=True)), array=x)


def write_table(path: Path, columns: dict[str, Array], array: Array | None = None) -> None:
    """Write columns as .csv or .parquet, or as an array (.npy, .npz).

    Arguments:
        path: Where to.
        columns: Columns (n,) by name.
        array: What .npy and .npz hold instead of the columns side by side.
    """
    buffer = io.BytesIO()
    suffix = path.suffix.lower()
    if suffix == ".npy":
        together = np.stack(list(columns.values()), 1) if array is None else array
        np.save(buffer, together, allow_pickle=False)
    elif suffix == ".npz":
        np.savez_compressed(buffer, **({"x": array} if array is not None else columns))  # type: ignore[arg-type]
    else:
        import pyarrow as pa

        table = pa.table({name: np.ascontiguousarray(value) for name, value in columns.items()})
        if suffix == ".csv":
            from pyarrow import csv

            csv.write_csv(table, buffer)
        else:
            from pyarrow import parquet

            parquet.write_table(table, buffer)
    write_atomically(path, buffer.getvalue())


def read_latents(path: Path) -> Array:
    """Read latents (n, L) that `latentia encode` wrote, or that somebody made.

    Raises:
        DataError: if the file is missing or holds no such thing.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".npy":
            found: Array = np.load(path, allow_pickle=False)
        elif suffix == ".npz":
            # numpy leaves a file open that it cannot read, so it is opened here.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                found = np.stack([archive[n] for n in _latent_names(archive.files)], 1)
        else:
            found = _latent_columns(path, suffix)
        if np.iscomplexobj(found):
            raise ValueError("these are complex numbers")
        return np.asarray(found, dtype=np.float32)
    except FileNotFoundError:
        raise DataError(
            "There is no such file.", where=str(path), how="`latentia encode` writes one."
        ) from None
    except (ValueError, OSError, EOFError, BadZipFile) as error:
        raise DataError(
            f"No latents can be read: {str(error).splitlines()[0].rstrip('.')}.",
            where=str(path),
            how="Give a file that `latentia encode` wrote, or an array (n, latents) in .npy.",
        ) from None


def _latent_columns(path: Path, suffix: str) -> Array:
    """Read the columns z0, z1, ... of a table."""
    if suffix == ".parquet":
        from pyarrow import parquet

        table = parquet.read_table(path)
    else:
        from pyarrow import csv

        table = csv.read_csv(path)
    names = _latent_names(table.column_names)
    stacked: Array = np.stack([table[n].to_numpy() for n in names], 1)
    return stacked


def _latent_names(columns: list[str]) -> list[str]:
    """Return those of the columns that are z0, z1, ..., in this order; none is left out."""
    names = [n for n in columns if n.startswith("z") and n[1:].isdecimal()]
    if not names:
        raise ValueError("there are no columns z0, z1 and so on")
    names.sort(key=lambda name: int(name[1:]))
    if names != [f"z{d}" for d in range(len(names))]:
        raise ValueError(f"of z0, z1 and so on there are {', '.join(names)}")
    return names


def png_of(x: Array, schema: Schema, *, rows: int = 0, where: str = "") -> bytes:
    """Return a grid of images as PNG.

    Arguments:
        x: Images, (n, *schema.shape).
        schema: What they are.
        rows: Rows of the grid; as square as possible if 0.
        where: What messages call the place that a picture was asked for.

    Raises:
        UsageError: if they are no images.
    """
    channels = schema.model_shape[0] if schema.is_image else 0
    if channels not in (1, 3, 4):
        what = "Images of so many channels" if channels else "Rows of a table"
        raise UsageError(
            f"{what} are no pictures.", where=where, how="Write .npy, .csv or .parquet."
        )
    # Real numbers go from the lowest of the data, black, to the highest, white.
    real = schema.kind == "real"
    span = (schema.low, schema.high) if real else (0.0, 1.0)
    shown = picture.unit(schema.to_model(x).transpose(0, 2, 3, 1), span)
    tone = picture.tone(shown, contrast=None if real else schema.contrast)
    return picture.png(shown, tone=tone, rows=rows)
