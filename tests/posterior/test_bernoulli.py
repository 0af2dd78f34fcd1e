"""The encoder with latents that are 0 or 1: its gradients against enumeration."""

import pytest
import torch

from latentia import room
from latentia.evidence.enumeration import codes


def exact_elbo(model, x):
    q, z = model.posterior(x), codes(model.prior())
    log_q = q.log_prob(z[:, None].expand(-1, len(x), -1))
    joint = model.log_likelihood(x, z[:, None]) + model.prior().log_prob(z)[:, None]
    return (log_q.exp() * (joint - log_q)).sum()


def slopes(value, model):
    parameters = [model.posterior.head.bias, model.prior.logits, model.likelihood.bias]
    return [g.flatten() for g in torch.autograd.grad(value, parameters)]


@pytest.fixture
def model(model_of):
    rooms = {"posterior": "bernoulli", "prior": "bernoulli"}
    return model_of(4, 3, network={"name": "mlp", "hidden": (6,)}, spread=0.5, **rooms)


X = torch.tensor([[1.0, 0, 1, 1], [0, 0, 1, 0]]).double()
SCORE = {"name": "score-function", "samples": 4}


@pytest.mark.parametrize("objective", ["elbo", SCORE], ids=["straight-through", "score-function"])
def test_the_decoder_s_and_the_prior_s_gradients_are_those_of_enumeration(model, objective):
    exact = slopes(exact_elbo(model, X), model)[1:]
    found = sampled(model, objective)[1:]
    for one, (mean, error) in zip(exact, found, strict=True):
        assert ((one - mean).abs() <= 5 * error + 1e-9).all()


def test_the_score_function_s_gradient_of_the_encoder_is_that_of_enumeration(model):
    exact = slopes(exact_elbo(model, X), model)[0]
    mean, error = sampled(model, SCORE)[0]
    assert ((exact - mean).abs() <= 5 * error).all()
    assert (exact.abs() > 8 * error).any()


def test_straight_through_the_encoder_s_gradient_is_biased_as_is_said(model):
    exact = slopes(exact_elbo(model, X), model)[0]
    mean, error = sampled(model, "elbo")[0]
    assert ((exact - mean).abs() > 5 * error).any()
    assert torch.dot(exact, mean) > 0.9 * exact.norm() * mean.norm()  # but it points the way


def sampled(model, objective, n=200, copies=200):
    built = room.build("objective", objective)
    torch.manual_seed(0)
    found = []
    for _ in range(n):
        nats = built(built.terms(model, X.repeat(copies, 1))).sum() / copies
        found.append(slopes(nats, model))
    return [
        (torch.stack(part).mean(0), torch.stack(part).std(0) / n**0.5)
        for part in zip(*found, strict=True)
    ]
