"""A critic learns what theory says it should, beside the model and apart from it."""

from io import StringIO
from math import log

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal
from torch.nn.functional import softplus

from latentia.errors import RunError, UsageError
from latentia.evaluation.bound import bound, mean_objective
from latentia.model import Terms
from latentia.objective._critic import Critic
from latentia.objective.factor_critic import FactorVAE
from latentia.objective.prior_critic import AAE
from latentia.session import reopen
from latentia.training import loop, tuning
from latentia.training.critic import Apprentice
from latentia.training.engine import Engine
from latentia.training.observer import chosen_by
from latentia.training.progress import Lines, Quiet
from latentia.training.settings import Settings
from latentia.training.signals import Interrupted

OBJECTIVES = [
    {"name": "factor-critic", "hidden": (16, 16)},
    {"name": "prior-critic", "hidden": (16,)},
]
each = pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda spec: spec["name"])


def drawn(z):
    """Return terms in which there is nothing but draws z (n, L) of q(z)."""
    nothing = z.new_zeros(1, len(z))
    return Terms(nothing, nothing, nothing, None, None, z=z[None])


def taught(objective, model, draw, steps, batch=512):
    """Let a critic learn from batches of draws, ever more carefully."""
    objective.begin(model, torch.ones(2, 4).double())
    objective.critic.float()
    learner = Apprentice(objective)
    for step in range(steps):
        objective.rate = 3e-3 * (1 - step / steps) + 1e-5
        learner.learn(model, drawn(draw(batch)))
    return objective.critic


CORRELATIONS = [
    [[1.0, 0.8], [0.8, 1.0]],
    [[1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0]],
]


@pytest.mark.parametrize("r", CORRELATIONS, ids=["two", "three"])
def test_of_correlated_gaussians_it_learns_the_density_ratio_and_so_the_total_correlation(
    r, model_of
):
    """T(z) -> log N(z; 0, R) - sum_d log N(z_d; 0, 1), and its mean -> -log det R / 2."""
    torch.manual_seed(0)
    q = MultivariateNormal(torch.zeros(len(r)), torch.tensor(r))
    objective = FactorVAE(hidden=(64, 64))
    critic = taught(objective, model_of(4, len(r)), lambda n: q.sample((n,)), 1500)
    z = q.sample((20_000,))
    exact = q.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(-1)
    correlation = -0.5 * float(torch.tensor(r).logdet())
    with torch.no_grad():
        odds = critic(z)
    assert abs(odds.mean() - correlation) < 0.06 < 0.2 * correlation
    off = (odds - exact).square().mean().sqrt()
    assert off < 0.2 < 0.3 * exact.std()
    # What it tells while it learns are these numbers.
    told = Apprentice(objective).learn(model_of(4, len(r)), drawn(z))
    assert told[2] == len(z) // 2
    assert told[1] / told[2] == pytest.approx(correlation, abs=0.06)
    others = torch.randn(20_000, len(r))  # the product of the marginals of q
    ratio = q.log_prob(others) - Normal(0.0, 1.0).log_prob(others).sum(-1)
    least = float(softplus(-exact).mean() + softplus(ratio).mean()) / 2
    assert least < log(2) - 0.03
    assert float(told[0] / told[2]) == pytest.approx(least, abs=0.015)


@pytest.mark.parametrize("prior", ["standard-normal", "mixture"])
def test_of_codes_and_draws_it_learns_the_optimal_critic_p_of_p_and_q(prior, model_of):
    model = model_of(4, 2, prior=prior, spread=0.5, seed=1)
    model.prior.float()
    torch.manual_seed(0)
    q = MultivariateNormal(torch.tensor([0.6, -0.4]), torch.diag(torch.tensor([0.5, 1.2])))
    critic = taught(AAE(hidden=(64, 64)), model, lambda n: q.sample((n,)), 1500)
    with torch.no_grad():
        z = torch.cat([q.sample((5000,)), model.draw_prior(5000)])
        log_q, log_p = q.log_prob(z), model.prior().log_prob(z)
        d = 1 - critic(z).sigmoid()
        known = log_p.exp() / (log_p.exp() + log_q.exp())
        divergence = (log_q - log_p)[:5000].mean()
        assert (d - known).abs().mean() < 0.03 and known.std() > 0.15
        assert abs(critic(z)[:5000].mean() - divergence) < 0.08 < 0.3 * divergence


