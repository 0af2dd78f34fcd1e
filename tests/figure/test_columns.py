import pytest

from latentia.figure import _columns


def test_panels_are_named_and_labelled_at_the_edges():
    figure, axes = _columns.panels(list("abcd"), across="x (m)", up="y")
    assert len(figure.axes) == 4
    assert [ax.get_ylabel() for ax in axes] == ["y", "", "y", ""]
    assert [ax.get_xlabel() for ax in axes] == ["", "", "x (m)", "x (m)"]
    assert [ax.get_title() for ax in axes] == list("abcd")


@pytest.mark.parametrize("values", [(1.7e9, 1e5), (5e6, 1e6), (0, 1e-5), (3, 1)])
def test_the_labels_of_large_and_small_numbers_stand_apart(values):
    middle, spread = values
    figure, axes = _columns.panels(list("abc"), across="held-out x", up="E[x|z]")
    for ax in axes:
        ax.plot([middle - spread, middle + spread], [middle - spread, middle + spread])
    figure.draw_without_rendering()
    ax = axes[0]
    boxes = [tick.label1.get_window_extent() for tick in ax.xaxis.get_major_ticks()]
    left, right = ax.get_window_extent().intervalx
    seen = [box for box in boxes if left <= (box.x0 + box.x1) / 2 <= right]
    seen += [ax.xaxis.label.get_window_extent(), ax.xaxis.get_offset_text().get_window_extent()]
    apart = [box for box in seen if box.width]
    assert not any(a.overlaps(b) for i, a in enumerate(apart) for b in apart[:i])
