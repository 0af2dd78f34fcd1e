"""Ten lessons from the mistakes of published packages, each a check that fails on its mistake.

Every `check_...` states what must hold. Our code passes it; what others got wrong is written out
in `tests/mistakes.py`, and the same check catches it.
"""

import math
import pickletools
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from scipy import stats
from tests import mistakes
from tests.evaluation.test_aggregate import Linear, with_posterior
from tests.known import LATENT_DIM, LinearGaussian, balance, build
from torch.distributions import Categorical, Independent, Normal

import latentia as lt
from latentia import room
from latentia.data import Data
from latentia.design import Wishes, decide
from latentia.errors import RunError, UsageError
from latentia.evaluation.aggregate import aggregate
from latentia.evaluation.bound import bound, mean_objective, per_example
from latentia.evaluation.likelihood import Evaluation, evaluate, log_likelihood
from latentia.evidence.importance import ImportanceSampling
from latentia.evidence.quadrature import Quadrature
from latentia.model import Terms
from latentia.objective.base import Objective
from latentia.objective.dreg import DReG
from latentia.objective.elbo import ELBO
from latentia.objective.iwae import IWAE
from latentia.objective.sticking_the_landing import StickingTheLanding
from latentia.posterior.base import Refined
from latentia.rng import seeded
from latentia.run import Run
from latentia.session import reopen
from latentia.training.loop import Task, fit
from latentia.training.observer import Observer
from latentia.training.progress import Quiet
from latentia.training.settings import Settings
from latentia.view import Examples, View

SMALL = {"name": "mlp", "hidden": (16,)}


def named(*cases):
    return pytest.mark.parametrize("wrong", cases, ids=lambda case: case.__name__)


def real(x):
    return Examples(x.float(), View("real"))


# 1. log p(x) of a model that knows it


EVIDENCE = {
    "naive": {"samples": 10_000},
    "annealed": {"temperatures": 60, "chains": 8, "leaps": 3},
}


def check_evidence(estimator):
    """The mean is within five stated errors of the exact log p(x), and those are small."""
    known = LinearGaussian().spoil()
    model, examples = known.model.float(), real(known.x)
    estimator.require(model)
    found = log_likelihood(model, examples, estimator)
    assert found.monte_carlo_error < 0.05
    gap = found.mean - known.evidence.mean().item()
    assert abs(gap) <= 5 * found.monte_carlo_error + 1e-4


def works_on_gaussians(member):
    try:
        room.build("evidence", member).require(LinearGaussian().model)
    except UsageError:
        return False
    return True


def test_1_most_of_the_room_works_on_a_linear_gaussian_model():
    assert sum(map(works_on_gaussians, room.names("evidence"))) >= 6


@pytest.mark.parametrize("member", list(filter(works_on_gaussians, room.names("evidence"))))
def test_1_every_estimate_is_within_its_error_of_log_p(member):
    check_evidence(room.build("evidence", {"name": member, **EVIDENCE.get(member, {})}))


@named(mistakes.AnalyticKL, mistakes.WeightedSum, mistakes.MeanOverPixels, mistakes.WorstFirst)
def test_1_catches_what_is_no_estimate(wrong):
    with pytest.raises(AssertionError):
        check_evidence(wrong())


def check_bound(bound_of):
    """From the ELBO at k = 1 it rises with k, and stays below log p(x)."""
    known = LinearGaussian().spoil()
    torch.manual_seed(0)
    x, elbo = known.x.repeat(50, 1), (known.evidence - known.gap()).mean().item()
    found = []
    for k in (1, 10, 100):
        below = known.evidence.repeat(50) - bound_of(known.model, x, k).detach()
        found.append((below.mean().item(), 5 * below.std().item() / len(x) ** 0.5))
    gaps = [gap for gap, _ in found]
    assert known.evidence.mean().item() - gaps[0] == pytest.approx(elbo, abs=found[0][1])
    assert gaps[0] > gaps[1] > gaps[2]
    assert -found[2][1] < gaps[2] < 0.02


