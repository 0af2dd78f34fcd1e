"""Validation chooses, the clock and patience stop, and the test rows stay untouched."""

import numpy as np
import pytest
import torch

from latentia.data import Data
from latentia.evaluation.bound import Bound
from latentia.request import DataRequest, load_data, split_data
from latentia.training import loop
from latentia.training.observer import chosen_by
from latentia.training.progress import Quiet
from latentia.view import Examples


def validated(session):
    return [row["elbo"] for row in session.history if row["split"] == "validation"]


def weights_of(path):
    return path.read_bytes()


def test_the_weights_are_those_of_the_best_validation_epoch(make_run, monkeypatch):
    script = iter([-20, -9, -4, -6, -5])
    monkeypatch.setattr(
        loop, "bound", lambda *a, **k: Bound(next(script), -1.0, 1.0, None, active_units=0)
    )
    session, run = make_run(snapshots=True)
    session.train(Quiet(), run=run)
    chosen = weights_of(run.path / "model.safetensors")
    assert chosen == weights_of(run.path / "epochs" / "0002.safetensors")
    assert chosen != weights_of(run.path / "epochs" / "0004.safetensors")
    # The model in memory is the one in the folder.
    for name, value in run.load_model().state_dict().items():
        assert torch.equal(value, session.model.state_dict()[name]), name
    assert not session.model.training


def test_what_is_maximized_chooses_and_not_another_bound(make_run):
    """A KL that costs nothing grows, so the ELBO would choose an early, half-trained epoch."""
    session, run = make_run(
        objective={"name": "elbo", "beta": 0.0},
        corruption=None,
        **{"snapshots": True, "epochs": 20, "learning_rate": 0.02, "schedule": "constant"},
    )
    session.train(Quiet(), run=run)
    elbos = validated(session)
    rows = [row for row in session.history if row["split"] == "validation"]
    best = int(np.argmax([chosen_by(row) for row in rows])) + 1
    assert best != int(np.argmax(elbos)) + 1
    # With beta = 0 the objective is the reconstruction, and it is reported beside the true ELBO.
    for row in rows:
        assert row["objective"] == pytest.approx(row["reconstruction"], abs=1e-4)
    chosen = weights_of(run.path / "model.safetensors")
    assert chosen == weights_of(run.path / "epochs" / f"{best:04d}.safetensors")


@pytest.mark.parametrize(("patience", "epochs"), [(1, 3), (2, 4), (3, 8)])
def test_patience_stops_so_many_epochs_after_the_best(patience, epochs, make_session, monkeypatch):
    script = iter([-20, -9, -4, -6, -5, -3, -5, -6, -7, -1])
    monkeypatch.setattr(
        loop, "bound", lambda *a, **k: Bound(next(script), -1.0, 1.0, None, active_units=0)
    )
    session = make_session(patience=patience, epochs=9)
    session.train(Quiet())
    assert len(validated(session)) == epochs
    times = f"{patience} epoch{'s' * (patience > 1)}"
    early = f"after epoch {epochs} of 9: no better validation for {times} (--patience {patience})"
    assert session.stopped == early


def test_the_clock_stops_between_two_epochs(make_session):
    session = make_session(max_time=1e-6, epochs=1000)
    session.train(Quiet())
    assert len(validated(session)) == 1
    assert session.stopped.startswith("after epoch 1 of 1000: the time is up")


def test_a_run_that_ends_gives_no_reason(make_session):
    session = make_session(max_time=1e6, patience=3, epochs=2)
    session.train(Quiet())
    assert session.stopped == ""


def test_training_reads_training_and_validation_rows_only(make_session, inked_path, monkeypatch):
    seen = []
    read, moments = Examples.read, Examples.moments

    def spy_read(self, rows):
        seen.append(self.index[rows])
        return read(self, rows)

    def spy_moments(self):
        seen.append(self.index)
        return moments(self)

    monkeypatch.setattr(Examples, "read", spy_read)
    monkeypatch.setattr(Examples, "moments", spy_moments)
    make_session().train(Quiet())
    request = DataRequest(str(inked_path))
    parts = split_data(load_data(request), request)
    expected = np.sort(np.concatenate([parts["train"], parts["validation"]]))
    assert np.array_equal(torch.cat(seen).unique().numpy(), expected)
    assert not set(parts["test"]) & set(expected)


def test_other_test_rows_give_the_bitwise_same_weights(make_session, inked):
    rows = Data.from_array(inked).split()["test"]
    other = inked.copy()
    other[rows] = 255 - other[rows]
    wishes = {"likelihood": "bernoulli", "binarize": "dynamic"}
    first, second = (make_session(Data.from_array(x), wishes=wishes) for x in (inked, other))
    for session in (first, second):
        session.train(Quiet())
    ours, theirs = first.model.state_dict(), second.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_training_starts_at_the_training_rows_mean_and_not_at_others(make_session):
    session = make_session(corruption=None)
    train = session.task.train
    mean = train.stored[train.index].double().mean(0).div(255).clamp(0.001, 0.999)
    bias = session.model.likelihood.bias[0].detach().double()
    torch.testing.assert_close(bias, torch.logit(mean), atol=1e-4, rtol=1e-4)


def test_max_time_ends_a_long_epoch_and_measures_it(make_session, monkeypatch):
    session = make_session(max_time=100.0, epochs=5, batch_size=8)
    clock = iter(range(0, 10_000, 30))  # 30 seconds pass between two looks at the clock
    monkeypatch.setattr(loop.time, "perf_counter", lambda: float(next(clock)))
    session.train(Quiet())
    rows = [row for row in session.history if row["split"] == "validation"]
    assert [row["epoch"] for row in rows] == [1]
    assert rows[0]["step"] == 4 < len(session.task.train) / 8
    assert torch.isfinite(torch.tensor(rows[0]["elbo"]))
