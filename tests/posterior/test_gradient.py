"""Relaxed draws of a model: what a step optimizes, what is told of it, and what is refused."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.evidence.enumeration import codes
from latentia.posterior._gradient import relaxation_of

X = torch.tensor([[1.0, 0, 1, 1], [0, 0, 1, 0]]).double()
MLP = {"name": "mlp", "hidden": (6,), "activation": "tanh"}
KINDS = ("bernoulli", "categorical")
LATENTS = {"bernoulli": 3, "categorical": 6}


def build(model_of, kind, gradient="relaxed", temperature=0.67, **parts):
    """Return a model of 3 latents of two kinds, or 2 choices of three, as it is in training."""
    groups = {"choices": 2} if kind == "categorical" else {}
    posterior = {"name": kind, "gradient": gradient, "temperature": temperature, **groups}
    parts = {"prior": {"name": kind, **groups}, "network": MLP, "spread": 0.6} | parts
    return model_of(4, LATENTS[kind], posterior=posterior, **parts).train()


def exact_elbo(model, x):
    q, z = model.posterior(x), codes(model.prior())
    log_q = q.log_prob(z[:, None].expand(-1, len(x), -1))
    joint = model.log_likelihood(x, z[:, None]) + model.prior().log_prob(z)[:, None]
    return (log_q.exp() * (joint - log_q)).sum(0)


def slopes(value, model):
    parameters = [model.posterior.head.bias, model.likelihood.bias]
    found = torch.autograd.grad(value, parameters, retain_graph=True)
    return torch.cat([g.flatten() for g in found])


def sampled(model, objective="elbo", n=60, copies=1000):
    """Return the mean of a step's gradient, its error, and the deviation of one example's."""
    built = room.build("objective", objective)
    torch.manual_seed(0)
    found = []
    for _ in range(n):
        nats = built(built.terms(model, X.repeat(copies, 1))).sum() / copies
        found.append(slopes(nats, model))
    each = torch.stack(found)
    return each.mean(0), each.std(0) / n**0.5


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_of_a_step_is_of_codes_and_bounds_the_evidence(model_of, kind):
    model = build(model_of, kind, temperature=2.0)
    x = X.repeat(20_000, 1)
    torch.manual_seed(0)
    terms = model(x)
    assert set(terms.z.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(terms.log_px_z, model.log_likelihood(x, terms.z))
    torch.testing.assert_close(terms.log_pz, model.prior().log_prob(terms.z))
    torch.testing.assert_close(terms.log_qz_x, model.posterior(x).log_prob(terms.z))
    exact = exact_elbo(model, X)
    elbo = terms.elbo.detach().reshape(-1, 2)
    assert ((elbo.mean(0) - exact).abs() <= 4.5 * elbo.std(0) / 20_000**0.5).all()
    z = codes(model.prior())
    joint = model.log_likelihood(X, z[:, None]) + model.prior().log_prob(z)[:, None]
    assert (exact <= joint.logsumexp(0)).all()
    # And relaxed draws at this temperature are another thing, which a number would show.
    torch.manual_seed(0)
    soft = model.posterior.relaxed(model.posterior(x), 1).soft
    far = (model.log_likelihood(x, soft).reshape(-1, 2) - terms.log_px_z.reshape(-1, 2)).mean(0)
    assert (far.abs() > 0.02).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_climbs_the_bound_with_relaxed_draws_in_the_decoder(model_of, kind):
    """Against differences of E[log p(x|relaxed)] - KL, under the same noise."""
    model = build(model_of, kind)
    objective = room.build("objective", "elbo")

    def surrogate():
        torch.manual_seed(1)
        q = model.posterior(X)
        soft = model.posterior.relaxed(q, 3).soft
        kl = model.terms(X, soft, q).kl
        return (model.log_likelihood(X, soft).mean(0) - kl).sum()

    objective.samples = 3
    torch.manual_seed(1)
    found = slopes(objective(objective.terms(model, X)).sum(), model)
    torch.testing.assert_close(found, slopes(surrogate(), model))
    about = []
    for parameter in (model.posterior.head.bias, model.likelihood.bias):
        for at in range(parameter.numel()):
            ends = []
            for step in (1e-6, -1e-6):
                with torch.no_grad():
                    parameter.flatten()[at] += step
                    ends.append(surrogate())
                    parameter.flatten()[at] -= step
            about.append((ends[0] - ends[1]) / 2e-6)
    torch.testing.assert_close(found, torch.stack(about), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_its_bias_goes_with_the_temperature_and_its_variance_comes(model_of, kind):
    bias, error, spread = [], [], []
    for tau in (2.0, 0.67, 0.1):
        model = build(model_of, kind, temperature=tau)
        exact = slopes(exact_elbo(model, X).sum(), model)
        mean, its_error = sampled(model)
        bias.append((mean - exact).norm())
        error.append(its_error.norm())
        spread.append(its_error[: model.posterior.head.bias.numel()].norm())
        if tau == 0.1:
            assert ((mean - exact).abs() <= 4.5 * its_error + 0.02 * exact.norm()).all()
    assert bias[0] > 5 * error[0] and bias[0] > 1.5 * bias[1]
    assert bias[2] < 0.15 * bias[0] + 4 * error[2]
    assert spread[2] > 2 * spread[0]


@pytest.mark.parametrize("kind", KINDS)
def test_gumbel_straight_through_decodes_codes_and_leaves_the_decoder_s_gradient_exact(
    model_of, kind
):
    model = build(model_of, kind, "straight-through-gumbel")
    exact = slopes(exact_elbo(model, X).sum(), model)
    mean, error = sampled(model)
    own = model.posterior.head.bias.numel()
    assert ((mean - exact).abs()[own:] <= 4.5 * error[own:] + 1e-9).all()
    assert ((mean - exact).abs()[:own] > 4.5 * error[:own]).any()  # biased, as all of its kind
    assert torch.dot(mean[:own], exact[:own]) > 0.9 * mean[:own].norm() * exact[:own].norm()
    assert set(model(X).z.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gradient", ["relaxed", "straight-through-gumbel"])
def test_evaluated_it_is_the_model_that_it_is_with_any_gradient(model_of, kind, gradient):
    one, other = (build(model_of, kind, g) for g in (gradient, "straight-through"))
    torch.testing.assert_close(exact_elbo(one, X), exact_elbo(other, X))
    z = one.eval()(X, samples=50)
    assert set(z.z.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(z.kl, other(X).kl)


def test_with_a_prior_without_a_closed_form_codes_and_slopes_are_sampled(model_of):
    priors = ("autoregressive-bernoulli", "autoregressive")
    for kind, name in zip(KINDS, priors, strict=True):
        groups = {"choices": 2} if kind == "categorical" else {}
        model = build(model_of, kind, prior={"name": name, **groups}, temperature=0.1)
        exact = slopes(exact_elbo(model, X).sum(), model)
        mean, error = sampled(model, n=20, copies=200)
        assert ((mean - exact).abs() <= 4.5 * error + 0.03 * exact.norm()).all()


def test_objectives_that_weigh_or_compare_draws_refuse_relaxed_ones(model_of, says):
    model = build(model_of, "bernoulli")
    for name in ("iwae", "ciwae", "piwae", "dreg", "sticking-the-landing", "total-correlation"):
        with pytest.raises(UsageError) as caught:
            room.build("objective", name).require(model)
        says(caught.value, "between the codes", "straight-through-gumbel")
        room.build("objective", name).require(
            build(model_of, "bernoulli", "straight-through-gumbel")
        )
    for name in ("elbo", "capacity", "rae"):
        room.build("objective", name).require(model)


def test_a_gradient_past_the_draw_has_none_to_choose(model_of, says):
    for gradient in ("relaxed", "straight-through-gumbel"):
        with pytest.raises(UsageError) as caught:
            room.build("objective", "score-function").require(
                build(model_of, "categorical", gradient)
            )
        says(caught.value, "passes through no draw", "Leave --posterior.gradient out")


def test_a_sigma_that_is_solved_for_is_refused(model_of, says):
    model = build(model_of, "bernoulli", likelihood="gaussian")
    with pytest.raises(UsageError) as caught:
        room.build("objective", "elbo").require(model)
    says(caught.value, "optimal sigma", "--likelihood.sigma learned")


@pytest.mark.parametrize("temperature", [0.0, -1.0, 1e-3, 1e4, float("nan"), float("inf")])
def test_a_temperature_that_cannot_be_is_refused(temperature, says):
    with pytest.raises(UsageError) as caught:
        relaxation_of("relaxed", temperature)
    says(caught.value, "temperature", "from 0.01 to 100", "Use 0.67")


def test_another_gradient_is_none(says):
    with pytest.raises(UsageError) as caught:
        relaxation_of("concrete", 0.5)
    says(caught.value, "'concrete'", "straight-through, relaxed, straight-through-gumbel")


def test_on_the_command_line(latentia, inked_path, tmp_path):
    small = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 4, "--prior", "categorical")
    wanted = ("train", inked_path, *small, "--posterior", "categorical")
    said = latentia(*wanted, "--out", tmp_path / "r", "--posterior.temperature", "0.5")
    assert said.code == 2 and "Add --posterior.gradient relaxed" in said.err, said.err
    both = ("--posterior.gradient", "relaxed", "--posterior.temperature", "0.5")
    said = latentia(*wanted, "--out", tmp_path / "r", *both)
    assert said.code == 0, said.err
    said = latentia("evaluate", tmp_path / "r", "--evidence", "enumeration", "--json")
    assert said.code == 0, said.err
    # Of other coins of the binarization, so near each other and in either order.
    assert said.json["elbo"] == pytest.approx(said.json["log_likelihood"], abs=0.5)
    said = latentia(*wanted, *both, "--out", tmp_path / "s", "--objective", "iwae")
    assert said.code == 2 and "between the codes" in said.err, said.err