def by_objective(kind):
    def bound_of(model, x, k):
        objective = kind(samples=k)
        return objective(objective.terms(model, x))

    return bound_of


def by_ladder(model, x, k):
    estimator = ImportanceSampling(samples=100)
    return estimator(model, x).ladder[estimator.rungs.index(k)]


def by_mistake(kind):
    return lambda model, x, k: kind(k)(model, x).log_likelihood


@pytest.mark.parametrize("bound_of", [by_objective(IWAE), by_objective(DReG), by_ladder])
def test_1_the_bound_rises_from_the_elbo_to_log_p(bound_of):
    check_bound(bound_of)


@named(mistakes.AnalyticKL, mistakes.WeightedSum, mistakes.MeanOverPixels, mistakes.WorstFirst)
def test_1_catches_what_is_no_bound(wrong):
    with pytest.raises(AssertionError):
        check_bound(by_mistake(wrong))


def check_one_binarization(estimate):
    """The mean over binarizations is E[log p(x)], by enumeration, and not log E[p(x)]."""
    torch.manual_seed(3)
    offer = {"network": room.build("network", SMALL), "x_shape": (6,), "latent_dim": 1}
    rooms = {"posterior": "gaussian", "prior": "standard-normal", "likelihood": "bernoulli"}
    model = lt.model.LatentVariableModel(*(room.build(k, v, **offer) for k, v in rooms.items()))
    with torch.no_grad():
        model.likelihood.bias.copy_(torch.tensor([[3.0, -3, 2, -2, 1, -1]]))
        model.likelihood.decoder[-2].weight.normal_(std=2)
    grey = torch.tensor([[200, 40, 90, 128, 128, 250]], dtype=torch.uint8)
    every = (torch.arange(64)[:, None] >> torch.arange(6) & 1).float()
    p = grey.double() / 255
    mass = torch.where(every > 0, p, 1 - p).prod(-1)
    exact = (mass * Quadrature()(model, every).log_likelihood).sum().item()
    found = estimate(model, Examples(grey.expand(3000, -1), View("bytes", "dynamic")), 30, 0)
    error = found.std().item() / len(found) ** 0.5
    assert error < 0.1
    assert found.mean().item() == pytest.approx(exact, abs=5 * error)


def test_1_all_samples_of_z_see_one_binarization():
    def ours(model, examples, samples, seed):
        estimator = ImportanceSampling(samples=samples)
        return log_likelihood(model, examples, estimator, seed=seed).each

    check_one_binarization(ours)


def test_1_catches_a_binarization_for_every_sample():
    with pytest.raises(AssertionError):
        check_one_binarization(mistakes.binarized_anew)


# 2. Densities and their draws


def check_draws(dim, log_prob, sample):
    """The density integrates to one, and draws, a few at a time, follow it.

    Arguments:
        dim: 1 or 2.
        log_prob: From z (n, dim) to (n,).
        sample: From n to z (n, dim).
    """
    u = torch.linspace(-6, 6, 2001 if dim == 1 else 401, dtype=torch.float64)
    nodes, weights = u.sinh(), u.cosh() * (u[1] - u[0])
    z = torch.cartesian_prod(*[nodes] * dim).reshape(-1, dim)
    area = torch.cartesian_prod(*[weights] * dim).reshape(-1, dim).prod(-1)
    with torch.no_grad(), seeded(0):
        mass = log_prob(z.float()).double().exp() * area
        draws = torch.cat([sample(5) for _ in range(600)]).double()
    assert mass.sum().item() == pytest.approx(1, abs=1e-3)
    for d, marginal in enumerate(_marginals(mass, len(u), dim)):
        cdf = marginal.cumsum(0) - marginal / 2
        found = stats.kstest(draws[:, d], lambda x, cdf=cdf: np.interp(x, nodes, cdf))
        assert found.pvalue > 1e-3
    feature = draws.tanh().prod(-1)
    expected = (mass @ z.tanh().prod(-1)).item()
    assert feature.mean().item() == pytest.approx(
        expected, abs=5 * feature.std().item() / len(feature) ** 0.5
    )


