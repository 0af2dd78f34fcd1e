"""What single examples are called: the files of a folder of images."""

import numpy as np

import latentia as lt
from latentia.data import Data


def folder(path, save_images, *files):
    """Write images whose grey is their number, so that a name can be checked by its pixels."""
    for i, file in enumerate(files):
        save_images(path / file, [np.full((8, 8), 10 * i, np.uint8)])
    return path


def test_images_are_called_by_their_files(tmp_path, save_images):
    files = [f"{'ab'[i % 2]}/{i:02}" for i in range(12)]
    data = lt.data.load(folder(tmp_path, save_images, *files))
    assert data.names == tuple(sorted(f"{file}/000.png" for file in files))
    assert all(x[0, 0] == 10 * int(name[2:4]) for x, name in zip(data.x, data.names, strict=True))


def test_an_official_test_part_keeps_its_names(tmp_path, save_images):
    files = [f"{part}/{i:02}" for i in range(10) for part in ("test", "train")]
    path = folder(tmp_path, save_images, *files)
    data = lt.data.load(path)
    greys = {f"{file}/000.png": 10 * i for i, file in enumerate(files)}
    assert [greys[name] for name in data.names] == data.x[:, 0, 0].tolist()
    assert set(lt.data.load(path, split="test").names) == {n for n in greys if "test" in n}


def test_a_single_image_has_its_name_too(tmp_path, save_images):
    data = lt.data.load(folder(tmp_path, save_images, *(f"{i:02}" for i in range(12))))
    one = lt.data.load(tmp_path / "03" / "000.png", like=data.schema)
    assert one.names == ("000.png",)


def test_names_last_and_others_have_none(tmp_path, save_images):
    data = lt.data.load(folder(tmp_path, save_images, *(f"{i:02}" for i in range(12))))
    assert Data.from_array(data, like=data.schema).names == data.names
    assert lt.data.load("digits").names == ()
