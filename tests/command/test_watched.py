"""`latentia train --watch`: a page beside the training, which can be lost without harm."""

import json
import re
import socket
import threading
import time
import urllib.request

import pytest

from latentia.command import _watched
from latentia.explorer import page
from latentia.run import Run

SMALL = ("--epochs", 3, "--network.hidden", 16, "--batch-size", 32, "--latent-dim", 2)
FREE = ("--watch", "--port", 0, "--no-browser")


@pytest.fixture(autouse=True)
def built(monkeypatch, tmp_path):
    """Let a page be there, and note what a browser is asked to open."""
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>A page</title>")
    opened = []
    monkeypatch.setattr(page, "PAGE", folder)
    monkeypatch.setattr("webbrowser.open", opened.append)
    return opened


def url_in(text):
    return re.search(r"watch +(http://127\.0\.0\.1:\d+)", text).group(1)


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def post(url):
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as answer:
        return json.load(answer)


def rows(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in Run(run).metrics()]


@pytest.fixture
def beside(monkeypatch):
    """Return a function that does something with the page, in a thread, once it is there."""

    def act(action):
        found = []

        def say(shell, text):
            if text.startswith("watch "):
                url = url_in(text)
                worker = threading.Thread(target=lambda: found.append(action(url)))
                worker.start()
                found.insert(0, worker)

        monkeypatch.setattr("latentia.shell.Shell.say", say)
        return found

    return act


def test_it_trains_what_it_trains_without_and_ends_with_the_run(
    latentia, inked_path, tmp_path, built
):
    plain = latentia("train", inked_path, "--out", tmp_path / "plain", *SMALL)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, "--watch", "--port", 0)
    assert plain.code == said.code == 0, said.err
    for name in ("model.safetensors", "README.md"):
        one, other = ((tmp_path / run / name).read_bytes() for run in ("plain", "run"))
        assert one.replace(b"plain", b"run") == other
    assert rows(tmp_path / "plain") == rows(tmp_path / "run")
    url = url_in(said.err)
    assert built == [url]
    with pytest.raises(OSError):
        get(url)
    assert "latentia-page" not in {thread.name for thread in threading.enumerate()}


def test_the_page_hears_of_everything_to_the_end(latentia, inked_path, tmp_path, beside):
    found = beside(lambda url: get(f"{url}/page-data/live"))
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, *FREE)
    assert said.code == 0, said.err
    found[0].join(20)
    events = [json.loads(line[6:]) for line in found[1].splitlines() if line.startswith("data: ")]
    heard = [row for event in events for row in event.get("rows", [])]
    stripped = [
        {k: v for k, v in row.items() if k not in ("seconds", "kl_per_dim")} for row in heard
    ]
    wanted = [
        {k: v for k, v in row.items() if k != "kl_per_dim"} for row in rows(tmp_path / "run")
    ]
    assert stripped == wanted
    last = [event["standing"] for event in events if "standing" in event][-1]
    assert last["state"] == "over" and last["epoch"] == 3 and last["frames"]
    assert events[-1]["over"]


def test_a_stop_ends_the_epoch_and_the_run_goes_on_later(latentia, inked_path, tmp_path, beside):
    many = ("--epochs", 2000, *SMALL[2:])
    found = beside(lambda url: post(f"{url}/page-data/wish/stop"))
    said = latentia("train", inked_path, "--out", tmp_path / "run", *many, *FREE, "--json")
    found[0].join(20)
    assert said.code == 0, said.err
    assert found[1]["state"] == "stopping"
    told = said.json
    assert told["epochs"] < 2000 and "as was asked" in told["stopped"]
    standing, _ = Run(tmp_path / "run").checkpoints.peek()
    assert (standing.epoch, standing.step) == (told["epochs"], 0)
    assert (tmp_path / "run" / "README.md").exists()


def test_a_pause_and_going_on_changes_no_number(latentia, inked_path, tmp_path, beside):
    plain = latentia("train", inked_path, "--out", tmp_path / "plain", *SMALL)
    assert plain.code == 0

    def pause(url):
        post(f"{url}/page-data/wish/pause")
        time.sleep(0.5)
        return post(f"{url}/page-data/wish/resume")

    found = beside(pause)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, *FREE)
    found[0].join(20)
    assert said.code == 0 and rows(tmp_path / "plain") == rows(tmp_path / "run")


def test_a_port_in_use_is_no_reason_not_to_train(latentia, inked_path, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = latentia(
            *("train", inked_path, "--out", tmp_path / "run", *SMALL),
            *("--watch", "--port", port, "--no-browser"),
        )
    assert said.code == 0, said.err
    assert f"Port {port} is in use" in said.err and "the page takes another" in said.err
    assert not url_in(said.err).endswith(f":{port}")


def test_without_any_port_it_trains_without_the_page(latentia, inked_path, tmp_path, monkeypatch):
    from latentia.errors import MachineError

    def none(address, port):
        raise MachineError("There is no port left.")

    monkeypatch.setattr("latentia.app.server.bound", none)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, "--watch")
    assert said.code == 0 and "training goes on without its page" in said.err
    assert len(Run(tmp_path / "run").metrics()) == 6


