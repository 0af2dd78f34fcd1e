"""The service as a client sees it: paths, answers and problems."""

import io
import re
import time

import numpy as np
import pytest
from PIL import Image

from latentia.app.arrays import as_npy
from latentia.estimator._load import load

NPY = {"content-type": "application/x-npy", "accept": "application/x-npy"}


def loaded(response):
    assert response.status_code == 200, response.text
    return np.load(io.BytesIO(response.content), allow_pickle=False)


def rows(n=3, seed=0):
    return np.random.default_rng(seed).normal([10, 20, -1], [4, 8, 0.1], (n, 3)).tolist()


def test_it_says_what_it_is(table):
    found = table.get("/v1/model").json()
    assert found["columns"] == ["height", "weight", "depth"]
    assert found["shape"] == [3] and found["kind"] == "real" and found["is_likelihood"]
    assert found["operations"] == [
        *("decode", "encode", "interpolate", "reconstruct", "sample", "score")
    ]
    assert table.get("/health").json() == {"status": "ok"}
    assert table.get("/ready").json() == {"ready": True}
    gate, limits = table.service.gate, found["limits"]
    assert limits["rows_together"] == 4 * limits["rows"] == gate.limits.rows_together
    assert limits["bytes_together"] == 8 * limits["bytes"] == gate.limits.size_together


def test_json_and_arrays_and_names_say_the_same(table, table_run):
    x = rows()
    mean, deviation = load(table_run, device="cpu").moments(np.array(x))
    as_json = table.post("/v1/encode", json={"x": x}).json()
    assert as_json["n"] == 3 and as_json["notes"] == []
    np.testing.assert_allclose(as_json["mean"], mean, rtol=1e-6)
    np.testing.assert_allclose(as_json["deviation"], deviation, rtol=1e-6)
    named = [dict(zip(("weight", "depth", "height"), (b, c, a), strict=True)) for a, b, c in x]
    assert table.post("/v1/encode", json={"x": named}).json() == as_json
    both = loaded(table.post("/v1/encode", content=as_npy(np.array(x)), headers=NPY))
    np.testing.assert_array_equal(both, np.stack([mean, deviation]))


def test_null_is_a_missing_cell_and_so_is_a_column_that_is_not_named(table, table_run):
    expected = load(table_run, device="cpu").transform(np.array([[1.0, np.nan, 3.0]]))
    for x in ([[1, None, 3]], [{"height": 1, "depth": 3}]):
        found = table.post("/v1/encode", json={"x": x}).json()["mean"]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_pictures_come_in_and_go_out(inked_client, inked_run, inked):
    model = load(inked_run, device="cpu")
    file = io.BytesIO()
    Image.fromarray(inked[1]).save(file, format="PNG")
    png = {"content-type": "image/png", "accept": "application/x-npy"}
    found = loaded(inked_client.post("/v1/reconstruct", content=file.getvalue(), headers=png))
    np.testing.assert_allclose(found, model.reconstruct(inked[1:2]), rtol=1e-5)
    png["accept"] = "image/png"
    shown = inked_client.post("/v1/reconstruct", content=file.getvalue(), headers=png)
    assert shown.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(shown.content)).size[0] > 6


def test_an_image_of_another_size_is_brought_to_the_models_and_told(inked_client):
    file = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 10, 10)).save(file, format="JPEG")
    header = {"content-type": "image/jpeg"}
    found = inked_client.post("/v1/encode", content=file.getvalue(), headers=header).json()
    assert found["n"] == 1
    assert any("made grey" in note for note in found["notes"])
    assert any("30x20" in note for note in found["notes"])


def test_conditions_are_said_for_all_or_for_each(serving, told_run, inked):
    client, model = serving(told_run), load(told_run, device="cpu")
    x = inked[:2]
    given = model.given(["none", "stroke"]).transform(x)
    asked = {"x": x.tolist(), "condition": ["none", "stroke"]}
    found = client.post("/v1/encode", json=asked).json()
    np.testing.assert_allclose(found["mean"], given, rtol=1e-5)
    asked["condition"] = {"label": "stroke"}
    found = client.post("/v1/encode", json=asked).json()
    np.testing.assert_allclose(found["mean"], model.given("stroke").transform(x), rtol=1e-5)
    for query in ("label=stroke", "stroke", '["stroke"]', '{"label": "stroke"}'):
        said = client.post(
            "/v1/encode", params={"condition": query}, content=as_npy(x), headers=NPY
        )
        np.testing.assert_allclose(loaded(said)[0], found["mean"], rtol=1e-5)


