"""Flows as priors: their kinds are what they are called."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.prior.flow import Flow


@pytest.mark.parametrize(("kind", "passes"), [("affine", 4), ("spline", 4), ("coupling", 2)])
def test_a_draw_takes_as_many_passes_as_it_should(kind, passes):
    flow = Flow(4, kind=kind, layers=3)
    transforms = flow.flow.transform.transforms
    assert len(transforms) == 3
    assert {each.passes for each in transforms} == {passes}


@pytest.mark.parametrize("kind", ["affine", "spline", "coupling"])
def test_it_learns_a_density_that_no_normal_has(kind):
    torch.manual_seed(0)
    angle = 6.28 * torch.rand(2000)
    z = torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(2000, 2)
    flow = Flow(2, kind=kind, hidden=(32, 32))
    adam = torch.optim.Adam(flow.parameters(), 5e-3)
    for _ in range(150):
        adam.zero_grad()
        loss = -flow().log_prob(z).mean()
        loss.backward()
        adam.step()
    normal = torch.distributions.MultivariateNormal(z.mean(0), z.T.cov()).log_prob(z).mean()
    assert -loss.item() > normal.item() + 0.3


@pytest.mark.parametrize("options", [{"layers": 0}, {"hidden": (0,)}])
def test_what_cannot_be_is_refused(options, says):
    with pytest.raises(UsageError) as caught:
        Flow(2, **options)
    says(caught.value, next(iter(options)), "mend:")
