"""The engine: the same step however it is taken, and choices that the same command makes again."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.evaluation.bound import bound
from latentia.training import engine, tuning
from latentia.training.adamw import AdamW
from latentia.training.compiled import Whole, require_alike, ways
from latentia.training.engine import Engine
from latentia.training.progress import Quiet
from latentia.training.settings import Settings
from latentia.training.tuning import tuned, work

CAN_COMPILE = tuning._can_compile(torch.device("cpu"))
one_graph = pytest.mark.skipif(not Whole.known(), reason="this torch has no such graphs")
compiles = pytest.mark.skipif(not CAN_COMPILE, reason="no C++ compiler to compile a step with")


class Warned(Quiet):
    def __init__(self):
        self.said = []

    def warn(self, text):
        self.said.append(text)


class Many:
    """As many examples as are said, with a cell missing or none."""

    def __init__(self, n=60_000, *, complete=True):
        self.n, self.complete = n, complete

    def __len__(self):
        return self.n


def chosen(settings, session, forward, examples=None):
    task = session.task
    return tuned(settings, task.model, task.objective, examples or Many(), forward)


def weights(session):
    return torch.cat([value.flatten() for value in session.model.state_dict().values()])


@compiles
@pytest.mark.slow
def test_a_compiled_step_draws_the_same_noise_and_comes_to_the_same_weights(make_session):
    found = []
    for choice in ("no", "yes"):
        session, observer = make_session(compile=choice), Warned()
        session.train(observer)
        assert observer.said == []
        found.append((weights(session), [row["elbo"] for row in session.history]))
    (plain, elbo), (compiled, other) = found
    torch.testing.assert_close(compiled, plain, rtol=1e-3, atol=1e-4)
    assert other == pytest.approx(elbo, abs=1e-3)


def test_a_step_that_cannot_be_compiled_is_taken_as_it_is_written_with_one_warning(
    make_session, monkeypatch
):
    def compiled(*arguments):
        torch.rand(3)  # what had been drawn is drawn again
        raise RuntimeError("no such thing\nas a second line")

    plain = make_session()
    plain.train(Quiet())
    monkeypatch.setattr(engine, "ways", lambda *given: [compiled])
    session, observer = make_session(compile="yes"), Warned()
    session.train(observer)
    (said,) = observer.said
    assert "could not be compiled" in said and "no such thing" in said and "second" not in said
    assert torch.equal(weights(session), weights(plain))


def test_where_one_way_to_compile_fails_the_next_is_taken_without_a_word(
    make_session, monkeypatch
):
    def fails(*arguments):
        torch.rand(3)
        raise RuntimeError("no such thing")

    def works(*arguments):
        taken.append(1)
        return engine.loss(*arguments)

    taken = []
    plain = make_session(batch_size=32)
    plain.train(Quiet())
    monkeypatch.setattr(engine, "ways", lambda *given: [fails, works])
    session, observer = make_session(compile="yes", batch_size=32), Warned()
    session.train(observer)
    assert observer.said == []
    assert len(taken) == len(session.task.train) // 32 * session.config.training.epochs
    assert torch.equal(weights(session), weights(plain))


@one_graph
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_loss_and_its_gradient_are_one_graph(make_session, quickly, precision):
    """Autograd has no part in it, and its gradient is autograd's."""
    session = make_session(compile="yes", precision=precision, corruption=None)
    task, rows = session.task, torch.arange(session.config.training.batch_size)
    found = []
    for choice in ("no", "yes"):
        settings = session.config.training.model_copy(update={"compile": choice})
        taker = Engine(task.model, task.objective, task.train, settings)
        taker.optimizer.step = lambda *given, **options: None  # so that both see the same weights
        torch.manual_seed(0)
        taken = taker.step(1, rows, 50.0, 1e-3)
        found.append((taken, [p.grad for p in taker._parameters]))
    assert isinstance(taker._ways[0], Whole)
    assert taker._proven
    (plain, expected), (taken, gradients) = found
    assert not any(part.requires_grad for part in taken.terms if part is not None)
    tolerance = (
        {"rtol": 1e-4, "atol": 1e-6} if precision == "float32" else {"rtol": 2e-2, "atol": 1e-3}
    )
    torch.testing.assert_close(taken.loss, plain.loss)
    torch.testing.assert_close(taken.sums, plain.sums)
    for one, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(one, other, **tolerance)


@one_graph
def test_a_gradient_is_laid_out_as_its_parameter():
    """Adam reads both as flat memory: one of other strides would move the wrong weights."""
    parameter = torch.zeros(3, 2, requires_grad=True)
    slope = torch.arange(6.0).view(2, 3).t()
    whole = Whole([parameter], False)
    whole._run = lambda *given: (None, (slope,))
    whole(None, None, None, None, 0.0)
    assert parameter.grad.is_contiguous()
    assert torch.equal(parameter.grad, slope)
    AdamW([parameter]).step(1.0)
    torch.testing.assert_close(parameter.detach(), -slope.sign())


