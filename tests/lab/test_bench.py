"""The bench: parts that do not mix, choices that repeat, models that are trained once."""

from pathlib import Path

import numpy as np
import pytest

import latentia
from latentia import lab
from latentia.errors import UsageError
from latentia.lab import _bench


def test_no_test_image_is_a_training_image(bench):
    train, test = ({row.tobytes() for row in part.x} for part in (bench.train, bench.test))
    assert not train & test
    assert len(bench.train.x) == 4000 and len(bench.test.x) == 1000


def test_a_choice_repeats_and_depends_on_key_and_seed(bench):
    again = lab.bench("mnist5k", seed=0)
    np.testing.assert_array_equal(bench.some(10).x, again.some(10).x)
    assert not np.array_equal(bench.some(10).x, bench.some(10, key=1).x)
    assert not np.array_equal(bench.some(10).x, lab.bench("mnist5k", seed=1).some(10).x)


def test_a_draw_is_black_and_white_with_the_pixels_as_probabilities(bench):
    x = np.full((50, 28, 28), 51, np.uint8)
    drawn = bench.draw(x)
    assert drawn.shape == (50, 1, 28, 28) and set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean().item() == pytest.approx(0.2, abs=0.01)


def test_a_model_is_trained_once_for_the_same_options(tmp_path):
    said = []
    options = {"n": 200, "n_components": 2, "network": {"hidden": (8,)}}
    bench = lab.bench("mnist5k", cache=tmp_path, steps=4, say=said.append)
    first = bench.model(**options)
    again = lab.bench("mnist5k", cache=tmp_path, steps=4, say=said.append).model(**options)
    x = bench.some(5).x
    np.testing.assert_array_equal(first.transform(x), again.transform(x))
    assert len(said) == 1 and "trains" in said[0]
    bench.model(**options | {"n_components": 3})
    lab.bench("mnist5k", cache=tmp_path, steps=4, seed=1, say=said.append).model(**options)
    assert len(said) == 3


def test_what_is_watched_is_what_is_trained_epoch_by_epoch(tmp_path):
    bench = lab.bench("mnist5k", cache=tmp_path, steps=4)
    x = bench.some(5).x
    options = {"n": 200, "n_components": 2, "settings": {"schedule": "constant"}}
    seen = bench.watch(lambda model: model.transform(x), **options)
    assert len(seen) == bench.epochs(200) == 2
    for epochs, latents in enumerate(seen, 1):
        trained = bench.model(**options, max_epochs=epochs)
        assert trained.history_[-1]["elbo"] == max(
            row["elbo"] for row in trained.history_ if row["split"] == "validation"
        )
        np.testing.assert_array_equal(trained.transform(x), latents)


def test_a_kept_model_that_cannot_be_read_is_trained_anew(tmp_path):
    said = []
    options = {"n": 200, "network": {"hidden": (8,)}}
    bench = lab.bench("mnist5k", cache=tmp_path, steps=4, say=said.append)
    bench.model(**options)
    (kept,) = tmp_path.iterdir()
    (kept / "config.json").write_text("{")
    bench.model(**options)
    assert "trained anew" in said[1]
    bench.model(**options)
    assert len(said) == 3


def test_data_without_labels_or_greys_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(50, 4)).astype("f4"))
    with pytest.raises(UsageError, match="grey 8-bit images with a label"):
        lab.bench(str(tmp_path / "x.npy")).data  # noqa: B018 (a property that loads)


def test_another_bench_keeps_seed_cache_and_what_was_not_asked_to_change(tmp_path):
    bench = lab.bench("mnist5k", cache=tmp_path, steps=7, seed=3)
    shorter = bench.other(steps=2)
    assert (shorter.steps, shorter.seed, shorter.data.schema.name) == (2, 3, "mnist5k")
    with pytest.raises(UsageError, match="--data digits"):  # they have 16 greys
        bench.other("digits").data  # noqa: B018
    small = {"n": 200, "n_components": 2, "network": {"hidden": (8,)}}
    bench.model(**small)
    shorter.model(**small, max_epochs=1)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_set_is_there_or_it_is_not(bench, tmp_path, monkeypatch):
    assert bench.has("mnist5k")
    monkeypatch.setattr("latentia.data.where", lambda name, root: None)
    assert not bench.has("mnist")


def test_a_model_kept_by_other_code_is_not_taken(tmp_path, monkeypatch):
    said = []
    options = {"n": 200, "network": {"hidden": (8,)}}
    bench = lab.bench("mnist5k", cache=tmp_path, steps=4, say=said.append)
    bench.model(**options)
    monkeypatch.setattr(_bench, "_code", lambda: "other code")
    bench.model(**options)
    assert len(said) == 2 and all("trains" in line for line in said)


def test_the_code_is_that_of_every_room_that_trains(monkeypatch):
    read = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or whole(path))
    _bench._code.cache_clear()
    _bench._code()
    rooms = {path.relative_to(Path(latentia.__file__).parent).parts[0] for path in read}
    assert {"network", "posterior", "prior", "likelihood", "objective", "training"} <= rooms
    assert {"model.py", "view.py", "design.py", "session.py", "rng.py", "data"} <= rooms
    assert not rooms & {"lab", "figure", "command"}
