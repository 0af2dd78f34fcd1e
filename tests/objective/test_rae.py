"""A regularized autoencoder."""

from math import log, pi

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.rae import RAE


@pytest.fixture
def model():
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 2}
    rooms = [("posterior", "dirac"), ("prior", "standard-normal"), ("likelihood", "bernoulli")]
    return LatentVariableModel(*(room.build(*each, **offer) for each in rooms))


X = torch.tensor([[1.0, 0, 1, 1, 0, 0], [0, 0, 1, 0, 1, 1]])


def test_the_latents_cost_half_their_square_and_a_constant(model):
    terms = RAE().terms(model, X)
    square = model.posterior(X).mean.square().sum(-1) / 2
    expected = terms.reconstruction - 0.5 * (square + log(2 * pi))
    torch.testing.assert_close(RAE(beta=0.5)(terms), expected)


def test_the_decoder_s_weights_cost_their_square(model):
    objective = RAE(l2=0.01)
    squares = sum(w.square().sum() for w in model.likelihood.decoder.parameters())
    terms = objective.terms(model, X)
    torch.testing.assert_close(
        objective(terms), RAE()(terms._replace(penalty=None)) - 0.01 * squares
    )


def test_steepness_is_the_squared_slope_of_what_is_decoded(model):
    objective = RAE(smooth=2.0)
    terms = objective.terms(model, X)
    z, step = terms.z[0].detach().double(), 1e-5
    decoder = model.likelihood.double()
    total = 0
    for d in range(2):
        away = torch.zeros(2, dtype=torch.float64)
        away[d] = step
        rise = (decoder(z + away).mean - decoder(z - away).mean).sum(-1) / (2 * step)
        total = total + rise.square()
    torch.testing.assert_close(terms.penalty, (2 * total).float(), rtol=1e-3, atol=1e-6)


def test_both_have_a_gradient_for_the_decoder(model):
    for objective in (RAE(l2=1.0), RAE(smooth=1.0)):
        penalty = objective.terms(model, X).penalty.sum()
        weights = [p for p in model.likelihood.decoder.parameters() if p.dim() == 2]
        slopes = torch.autograd.grad(penalty, weights)
        assert all(slope.isfinite().all() and slope.any() for slope in slopes)


def test_it_works_where_no_gradient_is_asked_for(model):
    with torch.no_grad():
        assert RAE(smooth=1.0)(RAE(smooth=1.0).terms(model, X)).isfinite().all()


@pytest.mark.parametrize("name", ["beta", "l2", "smooth"])
def test_what_is_negative_is_refused(name):
    with pytest.raises(UsageError, match=name):
        RAE(**{name: -1.0})
