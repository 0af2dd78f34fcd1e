from latentia.figure import _columns


def test_panels_are_named_and_labelled_at_the_edges():
    figure, axes = _columns.panels(list("abcd"), across="x (m)", up="y")
    assert len(figure.axes) == 4
    assert [ax.get_ylabel() for ax in axes] == ["y", "", "y", ""]
    assert [ax.get_xlabel() for ax in axes] == ["", "", "x (m)", "x (m)"]
    assert [ax.get_title() for ax in axes] == list("abcd")
