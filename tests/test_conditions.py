"""How conditions stand beside latents."""

import pytest
import torch

from latentia.conditions import beside, present
from latentia.errors import UsageError


@pytest.mark.parametrize(
    ("z", "c", "found"),
    [((5, 2), (5, 3), (5, 5)), ((7, 5, 2), (5, 3), (7, 5, 5)), ((7, 1, 2), (5, 3), (7, 5, 5)),
     ((7, 5, 2), (1, 3), (7, 5, 5)), ((4, 2), (1, 3), (4, 5))],
)  # fmt: skip
def test_every_latent_has_the_conditions_of_its_example(z, c, found):
    z, c = torch.randn(z), torch.randn(c)
    both = beside(z, c)
    assert both.shape == found
    torch.testing.assert_close(both[..., :2], z.expand(*found[:-1], 2))
    torch.testing.assert_close(both[..., 2:], c.expand(*found[:-1], 3))


def test_no_conditions_are_none():
    with pytest.raises(UsageError, match="p\\(x\\|c\\)"):
        present(None)
