"""Folders of images of any size and mode."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.data._data import Data
from latentia.data._deep import white_of
from latentia.data._images import one_mode, pixels_of
from latentia.data._raw import Raw
from latentia.data._wanted import Wanted
from latentia.data.base import PathFormat, files_below, runs_below
from latentia.errors import DataError

__all__ = ["ImageFolder"]

Array = npt.NDArray[Any]

_SIDES = (28, 32, 64)
_MOST_PIXELS = 50_000_000  # a decompression bomb says so in its header
_TRAIN, _TEST, _VALIDATION = {"train", "training"}, {"test", "testing"}, {"val", "valid"}


@dataclass
class _Found:
    """The images of a folder that can be opened, their sizes, and what was passed over."""

    paths: list[Path] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)  # (width, height)
    broken: list[tuple[Path, str]] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)


@final
class ImageFolder(PathFormat):
    """A folder of images; subfolders, if all images lie in some, are the classes."""

    suffixes = (
        ".png",
        ".jpg",
        ".jpeg",
        ".bmp",
        ".gif",
        ".tif",
        ".tiff",
        ".webp",
        ".ppm",
        ".pgm",
        ".pbm",
    )
    pattern = "a folder of images"
    has_size = True

    def claims(self, path: Path) -> bool:
        """Say whether this is an image, or a folder with more images than Parquet files."""
        if not path.is_dir():
            return super().claims(path)
        names = [file.name.lower() for file in files_below(path)]
        images = sum(name.endswith(self.suffixes) for name in names)
        return images > sum(name.endswith(".parquet") for name in names)

    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read every image that can be read, brought to one size and one mode."""
        like = wanted.like
        found = _survey([path] if path.is_file() else files_below(path), self.suffixes)
        runs = runs_below(path) if path.is_dir() else []
        path = path.parent if path.is_file() else path
        if not found.paths:
            raise _none_left(found, path)
        notes: list[str] = []
        if like is not None and like.is_image:
            height, width = like.model_shape[1:]
            _note_resized(found, (width, height), notes)
        else:
            height, width = _choose_size(found, wanted.size, notes)
        white = (like.white if like is not None else 0.0) or white_of(found.paths, notes)
        kept, pixels = _decode(found, (width, height), white)
        if not kept:
            raise _none_left(found, path)
        colour = None if like is None else like.model_shape[0] >= 3
        raw = Raw(one_mode(pixels, colour, notes), notes=notes, white=white)
        notes += _passed_over(found, path)
        notes += [f"{run.relative_to(path)} is a run and was passed over." for run in runs]
        _arrange(raw, kept, path)
        return Data.from_raw(raw, name=path.name, source=str(path), like=like)


def _survey(files: list[Path], suffixes: tuple[str, ...]) -> _Found:
    """Open every image as far as its header."""
    found = _Found()
    for path in files:
        if not path.name.lower().endswith(suffixes):
            found.others.append(path)
            continue
        try:
            found.sizes.append(_size(path))
            found.paths.append(path)
        except Exception as error:  # decoders raise every type of exception on damaged files
            found.broken.append((path, _reason(error)))
    return found