@one_graph
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_a_number_that_changes_is_seen_by_what_was_compiled(make_session, quickly):
    """Little is asked before a step, but what numbers are is."""
    session = make_session(compile="yes", corruption=None)
    task, rows = session.task, torch.arange(session.config.training.batch_size)
    taker = Engine(task.model, task.objective, task.train, session.config.training)
    taker.optimizer.step = lambda *given, **options: None
    for samples in (1, 2):
        task.objective.samples = samples
        assert len(taker.step(1, rows, 50.0, 1e-3).terms.log_px_z) == samples
    assert taker._proven


@one_graph
@pytest.mark.parametrize(
    ("wishes", "settings"),
    [
        ({}, {"clip": 1.0, "average": 0.9}),
        ({"network": {"name": "conv"}}, {}),
        ({"prior": {"name": "vamp", "components": 4}}, {}),
        ({"network": {"name": "gated"}}, {"precision": "bfloat16"}),
    ],
)
def test_a_run_of_whole_graphs_comes_to_the_weights_of_one_as_written(
    make_session, quickly, wishes, settings
):
    found = []
    for choice in ("no", "yes"):
        session = make_session(compile=choice, wishes=wishes, epochs=2, **settings)
        observer = Warned()
        session.train(observer)
        assert observer.said == []
        found.append(weights(session))
    torch.testing.assert_close(found[1], found[0], rtol=1e-3, atol=2e-4)


@one_graph
def test_what_an_older_torch_cannot_differentiate_is_compiled_in_two(make_session, monkeypatch):
    model = make_session().model
    parameters = list(model.parameters())
    assert [type(way) is Whole for way in ways(model, parameters, False)] == [True, False]
    monkeypatch.setattr(Whole, "known", lambda: False)
    assert [type(way) is Whole for way in ways(model, parameters, False)] == [False]


def test_what_is_wrong_with_the_model_itself_is_not_blamed_on_the_compiler(
    make_session, monkeypatch
):
    def broken(*arguments):
        raise ValueError("mine")

    monkeypatch.setattr(engine, "ways", lambda *given: [broken, broken])
    monkeypatch.setattr(engine, "loss", broken)
    observer = Warned()
    with pytest.raises(ValueError, match="mine"):
        make_session(compile="yes").train(observer)
    assert observer.said == []


@pytest.fixture
def quickly(monkeypatch):
    """Compile without a compiler: the same traces and the same limits."""
    real = torch.compile

    def traced(function, *, fullgraph, dynamic, options):
        asked = {name: options[name] for name in ("guard_filter_fn",) if name in options} or None
        how = {"fullgraph": fullgraph, "dynamic": dynamic, "options": asked}
        return real(function, backend="aot_eager", **how)

    monkeypatch.setattr(torch, "compile", traced)


def test_the_tenth_model_of_a_program_is_compiled_as_the_first_was(make_session, quickly):
    observer = Warned()
    for beta in range(1, 11):
        objective = {"name": "elbo", "beta": float(beta)}
        session = make_session(compile="yes", epochs=1, objective=objective, corruption=None)
        session.train(observer)
    assert observer.said == []


def test_what_no_compiler_can_take_is_said_once_and_trained(make_session, quickly):
    observer = Warned()
    objective = {"name": "dreg", "samples": 2}
    session = make_session(compile="yes", epochs=2, objective=objective, corruption=None)
    session.train(observer)
    (said,) = observer.said
    assert "could not be compiled" in said
    assert session.history[-1]["epoch"] == 2


@pytest.mark.parametrize(
    ("objective", "complete"), [("elbo", False), ({"name": "dreg", "samples": 2}, True)]
)
def test_what_no_compiler_can_take_is_never_chosen_for_it(
    make_session, monkeypatch, objective, complete
):
    monkeypatch.setattr(tuning, "_gain", lambda device: 1.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda device: True)
    session = make_session(objective=objective, corruption=None)
    settings = Settings(epochs=500, batch_size=128)
    found, _ = chosen(settings, session, 3e6, Many(complete=complete))
    assert found.compile == "no"
    assert chosen(settings, make_session(), 3e6)[0].compile == "yes"


