"""Where a model has no graphs the page asks Python, and gets what the graphs would give."""

import json

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.explorer.halves import HALVES


def read(content):
    length = int.from_bytes(content[:4], "little")
    at, found = 4 + length, {}
    assert at % 4 == 0
    for one in json.loads(content[4:at]):
        size = int(np.prod(one["dims"]))
        found[one["name"]] = np.frombuffer(content, "<f4", size, at).reshape(one["dims"])
        at += 4 * size
    assert at == len(content)
    return found


@pytest.fixture(scope="module")
def flow_run(inked, tmp_path_factory):
    vae = lt.VAE(2, variational="flow", network="linear", max_epochs=1, random_state=0)
    return vae.fit(inked).save(tmp_path_factory.mktemp("flow") / "run")


def post(client, half, *arrays, rows=None):
    content = b"".join(np.asarray(one, "<f4").tobytes() for one in arrays)
    rows = len(arrays[0]) if rows is None else rows
    return client.post(f"/page-data/half/{half}?rows={rows}", content=content)


def test_a_posterior_that_is_no_graph_encodes_and_decodes(exploring, flow_run, inked):
    client = exploring(flow_run)
    told = client.get("/page-data/graphs").json()
    assert told["graphs"] == [] and told["why_not"]["what"]
    assert told["z"] == {"latents": 2, "conditions": 0}
    model = lt.load(flow_run, device="cpu")
    z = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    found = read(post(client, "decoder", z).content)
    np.testing.assert_allclose(found["shown"][:, 0], model.inverse_transform(z), atol=1e-6)
    np.testing.assert_allclose(1 / (1 + np.exp(-found["logits"])), found["shown"], atol=1e-6)
    x = inked[:5, None] / np.float32(255)
    q = read(post(client, "encoder", x).content)
    mean, deviation = model.moments(inked[:5])
    np.testing.assert_allclose(q["loc"], mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(q["scale"], deviation, rtol=1e-4, atol=1e-5)


def test_conditions_follow_the_rows(exploring, told_run):
    client = exploring(told_run)
    model = lt.load(told_run, device="cpu")
    z = np.array([[0.5, -1.0], [0.0, 2.0]], np.float32)
    c = np.eye(2, dtype=np.float32)
    found = read(post(client, "decoder", z, c).content)
    expected = model.under(c).inverse_transform(z)
    np.testing.assert_allclose(found["shown"][:, 0], expected, atol=1e-6)
    other = read(post(client, "decoder", z, c[::-1]).content)
    assert not np.allclose(found["shown"], other["shown"], atol=1e-6)


def test_a_prior_that_sees_conditions_is_asked_of_them_alone(exploring, inked, tmp_path):
    y = np.array(["one", "two"])[np.arange(len(inked)) % 2]
    cvae = lt.ConditionalVAE(2, prior="conditional", max_epochs=1, random_state=0).fit(inked, y)
    with torch.no_grad():
        cvae.model_.prior.head.weight.normal_(generator=torch.Generator().manual_seed(1))
    client = exploring(cvae.save(tmp_path / "run"))
    c = np.eye(2, dtype=np.float32)
    found = read(post(client, "prior", c).content)
    p = cvae.model_.prior(torch.from_numpy(c))
    np.testing.assert_allclose(found["loc"], p.mean.detach(), atol=1e-6)
    np.testing.assert_allclose(found["scale"], p.stddev.detach(), atol=1e-6)
    assert abs(found["loc"][0] - found["loc"][1]).max() > 0.1


def test_a_prior_that_sees_none_says_so(exploring, flow_run):
    answer = post(exploring(flow_run), "prior", np.zeros((1, 0)))
    assert answer.status_code == 422 and "no conditions" in answer.json()["detail"]


def test_what_the_graphs_give_is_what_python_gives(exploring, inked_run):
    import onnxruntime

    client = exploring(inked_run)
    latents = client.explorer.subject.model.latent_dim_
    z = np.random.default_rng(1).normal(size=(4, latents)).astype(np.float32)
    found = read(post(client, "decoder", z).content)
    told = client.get("/page-data/graphs").json()
    session = onnxruntime.InferenceSession(client.get("/page-data/graph/decoder.onnx").content)
    assert list(found) == told["likelihood"]["outputs"]
    for name, expected in zip(found, session.run(None, {"z": z}), strict=True):
        np.testing.assert_allclose(found[name], expected, atol=1e-4)


@pytest.mark.parametrize(
    ("half", "rows", "numbers", "status"),
    [
        ("classifier", 1, 2, 404),
        ("decoder", 1, 3, 422),
        ("decoder", 0, 0, 422),
        ("decoder", -1, 2, 422),
        ("decoder", 2, 2, 422),
        ("decoder", "many", 2, 422),
        ("decoder", 5000, 10_000, 422),
        ("decoder", 1, 3_000_000, 413),
    ],
)
def test_what_cannot_be_asked(exploring, flow_run, half, rows, numbers, status):
    answer = post(exploring(flow_run), half, np.zeros(numbers, "<f4"), rows=rows)
    assert answer.status_code == status, answer.text


def test_it_waits_at_the_gate_like_everybody(exploring, flow_run):
    client = exploring(flow_run)
    gate = client.explorer.service.gate
    gate.requests += gate.limits.requests
    answer = post(client, "decoder", np.zeros((1, 2)))
    assert answer.status_code == 429 and "retry-after" in answer.headers
    gate.requests -= gate.limits.requests
    assert post(client, "decoder", np.zeros((1, 2))).status_code == 200
    assert gate.requests == gate.rows == gate.size == 0


def test_both_halves_run_alone():
    assert set(HALVES) == {"encoder", "decoder", "prior"}
    assert not any(one.together for one in HALVES.values())
