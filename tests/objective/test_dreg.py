"""DReG's number; its gradient is in test_gradients.py."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.dreg import DReG
from latentia.objective.iwae import IWAE


def test_its_number_is_that_of_iwae(toy):
    model, x = toy.rows(20)
    objective = DReG(samples=7)
    terms = objective.terms(model, x)
    torch.testing.assert_close(objective(terms), IWAE(samples=7)(terms))


def dropping():
    """Return a model in training whose encoder drops half of its units."""
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (50,), "dropout": 0.5})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 2}
    rooms = [("posterior", "gaussian"), ("prior", "standard-normal"), ("likelihood", "bernoulli")]
    return LatentVariableModel(*(room.build(*each, **offer) for each in rooms)).train()


def test_dropout_is_drawn_once_for_both_looks_at_q():
    model, x = dropping(), torch.rand(4, 6).round()
    found = []
    for path_only in (False, True):
        torch.manual_seed(1)
        terms = model(x, samples=3, path_only=path_only)
        found.append((terms, torch.rand(1)))  # and no draw is lost or repeated after it
    (plain, after), (stopped, after_stopped) = found
    torch.testing.assert_close(stopped.log_qz_x, plain.log_qz_x)
    torch.testing.assert_close(stopped.z, plain.z)
    assert torch.equal(after, after_stopped)


def test_only_the_path_leads_from_log_q_to_the_encoder():
    model, x = dropping().eval(), torch.rand(4, 6).round()
    terms = model(x, path_only=True)
    slopes = torch.autograd.grad(
        terms.log_qz_x.sum(), [terms.z, model.posterior.head.bias], retain_graph=True
    )
    through_z = torch.autograd.grad(terms.z, model.posterior.head.bias, slopes[0])[0]
    torch.testing.assert_close(slopes[1], through_z)


def test_no_sample_is_refused():
    with pytest.raises(UsageError, match="at least 1"):
        DReG(samples=0)
