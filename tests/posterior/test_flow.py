"""The encoder with a flow."""

import pytest
import torch
from torch.distributions import Independent, Normal

from latentia import room
from latentia.errors import UsageError
from latentia.posterior.flow import Flow

KINDS = ["autoregressive", "coupling", "spline", "planar"]


def make(kind, latent_dim=3):
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    return Flow(network, (5,), latent_dim, kind=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_it_starts_as_nearly_the_diagonal_gaussian(kind):
    with torch.no_grad():
        q = make(kind)(torch.randn(6, 5))
        plain = Independent(Normal(q.loc, q.scale), 1)
        z = plain.sample((1000,))
        gap = (plain.log_prob(z) - q.log_prob(z)).mean(0)
    assert (gap.abs() < 0.01).all()


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_a_posterior_that_no_diagonal_gaussian_can_be(kind):
    """Two latents of which only the sum is known: maximize the ELBO with that target."""
    posterior = make(kind, latent_dim=2)
    x = torch.zeros(64, 5)
    optimizer = torch.optim.Adam(posterior.parameters(), 1e-2)

    def gap(draws):
        q = posterior(x[:1].expand(draws, -1))
        z = q.rsample()
        target = Normal(0, 0.1).log_prob(z.sum(-1)) + Normal(0, 1).log_prob(z[..., 0] - z[..., 1])
        # The area of a square along these axes is twice that along the latents'.
        return (q.log_prob(z) - target - torch.tensor(2.0).log()).mean()

    for _ in range(400):
        optimizer.zero_grad()
        gap(64).backward()
        optimizer.step()
    with torch.no_grad():
        found = gap(5000).item()
    # By hand: the best diagonal Gaussian has the variances 1 / (1 / 0.01 + 1) each.
    assert found < 0.5 < 1.3


@pytest.mark.parametrize("wrong", [{"layers": 0}, {"hidden": ()}, {"hidden": (0,)}])
def test_what_cannot_be_built_is_refused(wrong):
    network = room.build("network", {"name": "mlp", "hidden": (8,)})
    with pytest.raises(UsageError, match="at least one layer"):
        Flow(network, (5,), 2, **wrong)