def test_whatever_keeps_the_page_from_opening_it_trains(
    latentia, inked_path, tmp_path, monkeypatch
):
    def broken(run, session):
        raise ValueError("nothing can be shown")

    monkeypatch.setattr(_watched, "_shown", broken)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, *FREE)
    assert said.code == 0, said.err
    assert "training goes on without its page: nothing can be shown" in said.err


def test_a_resumed_run_shows_what_it_was(latentia, inked_path, tmp_path, beside):
    first = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL)
    assert first.code == 0
    found = beside(lambda url: json.loads(get(f"{url}/page-data/metrics")))
    said = latentia("train", "--resume", "--out", tmp_path / "run", "--epochs", 4, *FREE)
    found[0].join(20)
    assert said.code == 0, said.err
    assert {row["epoch"] for row in found[1]} >= {1, 2, 3}
    assert [row["epoch"] for row in Run(tmp_path / "run").metrics()] == [1, 1, 2, 2, 3, 3, 4, 4]


@pytest.fixture
def unhurried(monkeypatch):
    """Let a film have the time for every frame."""
    monkeypatch.setattr("latentia.explorer.film._AT_ONCE", 60.0)


def film_of(run):
    from latentia.estimator._load import load
    from latentia.explorer.reel import Reel

    return Reel.read(Run(run).film, load(run, device="cpu").schema_)


def test_its_film_is_kept_and_goes_on_with_the_run(latentia, inked_path, tmp_path, unhurried):
    run = tmp_path / "run"
    said = latentia("train", inked_path, "--out", run, *SMALL, *FREE)
    assert said.code == 0, said.err
    first = film_of(run)
    assert first.epochs == [0, 1, 2, 3]
    assert latentia("train", "--resume", "--out", run, "--epochs", 4).code == 0
    assert film_of(run).frames == first.frames  # nobody watched
    said = latentia("train", "--resume", "--out", run, "--epochs", 6, *FREE)
    assert said.code == 0, said.err
    film = film_of(run)
    assert film.epochs == [0, 1, 2, 3, 4, 5, 6] and film.goes_on(first)
    assert all(film.frames[epoch] == first.frames[epoch] for epoch in first.epochs)
    again = latentia("train", inked_path, "--out", run, *SMALL, "--force")
    assert again.code == 0 and film_of(run) is None


def test_a_film_that_is_broken_begins_anew(latentia, inked_path, tmp_path, unhurried):
    run = tmp_path / "run"
    assert latentia("train", inked_path, "--out", run, *SMALL, *FREE).code == 0
    content = Run(run).film.read_bytes()
    Run(run).film.write_bytes(content[: len(content) // 2])
    said = latentia("train", "--resume", "--out", run, "--epochs", 4, *FREE)
    assert said.code == 0, said.err
    assert "film of the training cannot be read" in said.err and "begins anew" in said.err
    assert film_of(run).epochs == [3, 4]


def test_without_the_page_there_is_no_film(latentia, inked_path, tmp_path):
    assert latentia("train", inked_path, "--out", tmp_path / "run", *SMALL).code == 0
    assert not Run(tmp_path / "run").film.exists()


def test_it_stays_until_ctrl_c_where_it_was_asked_to(latentia, inked_path, tmp_path, monkeypatch):
    slept, real = [], time.sleep

    def sleep(seconds):
        if seconds != 1:
            return real(seconds)
        slept.append(get(found.group(1)) if (found := re.search("(http.*)", told[0])) else "")
        raise KeyboardInterrupt

    told = []
    monkeypatch.setattr("latentia.shell.Shell.say", lambda _, text: (
        told.append(text.split()[1]) if text.startswith("watch ") else None))  # fmt: skip
    monkeypatch.setattr(_watched.time, "sleep", sleep)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, *FREE, "--stay")
    assert said.code == 0, said.err
    assert len(slept) == 1 and "A page" in slept[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--port", 8001), "--port does nothing without --watch"),
        (("--no-browser",), "--no-browser does nothing without --watch"),
        (("--stay",), "--stay does nothing without --watch"),
        (("--watch", "--port", 70000), "no port 70000"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    latentia, inked_path, tmp_path, options, words
):
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, *options)
    assert said.code == 2 and words in said.err and not (tmp_path / "run").exists()


def test_without_the_page_it_says_how_it_is_built(latentia, inked_path, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path)
    said = latentia("train", inked_path, "--out", tmp_path / "run", *SMALL, "--watch")
    assert said.code == 5 and "Node 20.19" in said.err and not (tmp_path / "run").exists()


def test_a_run_that_diverges_tells_its_page_why(latentia, inked_path, tmp_path, beside):
    found = beside(lambda url: get(f"{url}/page-data/live"))
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "run", *SMALL, *FREE),
        *("--learning-rate", 1e12, "--epochs", 50),
    )
    found[0].join(20)
    assert said.code == 4 and "diverged" in said.err
    assert "diverged" in found[1] and '"over": true' in found[1]
