"""The encoder with several Gaussians."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.posterior.mixture import Mixture


def make(**options):
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    return Mixture(network, (5,), 1, **options)


def test_it_learns_both_modes_where_one_gaussian_covers_one():
    def target(z):
        return torch.logaddexp(-0.5 * ((z - 2) / 0.3) ** 2, -0.5 * ((z + 2) / 0.3) ** 2)

    def gap(posterior, draws=1000):
        q = posterior(torch.zeros(1, 5))
        z = q.rsample((draws,))
        log_mass = torch.tensor(2 * 0.3 * (2 * torch.pi) ** 0.5).log()
        return (q.log_prob(z) - target(z[..., 0]) + log_mass).mean()

    found = []
    for components in (1, 8):
        posterior = make(components=components)
        optimizer = torch.optim.Adam(posterior.parameters(), 1e-2)
        for _ in range(500):
            optimizer.zero_grad()
            gap(posterior).backward()
            optimizer.step()
        with torch.no_grad():
            found.append(gap(posterior, 20_000).item())
    assert found[0] > 0.6  # log 2: one mode of two
    assert abs(found[1]) < 0.1


def test_weights_are_even_or_those_of_x():
    x = torch.randn(3, 5)
    assert torch.equal(make()(x).logits.exp(), torch.full((3, 4), 0.25))
    learned = make(weights="learned")(x).logits.exp()
    assert learned.std(0).min() > 0 and learned.std(1).min() > 0
    torch.testing.assert_close(learned.sum(1), torch.ones(3))


def test_no_component_is_refused():
    with pytest.raises(UsageError, match="at least one component"):
        make(components=0)
