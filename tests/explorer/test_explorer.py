"""What a page is answered: arrays are the model's numbers, and what cannot be is said."""

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from latentia.errors import DataError
from latentia.estimator._load import load
from latentia.explorer.explorer import Explorer
from latentia.explorer.reel import Reel


def array(client, head):
    content = client.get(f"/page-data/array/{head['name']}").content
    kind = {"float32": "<f4", "int32": "<i4"}[head["dtype"]]
    return np.frombuffer(content, kind).reshape(head["shape"])


def arrays(client):
    return {head["name"]: array(client, head) for head in client.get("/page-data/arrays").json()}


def test_arrays_are_what_python_finds(exploring, inked_run):
    client = exploring(inked_run)
    subject, found = client.explorer.subject, arrays(client)
    model = load(inked_run, device="cpu")
    mean, deviation = model.moments(subject.x)
    assert np.array_equal(found["mean"], mean) and np.array_equal(found["deviation"], deviation)
    nats = model.elbo(subject.x, random_state=0)
    for name in ("elbo", "reconstruction", "kl", "kl_per_dim"):
        np.testing.assert_allclose(found[name], getattr(nats, name), rtol=1e-6)
    assert np.array_equal(found["row"], subject.rows)
    assert found["prior"].shape == (1000, model.latent_dim_)
    assert abs(found["prior"].mean()) < 0.1 and abs(found["prior"].std() - 1) < 0.1
    heads = {head["name"]: head for head in client.get("/page-data/arrays").json()}
    assert heads["elbo"]["unit"] == heads["kl_per_dim"]["unit"] == "nats"


def test_graphs_give_the_models_numbers(exploring, inked_run):
    import onnxruntime

    client = exploring(inked_run)
    told = client.get("/page-data/graphs").json()
    assert told["graphs"] == ["encoder", "decoder"]
    assert told["likelihood"]["outputs"][-1] == "shown"
    session = onnxruntime.InferenceSession(client.get("/page-data/graph/decoder.onnx").content)
    z = np.array([[0.5] * client.explorer.subject.model.latent_dim_], np.float32)
    shown = session.run(["shown"], {"z": z})[0]
    expected = load(inked_run, device="cpu").inverse_transform(z)
    np.testing.assert_allclose(shown.ravel(), expected.ravel(), atol=1e-5)


def test_examples_are_those_that_the_numbers_are_about(exploring, inked_run):
    client = exploring(inked_run)
    subject = client.explorer.subject
    grey = np.frombuffer(client.get("/page-data/examples?at=3,0").content, "<f4")
    np.testing.assert_allclose(grey, subject.x[[3, 0]].ravel() / 255, rtol=1e-6)
    drawn = np.frombuffer(client.get("/page-data/examples?at=3,0&drawn=1").content, "<f4")
    batch = next(load(inked_run, device="cpu").examples(subject.x).batches(0)).numpy()
    assert np.array_equal(drawn, batch[[3, 0]].ravel())
    assert set(np.unique(drawn)) <= {0.0, 1.0}