BAD = {
    "no rows": ({}, "There are no rows"),
    "empty": ({"x": []}, "There are no rows"),
    "no list": ({"x": 3}, "There are no rows"),
    "short": ({"x": [[1, 2]]}, "Expected examples of shape"),
    "ragged": ({"x": [[1, 2], [1, 2, 3]]}, "differ in length"),
    "text": ({"x": [[1, 2, "a"]]}, "text among the numbers"),
    "numbers as text": ({"x": [["1", None, "2"]]}, "text among the numbers"),
    "too large": ({"x": [[1, 2, 1e300]]}, "too large for float32"),
    "beyond floats": ({"x": [[1, None, 10**400]]}, "too large"),
    "an object in a list": ({"x": [[1, 2, {}]]}, "different lengths"),
    "list among objects": ({"x": [{"height": 1}, [1, 2, 3]]}, "is no object"),
    "unknown column": ({"x": [{"hieght": 1}]}, "no column 'hieght'"),
    "all missing": ({"x": [[None, None, None]]}, "Every value is NaN"),
    "unknown option": ({"x": [[1, 2, 3]], "sed": 1}, "no option 'sed'"),
    "condition": ({"x": [[1, 2, 3]], "condition": 7}, "has no conditions"),
    "empty condition": ({"x": [[1, 2, 3]], "condition": {}}, "has no conditions"),
    "no condition of a list": ({"x": [[1, 2, 3]], "condition": []}, "has no conditions"),
    "truth": ({"x": [[True, False, True]]}, "true or false among"),
    "truth among numbers": ({"x": [[1, 2, 3], [1, 2, True]]}, "true or false among"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_told_with_its_place(table, name):
    body, words = BAD[name]
    said = table.post("/v1/encode", json=body)
    problem = said.json()
    assert said.status_code == 422 and words in problem["detail"], problem
    assert said.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 422 and problem["title"] == "Unprocessable Entity"
    assert problem.get("where") or problem.get("how")
    assert "--" not in re.sub(r"`latentia [^`]*`", "", str(problem))  # keywords, not flags
    assert "Traceback" not in str(problem)


@pytest.mark.parametrize("x", [[[1, 2]], [[1, 2, 3, 4]], [[[1, 2], [3, 4]]], [1, 2, 3]])
def test_a_wrong_shape_is_one_of_x(table, x):
    problem = table.post("/v1/encode", json={"x": x}).json()
    assert problem["where"] == "x" and "data set" not in str(problem), problem


WRONG_CONDITIONS = [
    *("three", ["none"] * 3, {"label": ["none"] * 3}, {"sort": "none"}, {}, {"label": {}}),
    *([["none", "stroke"]], [["none"], ["stroke", "none"]], True, 10**400, []),
]


@pytest.mark.parametrize("condition", WRONG_CONDITIONS, ids=str)
def test_conditions_that_cannot_be(serving, told_run, inked, condition):
    client = serving(told_run)
    asked = {"x": inked[:2].tolist(), "condition": condition}
    said = client.post("/v1/encode", json=asked)
    assert said.status_code == 422, said.text
    assert "condition" in said.json()["where"]


@pytest.mark.parametrize("query", ["a\nb", "[", "{", "[NaN]", "sort=none", "=", ",", "[" * 9999])
def test_conditions_in_a_query_that_cannot_be(serving, told_run, query):
    said = serving(told_run).post("/v1/sample", params={"condition": query})
    assert said.status_code == 422, said.text


def test_a_model_of_p_x_given_c_wants_c(serving, told_run):
    said = serving(told_run).post("/v1/sample", json={"n": 1})
    assert said.status_code == 422
    assert "nothing says c: label" in said.json()["detail"]


def test_what_the_model_cannot_do_is_a_conflict(serving, point_run, inked):
    client = serving(point_run)
    said = client.post("/v1/sample", json={})
    assert said.status_code == 409 and "autoencoder" in said.json()["detail"].lower()
    found = client.post("/v1/score", json={"x": inked[:2].tolist()}).json()
    assert found["is_likelihood"] is False and found["log_likelihood"] is None
    assert found["no_likelihood"] and len(found["reconstruction"]) == 2


def test_options_stand_in_one_place(table):
    said = table.post("/v1/sample?n=3", json={"seed": 1})
    assert said.status_code == 422 and "not in the query" in said.json()["detail"]
    said = table.post("/v1/sample?n=3&n=4")
    assert said.status_code == 422 and "twice" in said.json()["detail"]


def test_no_such_path_and_no_such_method(table):
    said = table.get("/v1/nothing")
    assert said.status_code == 404 and said.json()["detail"] == "There is no such path."
    said = table.get("/v1/encode")
    assert said.status_code == 405 and "POST" in said.json()["detail"]
    assert said.headers["allow"] == "POST"
    for path in ("/docs", "/redoc"):
        assert table.get(path).status_code == 404


def test_the_contract_tells_the_limits(serving, table_run):
    client = serving(table_run, rows=7)
    said = client.get("/openapi.json").json()
    assert set(said["paths"]) >= {"/v1/encode", "/v1/score", "/health", "/ready", "/metrics"}
    body = said["paths"]["/v1/encode"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["x"]["maxItems"] == 7
    assert "429" in said["paths"]["/v1/encode"]["post"]["responses"]


def test_rows_of_large_examples_are_fewer(serving, inked_run):
    assert serving(inked_run, numbers=360).service.limits.rows == 10


def test_an_unforeseen_failure_is_told_without_its_story(table, monkeypatch, caplog):
    def broken(*given, **more):
        raise KeyError("secret/path")

    monkeypatch.setattr(type(table.service.worker.model), "moments", broken)
    said = table.post("/v1/encode", json={"x": rows()})
    assert said.status_code == 500 and "secret" not in said.text
    assert "secret/path" in caplog.text
    monkeypatch.undo()
    assert table.post("/v1/encode", json={"x": rows()}).status_code == 200


def test_no_memory_for_one_request_is_no_end_for_others(table, monkeypatch):
    def full(*given, **more):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(type(table.service.worker.model), "moments", full)
    said = table.post("/v1/encode", json={"x": rows()})
    assert said.status_code == 503 and said.headers["retry-after"]
    monkeypatch.undo()
    assert table.post("/v1/encode", json={"x": rows()}).status_code == 200


def test_a_service_that_stops_says_so(table):
    table.service.drain()
    said = table.get("/ready")
    assert said.status_code == 503 and "stopping" in said.json()["detail"]
    said = table.post("/v1/sample", json={})
    assert said.status_code == 503 and said.headers["retry-after"]
    assert table.get("/health").status_code == 200


def test_ready_knows_a_full_house_and_a_stuck_model(table):
    gate, worker = table.service.gate, table.service.worker
    gate.requests = gate.limits.requests
    said = table.get("/ready")
    assert said.status_code == 503 and "full" in said.json()["detail"]
    assert table.post("/v1/sample", json={}).status_code == 429
    gate.requests = 0
    worker._since = time.monotonic() - 3 * gate.limits.deadline
    assert "takes" in table.get("/ready").json()["detail"]
    worker._since = None
    assert table.get("/ready").status_code == 200


def test_metrics_are_counted(table):
    table.post("/v1/encode", json={"x": rows(3)})
    table.post("/v1/encode", json={"x": 3})
    table.post("/v1/sample", json={"n": 4})
    said = table.get("/metrics")
    assert said.headers["content-type"].startswith("text/plain")
    lines = said.text.splitlines()
    assert 'latentia_requests_total{operation="encode",status="200"} 1.0' in lines
    assert 'latentia_requests_total{operation="encode",status="422"} 1.0' in lines
    assert 'latentia_rows_total{operation="encode"} 3.0' in lines
    assert 'latentia_rows_total{operation="sample"} 4.0' in lines
    assert "latentia_requests_inside 0.0" in lines
    assert any(line.startswith("process_resident_memory_bytes") for line in lines)
