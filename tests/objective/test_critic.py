"""The critic by itself: an opinion that starts at none, and whose gradient goes one way."""

import pytest
import torch
from tests.ladders import SMALL, built

from latentia.errors import UsageError
from latentia.objective._critic import Critic
from latentia.objective.factor_critic import FactorVAE
from latentia.objective.prior_critic import AAE

BOTH = (FactorVAE, AAE)
both = pytest.mark.parametrize("make", BOTH, ids=lambda cls: cls.__name__)


def opinionated(size=2, seed=0):
    torch.manual_seed(seed)
    critic = Critic(size, (8, 8))
    for parameter in critic.parameters():
        torch.nn.init.normal_(parameter)
    return critic


def test_at_first_it_has_no_opinion_and_learns_one_from_the_first_step_on():
    critic, z = Critic(3, (8,)), torch.randn(5, 3)
    assert not critic(z).any()
    critic(z).sum().backward()
    assert critic.layers[-1].weight.grad.any()


def test_its_opinion_is_what_it_says_with_a_gradient_to_codes_alone():
    critic, z = opinionated(), torch.randn(4, 2, requires_grad=True)
    opinion = critic.opinion(z)
    assert torch.equal(opinion, critic(z))
    opinion.sum().backward()
    assert z.grad.any()
    assert all(weight.grad is None for weight in critic.parameters())
    # One number for each point, whatever stands around it.
    assert torch.allclose(critic.opinion(z[None, 2:3])[0, 0], opinion[2])


def test_its_odds_keep_their_digits_beside_products_of_bfloat16():
    critic, z = opinionated(), torch.randn(4, 2)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(critic(z), critic.float()(z))
        assert critic.opinion(z).dtype == torch.float32


@both
def test_its_weights_are_a_function_of_the_seed_and_disturb_no_generator(make, model_of):
    model, x = model_of(4, 3), torch.ones(2, 4).double()
    found = []
    for seed in (1, 1, 2):
        objective = make(hidden=(5,))
        before = torch.get_rng_state()
        objective.begin(model, x, seed=seed)
        assert torch.equal(torch.get_rng_state(), before)
        found.append(objective.critic.layers[0].weight)
        torch.rand(1)
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert found[0].shape == (5, 3) and found[0].dtype == torch.float64


@both
@pytest.mark.parametrize("option", [{"hidden": ()}, {"hidden": (4, 0)}, {"rate": 0.0}])
def test_what_cannot_be_is_refused(make, option, says):
    with pytest.raises(UsageError) as caught:
        make(**option)
    says(caught.value, f"--objective.{next(iter(option))}", "Use ")


@both
@pytest.mark.parametrize("space", ["bernoulli", "categorical"])
def test_latents_that_do_not_move_along_a_slope_are_refused(make, space, model_of, says):
    with pytest.raises(UsageError) as caught:
        make().require(model_of(4, 4, posterior=space, prior=space))
    says(caught.value, "do not move along a slope", "--posterior gaussian")


@both
def test_a_ladder_is_refused(make, says):
    with pytest.raises(UsageError) as caught:
        make().require(built(SMALL)[0])
    says(caught.value, "group by group", "another network")


@both
@pytest.mark.parametrize("posterior", ["gaussian", "full", "flow", "mixture", "wrapped-normal"])
def test_continuous_latents_are_led_whatever_their_density(make, posterior, model_of):
    model, x = model_of(4, 2, posterior=posterior), torch.rand(6, 4).round().double()
    objective = make()
    objective.require(model)
    objective.begin(model, x)
    with torch.no_grad():
        for parameter in objective.critic.parameters():
            parameter.normal_(std=0.3)
    torch.manual_seed(0)
    penalty = objective.terms(model, x).penalty
    found = torch.autograd.grad(penalty.sum(), [*model.posterior.parameters()], allow_unused=True)
    assert penalty.shape == (6,) and any(slope is not None and slope.any() for slope in found)
