"""What sample, reconstruct, encode, decode, interpolate and score write."""

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from PIL import Image

import latentia as lt
from latentia.request import DataRequest, load_data, split_data
from latentia.run import Run


@pytest.fixture(scope="module")
def model(inked_run):
    return lt.load(inked_run)


@pytest.fixture(scope="module")
def test_rows(inked, inked_path):
    request = DataRequest(str(inked_path))
    return inked[split_data(load_data(request), request)["test"]]


@pytest.fixture
def run_to(latentia, tmp_path):
    """Return a function that runs a command with --out and returns the path."""

    def run(command, *arguments, to):
        path = tmp_path / to
        said = latentia(command, *arguments, "--out", path)
        assert said.code == 0, said.err
        assert str(path) in said.out
        return path

    return run


def rows(path):
    """Read what was written, as (n, numbers), by its suffix."""
    if path.suffix == ".npy":
        return np.load(path).reshape(len(np.load(path)), -1)
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return archive["x"].reshape(len(archive["x"]), -1)
    reader = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.parquet.read_table
    return np.stack([column.to_numpy() for column in reader(path).columns], 1)


def columns(path):
    """Read a table or archive as a dictionary of columns."""
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return dict(archive)
    reader = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.parquet.read_table
    table = reader(path)
    return {name: np.array(table[name].to_pylist()) for name in table.column_names}


def side_of(n):
    """Return the pixels of n pictures of side 6 with their gaps and the margin, enlarged."""
    return (6 * n + (n - 1) + 2 * 2) * (112 // 6)


ARRAYS = [".npy", ".npz", ".csv", ".parquet"]


class TestSample:
    @pytest.mark.parametrize("suffix", ARRAYS)
    def test_files_hold_the_estimators_samples(self, run_to, inked_run, model, suffix):
        path = run_to("sample", inked_run, "-n", 7, "--seed", 3, to=f"s{suffix}")
        np.testing.assert_allclose(rows(path), model.sample(7, random_state=3).reshape(7, 36))

    def test_draws_are_black_or_white_and_means_are_not(self, run_to, inked_run):
        draws = np.load(run_to("sample", inked_run, to="a.npy"))
        means = np.load(run_to("sample", inked_run, "--values", "mean", to="b.npy"))
        assert draws.shape == means.shape == (64, 6, 6)
        assert set(np.unique(draws)) <= {0, 1}
        assert not set(np.unique(means)) <= {0, 1}

    def test_the_seed_decides(self, run_to, inked_run):
        first, again, other = (
            run_to("sample", inked_run, "--seed", seed, to=f"{name}.npy").read_bytes()
            for name, seed in (("a", 1), ("b", 1), ("c", 2))
        )
        assert first == again != other

    def test_a_picture(self, run_to, inked_run):
        with Image.open(run_to("sample", inked_run, "-n", 9, to="s.png")) as picture:
            assert picture.mode == "L"
            assert picture.width == picture.height == side_of(3)

    def test_a_table_keeps_its_columns(self, run_to, table_run):
        path = run_to("sample", table_run, "-n", 5, to="s.csv")
        assert pyarrow.csv.read_csv(path).column_names == ["height", "weight", "depth"]

    def test_an_autoencoder_has_nothing_to_sample(self, latentia, point_run, tmp_path):
        said = latentia("sample", point_run, "--out", tmp_path / "s.npy")
        assert said.code == 4
        assert "prior" in said.err
        assert not (tmp_path / "s.npy").exists()


class TestReconstruct:
    @pytest.mark.parametrize("suffix", ARRAYS)
    def test_files_hold_the_estimators_reconstructions(
        self, run_to, inked_run, model, test_rows, suffix
    ):
        path = run_to("reconstruct", inked_run, to=f"r{suffix}")
        expected = model.reconstruct(test_rows).reshape(len(test_rows), 36)
        np.testing.assert_allclose(rows(path), expected, rtol=1e-6)

    def test_originals_above_reconstructions(self, run_to, inked_run):
        with Image.open(run_to("reconstruct", inked_run, "-n", 4, to="r.png")) as picture:
            assert picture.size == (side_of(4), side_of(2))

    def test_other_data_and_parts(self, run_to, inked_run, inked_path):
        assert len(np.load(run_to("reconstruct", inked_run, inked_path, to="a.npy"))) == 120
        assert len(np.load(run_to("reconstruct", inked_run, "--split", "train", to="b.npy"))) == 96

    @pytest.mark.parametrize("suffix", ARRAYS)
    def test_it_is_decode_after_encode(self, run_to, inked_run, suffix):
        latents = run_to("encode", inked_run, to=f"z{suffix}")
        decoded = run_to("decode", inked_run, latents, to="x.npy")
        again = run_to("reconstruct", inked_run, to="r.npy")
        np.testing.assert_allclose(np.load(decoded), np.load(again), atol=1e-6)


class TestEncode:
    def test_means_deviations_and_labels(self, run_to, latentia, tmp_path):
        path = tmp_path / "d"
        small = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 3)
        assert latentia("train", "digits", "--out", path, *small).code == 0
        found = pyarrow.csv.read_csv(run_to("encode", path, to="z.csv"))
        numbers = ["z0", "z1", "z2", "sd0", "sd1", "sd2"]
        assert found.column_names == [*numbers, "label", "example", "row"]
        assert found.num_rows == 180
        assert set(found["label"].to_pylist()) == set(range(10))
        assert (found["sd0"].to_numpy() > 0).all()

    def test_the_means_are_transforms(self, run_to, inked_run, model, test_rows):
        found = np.load(run_to("encode", inked_run, to="z.npy"))
        np.testing.assert_allclose(found, model.transform(test_rows), rtol=1e-6)

    def test_an_autoencoders_points_have_no_width(self, run_to, point_run):
        found = pyarrow.csv.read_csv(run_to("encode", point_run, to="z.csv"))
        assert (found["sd0"].to_numpy() == 0).all()


