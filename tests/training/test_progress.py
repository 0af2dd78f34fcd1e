"""One line per epoch where there is no terminal, one bar where there is."""

import io
import sys

import pytest

from latentia.training.checkpoint import Progress
from latentia.training.progress import Bar, Lines, Quiet, observer_for
from latentia.training.settings import Settings

ROW = {
    **{"epoch": 3, "split": "validation", "seconds": 1.25, "elbo": -158.2},
    **{"reconstruction": -151.9, "kl": 6.3, "active_units": 2},
}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def follow(observer):
    observer.begin(Settings(epochs=20), Progress())
    observer.step(Progress(step=1), 2, None)
    observer.epoch([ROW, ROW], True)
    observer.epoch([ROW, ROW], False)
    observer.end()


def test_lines_say_the_epoch_the_parts_and_which_is_best():
    file = io.StringIO()
    follow(Lines(2, "*", file))
    first, second = file.getvalue().splitlines()
    assert first == (
        "epoch  3/20  ELBO* -158.20 nats = reconstruction -151.90 - KL 6.30  active 2/2"
        "  1.2 s  best"
    )
    assert not second.endswith("best")


def test_the_bar_shows_the_bound_with_its_parts(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "200")
    observer = observer_for(2, note="*")
    assert isinstance(observer, Bar)
    follow(observer)
    for part in ("ELBO* -158.20 nats", "-151.90 - KL 6.30", "2/2"):
        assert part in screen.getvalue()
    assert "epoch 3/20" in screen.getvalue()


@pytest.mark.parametrize(("quiet", "kind"), [(True, Quiet), (False, Lines)])
def test_quiet_and_pipes(quiet, kind, capsys):
    observer = observer_for(2, quiet=quiet)
    assert type(observer) is kind
    follow(observer)
    said = capsys.readouterr()
    assert said.out == ""
    assert bool(said.err) is not quiet