def test_where_there_is_nothing_to_tell_apart_it_errs_log_two(model_of):
    torch.manual_seed(0)
    objective = FactorVAE(hidden=(16,))
    critic = taught(objective, model_of(4, 3), lambda n: torch.randn(n, 3), 300)
    loss, odds, count = Apprentice(objective).learn(None, drawn(torch.randn(4000, 3)))
    assert float(loss / count) == pytest.approx(log(2), abs=0.01)
    assert abs(float(odds / count)) < 0.03
    assert critic(torch.randn(10, 3)).abs().max() > 0  # it has an opinion, and it is worth nothing


def engine_of(session):
    task = session.task
    return Engine(task.model, task.objective, task.train, session.config.training)


def step(engine, rate=1e-3, rows=32):
    torch.manual_seed(0)
    engine.model.train()
    return engine.step(1, torch.arange(rows), 0.0, rate)


def weights(module):
    return torch.cat([value.detach().flatten() for value in module.state_dict().values()])


@each
def test_neither_gradient_reaches_the_other_s_weights(make_session, objective):
    """The model's step is the same whether the critic learns or not, and the other way round."""
    found = {}
    for name in ("both", "no critic", "no model"):
        engine = engine_of(make_session(objective=objective))
        for parameter in engine.critic.critic.parameters():
            nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(3))
        before = weights(engine.model), weights(engine.critic.critic)
        if name == "no critic":
            engine.critic.learn = lambda model, terms: torch.zeros(3)
        step(engine, rate=0.0 if name == "no model" else 1e-3)
        found[name] = [weights(engine.model), weights(engine.critic.critic)]
    model, critic = found["both"]
    assert torch.equal(model, found["no critic"][0]) and not torch.equal(model, before[0])
    assert torch.equal(critic, found["no model"][1]) and not torch.equal(critic, before[1])
    assert torch.equal(found["no critic"][1], before[1])
    assert torch.equal(found["no model"][0], before[0])


@each
def test_while_it_learns_no_gradient_of_the_model_is_touched(make_session, objective):
    engine = engine_of(make_session(objective=objective))
    x = engine.examples.read(torch.arange(20))
    terms = engine.objective.terms(engine.model, x)
    assert terms.z.requires_grad
    engine.critic.learn(engine.model, terms)
    assert all(parameter.grad is None for parameter in engine.model.parameters())


@each
def test_the_encoder_is_led_by_the_critic(make_session, objective):
    """The price is in the gradient of the encoder, and in no other."""
    found = []
    for name in ("gamma", "weight"):
        if name not in make_session(objective=objective).config.objective:
            continue
        for price in (0.0, 50.0):
            engine = engine_of(make_session(objective={**objective, name: price}))
            for parameter in engine.critic.critic.parameters():
                nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(3))
            step(engine)
            found.append([p.grad for p in engine.model.posterior.parameters()])
            found.append([p.grad for p in engine.model.likelihood.parameters()])
    encoder, decoder, led, same = found
    assert not any(torch.equal(a, b) for a, b in zip(encoder, led, strict=True))
    for a, b in zip(decoder, same, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def told_of(session):
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in session.history]
    return session.model.state_dict(), rows


@each
def test_the_same_seed_gives_the_same_run_and_another_another(make_session, objective):
    found = []
    for seed in (7, 7, 8):
        session = make_session(objective=objective, seed=seed)
        torch.manual_seed(len(found))
        session.train(Quiet())
        found.append([weights(session.model), told_of(session)[1]])
        found[-1].append(weights(session.task.objective.critic))
    (one, rows, critic), (two, rows_two, critic_two), (other, _, critic_other) = found
    assert torch.equal(one, two) and rows == rows_two and torch.equal(critic, critic_two)
    assert not torch.equal(one, other) and not torch.equal(critic, critic_other)


