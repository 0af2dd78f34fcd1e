"""The decoder of colours with coupled channels."""

import numpy as np
import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.likelihood.coupled_mixture import CoupledMixture
from latentia.likelihood.logistic_mixture import LogisticMixture
from latentia.network.linear import Linear


def test_one_component_without_coupling_is_a_logistic_for_each_channel():
    torch.manual_seed(0)
    mean, std = 0.2 + 0.6 * torch.rand(3, 4, 5), 0.1 + 0.1 * torch.rand(3, 4, 5)
    both = [cls(Linear(), (3, 4, 5), 2, components=1) for cls in (CoupledMixture, LogisticMixture)]
    for likelihood in both:
        likelihood.initialise(mean, std)
    coupled, apart = (likelihood(torch.zeros(2, 2)) for likelihood in both)
    x = torch.randint(256, (2, 3, 4, 5)) / 255
    torch.testing.assert_close(coupled.log_prob(x), apart.log_prob(x))
    torch.testing.assert_close(coupled.mean, apart.mean, rtol=0, atol=1e-3)


@pytest.mark.parametrize("network", ["mlp", "conv", "gated"])
def test_it_goes_with_every_network(network):
    options = {"mlp": {"hidden": (8,)}, "gated": {"hidden": (8,)}, "conv": {"channels": (4,)}}
    built = room.build("network", {"name": network, **options[network]})
    likelihood = CoupledMixture(built, (3, 6, 5), 2, components=2)
    x = torch.randint(256, (4, 3, 6, 5)) / 255
    value = likelihood(torch.randn(3, 4, 2)).log_prob(x)
    assert value.shape == (3, 4)
    value.sum().backward()
    assert all(parameter.grad.any() for parameter in likelihood.parameters())


def test_greys_in_colour_cost_one_channel_and_not_three():
    """Pixels whose channels are equal: fitted, what follows red costs next to nothing."""
    torch.manual_seed(0)
    x = (torch.randint(256, (600, 1, 1, 1)) / 255).expand(-1, 3, 1, 1)
    nats = []
    for cls in (LogisticMixture, CoupledMixture):
        likelihood = cls(Linear(), (3, 1, 1), 1, components=1)
        likelihood.initialise(x.mean(0), x.std(0))
        optimizer = torch.optim.Adam([likelihood.bias], 0.05)
        for _ in range(400):
            optimizer.zero_grad()
            loss = -likelihood(torch.zeros(1, 1)).log_prob(x).mean()
            loss.backward()
            optimizer.step()
        nats.append(loss.item())
    assert nats[0] > 3 * np.log(200)
    assert nats[1] < 2 * np.log(200)


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = CoupledMixture(Linear(), (3, 2, 2), 2)
    with torch.no_grad():
        likelihood.bias.fill_(number)
    x = torch.tensor([0.0, 1 / 255, 0.6, 1.0]).reshape(2, 2).expand(3, 2, 2)
    value = likelihood(torch.zeros(3, 2)).log_prob(x)
    value.sum().backward()
    assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()


@pytest.mark.parametrize("x_shape", [(5,), (1, 4, 4)])
def test_what_has_no_channels_to_couple_is_refused(x_shape, says):
    with pytest.raises(UsageError) as caught:
        CoupledMixture(Linear(), x_shape, 2)
    says(caught.value, "no channels to be coupled", "logistic-mixture")


def test_no_component_is_refused():
    with pytest.raises(UsageError, match="at least one component"):
        CoupledMixture(Linear(), (3, 4, 4), 2, components=0)


def test_colours_are_trained_and_have_bits(latentia, tmp_path):
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 200, (60, 5, 5, 1))
    np.save(tmp_path / "x.npy", (grey + rng.integers(0, 50, (60, 5, 5, 3))).astype(np.uint8))
    said = latentia(
        *("train", tmp_path / "x.npy", "--out", tmp_path / "r", "--epochs", 2, "--latent-dim", 2),
        *("--network", "mlp", "--network.hidden", 8, "--likelihood", "coupled-mixture"),
    )
    assert said.code == 0, said.err
    found = latentia("evaluate", tmp_path / "r", "--json", "--importance", 5).json
    assert found["is_likelihood"] and 2 < found["bits_per_dim"] < 9
    assert not found["autoregressive"]
    said = latentia("sample", tmp_path / "r", "-n", 4, "--out", tmp_path / "x.png")
    assert said.code == 0 and "E[x|z]" in said.out
