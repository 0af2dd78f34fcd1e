"""Sessions small enough to train many times, and observers that stop them."""

import os
import signal

import pytest

from latentia.request import DataRequest, load_data
from latentia.run import Run
from latentia.session import Plan, prepare
from latentia.training.observer import Observer
from latentia.training.settings import Settings


class Killed(BaseException):
    """Ends training as SIGKILL would: nothing is saved."""


class At(Observer):
    """Do something after one step of one epoch, both counted from 1."""

    def __init__(self, epoch, step, action):
        self.place, self.action = (epoch, step), action

    def epoch(self, rows, improved):
        """Hear of one epoch."""

    def step(self, standing, steps, terms):
        if (standing.epoch + 1, standing.step) == self.place:
            self.action()


@pytest.fixture
def at():
    return At


@pytest.fixture
def interrupt():
    return lambda: os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def kill():
    def act():
        raise Killed

    return act


@pytest.fixture
def killed():
    return Killed


@pytest.fixture
def make_session(inked_path):
    """Return a function that prepares a session: dropout, binarization and noise all on."""

    def make(
        data=None,
        *,
        wishes=None,
        objective="elbo",
        corruption="salt-and-pepper",
        device="cpu",
        **settings,
    ):
        from latentia.design import Wishes

        request = DataRequest(str(inked_path))
        network = {"name": "mlp", "hidden": (16,), "dropout": 0.2}
        plan = Plan(
            wishes=Wishes(latent_dim=2, network=network)._replace(**(wishes or {})),
            objective=objective,
            corruption=corruption,
            settings=Settings(**{"epochs": 4, "batch_size": 32, **settings}),
            device=device,
        )
        return prepare(data or load_data(request), plan, request)

    return make


@pytest.fixture
def make_run(make_session, tmp_path):
    """Return a function that prepares a session with its run folder."""

    def make(name="run", **options):
        session, run = make_session(**options), Run(tmp_path / name)
        run.create(session.config)
        return session, run

    return make


@pytest.fixture
def told():
    """Return a function that reads a run's weights and, without times, its metrics."""

    def read(run):
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()]
        return (run.path / "model.safetensors").read_bytes(), rows

    return read
