"""A watched run is bitwise the one that nobody watches."""

from itertools import count

import pytest
import torch

from latentia.command._watched import _shown
from latentia.design import Wishes
from latentia.errors import MachineError
from latentia.explorer.film import Film
from latentia.explorer.live import Live
from latentia.explorer.watching import Watching
from latentia.model import Terms
from latentia.request import DataRequest, load_data
from latentia.run import Run
from latentia.session import Plan, prepare
from latentia.training.checkpoint import Progress
from latentia.training.observer import Observer
from latentia.training.progress import Quiet
from latentia.training.settings import Settings

MLP = {"name": "mlp", "hidden": (16,), "dropout": 0.2}
MODELS = {
    "normal": {},
    "vamp": {"prior": "vamp"},
    "flow": {"posterior": "flow"},
    "autoregressive": {"likelihood": "autoregressive"},
    "ladder": {"network": {"name": "ladder", "groups": (1, 1), "width": 1, "channels": 4}},
    "codes": {"posterior": "vector-quantized", "prior": "categorical"},
    "sphere": {"posterior": "von-mises-fisher", "prior": "hyperspherical"},
    "exemplar": {"prior": "exemplar"},
}


def trained(path, inked_path, wishes, *, watch, average=None):
    request = DataRequest(str(inked_path))
    wished = {"latent_dim": 2, "network": MLP} | wishes
    if "groups" in dict(wished["network"]):
        wished.pop("latent_dim")
    settings = Settings(epochs=3, batch_size=32, average=average, compile="no")
    codes = wished.get("posterior") == "vector-quantized"
    objective = "commitment" if codes else "elbo"
    plan = Plan(wishes=Wishes(**wished), settings=settings, objective=objective)
    session = prepare(load_data(request), plan, request)
    run = Run(path)
    run.create(session.config)
    observer, film = Quiet(), None
    if watch:
        film, _ = _shown(run, session)
        observer = Watching(Quiet(), Live(len(session.task.train)), film)
    session.train(observer, run=run)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()]
    return (path / "model.safetensors").read_bytes(), rows, film


@pytest.mark.parametrize("name", MODELS)
def test_numbers_are_bitwise_the_same(name, tmp_path, inked_path, monkeypatch):
    monkeypatch.setattr("latentia.explorer.film._AT_ONCE", 60.0)
    plain = trained(tmp_path / "plain", inked_path, MODELS[name], watch=False)
    watched = trained(tmp_path / "watched", inked_path, MODELS[name], watch=True)
    assert watched[:2] == plain[:2]
    assert watched[2].epochs == [0, 1, 2, 3]


def test_with_a_running_mean_of_the_weights_too(tmp_path, inked_path):
    plain = trained(tmp_path / "plain", inked_path, {}, watch=False, average=0.9)
    watched = trained(tmp_path / "watched", inked_path, {}, watch=True, average=0.9)
    assert watched[:2] == plain[:2]


class Listener(Observer):
    """Keeps what it hears."""

    def __init__(self):
        self.heard = []

    def begin(self, settings, standing):
        self.heard.append("begin")

    def step(self, standing, steps, terms):
        self.heard.append("step")

    def look(self, model):
        self.heard.append("look")

    def epoch(self, rows, improved):
        self.heard.append("epoch")

    def warn(self, text):
        self.heard.append(text)

    def end(self):
        self.heard.append("end")


class Failing:
    """Stands in for a film of a model that cannot be asked."""

    epochs: list[int] = []  # noqa: RUF012
    reel = None

    def begin(self, epoch, seconds, *, ended=True):
        raise RuntimeError("no pictures today")

    take = begin


def test_whoever_was_told_before_is_told_everything(inked_path):
    request = DataRequest(str(inked_path))
    plan = Plan(
        wishes=Wishes(latent_dim=2, network=MLP), settings=Settings(epochs=2, batch_size=48)
    )
    session = prepare(load_data(request), plan, request)
    other, live = Listener(), Live(len(session.task.train))
    session.train(Watching(other, live, Failing()))
    epoch = ["step"] * 2 + ["look", "epoch"]
    warning = "the page goes on without pictures: no pictures today"
    assert other.heard == [warning, "begin", *epoch, *epoch, "end"]
    said = live.standing()
    assert said["warnings"] == [warning] and said["state"] == "over"
    assert (said["epoch"], said["epochs"], said["steps"]) == (2, 2, 2)
    assert list(live.rows().rows) == session.history


def watching(inked_path, keep, listener, monkeypatch):
    """Return an observer with a film that has the time, and the session that it looks at."""
    monkeypatch.setattr("latentia.explorer.film._AT_ONCE", 60.0)
    request = DataRequest(str(inked_path))
    settings = Settings(epochs=3, batch_size=48, compile="no")
    session = prepare(
        load_data(request),
        Plan(wishes=Wishes(latent_dim=2, network=MLP), settings=settings),
        request,
    )
    film, _ = _shown(Run("no/such/run"), session)
    return Watching(listener, Live(len(session.task.train)), film, keep), session


def test_the_film_is_kept_at_the_end(inked_path, monkeypatch):
    kept = []
    observer, session = watching(inked_path, kept.append, Quiet(), monkeypatch)
    session.train(observer)
    assert [reel.epochs for reel in kept] == [[0, 1, 2, 3]]


def test_the_film_is_kept_from_time_to_time(inked_path, monkeypatch):
    monkeypatch.setattr("latentia.explorer.watching._EVERY", 0.0)
    kept = []
    observer, session = watching(inked_path, kept.append, Quiet(), monkeypatch)
    session.train(observer)
    assert [reel.epochs for reel in kept] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def test_a_film_that_cannot_be_kept_is_told_once_and_goes_on(inked_path, monkeypatch):
    monkeypatch.setattr("latentia.explorer.watching._EVERY", 0.0)

    def full(reel):
        raise MachineError("No space left.", where="film", how="Make room.")

    listener = Listener()
    observer, session = watching(inked_path, full, listener, monkeypatch)
    session.train(observer)
    warnings = [text for text in listener.heard if "film" in text]
    assert warnings == ["the film of the training is not kept: No space left."]
    assert observer._live.frames == [0, 1, 2, 3]


def test_of_a_film_that_fails_the_frames_before_are_kept(inked_path, monkeypatch):
    kept = []
    observer, session = watching(inked_path, kept.append, Quiet(), monkeypatch)
    made = Film._made
    counts = count()
    monkeypatch.setattr(Film, "_made", lambda film: made(film) if next(counts) < 2 else 1 / 0)
    session.train(observer)
    assert [reel.epochs for reel in kept] == [[0, 1]]


def test_wishes_reach_the_run():
    live = Live(10)
    watching = Watching(Quiet(), live)
    assert not watching.pauses and not watching.enough
    live.wish("pause")
    assert watching.pauses
    live.wish("stop")
    assert watching.enough and not watching.pauses


def test_it_looks_at_no_number_of_a_step(monkeypatch):
    """On a GPU that would wait for it."""
    live = Live(10)
    terms = Terms(*torch.zeros(3, 1, 4), torch.zeros(4), torch.zeros(4, 2))

    def refuse(tensor, *_):
        raise AssertionError("a tensor was read")

    for name in ("item", "tolist", "__float__", "__bool__"):
        monkeypatch.setattr(torch.Tensor, name, refuse)
    Watching(Quiet(), live).step(Progress(step=1), 3, terms)
    assert live.standing()["step"] == 1
