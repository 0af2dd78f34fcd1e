"""Training that runs away stops, says which term did, and leaves the last good weights."""

import pytest
import torch

from latentia.errors import RunError
from latentia.model import LatentVariableModel
from latentia.session import reopen
from latentia.training.diagnosis import Diverged
from latentia.training.engine import Engine
from latentia.training.progress import Quiet


@pytest.fixture
def nan_from(monkeypatch):
    """Return a function that spoils log p(x|z) from a training step on, counted from 1."""

    def spoil(step):
        real, seen = LatentVariableModel.log_likelihood, []

        def spoilt(self, *arguments):
            log_px_z = real(self, *arguments)
            if self.training:
                seen.append(1)
            return log_px_z * float("nan") if len(seen) >= step and self.training else log_px_z

        monkeypatch.setattr(LatentVariableModel, "log_likelihood", spoilt)

    return spoil


def finite(model):
    return all(bool(torch.isfinite(p).all()) for p in model.state_dict().values())


def test_the_term_at_fault_and_its_place_are_named(make_run, nan_from, says):
    nan_from(5)  # three steps an epoch
    session, run = make_run()
    with pytest.raises(Diverged) as caught:
        session.train(Quiet(), run=run)
    says(
        caught.value,
        "log p(x|z) is not finite at epoch 2, step 2",
        "largest weight",
        "--learning-rate",
    )
    assert "KL" not in caught.value.what
    assert isinstance(caught.value, RunError)
    assert caught.value.exit_code == 4


def test_the_best_weights_before_it_are_kept(make_run, nan_from):
    nan_from(8)
    session, run = make_run(snapshots=True)
    with pytest.raises(Diverged) as caught:
        session.train(Quiet(), run=run)
    rows = [row for row in run.metrics() if row["split"] == "validation"]
    best = max(rows, key=lambda row: row["elbo"])["epoch"]
    kept = (run.path / "model.safetensors").read_bytes()
    assert kept == (run.path / "epochs" / f"{best:04d}.safetensors").read_bytes()
    assert finite(run.load_model())
    story = f"The last good weights, those of epoch {best}, are kept."
    assert story in str(caught.value)
    assert run.config().diverged.endswith(story)


def test_before_the_first_epoch_has_ended_the_untrained_weights_are_kept(make_run, nan_from):
    nan_from(2)
    session, run = make_run()
    untrained = {k: v.clone() for k, v in session.model.state_dict().items()}
    with pytest.raises(Diverged) as caught:
        session.train(Quiet(), run=run)
    kept = run.load_model().state_dict()
    assert all(torch.equal(kept[name], untrained[name]) for name in untrained)
    # And nobody is told that they are good.
    assert "last good weights" not in str(caught.value)
    assert "weights that are left are untrained" in str(caught.value)
    assert "epoch 1, step 2. No epoch had ended well" in run.config().diverged


@pytest.mark.parametrize("rate", [1e2, 1e6, 1e30])
def test_an_absurd_learning_rate_leaves_a_folder_that_loads(rate, make_run, says, inked):
    import latentia as lt

    session, run = make_run(learning_rate=rate, schedule="constant", epochs=8)
    with pytest.raises(Diverged) as caught:
        session.train(Quiet(), run=run)
    says(caught.value, "Training diverged", "Lower --learning-rate", caught.value.story[-40:])
    assert finite(run.load_model())
    found = lt.load(run.path, device="cpu").elbo(inked)
    assert torch.isfinite(torch.from_numpy(found.elbo)).all()
    assert found.elbo.mean() > -100  # and they are good ones: 36 pixels cost 25 nats at chance


def test_on_the_command_line_it_is_exit_code_4(latentia, inked_path, tmp_path):
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "run", "--learning-rate", "1e6"),
        *("--network.hidden", 16, "--epochs", 5),
    )
    assert said.code == 4
    assert "latentia: Training diverged" in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert "**Diverged**: Training diverged" in (tmp_path / "run" / "README.md").read_text()
    said = latentia("sample", tmp_path / "run", "--out", tmp_path / "s.npy")
    assert said.code == 0
    assert "warning   Training diverged" in said.err
    assert "weights that are left are untrained" in said.err