def _marginals(mass, n, dim):
    return [mass] if dim == 1 else [mass.reshape(n, n).sum(1), mass.reshape(n, n).sum(0)]


def check_distribution(p):
    check_draws(p.event_shape[0], p.log_prob, lambda n: p.sample((n,)))


def members(name, flag):
    """Return those of a room that have a flag and whose latents are numbers, as on a grid."""
    found = {m: room.load(name, m) for m in room.names(name)}
    found = {m: cls for m, cls in found.items() if not cls.hierarchical}  # see test_ladder.py
    return [m for m, cls in found.items() if getattr(cls, flag) and cls.space == "real"]


def offer(dim):
    torch.manual_seed(0)
    found = {"network": room.build("network", SMALL), "x_shape": (5,), "latent_dim": dim}
    found["c_dim"] = 2
    return found | {"posterior": room.build("posterior", "gaussian", **found)}


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("member", members("prior", "is_proper"))
def test_2_a_prior_draws_from_its_density(member, dim):
    prior = room.build("prior", member, **offer(dim))
    prior.c = torch.tensor([0.5, -0.5])  # for those that depend on conditions
    with torch.no_grad():
        for name, parameter in prior.named_parameters():
            # A network's by what leaves the density wide enough to be integrated on a grid.
            parameter.add_((0.02 if "." in name else 0.3) * torch.randn_like(parameter))
        check_distribution(prior())


def own_densities():
    """Return the posteriors that know log q(z|x) of any z, not of their own draws alone."""
    found = members("posterior", "has_density")
    # Of the others `tests/posterior/test_hamiltonian.py` holds what draw and log q are together.
    return [m for m in found if not issubclass(room.load("posterior", m), Refined)]


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("member", own_densities())
def test_2_a_posterior_draws_from_its_density(member, dim):
    if issubclass(room.load("posterior", member), Refined):
        return  # which knows log q of its own draws alone: see tests/posterior/test_hamiltonian.py
    with torch.no_grad():
        q = room.build("posterior", member, **offer(dim))(3 * torch.randn(1, 5))
        check_draws(dim, lambda z: q.log_prob(z[:, None])[:, 0], lambda n: q.sample((n,))[:, 0])


def uneven(kind):
    torch.manual_seed(0)
    each = Independent(Normal(3 * torch.randn(10, 1), 0.5), 1)
    return kind(Categorical(logits=torch.linspace(0, 2, 10)), each)


@named(mistakes.InOrder, mistakes.MostLikely)
def test_2_catches_components_that_are_not_drawn(wrong):
    with pytest.raises(AssertionError):
        check_distribution(uneven(wrong))


def test_2_catches_another_variance_when_sampling():
    with pytest.raises(AssertionError):
        check_distribution(mistakes.TanhWhenSampling(Normal(torch.zeros(1), 0.2), 1))


# 3. Batches


def certain():
    """Return a model each of whose weights is log p(x), whatever z: no mean has any noise."""
    known = LinearGaussian()
    prior = room.build("prior", {"name": "mixture", "components": 1}, latent_dim=LATENT_DIM)
    with torch.no_grad():
        prior.loc.zero_()
    known.model.prior = prior
    known.model.float()
    return known


def check_mean(mean_of):
    """A mean over examples is the mean over examples, however they come."""
    known = certain()
    x = known.marginal.sample((501,))
    x = x[known.marginal.log_prob(x).argsort(descending=True)]  # the last one is special
    exact = known.marginal.log_prob(x).mean().item()
    for rows in (x, x.flip(0), torch.cat([x, x])):
        assert mean_of(known.model, rows.float()) == pytest.approx(exact, abs=1e-3)


