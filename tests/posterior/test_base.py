"""The encoder's view of x."""

import torch

from latentia.posterior.base import Standardize


def test_it_is_the_identity_until_it_is_fitted():
    x = torch.randn(4, 3)
    assert torch.equal(Standardize((3,))(x), x)


def test_fitted_data_have_mean_zero_and_deviation_one_and_missing_cells_are_zero():
    x = torch.randn(500, 3) * torch.tensor([1.0, 10.0, 1e-3]) + torch.tensor([5.0, -3.0, 1.0])
    view = Standardize((3,))
    view.fit(x.mean(0), x.std(0, correction=0))
    seen = view(x)
    torch.testing.assert_close(seen.mean(0), torch.zeros(3), rtol=0, atol=1e-3)
    torch.testing.assert_close(seen.std(0, correction=0), torch.ones(3), rtol=1e-4, atol=0)
    x[0, 1] = torch.nan
    assert view(x)[0, 1] == 0
    # A compiler is given another way to say it.
    assert torch.equal(torch.compile(view, backend="eager")(x), view(x))


def test_it_is_saved_with_the_model():
    assert set(Standardize((3,)).state_dict()) == {"shift", "scale"}
