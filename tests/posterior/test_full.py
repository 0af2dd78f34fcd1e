"""The encoder with all correlations: its covariance is what the head says."""

import torch

from latentia import room
from latentia.posterior.full import Full


def test_the_covariance_is_that_of_its_triangle():
    torch.manual_seed(0)
    posterior = Full(room.build("network", "linear"), (5,), 3)
    x = torch.randn(4, 5)
    q = posterior(x)
    out = posterior.head(posterior.body(x))
    for row in range(4):
        _, raw, below = out[row].split([3, 3, 3])
        triangle = torch.eye(3)
        triangle[1, 0], triangle[2, 0], triangle[2, 1] = below
        triangle = raw.exp()[:, None] * triangle
        torch.testing.assert_close(q.covariance_matrix[row], triangle @ triangle.T)


def test_a_linear_gaussian_model_reaches_its_log_density(linear_gaussian_of, model_of):
    """With the exact posterior, correlations and all, the bound is log p(x)."""
    torch.manual_seed(1)
    weight, bias = torch.randn(4, 2).double(), torch.randn(4).double()
    model = linear_gaussian_of(weight, bias, 0.7)
    posterior = Full(room.build("network", "linear"), (4,), 2).double()
    covariance = torch.linalg.inv(torch.eye(2).double() + weight.T @ weight / 0.49)
    gain, triangle = covariance @ weight.T / 0.49, torch.linalg.cholesky(covariance)
    with torch.no_grad():
        posterior.head.weight.zero_()
        posterior.head.weight[:2] = gain
        posterior.head.bias[:2] = -gain @ bias
        posterior.head.bias[2:4] = triangle.diagonal().log()
        posterior.head.bias[4] = triangle[1, 0] / triangle[1, 1]
    model.posterior = posterior
    x = torch.randn(3, 4).double()
    exact = torch.distributions.MultivariateNormal(
        bias, weight @ weight.T + 0.49 * torch.eye(4).double()
    ).log_prob(x)
    terms = model(x, 5)
    torch.testing.assert_close(terms.log_w, exact.expand(5, 3))
    assert terms.kl is not None and terms.kl_per_dim is None
