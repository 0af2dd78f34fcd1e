import numpy as np

from latentia.figure import _grid


def test_labels_stand_at_the_middle_of_rows_and_columns():
    _, ax = _grid.grid_figure(
        np.zeros((2, 3, 10, 20)), cmap="gray", row_labels=["a", "b"], column_labels=list("xyz")
    )
    assert np.allclose(ax.get_yticks(), [4.5, 15.5])
    assert np.allclose(ax.get_xticks(), [9.5, 30.5, 51.5])


def test_wide_signs_get_the_room_that_they_need():
    wide, narrow = (
        _grid.grid_figure(np.zeros((1, 2, 8, 8)), cmap="gray", row_labels=[name])[0]
        for name in ("고양이와강아지", "catdogs")
    )
    assert wide.get_size_inches()[1] < narrow.get_size_inches()[1]
