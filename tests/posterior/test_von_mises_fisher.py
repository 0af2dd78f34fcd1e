"""The encoder whose latents are directions."""

import pytest
import torch

from latentia.distribution.von_mises_fisher import UniformSphere
from latentia.errors import UsageError
from latentia.network.linear import Linear
from latentia.posterior.von_mises_fisher import VonMisesFisher


def test_its_divergence_depends_on_kappa_alone():
    torch.manual_seed(0)
    posterior = VonMisesFisher(Linear(), (5,), 3)
    with torch.no_grad():
        posterior.head.weight[-1] = 0.0
        posterior.head.bias[-1] = 2.0
    q = posterior(torch.randn(50, 5))
    kl = torch.distributions.kl_divergence(q, UniformSphere(3))
    torch.testing.assert_close(kl, kl[:1].expand(50))


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_encoder(number):
    posterior = VonMisesFisher(Linear(), (5,), 3)
    with torch.no_grad():
        posterior.head.bias.fill_(number)
    q = posterior(torch.randn(20, 5))
    z = q.rsample((4,))
    value = q.log_prob(z) + torch.distributions.kl_divergence(q, UniformSphere(3))
    value.sum().backward()
    assert value.isfinite().all() and z.isfinite().all()
    assert all(p.grad.isfinite().all() for p in posterior.parameters() if p.grad is not None)


def test_one_latent_has_no_directions():
    with pytest.raises(UsageError, match="at least two"):
        VonMisesFisher(Linear(), (5,), 1)
