import zlib

import numpy as np
import pytest
from PIL import Image

from latentia.data import load

rng = np.random.default_rng(0)


def noise(height, width, channels=None):
    shape = (height, width) if channels is None else (height, width, channels)
    return rng.integers(0, 256, shape, dtype=np.uint8)


def test_photographs_load_without_any_option(tmp_path, photographs, save_images):
    d = load(save_images(tmp_path, photographs, "jpg"))
    assert (d.x.shape, d.x.dtype) == ((24, 64, 64, 3), np.uint8)
    assert (d.schema.kind, d.schema.layout) == ("bytes", "hwc")
    assert d.schema.contrast > 0.5
    assert "resized to 64x64 (--size" in d.notes[0]


def test_small_images_of_one_size_are_not_touched(tmp_path, save_images):
    images = [noise(24, 40, 3) for _ in range(12)]
    d = load(save_images(tmp_path, images))
    np.testing.assert_array_equal(d.x, images)
    assert d.notes == ()


def test_grey_images_have_no_channel_axis(tmp_path, save_images):
    images = [noise(28, 28) for _ in range(12)]
    d = load(save_images(tmp_path, images))
    np.testing.assert_array_equal(d.x, images)
    assert d.schema.layout == "hw"


def test_grey_saved_as_rgb_is_grey(tmp_path, save_images):
    grey = [noise(28, 28) for _ in range(12)]
    d = load(save_images(tmp_path, [np.stack([g] * 3, -1) for g in grey]))
    np.testing.assert_array_equal(d.x, grey)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [([20, 25, 30], 28), ([31, 40, 50], 32), ([100, 64, 70], 64), ([9, 10], 28)],
)
def test_mixed_sizes_get_a_side_by_their_median(sides, expected, tmp_path, save_images):
    images = [noise(side, side + 3) for side in sides * 6]
    d = load(save_images(tmp_path, images))
    assert d.x.shape[1:] == (expected, expected)
    assert f"of {min(sides)} to {max(sides) + 3} pixels" in d.notes[0]


def test_a_size_can_be_asked_for(tmp_path, photographs, save_images):
    assert load(save_images(tmp_path, photographs), size=17).x.shape == (24, 17, 17, 3)


def test_images_are_cropped_at_the_centre(tmp_path, save_images):
    images = []
    for _ in range(12):
        wide = np.zeros((32, 96), np.uint8)
        wide[:, 32:64] = noise(32, 32)
        images.append(wide)
    d = load(save_images(tmp_path, images), size=32)
    np.testing.assert_array_equal(d.x, [image[:, 32:64] for image in images])


def test_every_mode_is_read(tmp_path, save_images):
    grey = [noise(28, 28) for _ in range(12)]
    images = [Image.fromarray(g) for g in grey]
    images[1] = images[1].convert("RGB")
    images[2] = images[2].convert("RGBA")
    images[3] = images[3].convert("P")
    images[4] = images[4].convert("LA")
    images[5] = Image.fromarray(grey[5].astype(np.uint16) * 257)  # I;16
    d = load(save_images(tmp_path, images))
    np.testing.assert_array_equal(d.x, grey)


def test_cmyk_float_and_integer_modes_are_read(tmp_path, save_images):
    grey = [noise(28, 28) for _ in range(12)]
    images = [Image.fromarray(g) for g in grey]
    images[0] = Image.fromarray((grey[0] / 255).astype(np.float32))
    images[1] = Image.fromarray(grey[1].astype(np.int32) * 257)
    images[2] = Image.merge(
        "CMYK", [Image.new("L", (28, 28))] * 3 + [Image.fromarray(255 - grey[2])]
    )
    d = load(save_images(tmp_path, images, "tiff"))
    np.testing.assert_allclose(d.x.astype(int), grey, atol=1)


def test_one_bit_images_are_binary(tmp_path, save_images):
    ink = [noise(16, 16) > 127 for _ in range(12)]
    d = load(save_images(tmp_path, ink))
    assert d.schema.kind == "binary"
    np.testing.assert_array_equal(d.x, ink)


def test_transparency_is_over_white(tmp_path, save_images):
    images = [noise(20, 20, 4) for _ in range(12)]
    for image in images:
        image[:5, :, 3] = 0
        image[5:, :, 3] = 255
    d = load(save_images(tmp_path, images))
    assert (d.x[:, :5] == 255).all()
    np.testing.assert_array_equal(d.x[:, 5:], [image[5:, :, :3] for image in images])


def test_one_image_in_colour_makes_all_rgb(tmp_path, save_images):
    images = [noise(28, 28) for _ in range(11)] + [noise(28, 28, 3)]
    d = load(save_images(tmp_path, images))
    assert d.x.shape == (12, 28, 28, 3)
    np.testing.assert_array_equal(d.x[0, ..., 1], images[0])
    assert "1 of 12 images have colour" in d.notes[0]


