"""A long computation says how far it has come: not at once, not too often, with the time left."""

import pytest

from latentia.command._counting import _duration, counting
from latentia.shell import Shell


@pytest.fixture
def said(capsys):
    """Return a function that counts to some numbers at some times, and returns what was said."""

    def count(*steps, total=1000, quiet=False):
        times = iter([0.0, *(time for time, _ in steps)])
        tell = counting(Shell(quiet=quiet), "log p(x)", total, clock=lambda: next(times))
        for _, done in steps:
            tell(done)
        return capsys.readouterr().err.splitlines()

    return count


def test_nothing_is_said_of_what_takes_a_moment(said):
    assert said((0.5, 500), (1.0, 1000)) == []


def test_the_time_left_is_told(said):
    assert said((10.0, 250)) == ["log p(x)  250 of 1000 examples, about 30 s left"]


def test_lines_become_rarer(said):
    assert len(said(*((float(t), t) for t in range(1, 1000)))) < 50


def test_the_end_is_no_line_and_quiet_is_quiet(said):
    assert said((60.0, 1000)) == []
    assert said((60.0, 500), quiet=True) == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h")]
)
def test_durations(seconds, text):
    assert _duration(seconds) == text


def test_score_counts(latentia, inked_run, monkeypatch):
    times = iter(range(0, 10_000, 10))
    from latentia.command import _counting

    monkeypatch.setattr(_counting.counting, "__kwdefaults__", {"clock": lambda: next(times)})
    monkeypatch.setattr("latentia.evidence.importance.ImportanceSampling.rows", 4)
    monkeypatch.setattr("latentia.evidence.importance._TOGETHER", 1)
    said = latentia("score", inked_run, "--importance", 2)
    assert "log p(x)  4 of 12 examples" in said.err
    assert said.code == 0


def test_evaluate_counts_for_each_estimator(latentia, inked_run, monkeypatch, tmp_path):
    times = iter(range(0, 10_000, 10))
    from latentia.command import _counting

    monkeypatch.setattr(_counting.counting, "__kwdefaults__", {"clock": lambda: next(times)})
    for estimator in ("importance.ImportanceSampling", "naive.NaiveMonteCarlo"):
        monkeypatch.setattr(f"latentia.evidence.{estimator}.rows", 4)
    monkeypatch.setattr("latentia.evidence.importance._TOGETHER", 1)
    named = ("--evidence", "naive", "--evidence.samples", 2, "--limit", 12)
    said = latentia("evaluate", inked_run, "--importance", 2, *named)
    assert "log p(x), importance sampling  4 of 12 examples, about" in said.err
    assert "log p(x), naive  4 of 12 examples, about" in said.err
