"""The autoregressive decoder of 8-bit levels."""

import numpy as np
import pytest
import torch

from latentia.errors import UsageError
from latentia.likelihood.autoregressive_levels import AutoregressiveLevels
from latentia.likelihood.logistic_mixture import LogisticMixture
from latentia.network.linear import Linear
from latentia.network.mlp import MLP


@pytest.mark.parametrize("x_shape", [(3, 4, 2), (6,)])
def test_with_no_field_it_is_a_mixture_of_logistics(x_shape):
    torch.manual_seed(0)
    ours = AutoregressiveLevels(MLP(hidden=(8,)), x_shape, 2, components=2, field=0)
    plain = LogisticMixture(MLP(hidden=(8,)), x_shape, 2, components=2)
    ours.initialise(0.2 + 0.5 * torch.rand(x_shape), 0.1 + 0.1 * torch.rand(x_shape))
    plain.load_state_dict(ours.state_dict())
    z, x = torch.randn(3, 6, 2), torch.randint(256, (6, *x_shape)) / 255
    assert ours(z).log_prob(x).equal(plain(z).log_prob(x))


@pytest.mark.parametrize(("mean", "std"), [(0.02, 0.08), (0.3, 0.3), (0.99, 0.05)])
def test_it_starts_at_the_mean_of_the_data(mean, std):
    torch.manual_seed(0)
    likelihood = AutoregressiveLevels(Linear(), (1, 4, 5), 2)
    likelihood.initialise(torch.full((1, 4, 5), mean), torch.full((1, 4, 5), std))
    with torch.no_grad():
        drawn = likelihood(torch.zeros(2000, 2)).sample()
    assert drawn.mean().item() == pytest.approx(mean, abs=0.01)


def test_a_pixel_is_cheap_given_the_one_beside_it():
    """Rows of one grey each: fitted, five of six pixels cost little."""
    torch.manual_seed(0)
    x = (torch.randint(256, (400, 1, 4, 1)) / 255).expand(-1, -1, -1, 6)
    nats = []
    for cls, options in ((LogisticMixture, {}), (AutoregressiveLevels, {"field": 1})):
        likelihood = cls(Linear(), (1, 4, 6), 1, components=1, **options)
        likelihood.initialise(x.mean(0), x.std(0))
        optimizer = torch.optim.Adam(likelihood.parameters(), 0.02)
        for _ in range(250):
            optimizer.zero_grad()
            loss = -likelihood(torch.zeros(400, 1)).log_prob(x).mean()
            loss.backward()
            optimizer.step()
        nats.append(loss.item() / 24)
    assert nats[0] > np.log(230)
    assert nats[1] < np.log(256) / 6 + 3.2  # five in six within some ten levels


def test_it_stays_finite_however_wild_the_decoder():
    for number in (-1e4, 1e4):
        likelihood = AutoregressiveLevels(Linear(), (1, 2, 2), 2)
        with torch.no_grad():
            likelihood.bias.fill_(number)
        p = likelihood(torch.zeros(3, 2))
        value = p.log_prob(torch.tensor([0.0, 1 / 255, 0.5, 1.0]).reshape(1, 2, 2))
        value.sum().backward()
        assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()
        assert p.sample().isfinite().all()


def test_no_component_is_refused():
    with pytest.raises(UsageError, match="at least one component"):
        AutoregressiveLevels(Linear(), (1, 4, 4), 2, components=0)


def test_greys_are_trained_as_levels(latentia, inked_path, tmp_path):
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "r", "--epochs", 2, "--network.hidden", 8),
        *("--likelihood", "autoregressive-levels", "--likelihood.components", 2),
    )
    assert said.code == 0, said.err
    found = latentia("evaluate", tmp_path / "r", "--json", "--importance", 5).json
    assert found["binarization"] == "none" and found["is_likelihood"] and found["autoregressive"]
    assert 1 < found["bits_per_dim"] < 9
