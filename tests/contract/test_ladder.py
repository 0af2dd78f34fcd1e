"""A ladder of latents: posterior, prior and decoder together, held against theory.

The three go only with each other, so they have a contract of their own.
"""

import copy
import pickle

import pytest
import torch
from tests.ladders import SMALL, built, known, plane

from latentia import room
from latentia.data import Data
from latentia.design import Wishes, decide
from latentia.errors import UsageError
from latentia.evidence.base import log_joint


@pytest.fixture
def two():
    return known()


def test_log_p_of_x_is_what_importance_sampling_comes_to(two):
    model, x = two
    z, area = plane()
    with torch.no_grad():
        joint = log_joint(model, x, z[:, None])
        evidence = joint.logsumexp(0) + torch.tensor(area).log()
        torch.manual_seed(0)
        terms = model(x, samples=20_000)
    log_w = terms.log_w
    close = log_w.logsumexp(0) - torch.tensor(20_000.0).log()
    weights = (log_w - log_w.amax(0)).exp()
    spread = weights.std(0) / weights.mean(0) / 20_000**0.5
    assert (spread < 0.1).all()
    assert ((close - evidence).abs() <= 5 * spread + 1e-3).all()
    assert (terms.elbo <= evidence + 5 * log_w.std(0) / 20_000**0.5).all()


def test_prior_and_posterior_integrate_to_one_and_draw_what_they_say(two):
    model, x = two
    z, area = plane()
    with torch.no_grad():
        p, q = model.prior(), model.posterior(x[:1])
        for density, draw in (
            (p.log_prob(z), p.sample((20_000,))),
            (q.log_prob(z[:, None])[:, 0], q.rsample((20_000,))[:, 0]),
        ):
            mass = density.exp() * area
            assert mass.sum().item() == pytest.approx(1, abs=1e-3)
            mean, second = mass @ z, mass @ z.square()
            sd = (second - mean**2).sqrt()
            assert ((draw.mean(0) - mean).abs() < 5 * sd / 20_000**0.5).all()
            product = mass @ (z[:, 0] * z[:, 1])
            found = (draw[:, 0] * draw[:, 1]).mean()
            assert abs(found - product) < 5 * (draw[:, 0] * draw[:, 1]).std() / 20_000**0.5


def test_the_kl_is_that_of_the_groups_and_agrees_with_log_densities(two):
    model, x = two
    torch.manual_seed(0)
    with torch.no_grad():
        terms = model(x, samples=20_000)
    sampled = terms.log_qz_x - terms.log_pz
    apart = (terms.kl - sampled.mean(0)).abs()
    assert (apart <= 5 * sampled.std(0) / 20_000**0.5 + 1e-6).all()
    torch.testing.assert_close(terms.kl_per_dim.sum(-1), terms.kl)
    assert (terms.kl_per_dim >= 0).all()


@pytest.mark.parametrize("side", [5, 8, 11])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "logistic-mixture"])
def test_every_parameter_has_a_gradient_at_every_size(side, likelihood):
    model, x = built(SMALL, side=side, likelihood=likelihood, amount=0.05)
    torch.manual_seed(0)
    model(x, samples=2).elbo.mean().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().sum() > 0, key


def test_every_weight_is_saved_once():
    model, _ = built(SMALL)
    kept = [key for key in model.state_dict() if "project" in key]
    assert kept and all(key.startswith("prior.top_down") for key in kept)
    other, x = built(SMALL, seed=1)
    other.load_state_dict(model.state_dict())
    found = []
    for each in (model.eval(), other.eval()):
        torch.manual_seed(0)
        with torch.no_grad():
            found.append(each(x, samples=2).log_w)
    assert torch.equal(*found)


def test_a_way_down_is_gone_once_and_never_taken_for_another(monkeypatch):
    model, x = built(SMALL)
    top_down, times = model.prior.top_down, []
    real = type(top_down).go
    monkeypatch.setattr(
        type(top_down), "go", lambda self, *a, **k: (times.append(1), real(self, *a, **k))[1]
    )
    torch.manual_seed(0)
    terms = model(x, samples=3)
    assert len(times) == 1
    with torch.no_grad():
        z = terms.z.detach().clone()
        again = model.terms(x, z, model.posterior(x))
    for one, other in ((terms.log_px_z, again.log_px_z), (terms.log_pz, again.log_pz),
                       (terms.log_qz_x, again.log_qz_x)):  # fmt: skip
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    # What was changed in place, or is a part of it, is another draw.
    q = model.posterior(x)
    with torch.no_grad():
        z = q.rsample((2,))
        before = model.prior().log_prob(z)
        z.add_(1.0)
        assert not torch.allclose(model.prior().log_prob(z), before)
        torch.testing.assert_close(
            model.prior().log_prob(z[:1]), model.prior().log_prob(z.clone())[:1]
        )


