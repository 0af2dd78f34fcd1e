"""Images: their size is looked at before they are decoded, and PNG and JPEG are all there is."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from latentia.app.problems import Refused
from latentia.data import Schema
from latentia.data._deep import white_of
from latentia.data._images import one_mode, pixels_of
from latentia.data._raw import Raw

__all__ = ["from_image"]

_FORMATS = ("PNG", "JPEG")


def from_image(content: bytes, schema: Schema, pixels: int) -> Raw:
    """Decode one image and bring it to a model's size and mode, as those of a folder are.

    Arguments:
        content: A PNG or JPEG file.
        schema: What the model's images are.
        pixels: How many pixels it may have, whatever its file says.

    Returns:
        One example, with notes of what was done to it.

    Raises:
        Refused: 415 if the model is not one of images, 400 if the image cannot be read, 422 if it
            is too large.
    """
    if not schema.is_image:
        raise Refused(
            415,
            "This is no model of images.",
            where="Content-Type",
            how="Send its columns as JSON or .npy.",
        )
    height, width = schema.model_shape[1:]
    size = _size(content, pixels)
    notes: list[str] = []
    if size != (width, height):
        notes.append(
            f"The image of {size[0]}x{size[1]} was cropped and resized to the model's "
            f"{width}x{height}."
        )
    try:
        white = schema.white or white_of([io.BytesIO(content)], notes)
        found = pixels_of(io.BytesIO(content), (width, height), white, _FORMATS)
    except Exception as error:  # decoders raise every type of exception on damaged files
        raise _broken(error) from None
    grey = one_mode(found[None], schema.model_shape[0] >= 3, notes)
    return Raw(grey, notes=notes)


def _size(content: bytes, pixels: int) -> tuple[int, int]:
    """Return the size that a header tells, before there is memory for it; refuse a large one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit is stricter than Pillow's warning
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                width, height = image.size
    except Exception as error:  # as above
        raise _broken(error) from None
    if width * height > pixels:
        raise Refused(
            422,
            f"{width}x{height} are more than {pixels} pixels.",
            how="Make the image smaller; the model sees it so anyway.",
        )
    return width, height


def _broken(error: Exception) -> Refused:
    text = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    why = "it is neither PNG nor JPEG" if "cannot identify" in text else text
    return Refused(400, f"The image cannot be read: {why}.", how="Send a whole PNG or JPEG file.")
