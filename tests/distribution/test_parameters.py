"""Parameters are all that a distribution is made of."""

import inspect

import pytest
import torch
from tests.contract import test_likelihood, test_posterior
from tests.contract.conftest import variants
from torch.distributions import Bernoulli, Independent, MultivariateNormal

from latentia.distribution.parameters import parameters

# What is drawn in steps or by a codebook.
DRAWN = {
    "flow", "hamiltonian", "scalar-quantized", "vector-quantized",
    "autoregressive", "autoregressive-levels",
}  # fmt: skip


def rebuilt(p):
    """Return a distribution made anew of its parameters and of what is the same for all."""
    if isinstance(p, Independent):
        return Independent(rebuilt(p.base_dist), p.reinterpreted_batch_ndims)
    made = parameters(p)
    others = [n for n in inspect.signature(type(p)).parameters if n in vars(p) and n not in made]
    return type(p)(**made, **{name: getattr(p, name) for name in others})


@pytest.mark.parametrize("member", variants("posterior"), ids=str)
def test_they_say_all_of_a_posterior(member):
    q = test_posterior.make(member)(torch.randn(4, 5))
    if member["name"] in DRAWN:
        assert not parameters(q)
        return
    z = q.sample()
    assert torch.allclose(rebuilt(q).log_prob(z), q.log_prob(z), atol=1e-6)


@pytest.mark.parametrize("member", variants("likelihood"), ids=str)
def test_they_say_all_of_a_likelihood(member):
    p = test_likelihood.moved(member)(torch.randn(4, 3))
    if member["name"] in DRAWN:
        assert not parameters(p)
        return
    x = p.sample()
    assert torch.allclose(rebuilt(p).log_prob(x), p.log_prob(x), atol=1e-6)


def test_a_parameter_of_several_names_has_the_one_it_was_made_with():
    p = Bernoulli(logits=torch.zeros(2))
    assert p.mean.shape == (2,)  # for which torch makes probabilities
    assert list(parameters(p)) == ["logits"]
    assert list(parameters(Bernoulli(probs=torch.full((2,), 0.5)))) == ["probs"]
    q = MultivariateNormal(torch.zeros(2), scale_tril=torch.eye(2))
    assert list(parameters(q)) == ["loc", "scale_tril"]