class TestInterpolate:
    @pytest.mark.parametrize("method", ["linear", "spherical"])
    def test_the_ends_are_the_reconstructions(self, run_to, inked_run, method):
        path = np.load(
            run_to("interpolate", inked_run, 2, 5, "--method", method, "--steps", 6, to="p.npy")
        )
        again = np.load(run_to("reconstruct", inked_run, to="r.npy"))
        assert path.shape == (6, 6, 6)
        np.testing.assert_allclose(path[[0, -1]], again[[2, 5]], atol=1e-5)

    def test_one_row_of_pictures(self, run_to, inked_run):
        with Image.open(run_to("interpolate", inked_run, 0, 1, to="p.png")) as picture:
            assert picture.size == (side_of(11), side_of(1))


class TestScore:
    @pytest.mark.parametrize("suffix", [".csv", ".parquet"])
    def test_files_hold_the_estimators_scores(self, run_to, inked_run, model, test_rows, suffix):
        path = run_to("score", inked_run, "--importance", 9, "--seed", 2, to=f"s{suffix}")
        found = columns(path)
        assert list(found) == [
            *("example", "row", "log_likelihood", "elbo", "reconstruction", "kl"),
        ]
        expected = model.score_samples(test_rows, 9, random_state=2)
        np.testing.assert_allclose(found["log_likelihood"], expected, rtol=1e-6)
        nats = model.elbo(test_rows, random_state=2)
        np.testing.assert_allclose(found["elbo"], nats.elbo, rtol=1e-5)
        parts = found["reconstruction"] - found["kl"]
        np.testing.assert_allclose(parts, found["elbo"], atol=1e-3)

    def test_an_array_holds_the_numbers_of_the_table(self, run_to, inked_run):
        few = ("score", inked_run, "--importance", 2)
        table = columns(run_to(*few, to="s.csv"))
        del table["row"]
        stacked = np.stack(list(table.values()), 1)
        np.testing.assert_allclose(np.load(run_to(*few, to="s.npy")), stacked, rtol=1e-6)

    def test_the_least_likely_come_first(self, latentia, inked_run):
        found = latentia("score", inked_run, "--importance", 5, "--top", 4, "--json").json
        scores = [row["log_likelihood"] for row in found["least"]]
        assert scores == sorted(scores)
        assert len(scores) == 4
        assert found["mean"] >= scores[0]

    @pytest.mark.parametrize("which", ["grey_run", "point_run"])
    def test_no_likelihood_is_never_called_one(self, request, latentia, which):
        run = request.getfixturevalue(which)
        found = latentia("score", run, "--json").json
        assert found["is_likelihood"] is False
        assert found["no_likelihood"] == Run(run).config().no_likelihood
        assert all("log_likelihood" not in row for row in found["least"])
        text = latentia("score", run).out
        assert ("ELBO* " in text) is (which == "grey_run")
        assert ("mean reconstruction* " in text) is (which == "point_run")
        assert "* no likelihood: " in text
        assert "log p(x)" not in text


