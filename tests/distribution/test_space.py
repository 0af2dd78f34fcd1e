"""What latents can be."""

import pytest
import torch

from latentia.distribution.space import onto, require_choices, require_sphere
from latentia.errors import UsageError


def test_directions_are_brought_to_length_one_and_nothing_else_is_moved():
    z = torch.tensor([[3.0, 4.0], [0.0, 0.1]])
    torch.testing.assert_close(onto("sphere", z).norm(dim=-1), torch.ones(2))
    torch.testing.assert_close(onto("sphere", z)[0], torch.tensor([0.6, 0.8]))
    for space in ("real", "binary", "one-hot"):
        assert onto(space, z) is z
    assert onto("sphere", torch.zeros(2)).isfinite().all()


def test_latents_are_a_whole_number_of_classes_for_each_choice():
    require_choices(6, 3, "prior")
    for choices in (4, 0, -1):
        with pytest.raises(UsageError, match="choices"):
            require_choices(6, choices, "posterior")


def test_a_sphere_has_two_coordinates_or_more():
    require_sphere(2)
    with pytest.raises(UsageError, match="at least two"):
        require_sphere(1)