@each
@pytest.mark.parametrize(("epoch", "at_step"), [(1, 2), (2, 3), (4, 1)])
def test_interrupted_and_resumed_is_bitwise_the_whole_run(
    make_run, at, interrupt, told, objective, epoch, at_step
):
    first, run = make_run("whole", objective=objective)
    first.train(Quiet(), run=run)
    session, other = make_run(objective=objective)
    with pytest.raises(Interrupted):
        session.train(at(epoch, at_step, interrupt), run=other)
    again = reopen(other, device="cpu")
    again.train(Quiet(), run=other, resume=True)
    assert told(other) == told(run)
    critics = [weights(each.task.objective.critic) for each in (first, again)]
    assert torch.equal(*critics)


@each
def test_killed_without_warning_and_resumed_is_bitwise_the_whole_run(
    make_run, at, kill, killed, told, objective, monkeypatch
):
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1.0)
    session, run = make_run("whole", objective=objective)
    session.train(Quiet(), run=run)
    session, other = make_run(objective=objective)
    with pytest.raises(killed):
        session.train(at(3, 2, kill), run=other)
    reopen(other, device="cpu").train(Quiet(), run=other, resume=True)
    assert told(other) == told(run)


@each
def test_what_is_kept_of_it_goes_on_bitwise(make_session, objective):
    one, two = (engine_of(make_session(objective=objective)) for _ in range(2))
    for number in range(3):
        step(one, rows=20 + number)
    kept = {key: value.clone() for key, value in one.critic.tensors().items()}
    assert {key.split(".")[0] for key in kept} == {"weights", "moments"}
    two.critic.restore(kept)
    two.model.load_state_dict(one.model.state_dict())
    two.optimizer.restore(one.optimizer.tensors())
    for engine in (one, two):
        step(engine)
    assert torch.equal(weights(one.critic.critic), weights(two.critic.critic))
    assert torch.equal(weights(one.model), weights(two.model))


@each
def test_a_checkpoint_holds_the_critic_and_a_spoilt_one_is_noticed(make_run, objective):
    session, run = make_run(objective=objective, epochs=1)
    session.train(Quiet(), run=run)
    (first, last) = sorted(run.checkpoints.folder.glob("epoch-*"))
    path = last / "critic.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    standing, broken = run.checkpoints.peek()
    assert standing.epoch == 0 and "critic.safetensors does not match" in broken[0]
    path.unlink()
    assert "critic.safetensors is missing" in run.checkpoints.peek()[1][0]
    assert not [k for k in session.model.state_dict() if "critic" in k]
    assert first.name.startswith("epoch-000000")


@each
def test_its_opinion_is_told_of_training_examples_and_is_in_no_bound(make_session, objective):
    session = make_session(objective=objective)
    seen = []
    real = Apprentice.learn

    def learn(self, model, terms):
        seen.append(real(self, model, terms))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Apprentice, "learn", learn)
        session.train(Quiet())
    name = {"factor-critic": "total_correlation", "prior-critic": "marginal_kl"}
    train = [row for row in session.history if row["split"] == "train"]
    steps = len(seen) // len(train)
    for number, row in enumerate(train):
        loss, odds, count = torch.stack(seen[steps * number : steps * (number + 1)]).sum(0)
        assert row["critic"]["loss"] == pytest.approx(float(loss / count), rel=1e-5)
        told = row["critic"][name[objective["name"]]]
        assert told == pytest.approx(float(odds / count), rel=1e-4, abs=1e-6)
        assert len(row["kl_per_dim"]) == 2
        assert sum(row["kl_per_dim"]) == pytest.approx(row["kl"], rel=1e-5)
    assert train[0]["critic"]["loss"] == pytest.approx(log(2), abs=0.02)
    validated = [row for row in session.history if row["split"] == "validation"]
    assert not any("critic" in row for row in validated)
    best = max(validated, key=chosen_by)
    noise = session.task.corruption
    found = bound(session.model, session.task.validation, seed=1, corruption=noise)
    assert found.elbo == pytest.approx(best["elbo"], abs=1e-4)


