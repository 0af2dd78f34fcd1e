"""Images of 10, 12 or 14 bits in 16: one white for all of a folder, and said."""

import numpy as np
import pytest

from latentia.data import load

rng = np.random.default_rng(0)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_white_is_the_top_of_the_bits_in_use(bits, tmp_path, save_images):
    white = 2**bits - 1
    x = rng.integers(0, white + 1, (12, 9, 9)).astype(np.uint16)
    x[0, 0, 0] = white
    x[3] //= 40  # a dark image stays dark beside the others
    d = load(save_images(tmp_path, list(x)))
    np.testing.assert_array_equal(d.x, np.round(x * (255 / white)))
    assert d.schema.white == white
    note = " ".join(d.notes)
    assert (f"end at {white}, so {white} is taken as white" in note) is (bits < 16)


def test_new_images_take_the_white_of_the_model(tmp_path, save_images):
    x = rng.integers(0, 4096, (12, 9, 9)).astype(np.uint16)
    like = load(save_images(tmp_path / "train", list(x))).schema
    dark = x[:2] // 50
    d = load(save_images(tmp_path / "new", list(dark)), like=like)
    np.testing.assert_array_equal(d.x, np.round(dark * (255 / 4095)))


def test_images_of_8_bits_have_no_white(tmp_path, save_images):
    x = rng.integers(0, 256, (12, 9, 9), dtype=np.uint8)
    d = load(save_images(tmp_path, list(x)))
    assert d.schema.white == 0 and d.notes == ()


def test_a_damaged_one_is_skipped_as_ever(tmp_path, save_images):
    save_images(tmp_path, list(rng.integers(0, 4096, (12, 9, 9)).astype(np.uint16)))
    whole = (tmp_path / "003.png").read_bytes()
    (tmp_path / "003.png").write_bytes(whole[: len(whole) // 2])
    d = load(tmp_path)
    assert len(d) == 11 and any("could not be read" in note for note in d.notes)
