"""More models than one on a page: each answers for itself, and few epochs are kept."""

import numpy as np
import pytest

from latentia.app.worker import Worker
from latentia.estimator._load import load
from latentia.explorer import models as module
from latentia.run import Run


def array(client, place, name):
    heads = {one["name"]: one for one in client.get(f"/page-data/{place}arrays").json()}
    content = client.get(f"/page-data/{place}array/{name}").content
    return np.frombuffer(content, "<f4").reshape(heads[name]["shape"])


def shown(content, z):
    import onnxruntime

    return onnxruntime.InferenceSession(content).run(["shown"], {"z": z})[0]


def test_every_model_answers_for_itself(exploring, subject_of, inked_run, kept_run):
    x = subject_of(inked_run).x
    own = {"": load(inked_run, device="cpu"), "with/0/": load(kept_run, device="cpu")}
    own |= {f"with/0/at/{e}/": load(kept_run, device="cpu", epoch=e) for e in (1, 2)}
    # Before there is another thread that draws as well: random numbers are of the process.
    bounds = {place: model.elbo(x, random_state=0).elbo for place, model in own.items()}
    client = exploring(inked_run, kept_run)
    means = []
    for place, model in own.items():
        means.append(array(client, place, "mean"))
        assert np.array_equal(means[-1], model.transform(x)), place
        np.testing.assert_allclose(array(client, place, "elbo"), bounds[place], rtol=1e-6)
        z = np.full((1, model.latent_dim_), 0.5, np.float32)
        graph = client.get(f"/page-data/{place}graph/decoder.onnx").content
        expected = model.inverse_transform(z).ravel()
        np.testing.assert_allclose(shown(graph, z).ravel(), expected, atol=1e-5)
        half = client.post(f"/page-data/{place}half/decoder?rows=1", content=z.tobytes())
        answer = np.frombuffer(half.content[-4 * 36 :], "<f4")
        np.testing.assert_allclose(answer, expected, atol=1e-5)
    assert not np.array_equal(means[2], means[3])


def test_an_epoch_is_of_the_run_that_kept_it(exploring, kept_run):
    client = exploring(kept_run)
    own = client.get("/page-data/description").json()
    assert own["snapshots"] == [1, 2] and own["epoch"] is None and own["others"] == []
    told = client.get("/page-data/at/1/description").json()
    assert told == {**own, "epoch": 1, "numbers": {}}
    same = ("metrics", "examples?at=2,0", "examples?at=2,0&drawn=1", "sheet/0.png")
    for path in same:
        first = client.get(f"/page-data/{path}").content
        assert client.get(f"/page-data/at/1/{path}").content == first


def test_those_beside_are_named(exploring, inked_run, kept_run, point_run):
    client = exploring(inked_run, kept_run, point_run)
    told = client.get("/page-data/description").json()
    kept, point = told["others"]
    assert kept == {"name": "kept", "run": str(kept_run), "apart": []}
    assert point["name"] == "point" and point["run"] == str(point_run)
    # A score of an autoencoder is held against no likelihood.
    assert {"is_likelihood", "encodes_points"} <= set(point["apart"])
    assert client.get("/page-data/with/1/config").json()["estimator"] == "AutoEncoder"
    point = client.get("/page-data/with/1/description").json()
    assert point["name"] == "point" and point["posterior"]["name"] == "dirac"


@pytest.mark.parametrize(
    "path", ["at/3", "at/-1", "with/1", "with/-1", "with/0/at/1", "with/1/at/1", "at/1/with/0"]
)
def test_what_is_not_there(exploring, kept_run, inked_run, path):
    answer = exploring(kept_run, inked_run).get(f"/page-data/{path}/arrays")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_few_epochs_are_kept_and_none_is_made_unasked(exploring, kept_run, monkeypatch):
    monkeypatch.setattr(module, "_LEAST", 1)
    monkeypatch.setattr(module, "_ROOM", 1)
    read = []
    load_model = Run.load_model

    def reading(run, weights=None):
        read.append(weights and int(weights.stem))
        return load_model(run, weights)

    monkeypatch.setattr(Run, "load_model", reading)
    client = exploring(kept_run)
    client.get("/page-data/at/1/description")
    assert read == [None]
    for epoch in (1, 1, 2, 1):
        array(client, f"at/{epoch}/", "mean")
        assert client.explorer.models.kept == 1
    assert read == [None, 1, 2, 1]


def test_weights_of_another_model_are_refused(exploring, kept_run, point_run, tmp_path):
    import shutil

    run = tmp_path / "mixed"
    shutil.copytree(kept_run, run)
    shutil.copy(point_run / "model.safetensors", run / "epochs" / "0002.safetensors")
    client = exploring(run)
    answer = client.get("/page-data/at/2/arrays")
    assert answer.status_code == 409 and "another model" in answer.json()["detail"]
    assert client.get("/page-data/at/1/arrays").status_code == 200


def test_epochs_are_weighed_and_few_of_each_run_are_always_kept(subject_of, kept_run, monkeypatch):
    monkeypatch.setattr(module, "_ROOM", 250)
    monkeypatch.setattr(module, "_LEAST", 1)
    monkeypatch.setattr(module, "_bytes", lambda subject: 100)
    first, other = subject_of(kept_run), subject_of(kept_run)
    models = module.Models(first, [other], Worker(first.model, 1000))
    one, two = models.find(None, 1), models.find(None, 2)
    assert models.find(None, 1) is one and models.kept == 2
    models.find(0, 1)  # 300: the second epoch was looked at longest ago
    assert models.kept == 2 and models.find(None, 1) is one
    models.find(0, 2)  # the first run's only one stays
    assert models.kept == 2 and models.find(None, 1) is one
    assert models.find(None, 2) is not two


def test_an_epoch_weighs_what_its_weights_and_arrays_do(subject_of, kept_run):
    subject = subject_of(kept_run)
    few = subject.at(np.arange(3))
    latents = subject.model.latent_dim_
    arrays = 4 * (subject.count - 3) * (3 * latents + 4)
    assert module._bytes(subject) - module._bytes(few) == arrays
    assert module._bytes(few) > (kept_run / "model.safetensors").stat().st_size