@pytest.mark.parametrize("objective", [
    "elbo", {"name": "elbo", "free_bits": 0.1}, {"name": "elbo", "beta": 2.0, "warmup": 3.0},
    {"name": "iwae", "samples": 3}, {"name": "capacity"}, {"name": "score-function"},
    {"name": "piwae", "samples": 4, "groups": 2}, {"name": "ciwae", "samples": 4},
])  # fmt: skip
def test_objectives_train_it(objective):
    model, x = built(SMALL, amount=0.05)
    made = room.build("objective", objective)
    made.require(model)
    torch.manual_seed(0)
    nats = made(made.terms(model, x), 1.0)
    assert nats.shape == (len(x),) and nats.isfinite().all()
    nats.mean().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), key


@pytest.mark.parametrize("objective", [
    "sticking-the-landing", "dreg", "mmd", "total-correlation", "factor-critic", "prior-critic",
])  # fmt: skip
def test_objectives_that_take_q_apart_refuse_it(objective):
    model, x = built(SMALL)
    with pytest.raises(UsageError):
        made = room.build("objective", objective)
        made.require(model)
        made.terms(model, x)


@pytest.mark.parametrize("estimator", [
    {"name": "importance", "samples": 4000}, {"name": "defensive", "samples": 4000},
    {"name": "naive", "samples": 4000}, {"name": "annealed", "temperatures": 40},
    {"name": "quadrature"},
])  # fmt: skip
def test_every_estimator_comes_to_the_same(two, estimator):
    model, x = two
    z, area = plane()
    with torch.no_grad():
        expected = log_joint(model, x, z[:, None]).logsumexp(0) + torch.tensor(area).log()
    model, x = model.float(), x.float()
    torch.manual_seed(0)
    found = room.build("evidence", estimator)(model, x)
    assert ((found.log_likelihood - expected).abs() <= 6 * found.error + 5e-3).all()


@pytest.mark.parametrize(("wishes", "said"), [
    ({"posterior": "full"}, "does not go with"), ({"prior": "flow"}, "does not go with"),
    ({"network": "conv", "posterior": "ladder"}, "does not go with"),
    ({"network": "conv", "prior": "ladder"}, "does not go with"),
    ({"latent_dim": 7}, "latents, not 7"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused(wishes, said):
    data = Data.from_array(torch.eye(16).reshape(16, 4, 4).numpy())
    with pytest.raises(UsageError, match=said):
        decide(data.schema, Wishes(**{"network": SMALL, **wishes}))


def test_a_draw_is_scored_by_the_posterior_that_is_asked_not_by_the_one_that_drew():
    model, x = built(SMALL)
    with torch.no_grad():
        one, other = model.posterior(x[:4]), model.posterior(x[4:8])
        z = one.rsample()
        torch.testing.assert_close(other.log_prob(z), other.log_prob(z.clone()))
        assert not torch.allclose(other.log_prob(z), one.log_prob(z))


def test_weights_that_have_changed_are_gone_by_anew():
    model, x = built(SMALL)
    q = model.posterior(x)
    with torch.no_grad():
        z = q.rsample()
        before = model.log_likelihood(x, z[None])
        model.prior.top_down.groups[0].project.weight.mul_(3)
        after = model.log_likelihood(x, z[None])
        torch.testing.assert_close(after, model.log_likelihood(x, z[None].clone()))
    assert not torch.allclose(before, after)


def test_latents_that_somebody_differentiates_by_are_used():
    model, x = built(SMALL)
    z = model.posterior(x).rsample()
    for own in (z.detach().requires_grad_(), z.view_as(z)):
        (found,) = torch.autograd.grad(model.log_likelihood(x, own[None]).sum(), own)
        copy = z.detach().clone().requires_grad_()
        (expected,) = torch.autograd.grad(model.log_likelihood(x, copy[None]).sum(), copy)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "objective",
    ["elbo", {"name": "piwae", "samples": 4, "groups": 2}, {"name": "iwae", "samples": 3}],
)
def test_what_is_remembered_changes_no_gradient(objective, monkeypatch):
    model, x = built(SMALL, amount=0.05)
    made, found = room.build("objective", objective), []
    for forgets in (False, True):
        if forgets:
            monkeypatch.setattr(type(model.prior.top_down), "remembered", lambda self, z: None)
        model.zero_grad()
        torch.manual_seed(0)
        made(made.terms(model, x), 1.0).mean().backward()
        found.append(torch.cat([p.grad.flatten() for p in model.parameters()]))
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=1e-6)


def test_it_can_be_copied_pickled_and_used_in_inference_mode():
    model, x = built(SMALL)
    q = model.posterior(x)
    z = q.rsample()
    other = copy.deepcopy(model)
    assert other.prior.top_down.remembered(z.reshape(len(x), -1)) is None
    again = pickle.loads(pickle.dumps(model))
    with torch.inference_mode():
        assert model(x).elbo.isfinite().all()
    with torch.no_grad():
        torch.testing.assert_close(again.prior().log_prob(z), model.prior().log_prob(z))
