"""The mixture against its sum over components."""

import pytest
import torch
from scipy import stats

from latentia.distribution.divergence import closed_form_kl
from latentia.errors import UsageError
from latentia.prior.mixture import Mixture
from latentia.prior.standard_normal import StandardNormal


def test_density_is_the_weighted_sum_of_its_gaussians():
    torch.manual_seed(0)
    prior, z = Mixture(2, components=3), torch.randn(2)
    with torch.no_grad():
        prior.logits.copy_(torch.tensor([0.0, 1.0, -1.0]))
        prior.log_scale.normal_()
        weights, scales = prior.logits.softmax(0), prior.log_scale.exp()
        found = prior().log_prob(z).exp().item()
    expected = sum(
        w.item() * stats.norm.pdf(z, loc, scale).prod()
        for w, loc, scale in zip(weights, prior.loc.detach(), scales, strict=True)
    )
    assert found == pytest.approx(expected, rel=1e-5)


def test_one_component_can_be_the_standard_normal():
    prior, z = Mixture(2, components=1), torch.randn(4, 2)
    with torch.no_grad():
        prior.loc.zero_()
    torch.testing.assert_close(prior().log_prob(z), StandardNormal(2)().log_prob(z))


def test_components_start_apart():
    loc = Mixture(2, components=10).loc
    assert torch.pdist(loc).min() > 0


def test_its_kl_has_no_closed_form():
    assert closed_form_kl(StandardNormal(2)(), Mixture(2)()).total is None


def test_no_component_is_refused():
    with pytest.raises(UsageError, match="component"):
        Mixture(2, components=0)