def trained(model, examples, objective):
    """Return the rows of one epoch of training that changes no weight."""
    rows = []
    keep = lambda model, found, improved: rows.extend(found)  # noqa: E731
    task = Task(model, objective, examples, examples, keep=keep)
    fit(task, Settings(epochs=1, batch_size=500, learning_rate=1e-12), Quiet())
    return {row["split"]: row for row in rows}


MEANS = {
    **{
        name: lambda model, x, name=name: mean_objective(
            model, real(x), room.build("objective", name)
        )
        for name in room.names("objective")
        if not room.load("objective", name).of_batches
    },
    "bound": lambda model, x: bound(model, real(x)).elbo,
    "evidence": lambda model, x: log_likelihood(model, real(x), ImportanceSampling()).mean,
    "a training row": lambda model, x: trained(model, real(x), ELBO())["train"]["elbo"],
    "a validation row": lambda model, x: trained(model, real(x), ELBO())["validation"]["elbo"],
}


@pytest.mark.parametrize("name", MEANS)
def test_3_a_mean_is_over_examples_however_they_fall_into_batches(name):
    check_mean(MEANS[name])


@named(mistakes.sum_over_batch, mistakes.mean_of_batch_means)
def test_3_catches_what_depends_on_batches(wrong):
    with pytest.raises(AssertionError):
        check_mean(wrong)


# 4. Groups


def check_groups(kind):
    """MIWAE is the mean over M of the log of the mean over K, and not the reverse."""
    torch.manual_seed(0)
    log_w = 2 * torch.randn(8, 5, dtype=torch.float64)
    terms = Terms(log_w, 0 * log_w, 0 * log_w, None, None)
    values = {}
    for k, m in ((8, 1), (4, 2), (2, 4), (1, 8)):
        objective = kind(samples=k, groups=m)
        assert objective.samples == 8
        values[k] = objective(terms)
        w = log_w.exp().reshape(m, k, 5)
        torch.testing.assert_close(values[k], w.mean(1).log().mean(0))
    torch.testing.assert_close(values[8], IWAE(samples=8)(terms))
    torch.testing.assert_close(values[1], log_w.mean(0))
    assert (values[8] > values[4]).all() and (values[2] > values[1]).all()


def test_4_miwae_with_one_group_is_iwae_and_with_one_sample_the_elbo():
    check_groups(IWAE)


def test_4_catches_swapped_axes():
    with pytest.raises(AssertionError):
        check_groups(mistakes.SwappedGroups)


# 5. Gradients


class Watched(Objective):
    """An objective that notes what every training step of it began with."""

    def __init__(self, inner):
        self.inner, self.is_elbo, self.steps = inner, inner.is_elbo, []
        self.settles, self.contested = inner.settles, inner.contested

    def terms(self, model, x, *, given=None):
        if torch.is_grad_enabled():
            weights = {k: v.clone() for k, v in model.state_dict().items()}
            self.steps.append((x, torch.get_rng_state(), weights))
        return self.inner.terms(model, x, given=given)

    def __call__(self, terms, epoch=math.inf):
        return self.inner(terms, epoch)


class Gradients(Observer):
    def __init__(self, model):
        self.model, self.found = model, []

    def epoch(self, rows, improved):
        """Hear of one epoch."""

    def step(self, standing, steps, terms):
        self.found.append({k: p.grad.clone() for k, p in self.model.named_parameters()})


