"""Recorded steps: what a GPU replays is what would have been done."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.training.engine import Engine
from latentia.training.progress import Quiet

on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU to record a step on")


class Warned(Quiet):
    def __init__(self):
        self.said = []

    def warn(self, text):
        self.said.append(text)


def weights(session):
    return torch.cat([value.flatten() for value in session.model.state_dict().values()])


def test_without_a_gpu_nothing_is_recorded_and_says_so(make_session):
    with pytest.raises(UsageError, match="Only a GPU"):
        make_session(compile="graph")


@on_gpu
@pytest.mark.parametrize("clip", [None, 5.0])
def test_replayed_steps_draw_the_same_noise_and_come_to_the_same_weights(make_session, clip):
    found = []
    for choice in ("no", "graph"):
        session, observer = make_session(compile=choice, device="cuda", clip=clip), Warned()
        session.train(observer)
        assert observer.said == []
        found.append((weights(session), [row["elbo"] for row in session.history]))
    (plain, elbo), (replayed, other) = found
    torch.testing.assert_close(replayed, plain, rtol=1e-4, atol=1e-5)
    assert other == pytest.approx(elbo, abs=1e-4)


@on_gpu
def test_every_replay_has_its_own_numbers(make_session):
    session = make_session(compile="graph", device="cuda")
    task = session.task
    engine = Engine(task.model, task.objective, task.train, session.config.training)
    rows = torch.arange(32)
    taken = []
    for step in range(6):
        torch.cuda.manual_seed_all(step % 5)
        taken.append(engine.step(step + 1, rows, 0.0, 0.0))
    losses = [float(step.loss) for step in taken]
    assert engine._recorded.proven
    # The rate is 0, so only the noise differs: none of five seeds', and all of one.
    assert len(set(losses[:5])) == 5
    assert losses[5] == pytest.approx(losses[0], rel=1e-6)


@on_gpu
def test_a_step_that_looks_at_its_numbers_is_taken_as_it_is_written(make_session):
    class Looking:
        def __call__(self, x):
            return x * float(x.max())

    session, observer = make_session(compile="graph", device="cuda"), Warned()
    session.task.corruption = Looking()
    session.train(observer)
    (said,) = observer.said
    assert "could not be recorded" in said
    assert weights(session).isfinite().all()


@on_gpu
@pytest.mark.parametrize("prior", ["standard-normal", "mixture", "vamp", "flow"])
@pytest.mark.parametrize("posterior", ["gaussian", "full", "low-rank", "flow", "mixture"])
def test_every_pair_trains_whether_or_not_it_can_be_recorded(make_session, posterior, prior):
    if prior == "vamp" and posterior != "gaussian":
        pytest.skip("a VampPrior mixes diagonal Gaussians")
    wishes = {"posterior": posterior, "prior": prior}
    session, observer = make_session(compile="graph", device="cuda", wishes=wishes), Warned()
    session.train(observer)
    assert weights(session).isfinite().all()
    # What these two call looks at its own numbers, and they are told once that it does.
    assert len(observer.said) == (posterior in ("low-rank", "flow"))