def test_compare_marks_a_run_that_diverged(latentia, inked_path, inked_run, tmp_path):
    out = tmp_path / "run"
    latentia(
        *("train", inked_path, "--out", out, "--learning-rate", "1e6"),
        *("--network.hidden", 16, "--epochs", 5),
    )
    said = latentia("compare", inked_run, out)
    assert said.code == 4
    assert "no numbers yet" in said.err and "Training diverged" in said.err
    assert latentia("evaluate", out, "--importance", 2).code == 0
    said = latentia("compare", inked_run, out)
    (row,) = [line for line in said.out.splitlines() if line.startswith(str(out))]
    assert "~" in row.split()[1:3]  # behind a "!" where the other has no test numbers
    assert f"~ {out}: Training diverged" in said.out
    assert f"{inked_run} ~" not in said.out
    found = latentia("compare", inked_run, out, "--json").json["runs"]
    assert [bool(row["diverged"]) for row in found] == [False, True]


def test_a_run_that_goes_on_well_is_no_longer_marked(make_run, nan_from, monkeypatch):
    nan_from(5)
    session, run = make_run()
    with pytest.raises(Diverged):
        session.train(Quiet(), run=run)
    assert run.config().diverged
    monkeypatch.undo()
    reopen(run, device="cpu").train(Quiet(), run=run, resume=True)
    assert run.config().diverged == ""
    assert run.metrics()[-1]["epoch"] == 4


def test_an_infinite_norm_never_reaches_the_weights(make_run, monkeypatch):
    from latentia.training import engine

    real, steps = engine._clip, []

    def spoilt(parameters, limit):
        steps.append(1)
        norm = real(parameters, limit)
        return norm * float("inf") if len(steps) == 2 else norm

    monkeypatch.setattr(engine, "_clip", spoilt)
    session, run = make_run(clip=10.0)
    with pytest.raises(Diverged, match="the gradient is not finite at epoch 1, step 2") as caught:
        session.train(Quiet(), run=run)
    assert "gradient norm inf" in str(caught.value)
    assert finite(run.load_model())


@pytest.fixture
def gradient_spoilt():
    """Return a function that makes the gradient of one step infinite, counted from 1."""

    def spoil(session, step):
        (weight, *_) = session.model.likelihood.parameters()
        steps = []

        def spoilt(gradient):
            steps.append(1)
            return gradient * float("inf") if len(steps) == step else gradient

        weight.register_hook(spoilt)

    return spoil


# In the middle of an epoch it shows in the next loss; at its end nothing follows.
@pytest.mark.parametrize("step", [2, 3])
def test_an_infinite_gradient_is_found_and_its_weights_are_not_kept(
    make_run, gradient_spoilt, step
):
    session, run = make_run()
    gradient_spoilt(session, step)
    with pytest.raises(Diverged, match=f"the gradient is not finite at epoch 1, step {step}"):
        session.train(Quiet(), run=run)
    assert finite(run.load_model())


def test_no_checkpoint_is_written_of_spoilt_weights(make_run, gradient_spoilt, at, interrupt):
    session, run = make_run()
    gradient_spoilt(session, 5)
    with pytest.raises(Diverged, match="the gradient is not finite at epoch 2, step 2"):
        session.train(at(2, 2, interrupt), run=run)
    reopened = reopen(run, device="cpu")
    standing = run.checkpoints.load(
        reopened.model, Engine(reopened.model, *engine_of(reopened)).optimizer
    )
    assert (standing.epoch, standing.step) == (1, 0)
    assert finite(reopened.model)


def engine_of(session):
    return session.task.objective, session.task.train, session.config.training
