"""The diagonal Gaussian: the reparameterization trick and its scales."""

import pytest
import torch
from torch.nn.functional import softplus

from latentia.network.linear import Linear
from latentia.posterior.gaussian import Gaussian


def with_head(raw, scale):
    """Return q at a head whose output is (0.5, raw) for whatever x."""
    posterior = Gaussian(Linear(), (3,), 1, scale=scale)
    with torch.no_grad():
        posterior.head.weight.zero_()
        posterior.head.bias.copy_(torch.tensor([0.5, raw]))
    return posterior(torch.rand(2, 3))


@pytest.mark.parametrize("raw", [-3.0, 0.0, 2.0])
def test_sigma_is_the_exponential_or_the_softplus_of_the_second_half(raw):
    exp, soft = with_head(raw, "exp"), with_head(raw, "softplus")
    assert exp.mean.tolist() == soft.mean.tolist() == [[0.5], [0.5]]
    torch.testing.assert_close(exp.stddev[0, 0], torch.tensor(raw).exp())
    torch.testing.assert_close(soft.stddev[0, 0], softplus(torch.tensor(raw)) + 1e-6)


@pytest.mark.parametrize("scale", ["exp", "softplus"])
@pytest.mark.parametrize("raw", [-1e4, 1e4])
def test_density_stays_finite_however_wild_the_encoder(raw, scale):
    q = with_head(raw, scale)
    assert (q.stddev > 0).all()
    assert q.log_prob(q.rsample()).isfinite().all()


def test_a_draw_is_mean_plus_sigma_times_noise():
    q = with_head(-1.0, "exp")
    torch.manual_seed(0)
    noise = torch.randn(7, 2, 1)
    torch.manual_seed(0)
    torch.testing.assert_close(q.rsample((7,)), q.mean + q.stddev * noise)
