"""Other data than the run's own: given in either way, and what was done to them is told."""

import numpy as np
import pytest
from PIL import Image

ON_DATA = ["evaluate {run} --importance 2", "score {run} --importance 2"]
ON_DATA += ["encode {run} --out {out}/z.npy", "reconstruct {run} --out {out}/x.npy"]


@pytest.fixture
def photos(tmp_path):
    """A folder with pictures of the model's size, a larger one in colour, and a broken one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):
        Image.fromarray(rng.integers(0, 256, (6, 6), dtype=np.uint8)).save(folder / f"{i}.png")
    colour = rng.integers(0, 256, (12, 18, 3), dtype=np.uint8)
    Image.fromarray(colour).save(folder / "3.png")
    (folder / "4.png").write_bytes(b"no image")
    return folder


def line_of(text, run, tmp_path):
    return text.format(run=run, out=tmp_path).split()


@pytest.mark.parametrize("line", ON_DATA)
def test_what_was_done_to_them_is_in_json_and_told(line, latentia, inked_run, photos, tmp_path):
    said = latentia(*line_of(line, inked_run, tmp_path), "--data", photos, "--json")
    assert said.code == 0, said.err
    notes = " ".join(said.json["notes"])
    assert "1 image of another size (such as 18x12) was cropped and resized" in notes
    assert "1 image in colour was made grey" in notes and "4.png" in notes
    assert all(f"note      {note}" in said.err for note in said.json["notes"])


@pytest.mark.parametrize("line", ON_DATA)
def test_an_argument_and_an_option_are_the_same(line, latentia, inked_run, photos, tmp_path):
    asked = line_of(line, inked_run, tmp_path)
    option = latentia(*asked, "--data", photos, "--json")
    argument = latentia(*asked[:2], photos, *asked[2:], "--json")
    assert (option.code, option.out) == (0, argument.out)
    twice = latentia(*asked[:2], photos, *asked[2:], "--data", "digits")
    assert twice.code == 2 and "Two data sets are given" in twice.err


def test_grey_pictures_for_a_model_of_colours_are_told(tmp_path):
    from latentia.data import load

    rng = np.random.default_rng(0)
    for kind, shape in (("colour", (8, 8, 3)), ("grey", (8, 8))):
        (tmp_path / kind).mkdir()
        for i in range(12):
            x = rng.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(x).save(tmp_path / kind / f"{i}.png")
    like = load(tmp_path / "colour").schema
    assert load(tmp_path / "colour", like=like).notes == ()
    assert load(tmp_path / "grey", like=like).notes == (
        "12 grey images were taken as RGB, as the model's are.",
    )


def test_score_takes_the_first_so_many(latentia, inked_run):
    asked = ("score", inked_run, "--importance", 2, "--json")
    whole, some = latentia(*asked, "--top", 12).json, latentia(*asked, "--limit", 5).json
    assert (whole["n"], some["n"], len(some["least"])) == (12, 5, 5)
    assert {row["example"] for row in some["least"]} == set(range(5))
    said = latentia(*asked, "--limit", 0)
    assert said.code == 2 and "--limit 0" in said.err