@each
def test_the_epoch_is_chosen_by_what_is_no_opinion(make_session, objective):
    session = make_session(objective=objective, corruption=None)
    task = session.task
    engine = engine_of(session)
    found = []
    for opinion in (0.0, 50.0):
        nn.init.constant_(engine.critic.critic.layers[-1].bias, opinion)
        found.append(mean_objective(task.model, task.validation, task.objective))
    expected = bound(task.model, task.validation)
    part = expected.elbo if objective["name"] == "factor-critic" else expected.reconstruction
    assert found == [pytest.approx(part, abs=1e-4)] * 2


@each
def test_a_batch_with_nothing_to_compare_teaches_nothing(make_session, objective):
    session = make_session(objective=objective, batch_size=19, epochs=1)  # 96 = 5 * 19 + 1
    assert len(session.task.train) % 19 == 1
    session.train(Quiet())
    assert session.history[0]["critic"]["loss"] > 0
    engine = engine_of(make_session(objective=objective))
    engine.objective.sides = lambda model, terms: None
    before = weights(engine.critic.critic)
    assert not step(engine).sums[3:6].any()
    assert torch.equal(weights(engine.critic.critic), before)


@each
def test_a_step_whose_loss_is_no_number_is_not_taken(make_session, objective):
    engine = engine_of(make_session(objective=objective))
    before = weights(engine.critic.critic)
    z = torch.full((8, 2), torch.nan)
    engine.critic.learn(engine.model, drawn(z))
    assert torch.equal(weights(engine.critic.critic), before)


@each
@pytest.mark.parametrize("choice", ["yes", "graph"])
def test_to_be_compiled_or_recorded_is_refused_in_a_word(make_session, objective, choice, says):
    with pytest.raises(UsageError) as caught:
        make_session(objective=objective, compile=choice)
    if choice == "yes":
        says(caught.value, "as they are written", "--compile yes", "Leave --compile out")


@each
def test_left_open_a_long_run_is_not_compiled(make_session, objective, monkeypatch):
    monkeypatch.setattr(tuning, "_gain", lambda device: 0.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda device: True)
    task = make_session(objective=objective, corruption=None).task
    settings = Settings(epochs=100_000, batch_size=128)
    found, _ = tuning.tuned(settings, task.model, task.objective, task.train, 1e9)
    assert found.compile == "no"


def test_without_a_critic_there_is_none_to_tell_of(make_run):
    session, run = make_run(epochs=1)
    session.train(Quiet(), run=run)
    assert not any("critic" in row for row in session.history)
    assert not [*run.path.rglob("critic.safetensors")]


@each
def test_where_an_opinion_is_no_number_training_stops_and_says_so(
    make_session, objective, monkeypatch, says
):
    monkeypatch.setattr(Critic, "opinion", lambda self, z: z[..., 0] * torch.nan)
    with pytest.raises(RunError) as caught:
        make_session(objective=objective).train(Quiet())
    says(caught.value, "what the objective charges is not finite at epoch 1, step 1")


@each
def test_a_line_of_progress_tells_what_it_says(make_session, objective):
    session, file = make_session(objective=objective, epochs=2), StringIO()
    session.train(Lines(2, file=file))
    (row,) = [r for r in session.history if r["epoch"] == 2 and r["split"] == "train"]
    loss, estimate = row["critic"].values()
    name = "total correlation" if objective["name"] == "factor-critic" else "marginal kl"
    assert f"critic loss {loss:.3f}, {name} {estimate:.3f}" in file.getvalue().splitlines()[1]