def _size(path: Path) -> tuple[int, int]:
    """Return width and height as seen, refusing images beyond any sensible size."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limit below is stricter than Pillow's warning
        with Image.open(path) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS:
                most = _MOST_PIXELS // 10**6
                raise ValueError(f"{width}x{height} is more than {most} megapixels")
            # Asked for EXIF that is not in its header, a PNG would be decoded here already
            known = image.format != "PNG" or "exif" in image.info
            turned = known and image.getexif().get(0x0112, 1) >= 5  # orientation
    return (height, width) if turned else (width, height)


def _choose_size(found: _Found, size: int | None, notes: list[str]) -> tuple[int, int]:
    """Choose the height and width to which all images are brought."""
    sizes = set(found.sizes)
    if size is None and len(sizes) == 1:
        ((width, height),) = sizes
        if max(width, height) <= _SIDES[-1]:
            return height, width
    sides = [min(pair) for pair in found.sizes]
    if size is None:
        side = max((s for s in _SIDES if s <= median(sides)), default=_SIDES[0])
        chosen = f"{side}x{side} (--size chooses another)"
    else:
        side, chosen = size, f"{size}x{size}"
    if sizes != {(side, side)}:
        small, large = min(sides), max(max(pair) for pair in found.sizes)
        spread = f"of {small} to {large} pixels" if small != large else f"of {small} pixels"
        notes.append(f"Images {spread} were centre-cropped to squares and resized to {chosen}.")
    return side, side


def _note_resized(found: _Found, size: tuple[int, int], notes: list[str]) -> None:
    """Say how many images have another size than the model's, to which they are brought."""
    others = [given for given in found.sizes if given != size]
    if others:
        which = f"{len(others)} image{'s' * (len(others) > 1)}"
        sizes = ", ".join(sorted({f"{width}x{height}" for width, height in others})[:4])
        notes.append(
            f"{which} of another size (such as {sizes}) {'were' if len(others) > 1 else 'was'} "
            f"cropped and resized to the model's {size[0]}x{size[1]}."
        )


def _decode(found: _Found, size: tuple[int, int], white: float) -> tuple[list[Path], Array]:
    """Decode images to RGB (n, height, width, 3); those that fail join the broken ones."""
    kept: list[Path] = []
    width, height = size
    pixels = np.empty((len(found.paths), height, width, 3), np.uint8)
    for path in found.paths:
        try:
            pixels[len(kept)] = pixels_of(path, size, white)
            kept.append(path)
        except Exception as error:  # decoders raise every type of exception on damaged files
            found.broken.append((path, _reason(error)))
    found.broken.sort()
    return kept, pixels[: len(kept)]


def _arrange(raw: Raw, paths: list[Path], folder: Path) -> None:
    """Name images, give them their folders as labels, and put an official test part last."""
    names = [path.relative_to(folder).as_posix() for path in paths]
    parts = [path.relative_to(folder).parts[:-1] for path in paths]
    top = {part[0].lower() if part else "" for part in parts}
    if top & _TRAIN and top & _TEST and top <= _TRAIN | _TEST | _VALIDATION:
        tested = np.array([part[0].lower() in _TEST for part in parts])
        order = np.argsort(tested, kind="stable")
        raw.x, raw.n_official_test = raw.x[order], int(tested.sum())
        parts, names = [parts[i][1:] for i in order], [names[i] for i in order]
        raw.notes.append(f"Folder {'/'.join(sorted(top & _TEST))} is the official test set.")
    raw.names = tuple(names)
    classes = {part[0] for part in parts if part}
    if len(classes) > 1 and all(parts):
        raw.y = [part[0] for part in parts]
    elif classes and not all(parts):
        raw.notes.append("Some images lie outside of the subfolders: these are no labels.")


def _passed_over(found: _Found, folder: Path) -> list[str]:
    notes = []
    if found.broken:
        count = len(found.broken)
        notes.append(
            f"{count} image{'s' if count > 1 else ''} could not be read and "
            f"{'were' if count > 1 else 'was'} skipped: {_listed(found.broken, folder, 20)}."
        )
    if found.others:
        kinds = sorted({path.suffix.lower() or path.name for path in found.others})
        one = len(found.others) == 1
        files = "1 file is no image" if one else f"{len(found.others)} files are no images"
        notes.append(f"{files}: {', '.join(kinds[:8])}.")
    return notes


def _none_left(found: _Found, folder: Path) -> DataError:
    return DataError(
        f"None of the {len(found.broken)} images can be read: {_listed(found.broken, folder, 5)}.",
        where=str(folder),
        how="Open one with an image viewer; copy or export the images again.",
    )


def _listed(broken: list[tuple[Path, str]], folder: Path, most: int) -> str:
    listed = [f"{path.relative_to(folder)} ({reason})" for path, reason in broken[:most]]
    more = len(broken) - most
    return "; ".join(listed) + (f"; and {more} more" if more > 0 else "")


def _reason(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return "no image" if "cannot identify" in text else text.rstrip(".")
