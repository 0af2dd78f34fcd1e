import subprocess
import sys

import numpy as np
import pytest

from latentia import data, room
from latentia.data import Data, check, load
from latentia.data.base import NamedSet, PathFormat
from latentia.errors import UsageError

rng = np.random.default_rng(0)


def test_every_file_of_the_room_is_a_named_set_or_a_format():
    for member in room.members("data"):
        cls = room.load("data", member.name)
        assert issubclass(cls, NamedSet) != issubclass(cls, PathFormat)
        assert member.summary.endswith(".")
    assert set(data.names()) | set(data.formats()) == set(room.names("data"))
    assert set(data.names()) == {"mnist5k", "digits", "mnist", "fashion-mnist", "sprites"}


def test_importing_and_listing_stay_light():
    code = (
        "import sys, latentia.data as d; d.names(); d.formats();"
        "heavy = {'torch', 'pandas', 'pyarrow', 'sklearn', 'PIL', 'rich'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_may_be_written_with_underscores_and_capitals():
    assert load("MNIST5K").schema.name == "mnist5k"
    assert data.where("Fashion_MNIST") == data.where("fashion-mnist")


def test_an_array_a_data_set_and_x_y():
    x = rng.normal(size=(20, 3))
    d = load(x)
    assert isinstance(d, Data) and load(d) is d
    X, y = load(x, return_X_y=True)
    np.testing.assert_array_equal(X, d.x)
    assert y is None


def test_a_path_relative_to_the_data_root(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", rng.normal(size=(20, 3)))
    assert len(load("a.npy", root=tmp_path).x) == 20
    monkeypatch.setenv("LATENTIA_DATA", str(tmp_path))
    assert load("a.npy").schema.source == str(tmp_path / "a.npy")


def test_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    np.save(tmp_path / "a.npy", rng.normal(size=(20, 3)))
    assert len(load("~/a.npy").x) == 20


@pytest.mark.parametrize(
    ("name", "what", "where", "how"),
    [
        ("mnits", "no data set, file or folder called 'mnits'", "", "Did you mean 'mnist'?"),
        (
            "qqqq",
            "called 'qqqq'",
            "looked in",
            "Names: digits, fashion-mnist, mnist, mnist5k, sprites.",
        ),
        ("qqqq", "called 'qqqq'", "looked in", "a folder of images"),
        ("absent.csv", "no such file", "absent.csv", "data list"),
        ("./mnist", "no such file", "mnist", "Check the path"),
        ("s3://bucket/x.parquet", "Addresses are not read", "s3://", "Download"),
    ],
)
def test_what_is_not_there_is_said(name, what, where, how, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LATENTIA_DATA", raising=False)
    with refused(what, where, how):
        load(name)


def test_unknown_names_are_refused_everywhere(refused):
    for function in (data.where, data.fetch):
        with refused("'mnits'", "", "Did you mean 'mnist'?"):
            function("mnits")


def test_an_unknown_format_names_the_known_ones(tmp_path, refused):
    (tmp_path / "a.docx").write_text("hello")
    with refused("file has no known format", "a.docx", ".npy, .npz"):
        load(tmp_path / "a.docx")


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".csv", ".parquet", ".idx", ".gz", ".png"])
def test_an_empty_file_is_refused(suffix, tmp_path, refused):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"")
    with refused("empty (0 bytes)", str(path), "again"):
        load(path)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet", ".idx"])
def test_an_unreadable_file_is_refused(suffix, tmp_path, refused, monkeypatch):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"something")

    def deny(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(path))

    for owner in (
        NamedSet,
        PathFormat,
    ):  # root may read everything, so the system is asked to say no
        assert owner
    for format_ in data._load._formats().values():
        monkeypatch.setattr(type(format_), "read", deny)
    with refused("may not be read", str(path), "chmod"):
        load(path)


def test_a_folder_without_data_is_refused(tmp_path, refused):
    (tmp_path / "readme.txt").write_text("hello")
    with refused("folder holds nothing that can be read", str(tmp_path), "a folder of images"):
        load(tmp_path)


@pytest.mark.parametrize("size", [0, -3, 100_000])
def test_an_impossible_size_is_refused(size, refused):
    with refused(f"{size} is no side", "--size", "1 to 4096", UsageError):
        load("mnist5k", size=size)


def test_an_unknown_part_is_refused(refused):
    with refused("'dev'", "split", "train or test", UsageError):
        load("mnist5k", split="dev")


def test_the_summary_holds_what_a_user_asks(tmp_path):
    x = rng.normal(size=(40, 3))
    x[:4, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=["u"] * 30 + ["v"] * 10)
    found = check(tmp_path / "a.npz")
    assert found["n"] == 40
    assert found["parts"] == {"train": 32, "validation": 4, "test": 4}
    assert found["classes"] == {"u": 30, "v": 10}
    assert found["missing"] == {"1": 0.1}
    assert found["range"] == pytest.approx([np.nanmin(x), np.nanmax(x)])
    assert found["schema"]["kind"] == "real" and found["notes"] == []


def test_the_summary_is_json(tmp_path):
    import json

    assert json.loads(json.dumps(check("digits")))["parts"]["test"] == 180


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_not_the_current_folder(name, refused):
    with refused("empty", "DATA", "`.` is the folder you are in", UsageError):
        load(name)


@pytest.mark.parametrize("name", ["mnist5k", "a.npy", "t.csv"])
def test_a_size_is_for_folders_of_images(name, tmp_path, refused):
    np.save(tmp_path / "a.npy", rng.normal(size=(20, 3)))
    (tmp_path / "t.csv").write_text("a,b\n" + "1.5,2\n2,3.5\n" * 9)
    with refused("no folder of images", "--size 9", "Leave --size out", UsageError):
        load(name, root=tmp_path, size=9)


@pytest.fixture
def run_folder(tmp_path, save_images):
    """Lay out a run as `latentia train` and `figure` leave it, beside photographs."""
    run = tmp_path / "photos" / "runs" / "first one"
    save_images(run / "figures", rng.integers(0, 256, (12, 9, 9), dtype=np.uint8))
    (run / "config.json").write_text('{"format_version": 1, "latentia": "0.1.0", "model": {}}')
    save_images(tmp_path / "photos", rng.integers(0, 256, (12, 9, 9), dtype=np.uint8))
    return run


@pytest.mark.parametrize("inside", [".", "figures"])
def test_a_run_is_no_data(inside, run_folder, refused):
    with refused("is a run, or lies in one", "first one", "latentia evaluate '/"):
        load(run_folder / inside)


def test_runs_among_photographs_are_passed_over(run_folder, tmp_path, refused):
    d = load(tmp_path / "photos")
    assert len(d) == 12 and d.y is None
    assert d.notes == ("runs/first one is a run and was passed over.",)
    with refused("holds nothing that can be read", "runs", "Formats"):
        load(tmp_path / "photos" / "runs")


@pytest.mark.parametrize("content", ["[1, 2]", "{}", '{"model": 1}', "no json", "\xff"])
def test_any_other_config_is_no_run(content, run_folder):
    (run_folder / "config.json").write_text(content, encoding="latin1")
    assert len(load(run_folder)) == 12


def test_the_current_folder_has_a_name(tmp_path, save_images, monkeypatch):
    save_images(tmp_path / "사진", rng.integers(0, 256, (12, 9, 9), dtype=np.uint8))
    monkeypatch.chdir(tmp_path / "사진")
    assert load(".").schema.name == "사진"
