"""The page of a run that trains: what it is told, what it may wish, and who else may not."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from latentia.estimator._load import load
from latentia.explorer.film import Film
from latentia.explorer.live import Live
from latentia.explorer.page import POLICY
from latentia.explorer.watched import Watched

ROW = {"epoch": 1, "split": "validation", "elbo": -3.0, "kl_per_dim": [1.0, 0.5]}


@pytest.fixture
def watched(inked_run, inked, tmp_path):
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>A page</title>")
    film, live = Film(load(inked_run, device="cpu"), inked), Live(96, [ROW])
    film.take(1, 100.0)
    found = Watched(live, film, {"name": "run", "groups": []}, page)
    found.made = film
    found.client = TestClient(found.app(), base_url="http://127.0.0.1")
    return found


def test_the_page_and_what_it_is_told_at_first(watched):
    answer = watched.client.get("/")
    assert "A page" in answer.text and answer.headers["content-security-policy"] == POLICY
    told = watched.client.get("/page-data/description").json()
    assert told["is_training"] and told["name"] == "run"
    assert told["film"] == {"examples": 6, "draws": 6, "height": 6, "width": 6}
    assert watched.client.get("/page-data/arrays").json() == []
    graphs = watched.client.get("/page-data/graphs").json()
    assert graphs["graphs"] == [] and "latentia explore" in graphs["why_not"]["how"]
    assert watched.client.get("/page-data/metrics").json() == [ROW]


def test_pictures_are_those_of_the_film(watched, inked):
    answer = watched.client.get("/page-data/film/1")
    assert answer.content == watched.made.reel.frames[1] and answer.status_code == 200
    examples = watched.client.get("/page-data/film/examples").content
    assert np.array_equal(np.frombuffer(examples, np.uint8).reshape(-1, 6, 6), inked[:6])
    for name in ("2", "-1", "x", "..%2f1"):
        assert watched.client.get(f"/page-data/film/{name}").status_code == 404


def test_the_events_end_with_the_server(watched):
    watched.over = True
    with watched.client.stream("GET", "/page-data/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    assert '"over": true' in text and '"elbo": -3.0' in text and '"state": "training"' in text


def test_wishes_are_posted(watched):
    assert watched.client.post("/page-data/wish/pause").json()["state"] == "paused"
    assert watched.live.pausing
    assert watched.client.post("/page-data/wish/resume").json()["state"] == "training"
    assert watched.client.post("/page-data/wish/stop").json()["state"] == "stopping"
    assert watched.live.stopping
    assert watched.client.post("/page-data/wish/delete").status_code == 422
    assert watched.client.get("/page-data/wish/pause").status_code in (404, 405)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"host": "evil.example"}, 421),
        # A form of another site may navigate, but not post.
        (
            {
                "origin": "http://evil.example",
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "document",
            },
            403,
        ),
    ],
)
def test_nobody_else_may_wish_or_read(watched, headers, status):
    answer = watched.client.post("/page-data/wish/stop", headers=headers)
    assert answer.status_code == status
    assert not watched.live.stopping
    if "sec-fetch-mode" not in headers:
        assert watched.client.get("/page-data/live", headers=headers).status_code == status


def test_its_own_page_may(watched):
    own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert watched.client.post("/page-data/wish/pause", headers=own).status_code == 200
    assert watched.live.pausing


def test_without_pictures_it_says_so(watched, tmp_path):
    bare = Watched(Live(3), None, {"groups": []}, tmp_path / "page")
    client = TestClient(bare.app(), base_url="http://127.0.0.1")
    assert client.get("/page-data/description").json()["film"] is None
    assert client.get("/page-data/film/1").status_code == 404
