"""An image's size is looked at before it is decoded; what is damaged is told."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from latentia.app.examples import examples_of
from latentia.app.images import from_image
from latentia.app.problems import Refused
from latentia.data import Schema

GREY = Schema("s", "m", "bytes", (6, 6), "hw")
COLOUR = Schema("s", "m", "bytes", (6, 6, 3), "hwc")
MOST = 10_000


def png(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def bomb(side):
    """Return a PNG of one bit that is small as a file, and as pixels is not."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    lines = zlib.compress(b"\0" * (side // 8 + 1) * side)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    )


def refused(content, schema=GREY):
    with pytest.raises(Refused) as caught:
        from_image(content, schema, MOST)
    return caught.value


def test_an_image_is_one_example(inked):
    raw = from_image(png(Image.fromarray(inked[0])), GREY, MOST)
    np.testing.assert_array_equal(examples_of(raw, GREY).x, inked[:1])
    raw = from_image(png(Image.fromarray(inked[0])), COLOUR, MOST)
    assert examples_of(raw, COLOUR).x.shape == (1, 6, 6, 3)


def test_it_is_read_as_that_of_a_folder_is(tmp_path):
    """Of any mode and size: the same pixels as `latentia encode FOLDER` sees."""
    from latentia.data import load

    rng = np.random.default_rng(0)
    for mode, channels in (("RGB", 3), ("RGBA", 4), ("L", 0)):
        shape = (15, 9, channels) if channels else (15, 9)
        image = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8), mode=None)
        image.save(tmp_path / "one.png")
        for schema in (GREY, COLOUR):
            expected = load(tmp_path / "one.png", like=schema).x
            raw = from_image((tmp_path / "one.png").read_bytes(), schema, MOST)
            np.testing.assert_array_equal(examples_of(raw, schema).x, expected, err_msg=mode)


def test_a_bomb_is_not_decoded(monkeypatch):
    from PIL import ImageFile

    def decoded(*given):
        pytest.fail("it was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    content = bomb(9000)
    assert len(content) < 20_000
    error = refused(content)
    assert error.status == 422 and "9000x9000" in error.what


def test_a_model_of_no_images_takes_none():
    schema = Schema("s", "m", "real", (3,), "vector")
    assert refused(png(Image.new("L", (3, 3))), schema).status == 415


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_formats_are_not_opened(kind):
    error = refused(png(Image.new("RGB", (6, 6)), kind))
    assert error.status == 400 and "neither PNG nor JPEG" in error.what


def test_what_is_damaged_is_told(inked):
    whole = png(Image.fromarray(np.tile(inked[0], (9, 9))))
    for content in (b"", b"\x89PNG\r\n\x1a\n", whole[: len(whole) // 2], whole[:-40] + b"x" * 40):
        assert refused(content).status == 400
    jpeg = png(Image.fromarray(np.tile(inked[0], (9, 9))), "JPEG")
    assert refused(jpeg[: len(jpeg) // 2]).status == 400
