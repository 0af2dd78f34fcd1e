"""The pixels of image files: upright, of one size, of one mode."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from latentia.data._deep import to_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["one_mode", "pixels_of"]

Array = npt.NDArray[Any]

_COLOUR = 8  # channels that differ by no more are grey saved as RGB


def pixels_of(
    file: Path | BinaryIO,
    size: tuple[int, int],
    white: float,
    formats: tuple[str, ...] | None = None,
) -> Array:
    """Decode one image to RGB, upright; cropped at the centre and resized if of another size.

    Arguments:
        file: Its file.
        size: Width and height to bring it to.
        white: The grey of 16 bits that is white.
        formats: The formats that it may have, by Pillow's names; any if None.

    Returns:
        (height, width, 3), uint8.
    """
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # e.g. damaged EXIF, which does not concern the pixels
        with Image.open(file, formats=formats) as opened:
            image = _rgb(ImageOps.exif_transpose(opened), white)
    if image.size != size:
        image = ImageOps.fit(image, size, method=Image.Resampling.LANCZOS)
    return np.asarray(image)


def _rgb(image: Image, white: float) -> Image:
    """Bring any mode to RGB: transparency over white, 16 bits to 8."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        return Image.fromarray(to_bytes(image, white)).convert("RGB")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("RGB")


def one_mode(pixels: Array, colour: bool | None, notes: list[str]) -> Array:
    """Keep RGB if any image has real colour (or if asked to), else make all grey.

    Arguments:
        pixels: Images, (n, H, W, 3), uint8.
        colour: Whether to keep colour; the images decide if None.
        notes: Receives a sentence of what was done.

    Returns:
        The same, or (n, H, W).
    """
    has = np.array(
        [int(np.ptp(image.astype(np.int16), axis=2).max()) > _COLOUR for image in pixels]
    )
    if colour is None:
        colour = bool(has.any())
        if colour and not has.all():
            notes.append(
                f"{int(has.sum())} of {len(has)} images have colour, so all are taken as RGB."
            )
    elif not colour and has.any():
        count = int(has.sum())
        made = "image in colour was" if count == 1 else "images in colour were"
        notes.append(f"{count} {made} made grey.")
    elif colour and not has.all():
        count = int((~has).sum())
        taken = "grey image was" if count == 1 else "grey images were"
        notes.append(f"{count} {taken} taken as RGB, as the model's are.")
    if colour:
        return pixels
    weights = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601 luma
    grey = np.empty(pixels.shape[:3], np.uint8)
    for i, image in enumerate(pixels):
        grey[i] = np.round(image @ weights)
    return grey