def check_gradients(train, objective, stated, prior="standard-normal"):
    """In two steps of training each parameter's gradient is that of the stated objective.

    Arguments:
        train: From a task, settings and an observer to a trained model.
        objective: What is trained.
        stated: What it says it is: from model and x to nats per example, a scalar.
        prior: A member of the prior room.
    """
    offered = offer(2)
    rooms = {"posterior": "gaussian", "prior": prior, "likelihood": "bernoulli"}
    model = lt.model.LatentVariableModel(
        *(room.build(k, v, **{**offered, "latent_dim": 2}) for k, v in rooms.items())
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    examples = Examples(torch.rand(20, 5).round(), View("binary"))
    watched, gradients = Watched(objective), Gradients(model)
    with seeded(0):
        settings = Settings(epochs=1, batch_size=10, learning_rate=0.01)
        train(Task(model, watched, examples, examples), settings, gradients)
    assert len(gradients.found) == 2
    for (x, state, weights), found in zip(watched.steps, gradients.found, strict=True):
        model.load_state_dict(weights)
        model.zero_grad()
        with seeded(0):
            torch.set_rng_state(state)
            (-stated(model, x)).backward()
        for name, parameter in model.named_parameters():
            expected = parameter.grad if parameter.grad is not None else 0 * parameter
            torch.testing.assert_close(found[name], expected, rtol=1e-4, atol=1e-6)


def stated_elbo(beta):
    """E_q[log p(x|z)] - beta KL(q || N(0, I)), the KL by hand."""

    def stated(model, x):
        q = model.posterior(x)
        reconstruction = model.likelihood(q.rsample((1,))).log_prob(x).mean()
        kl = (q.mean**2 + q.variance - 1 - q.variance.log()).sum(-1) / 2
        return reconstruction - beta * kl.mean()

    return stated


def log_weights(model, x, samples, path_only=False):
    """Return log w and z; the parameters of q in log q(z|x) may be held constant."""
    q = model.posterior(x)
    z = q.rsample((samples,))
    if path_only:
        q = Independent(Normal(q.mean.detach(), q.stddev.detach()), 1)
    return model.likelihood(z).log_prob(x) + model.prior().log_prob(z) - q.log_prob(z), z


def stated_iwae(k, m):
    def stated(model, x):
        w = log_weights(model, x, k * m)[0].exp().reshape(m, k, len(x))
        return w.mean(1).log().mean()

    return stated


def stated_dreg(k):
    """IWAE's gradient for decoder and prior; for q, through z alone, weighted twice."""

    def stated(model, x):
        log_w, z = log_weights(model, x, k, path_only=True)
        share = log_w.softmax(0).detach()
        (slope,) = torch.autograd.grad(log_w.sum(), z, retain_graph=True)
        encoder = (share**2 * (slope.detach() * z).sum(-1)).sum(0).mean()
        fixed = z.detach()
        decoder = model.likelihood(fixed).log_prob(x) + model.prior().log_prob(fixed)
        return encoder + (share * decoder).sum(0).mean()

    return stated


def stated_path(model, x):
    return log_weights(model, x, 2, path_only=True)[0].mean()


ROUTES = {
    "elbo": (ELBO(), stated_elbo(1.0)),
    "beta": (ELBO(beta=4.0), stated_elbo(4.0)),
    "no KL at all": (ELBO(beta=0.0), stated_elbo(0.0)),
    "free bits that nothing exceeds": (ELBO(free_bits=100.0), stated_elbo(0.0)),
    "free bits that all exceed": (ELBO(free_bits=1e-9), stated_elbo(1.0)),
    "iwae": (IWAE(samples=4), stated_iwae(4, 1), "mixture"),
    "miwae": (IWAE(samples=2, groups=3), stated_iwae(2, 3), "mixture"),
    "dreg": (DReG(samples=4), stated_dreg(4), "mixture"),
    "sticking the landing": (StickingTheLanding(samples=2), stated_path, "mixture"),
}


@pytest.mark.parametrize("name", ROUTES)
def test_5_training_follows_the_gradient_of_what_it_states(name):
    check_gradients(fit, *ROUTES[name])


@pytest.mark.parametrize("options", [{"zero_grad": False}, {"encoder_twice": True}], ids=str)
def test_5_catches_a_loop_that_adds_gradients(options):
    check_gradients(mistakes.loop(), *ROUTES["elbo"])  # without a mistake it is right
    with pytest.raises(AssertionError):
        check_gradients(mistakes.loop(**options), *ROUTES["elbo"])


@pytest.mark.parametrize(
    ("wrong", "route"),
    [
        (mistakes.LeakingFreeBits, "free bits that nothing exceeds"),
        (mistakes.DeadKL, "elbo"),
        (mistakes.SquaredForAll, "dreg"),
    ],
)
def test_5_catches_an_objective_with_another_gradient(wrong, route):
    with pytest.raises(AssertionError):
        check_gradients(fit, wrong(), *ROUTES[route][1:])


# 6. Reports


REPORTED = [ELBO(beta=4.0), ELBO(free_bits=3.0), ELBO(warmup=9.0), IWAE(samples=4)]


def sure():
    """Return a decoder that is sure of four black pixels, x with one white, and their ELBO."""
    model = build(likelihood="bernoulli").float()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.likelihood.bias.fill_(-20.0)
    x = torch.zeros(30, 6)
    x[::3, 0] = 1.0
    return model, x, -20.0 / 3


def check_reported(report):
    """Whatever is trained, what is reported is the true ELBO in nats, constants in.

    Arguments:
        report: From a model, examples and an objective to ELBOs by name.
    """
    known = LinearGaussian().spoil()
    elbo = (known.evidence - known.gap()).mean().item()
    cases = [(balance(known.model.float()), real(known.x), elbo)]
    model, x, elbo = sure()
    cases.append((model, Examples(x, View("binary")), elbo))
    for model, examples, elbo in cases:
        for objective in REPORTED:
            for name, value in report(model, examples, objective).items():
                assert value == pytest.approx(elbo, abs=1e-3), (name, objective)


def test_6_training_evaluation_and_estimators_report_the_bound_itself():
    def ours(model, examples, objective):
        rows = trained(model, examples, objective)
        return {
            **{split: row["elbo"] for split, row in rows.items()},
            "sum": rows["validation"]["reconstruction"] - rows["validation"]["kl"],
            "evaluate": evaluate(model, examples, Evaluation())["elbo"],
            "per example": per_example(model, examples).elbo.mean().item(),
        }

    check_reported(ours)


@named(mistakes.objective_as_elbo, mistakes.without_two_pi, mistakes.clamped_probabilities)
def test_6_catches_what_is_not_the_bound(wrong):
    with pytest.raises(AssertionError):
        check_reported(wrong)


def check_numbers(numbers, model, x):
    """The numbers of a run are those of its weights, from formulas written out."""
    with torch.no_grad(), seeded(0), model.evaluating():
        q = model.posterior(x)
        p = model.likelihood(q.sample((400,)))
        log_p = -(((x - p.mean) / p.stddev) ** 2 + (2 * math.pi * p.variance).log()).sum(-1) / 2
        kl = (q.mean**2 + q.variance - 1 - q.variance.log()).sum(-1).mean().item() / 2
    error = log_p.var(0).sum().sqrt().item() / len(x)
    assert numbers["kl"] == pytest.approx(kl, rel=1e-4)
    assert numbers["reconstruction"] == pytest.approx(log_p.mean().item(), abs=5 * error)
    assert numbers["elbo"] == pytest.approx(numbers["reconstruction"] - numbers["kl"], abs=1e-4)
    assert 5 * error < x.shape[1] * math.log(2 * math.pi) / 2  # else no constant would be missed


@pytest.mark.parametrize("option", ["beta", "free-bits"])
def test_6_a_run_reports_its_bound_whatever_it_maximized(option, latentia, tmp_path):
    x = np.random.default_rng(0).normal(size=(900, 2)) @ [[1, 2, 0, 1.0], [0, 1, 1, 3.0]]
    np.save(tmp_path / "x.npy", x + 0.1 * np.random.default_rng(1).normal(size=x.shape))
    small = ("--epochs", 5, "--latent-dim", 2, "--learning-rate", 0.02, "--network", "linear")
    sigma = ("--likelihood.sigma", "fixed", "--likelihood.value", 0.3)
    wanted = (*small, *sigma, f"--objective.{option}", 4)
    said = latentia("train", tmp_path / "x.npy", "--out", tmp_path / "run", *wanted)
    assert said.code == 0, said.err
    run = Run(tmp_path / "run")
    session = reopen(run, device="cpu")
    model, rows = run.load_model(), run.metrics()
    best = max((r for r in rows if r["split"] == "validation"), key=lambda r: r["objective"])
    seen = torch.cat(list(session.task.validation.batches(0)))
    check_numbers(best, model, seen)
    numbers = latentia("evaluate", run.path, "--split", "validation", "--json").json
    check_numbers(numbers, model, seen)


# 7. Total correlation


def check_total_correlation(estimate):
    """Of x ~ N(0, I) and q(z|x) = N(A x, I/4), q(z) is Gaussian and its TC known."""
    x = torch.randn(1500, 2, generator=torch.Generator().manual_seed(0))
    for matrix in ([[0.8, 0.0], [0.0, 0.6]], [[0.8, 0.0], [0.7, 0.4]]):
        a = torch.tensor(matrix)
        covariance = a @ a.T + 0.25 * torch.eye(2)
        exact = (covariance.diagonal().log().sum() - covariance.logdet()).item() / 2
        assert (abs(exact) < 1e-6) is (matrix[1][0] == 0)
        found = estimate(with_posterior(Linear(a, 0.5), 2), real(x))
        assert found == pytest.approx(exact, abs=0.03)


def test_7_the_total_correlation_is_that_of_the_gaussian():
    check_total_correlation(
        lambda model, examples: aggregate(model, examples, samples=2).total_correlation
    )


@named(mistakes.weights_in_every_latent, mistakes.stratified_in_column_0)
def test_7_catches_misplaced_weights(wrong):
    with pytest.raises(AssertionError):
        check_total_correlation(wrong)


# 8. Embeddings


def check_embedding(estimator, x):
    """An embedding is the mean of q, every time, and a reconstruction is its decoding."""
    torch.manual_seed(1)
    z = estimator.transform(x)
    torch.manual_seed(2)
    assert np.array_equal(estimator.transform(x), z)
    assert np.allclose(z, estimator.posterior(x).mean, atol=1e-6)
    assert np.array_equal(estimator.reconstruct(x), estimator.inverse_transform(z))


@pytest.fixture(scope="module")
def embedding(inked):
    return lt.VAE(2, network=SMALL, max_epochs=1).fit(inked)


PARTNERS = {
    "real": "standard-normal",
    "binary": "bernoulli",
    "one-hot": "categorical",
    "sphere": "hyperspherical",
}


@pytest.mark.parametrize("member", [m for m in room.names("posterior") if m != "ladder"])
def test_8_every_embedding_repeats_and_decodes_to_the_reconstruction(member, inked):
    if not room.load("posterior", member).has_density:
        estimator = lt.AutoEncoder(2, network=SMALL, max_epochs=1)
    else:
        cls = room.load("posterior", member)
        more = {"prior": PARTNERS[cls.space]}
        more["objective"] = "commitment" if cls.commits else "elbo"
        estimator = lt.VAE(2, variational=member, network=SMALL, max_epochs=1, **more)
    check_embedding(estimator.fit(inked), inked)


@named(mistakes.SampledEmbedding, mistakes.RawMeanDecoded)
def test_8_catches_another_embedding(wrong, embedding, inked):
    with pytest.raises(AssertionError):
        check_embedding(wrong(embedding), inked)


# 9. Files


STRANGER = """
import sys
import numpy as np
import latentia as lt
for line in sys.stdin:
    path, x = line.split()
    print(lt.load(path, device="cpu").score_samples(np.load(x), 5).tobytes().hex(), flush=True)
"""


@pytest.fixture(scope="module")
def stranger():
    """Return a function that asks another process, which knows folders alone, for log p(x)."""
    command = [sys.executable, "-c", STRANGER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:

        def ask(path, x):
            process.stdin.write(f"{path} {x}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.kill()


def is_pickle(content):
    try:
        return any(operation.name == "STOP" for operation, _, _ in pickletools.genops(content))
    except ValueError:
        return False


def no_pickle_in(folder):
    for path in filter(lambda path: path.is_file(), folder.rglob("*")):
        parts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        assert not any(map(is_pickle, parts)), path


def check_saved(save, estimator, x, folder, ask):
    """Another process finds the same log p(x), bit by bit, in files that execute nothing."""
    path = save(estimator, folder / "run")
    no_pickle_in(path)
    np.save(folder / "x.npy", x)
    assert ask(path, folder / "x.npy") == estimator.score_samples(x, 5).tobytes().hex()


@pytest.fixture(scope="module")
def saved():
    """Return a model with a running sigma and a standardization, and data for it."""
    x = (5 + 3 * np.random.default_rng(0).normal(size=(90, 3))).astype(np.float32)
    options = {"likelihood": {"sigma": "optimal"}, "device": "cpu", "max_epochs": 2}
    return lt.VAE(2, network=SMALL, **options).fit(x), x


def test_9_another_process_finds_the_same_log_p(saved, tmp_path, stranger):
    check_saved(lambda estimator, path: estimator.save(path), *saved, tmp_path, stranger)


def test_9_no_file_of_a_training_run_is_a_pickle(inked_run):
    assert any(inked_run.glob("checkpoint/*"))
    no_pickle_in(inked_run)


@named(mistakes.pickled, mistakes.without_buffers)
def test_9_catches_what_is_lost_or_executed(wrong, saved, tmp_path, stranger):
    with pytest.raises(AssertionError):
        check_saved(wrong, *saved, tmp_path, stranger)


# 10. What is no likelihood, and what is a bad one


def check_refusal(score, likelihood, x, *ways_out):
    """Where nats are no likelihood there is none, and the refusal says what would have one."""
    try:
        nats = score(x, likelihood)
    except (RunError, AttributeError) as error:
        text = f"{error} {error.__cause__}"
    else:
        raise AssertionError(f"{nats} is no likelihood")
    assert "no log-likelihood" in text
    assert all(way in text for way in ways_out), text


def score_of(kind):
    def score(x, likelihood):
        wishes = {"likelihood": likelihood, "binarize": "none"}
        return kind(2, network=SMALL, max_epochs=1, **wishes).fit(x).score_samples(x, 2)

    return score


def test_10_a_bernoulli_on_greys_has_no_likelihood_and_offers_some(inked):
    check_refusal(score_of(lt.VAE), "bernoulli", inked, "dynamic", "continuous-bernoulli")


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_10_an_autoencoder_has_no_likelihood(likelihood, inked):
    check_refusal(score_of(lt.AutoEncoder), likelihood, inked, "a VAE")
    assert not hasattr(lt.AutoEncoder(), "score_samples")


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_10_catches_a_cost_that_is_reported_as_one(likelihood, inked):
    with pytest.raises(AssertionError):
        check_refusal(mistakes.cross_entropy_as_likelihood, likelihood, inked)


def test_10_the_command_gives_no_number_and_the_reason(grey_run, latentia):
    numbers = latentia("evaluate", grey_run, "--json").json
    assert numbers["log_likelihood"] is None and not numbers["is_likelihood"]
    assert "cross-entropy" in numbers["no_likelihood"]


def check_note(reasons_of, x):
    """A sigma of 1 on pixels in [0, 1] is told what it costs, and how to mend it."""
    told = " ".join(reasons_of(x, {"name": "gaussian", "sigma": "fixed"}))
    assert "0.125 nats" in told and "--likelihood.sigma optimal" in told


def reasons(x, likelihood):
    return decide(Data.from_array(x).schema, Wishes(likelihood=likelihood))[1]


def test_10_a_sigma_that_buries_the_latents_is_told(inked):
    check_note(reasons, inked)
    check_note(reasons, inked.astype(np.float32) / 255)


def test_10_catches_silence(inked):
    with pytest.raises(AssertionError):
        check_note(lambda x, likelihood: ["likelihood  gaussian: as asked"], inked)