def test_images_are_turned_as_the_camera_says(tmp_path):
    images = [noise(20, 30) for _ in range(12)]
    for i, image in enumerate(images):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(image).save(tmp_path / f"{i:02d}.png", exif=exif)
    np.testing.assert_array_equal(load(tmp_path).x, [np.rot90(image, -1) for image in images])


def test_subfolders_are_the_classes(tmp_path, save_images):
    images = [noise(20, 20) for _ in range(12)]
    save_images(tmp_path / "bee", images[6:])
    save_images(tmp_path / "ant" / "deeper", images[:6])
    d = load(tmp_path)
    assert d.schema.labels == ("ant", "bee")
    assert d.y.tolist() == [0] * 6 + [1] * 6
    np.testing.assert_array_equal(d.x, images)


def test_train_and_test_folders_are_parts_and_no_classes(tmp_path, save_images):
    images = [noise(20, 20) for _ in range(24)]
    save_images(tmp_path / "test" / "bee", images[18:])
    save_images(tmp_path / "train" / "ant", images[:9])
    save_images(tmp_path / "train" / "bee", images[9:18])
    d = load(tmp_path)
    assert (d.n_official_test, d.schema.labels) == (6, ("ant", "bee"))
    np.testing.assert_array_equal(d.x, images)
    assert d.y.tolist() == [0] * 9 + [1] * 15


def test_images_outside_of_the_subfolders_leave_no_classes(tmp_path, save_images):
    images = [noise(20, 20) for _ in range(6)]
    save_images(tmp_path, images)
    save_images(tmp_path / "bee", images[::-1])
    d = load(tmp_path)
    assert d.y is None and "outside of the subfolders" in d.notes[0]


def test_corrupt_images_are_listed_and_skipped(tmp_path, photographs, save_images):
    save_images(tmp_path, photographs, "jpg")
    whole = (tmp_path / "003.jpg").read_bytes()
    (tmp_path / "003.jpg").write_bytes(whole[:-20])  # found out by decoding only
    (tmp_path / "007.jpg").write_bytes(b"this is no image")
    (tmp_path / "009.jpg").write_bytes(b"")
    d = load(tmp_path)
    assert len(d.x) == 21
    note = next(note for note in d.notes if "could not be read" in note)
    assert "3 images could not be read and were skipped" in note
    assert "003.jpg (" in note and "007.jpg (no image)" in note and "009.jpg (" in note
    assert note.index("003.jpg") < note.index("007.jpg") < note.index("009.jpg")
    np.testing.assert_array_equal(d.x[3], load(tmp_path / "004.jpg", like=d.schema).x[0])


def test_none_left_is_refused_with_the_first_few(tmp_path, refused):
    for i in range(7):
        (tmp_path / f"{i}.png").write_bytes(b"no")
    with refused("None of the 7 images can be read: 0.png (no image)", str(tmp_path), "viewer"):
        load(tmp_path)
    with refused("; and 2 more", "", ""):
        load(tmp_path)


def test_a_decompression_bomb_is_not_opened(tmp_path, save_images):
    save_images(tmp_path, [noise(20, 20) for _ in range(12)])
    for name, side in (("bomb", 30_000), ("large", 8000)):
        claim = b"IHDR" + 2 * side.to_bytes(4, "big")
        png = (tmp_path / "000.png").read_bytes()
        head = claim + png[24:29]
        crc = zlib.crc32(head).to_bytes(4, "big")
        (tmp_path / f"{name}.png").write_bytes(png[:12] + head + crc + png[33:])
    d = load(tmp_path)
    assert len(d.x) == 12
    note = " ".join(d.notes)
    assert "bomb.png (" in note
    assert "large.png (8000x8000 is more than 50 megapixels)" in note


def test_other_files_are_noted_and_hidden_ones_ignored(tmp_path, save_images):
    save_images(tmp_path, [noise(20, 20) for _ in range(12)])
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / ".hidden.png").write_bytes(b"no")
    save_images(tmp_path / ".thumbnails", [noise(9, 9)])
    d = load(tmp_path)
    assert len(d.x) == 12
    assert d.notes == ("1 file is no image: .txt.",)


def test_the_order_is_that_of_the_names(tmp_path, save_images):
    images = [noise(20, 20) for _ in range(12)]
    for i in rng.permutation(12):
        Image.fromarray(images[i]).save(tmp_path / f"{i:02d}.png")
    np.testing.assert_array_equal(load(tmp_path).x, images)


def test_linked_folders_are_entered_once(tmp_path, save_images):
    save_images(tmp_path / "a", [noise(20, 20) for _ in range(12)])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert len(load(tmp_path).x) == 12


def test_too_few_images_are_refused(tmp_path, photographs, save_images, refused):
    with refused("5 examples are too few", str(tmp_path), "Add examples"):
        load(save_images(tmp_path, photographs[:5]))


def test_a_blank_folder_is_refused(tmp_path, save_images, refused):
    with refused("All 12 examples are identical", str(tmp_path), "differ"):
        load(save_images(tmp_path, [np.full((20, 20), 7, np.uint8)] * 12))