def test_sheets_hold_the_examples_as_they_are(exploring, inked_run):
    client = exploring(inked_run)
    layout = client.get("/page-data/description").json()["sheets"]
    answer = client.get("/page-data/sheet/0.png")
    assert answer.headers["content-type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    tall, wide, across = layout["height"], layout["width"], layout["across"]
    for place in (0, 1, client.explorer.subject.count - 1):
        top, left = place // across * tall, place % across * wide
        tile = picture[top : top + tall, left : left + wide]
        assert np.array_equal(tile, client.explorer.subject.x[place])


def test_the_description_is_the_runs(exploring, inked_run):
    told = exploring(inked_run).get("/page-data/description").json()
    assert told["picture"] == {
        "channels": 1, "height": 6, "width": 6, "ink": told["picture"]["ink"], "span": [0.0, 1.0],
    }  # fmt: skip
    assert told["likelihood"]["name"] == "bernoulli" and told["is_likelihood"]
    assert told["x"]["binarize"] == "dynamic" and told["space"] == "real"
    assert told["examples"]["count"] == told["examples"]["total"] > 0
    assert told["best_epoch"] in (1, 2)


def test_the_configuration_is_the_runs(exploring, inked_run):
    told = exploring(inked_run).get("/page-data/config").json()
    written = json.loads((inked_run / "config.json").read_text())
    for name in ("estimator", "model", "objective", "training", "labelling", "corruption"):
        assert told[name] == written[name], name
    assert told["data"]["n_test"] == written["data"]["n_test"]
    assert "data_schema" not in told["data"] and "reasons" not in told


def test_metrics_are_the_runs(exploring, inked_run):
    rows = exploring(inked_run).get("/page-data/metrics").json()
    assert {row["split"] for row in rows} == {"train", "validation"}
    assert all(np.isfinite(row["elbo"]) for row in rows)


def test_the_curves_follow_the_file_and_end_with_the_server(exploring, inked_run):
    client = exploring(inked_run)
    client.explorer.service.drain()
    with client.stream("GET", "/page-data/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        said = json.loads("".join(answer.iter_text()).removeprefix("data: "))
    rows = client.explorer.subject.run.metrics()
    assert [row["elbo"] for row in said["rows"]] == [row["elbo"] for row in rows]
    assert said["over"] and said["standing"] == {"state": "over"}


def test_a_table_has_columns_and_no_pictures(exploring, table_run):
    client = exploring(table_run)
    told = client.get("/page-data/description").json()
    assert told["x"]["columns"] == ["height", "weight", "depth"]
    assert told["picture"] is None and told["sheets"] is None
    assert client.get("/page-data/sheet/0.png").status_code == 404
    x = np.frombuffer(client.get("/page-data/examples?at=1").content, "<f4")
    offset = np.array(told["x"]["offset"] or [0, 0, 0])
    np.testing.assert_allclose(x + offset, client.explorer.subject.x[1], rtol=1e-5)


def test_conditions_of_examples_are_theirs(exploring, told_run):
    client = exploring(told_run)
    told, found = client.get("/page-data/description").json(), arrays(client)
    assert told["conditions"][0]["classes"] == ["none", "stroke"]
    assert "prior" not in found or found["prior"].shape[1] == told["latents"]
    subject = client.explorer.subject
    assert np.array_equal(found["c"], subject.c)
    model = load(told_run, device="cpu").under(subject.c)
    np.testing.assert_allclose(found["mean"], model.transform(subject.x), rtol=1e-5, atol=1e-6)
    nats = model.elbo(subject.x, random_state=0)
    np.testing.assert_allclose(found["elbo"], nats.elbo, rtol=1e-5)


def test_an_autoencoder_has_no_prior_to_draw_from(exploring, point_run):
    client = exploring(point_run)
    assert "prior" not in arrays(client)
    told = client.get("/page-data/description").json()
    assert not told["prior"]["is_proper"] and not told["is_likelihood"] and told["no_likelihood"]


def test_without_its_data_a_run_still_decodes(exploring, inked_run, tmp_path):
    run = tmp_path / "moved"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    config["data"]["request"] = str(tmp_path / "gone.npy")
    (run / "config.json").write_text(json.dumps(config))
    client = exploring(run)
    told = client.get("/page-data/description").json()
    assert told["examples"]["count"] == 0 and told["examples"]["missing"]
    assert told["picture"] is not None and told["sheets"] is None
    assert [*arrays(client)] == ["prior"]
    assert client.get("/page-data/graphs").json()["graphs"] == ["encoder", "decoder"]
    assert client.get("/page-data/examples?at=0").status_code == 404


def test_data_that_are_back_are_found_by_who_looks(subject_of, built, inked_run, tmp_path):
    run, request = tmp_path / "moved", tmp_path / "gone.npy"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    path, config["data"]["request"] = config["data"]["request"], str(request)
    (run / "config.json").write_text(json.dumps(config))
    explorer = Explorer(subject_of(run), look=lambda: [subject_of(run)], folder=built)
    with TestClient(explorer.app(), base_url="http://127.0.0.1") as client:
        told = client.post("/page-data/look").json()
        assert told["count"] == 0 and str(request) in told["missing"]
        shutil.copy(path, request)
        model, told = explorer.subject.model, client.post("/page-data/look").json()
        assert told["count"] > 0 and not told["missing"]
        assert client.get("/page-data/description").json()["examples"]["count"] == told["count"]
        assert {"mean", "elbo"} <= {*arrays(client)} and explorer.subject.model is model


def test_a_named_set_that_is_not_here_has_its_name(subject_of, inked_run, tmp_path, monkeypatch):
    run = tmp_path / "moved"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    config["data"]["request"] = "mnist"
    (run / "config.json").write_text(json.dumps(config))
    monkeypatch.delenv("LATENTIA_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert subject_of(inked_run).fetch == ""

    def refuse(*given, **options):
        raise DataError("mnist is not on this machine.", where="mnist", how="Fetch it.")

    monkeypatch.setattr("latentia.command._explored.examples", refuse)
    assert subject_of(run).fetch == "mnist"


def test_a_model_that_is_no_graph_says_why(exploring, inked_run, monkeypatch):
    from latentia.errors import RunError
    from latentia.explorer import work

    def refuse(*given):
        raise RunError("No numbers say all of it.", how="Export another.")

    monkeypatch.setattr(work, "written", refuse)
    client = exploring(inked_run)
    told = client.get("/page-data/graphs").json()
    assert told["graphs"] == [] and told["why_not"]["what"] == "No numbers say all of it."
    assert client.get("/page-data/graph/decoder.onnx").status_code == 409
    assert client.get("/page-data/arrays").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("examples?at=one", 422),
        ("examples?at=-1", 404),
        ("examples?at=100000", 404),
        ("examples?at=" + "0," * 1000 + "0", 422),
        ("array/secret", 404),
        ("graph/..%2f..%2fconfig.onnx", 404),
        ("sheet/7.png", 404),
        ("nothing", 404),
    ],
)
def test_what_is_not_there(exploring, inked_run, path, status):
    answer = exploring(inked_run).get(f"/page-data/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_service_is_there_too(exploring, inked_run):
    client = exploring(inked_run)
    latents = client.explorer.subject.model.latent_dim_
    answer = client.post("/v1/decode", json={"z": [[0.0] * latents]})
    assert answer.status_code == 200 and np.shape(answer.json()["x"]) == (1, 6, 6)
    assert client.get("/ready").status_code == 200
    assert "page-data" not in client.get("/openapi.json").text


@pytest.fixture
def filmed_run(inked_run, inked, tmp_path):
    """Return a run with a film of two epochs."""
    run = tmp_path / "filmed"
    shutil.copytree(inked_run, run)
    frames = {epoch: bytes([epoch]) * (12 * 36) for epoch in (0, 2)}
    Reel(inked[:6], 6, frames).write(run / "film.safetensors")
    return run


def test_a_run_that_was_watched_shows_its_film(exploring, filmed_run, inked_run, inked):
    client = exploring(filmed_run, inked_run)
    told = client.get("/page-data/description").json()["film"]
    assert told == {"examples": 6, "draws": 6, "height": 6, "width": 6, "epochs": [0, 2]}
    assert client.get("/page-data/film/examples").content == inked[:6].tobytes()
    assert client.get("/page-data/film/2").content == bytes([2]) * (12 * 36)
    for name in ("1", "-1", "x", "9" * 5000):
        assert client.get(f"/page-data/film/{name}").status_code == 404
    # One that was not shows nothing of it.
    assert client.get("/page-data/with/0/description").json()["film"] is None
    assert client.get("/page-data/with/0/film/examples").status_code == 404


def test_a_film_that_cannot_be_read_is_told_and_left_out(exploring, filmed_run, monkeypatch):
    said = []
    monkeypatch.setattr("latentia.shell.Shell.say", lambda _, text: said.append(text))
    (filmed_run / "film.safetensors").write_bytes(b"no film")
    client = exploring(filmed_run)
    assert client.get("/page-data/description").json()["film"] is None
    assert client.get("/page-data/arrays").status_code == 200
    (note,) = (text for text in said if "film" in text)
    assert "cannot be read" in note and "Delete the file" in note
    assert str(filmed_run / "film.safetensors") in note