def test_schedules_that_are_under_way_and_last_batches_are_not_compiled(make_session, monkeypatch):
    seen = []

    def compiled(model, objective, x, given, position):
        seen.append((len(x), position))
        return engine.loss(model, objective, x, given, position)

    monkeypatch.setattr(engine, "ways", lambda *given: [compiled])
    objective = {"name": "elbo", "warmup": 2.0}
    session = make_session(compile="yes", objective=objective, epochs=3, batch_size=40)
    n, batch = len(session.task.train), session.config.training.batch_size
    assert n % batch  # there is a shorter last batch
    session.train(Quiet())
    assert seen == [(batch, float("inf"))] * (n // batch)  # of the third epoch


def test_products_of_bfloat16_come_to_the_same_bound(make_session):
    elbo = {}
    for precision in ("float32", "bfloat16"):
        session = make_session(precision=precision, epochs=8, corruption=None)
        session.train(Quiet())
        assert {p.dtype for p in session.model.parameters()} == {torch.float32}
        elbo[precision] = session.history[-1]["elbo"]
    assert elbo["float32"] != elbo["bfloat16"]
    assert elbo["bfloat16"] == pytest.approx(elbo["float32"], abs=0.3)


def test_products_are_of_bfloat16_and_log_probabilities_are_not(make_session):
    session = make_session(precision="bfloat16", corruption=None)
    task, seen = session.task, []
    task.model.likelihood.decoder.register_forward_hook(lambda m, i, out: seen.append(out.dtype))
    taken = Engine(task.model, task.objective, task.train, session.config.training).step(
        1, torch.arange(4), 0.0, 1e-3
    )
    assert seen == [torch.bfloat16]
    assert {taken.terms.log_px_z.dtype, taken.terms.kl.dtype, taken.loss.dtype} == {torch.float32}


def test_numbers_are_looked_at_in_turn_where_looking_means_waiting(make_session):
    session = make_session(corruption=None)
    task = session.task
    taker = Engine(task.model, task.objective, task.train, session.config.training)
    taker.step(1, torch.arange(4), 0.0, 1e-3)
    assert [taken.step for taken in taker.seen()] == [1]
    taker._device = "cuda"
    taker._unseen = [None] * (engine._APART - 1)
    assert taker.seen() == []
    assert len(taker.seen(wait=True)) == engine._APART - 1
    taker._unseen = [None] * engine._APART
    assert len(taker.seen()) == engine._APART


def test_work_counts_products_and_convolutions():
    conv = torch.nn.Conv2d(2, 3, 3, padding=1, bias=False)
    found = work(conv, lambda: conv(torch.zeros(4, 2, 5, 5))) / 4
    assert found == 2 * 3 * 2 * 9 * 25


@pytest.mark.parametrize(("gain", "precision"), [(4.0, "bfloat16"), (0.6, "float32")])
def test_the_precision_is_that_whose_products_are_faster(
    make_session, monkeypatch, gain, precision
):
    session = make_session()
    monkeypatch.setattr(tuning, "_gain", lambda device: gain)
    settings = Settings(epochs=10, batch_size=128)
    found, reasons = chosen(settings, session, 1e8)
    assert found.precision == precision
    assert precision in reasons[0]


def test_what_is_small_is_neither_measured_nor_compiled(make_session, monkeypatch):
    session = make_session()
    monkeypatch.setattr(tuning, "_gain", lambda device: 1 / 0)
    found, reasons = chosen(Settings(epochs=10, batch_size=128), session, 1e3)
    assert (found.precision, found.compile, reasons) == ("float32", "no", [])


@pytest.mark.parametrize("likelihood", ["gaussian", "discretized-logistic"])
def test_what_has_narrow_peaks_keeps_all_its_digits(make_session, monkeypatch, likelihood):
    monkeypatch.setattr(tuning, "_gain", lambda device: 9.0)
    wishes = {"likelihood": likelihood, "binarize": "none"}
    session = make_session(wishes=wishes, corruption=None)
    assert chosen(Settings(epochs=10), session, 1e8)[0].precision == "float32"


@pytest.mark.parametrize(("can", "then"), [(True, "yes"), (False, "no")])
def test_a_long_run_is_compiled_where_there_is_a_compiler(make_session, monkeypatch, can, then):
    session = make_session()
    monkeypatch.setattr(tuning, "_gain", lambda device: 1.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda device: can)
    found, reasons = chosen(Settings(epochs=50, batch_size=128), session, 3e6)
    assert found.compile == then
    assert bool([reason for reason in reasons if reason.startswith("compile")]) is can


def test_what_was_asked_for_is_not_chosen_again(make_session, monkeypatch):
    session = make_session()
    monkeypatch.setattr(tuning, "_gain", lambda device: 1 / 0)
    asked = Settings(epochs=50, batch_size=128, precision="bfloat16", compile="no")
    assert chosen(asked, session, 1e9) == (asked, [])


@pytest.mark.parametrize("part", ["posterior", "prior"])
def test_what_a_compiler_cannot_see_is_not_compiled_unasked(make_session, monkeypatch, part):
    monkeypatch.setattr(tuning, "_can_compile", lambda device: True)
    monkeypatch.setattr(tuning, "_gain", lambda device: 0.0)
    settings, session = Settings(epochs=1000, batch_size=128), make_session()
    assert chosen(settings, session, 3e6)[0].compile == "yes"
    monkeypatch.setattr(type(getattr(session.model, part)), "compiles", False)
    assert chosen(settings, session, 3e6)[0].compile == "no"


def test_what_a_compiler_makes_of_the_gradient_is_not_believed_where_it_is_another(
    make_session, monkeypatch
):
    def wrong(model, objective, x, given, position):
        found = engine.loss(model, objective, x, given, position)
        reached = -found.terms.reconstruction.mean()
        # The KL's gradient is lost.
        return found._replace(loss=found.loss.detach() + (reached - reached.detach()))

    plain = make_session()
    plain.train(Quiet())
    monkeypatch.setattr(engine, "ways", lambda *given: [wrong])
    session, observer = make_session(compile="yes"), Warned()
    session.train(observer)
    (said,) = observer.said
    assert "its gradient is off by" in said
    assert torch.equal(weights(session), weights(plain))


def test_what_is_done_once_in_a_step_is_shared_by_its_examples(make_session, monkeypatch):
    from latentia import session as module

    counted = []
    real = module.tuned
    monkeypatch.setattr(module, "tuned", lambda *a: (counted.append(a[-1]), real(*a))[1])
    for batch in (16, 32):
        vamp = {"prior": {"name": "vamp", "components": 64}}
        made = make_session(batch_size=batch, wishes=vamp)
    encoder = 2 * (784 * 16 + 16 * 4) if made.task.train.x_shape == (1, 28, 28) else None
    few, many = counted
    assert few > many
    if encoder:
        assert few - many == pytest.approx(64 * encoder * (1 / 16 - 1 / 32))


def test_a_step_beyond_the_norm_is_not_taken(make_session):
    session = make_session(skip=1e-6)
    task = session.task
    made = Engine(task.model, task.objective, task.train, session.config.training)
    before = weights(session).clone()
    taken = made.step(1, torch.arange(32), 0.0, 1e-2)
    assert float(taken.norm) > 1e-6
    assert torch.equal(weights(session), before)
    free = make_session(skip=1e6)
    plain = make_session()
    for each in (free, plain):
        each.train(Quiet())
    assert torch.equal(weights(free), weights(plain))


def test_the_mean_of_the_weights_is_what_is_measured_and_kept(make_session):
    session, plain = make_session(average=0.9), make_session()
    for each in (session, plain):
        each.train(Quiet())
    assert not torch.equal(weights(session), weights(plain))
    found = bound(
        session.model, session.task.validation, seed=1, corruption=session.task.corruption
    )
    best = max(row["elbo"] for row in session.history if row["split"] == "validation")
    assert found.elbo == pytest.approx(best, abs=1e-3)
    # Training itself goes on from the weights, not from their mean.
    rows = [[r["elbo"] for r in s.history if r["split"] == "train"] for s in (session, plain)]
    assert rows[0] == rows[1]


def test_a_run_that_skips_its_steps_says_so_once(make_session):
    session, observer = make_session(skip=1e-6), Warned()
    session.train(observer)
    (said,) = observer.said
    n = -(-len(session.task.train) // session.config.training.batch_size)
    assert f"{n} of {n} steps of epoch 1 were left out" in said and "--skip 1e-06" in said
    session, observer = make_session(skip=1e6), Warned()
    session.train(observer)
    assert observer.said == []


def test_the_mean_of_an_optimal_sigma_is_that_of_the_means(make_session, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 6)) @ np.diag([5, 4, 0.1, 0.1, 0.1, 0.1]) @ rng.normal(size=(6, 6))
    likelihood = {"name": "gaussian", "sigma": "optimal"}
    vae = lt.VAE(
        2,
        likelihood=likelihood,
        max_epochs=30,
        learning_rate=1e-2,
        device="cpu",
        settings={"average": 0.99},
    ).fit(x)
    rows = [row["elbo"] for row in vae.history_ if row["split"] == "validation"]
    assert rows[-1] > rows[0] and min(rows) > rows[0] - 5


@pytest.mark.parametrize("lost", [0.0, float("nan")])
def test_a_gradient_that_is_lost_is_not_alike_however_small_it_was(lost):
    expected = [torch.full((50,), 1.0), torch.full((3,), 0.01)]
    require_alike([expected[0] * 1.001, expected[1] * 1.01], expected)
    with pytest.raises(RuntimeError, match="off by"):
        require_alike([expected[0], expected[1] * lost], expected)