@pytest.fixture(scope="module")
def pictures(inked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for i, pixels in enumerate(inked[:40]):
        (folder / f"{'개고'[i % 2]}").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{'개고'[i % 2]}" / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def pictures_run(latentia, pictures, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "pictures"
    small = ("--epochs", 1, "--network.hidden", 8)
    assert latentia("train", pictures, "--out", run, *small).code == 0
    return run


class TestPlaces:
    """Every line of a table says which example of the data it is about."""

    @pytest.mark.parametrize("command", ["score", "encode"])
    def test_rows_are_those_of_the_data(self, run_to, inked_run, inked, test_rows, command):
        found = columns(run_to(command, inked_run, to="x.csv"))
        assert np.array_equal(inked[found["row"]], test_rows)
        assert found["example"].tolist() == list(range(len(test_rows)))

    @pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
    @pytest.mark.parametrize("command", ["score", "encode"])
    def test_files_are_those_of_the_folder(self, run_to, pictures_run, pictures, command, suffix):
        whole = run_to(command, pictures_run, pictures, to=f"x{suffix}")
        part = columns(run_to(command, pictures_run, to=f"y{suffix}"))
        files = columns(whole)["path"]
        assert sorted(files) == sorted(
            path.relative_to(pictures).as_posix() for path in pictures.rglob("*.png")
        )
        assert [files[row] for row in part["row"]] == part["path"].tolist()

    def test_a_file_has_the_score_of_its_pixels(self, run_to, pictures_run, pictures, latentia):
        found = columns(run_to("score", pictures_run, "--importance", 2, to="s.csv"))
        alone = lt.load(pictures_run).elbo(
            np.stack([np.asarray(Image.open(pictures / file)) for file in found["path"]])
        )
        np.testing.assert_allclose(found["elbo"], alone.elbo, rtol=1e-5)
        said = latentia("score", pictures_run, "--top", 1, "--json").json["least"][0]
        assert said["path"] == found["path"][said["example"]]
        assert said["path"] in latentia("score", pictures_run, "--top", 1).out

    def test_the_text_tells_the_row_where_it_is_another_number(
        self, latentia, inked_run, inked_path
    ):
        (row,) = latentia("score", inked_run, "--top", 1, "--json").json["least"]
        assert f"row {row['row']} of the data" in latentia("score", inked_run, "--top", 1).out
        assert "row" not in latentia("score", inked_run, inked_path, "--top", 1).out


@pytest.mark.parametrize("kinds", [(), ("learning-curves", "samples")])
def test_figures_are_drawn_where_asked(latentia, inked_run, tmp_path, kinds):
    said = latentia("figure", inked_run, *(kinds or ("samples",)), "--out", tmp_path / "f")
    assert said.code == 0, said.err
    drawn = {path.stem for path in (tmp_path / "f").iterdir()}
    assert drawn == set(kinds or ("samples",))


def test_what_was_done_to_other_data_is_told(latentia, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).astype(np.float32)
    x[:, 1] = 5  # constant in training, so left out of the model
    np.save(tmp_path / "x.npy", x)
    x[:, 1] = rng.normal(size=60)
    np.save(tmp_path / "other.npy", x)
    run = tmp_path / "run"
    small = ("--epochs", 1, "--network.hidden", 4)
    assert latentia("train", tmp_path / "x.npy", "--out", run, *small).code == 0
    score = ("score", run, tmp_path / "other.npy", "--importance", 2)
    assert "note      " in latentia(*score).err
    assert "note" not in latentia("score", run, "--importance", 2).err
    assert "note" not in latentia(*score, "--quiet").err
