import numpy as np
import pytest

from latentia.figure import _grid


def test_pictures_are_floats_of_the_intensities():
    x = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    assert np.allclose(_grid.pictures(x), [[[0, 0.2], [0.4, 1]]])
    assert _grid.pictures(x[..., None]).shape == (1, 2, 2)
    assert _grid.pictures(np.full((1, 2, 2, 3), 1.5)).max() == 1.0


@pytest.mark.parametrize(("level", "cmap"), [(20, "gray_r"), (200, "gray")])
def test_ink_on_paper_where_most_is_dark(level, cmap):
    assert _grid.colours(np.full((3, 4, 4), level, dtype=np.uint8)) == cmap


def test_a_mosaic_puts_every_picture_in_its_place():
    rows = np.arange(6.0).reshape(2, 3, 1, 1) + np.ones((2, 3, 4, 5))
    image = _grid.mosaic(rows, gap=2, cmap="gray_r")
    assert image.shape == (4 + 2 + 4, 3 * 5 + 2 * 2)
    assert np.all(image[6:, 7:12] == 5.0) and np.all(image[4:6] == 0.0)
    assert np.all(_grid.mosaic(rows, gap=2, cmap="gray")[4:6] == 1.0)


def test_a_break_widens_one_gap():
    image = _grid.mosaic(np.ones((3, 1, 4, 4)), gap=1, breaks=[0], cmap="gray_r")
    assert image.shape[0] == 3 * 4 + 4 + 1


def test_labels_stand_at_the_middle_of_rows_and_columns():
    _, ax = _grid.grid_figure(
        np.zeros((2, 3, 10, 20)), cmap="gray", row_labels=["a", "b"], column_labels=list("xyz")
    )
    assert np.allclose(ax.get_yticks(), [4.5, 15.5])
    assert np.allclose(ax.get_xticks(), [9.5, 30.5, 51.5])
