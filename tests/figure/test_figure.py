"""The contract of every kind of figure, over every subject to which it applies."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from latentia import figure, room
from latentia.errors import UsageError

KINDS = figure.kinds()


def test_the_room_holds_the_kinds():
    assert sorted([
        "learning-curves", "reconstructions", "samples", "manifold", "latent-map", "traversals",
        "interpolation", "ae-vs-vae", "denoising", "epochs", "kl-spectrum", "by-latent-size",
        "conditions", "groups", "factors",
    ]) == KINDS  # fmt: skip


def test_importing_the_room_loads_neither_matplotlib_nor_torch():
    code = (
        "import sys, latentia.figure; "
        "sys.exit(any(m in sys.modules for m in ('matplotlib', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_draws_or_says_why_not(kind, subject):
    reason = figure.available(subject)[kind]
    if reason:
        assert reason[0].islower() and not reason.endswith(".")
        with pytest.raises(UsageError, match="cannot be drawn"):
            figure.draw(kind, subject)
        return
    drawn = figure.draw(kind, subject)
    assert isinstance(drawn, Figure) and drawn.axes
    width, height = drawn.get_size_inches()
    assert 4.0 <= width <= 6.4 + 1e-9 and height <= 8.5
    drawn.draw_without_rendering()  # the layout works out, with no warning
    paper, beyond = drawn.bbox, _ticks_beyond(drawn)
    for text in drawn.findobj(lambda a: hasattr(a, "get_fontsize")):
        if text.get_text().strip() and text.get_visible() and text not in beyond:
            assert text.get_fontsize() >= 9.0
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= paper.x1 + 1, text.get_text()
            assert box.y0 >= -1 and box.y1 <= paper.y1 + 1, text.get_text()


def _ticks_beyond(drawn):
    """Labels of ticks outside a panel's range, which matplotlib keeps but does not draw."""
    found = set()
    for axis in (axis for ax in drawn.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                found |= {tick.label1, tick.label2}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_figure_is_the_same_file(kind, stand_in, tmp_path):
    files = [
        figure.save(figure.draw(kind, stand_in.digits()), tmp_path / f"{i}.png") for i in (1, 2)
    ]
    assert files[0].read_bytes() == files[1].read_bytes()
    pixels = np.asarray(Image.open(files[0]).convert("L"))
    assert pixels.std() > 5 and pixels.shape[1] <= 1280


@pytest.mark.parametrize("kind", KINDS)
def test_options_are_read_from_the_source_and_explained(kind):
    member = room.member("figure", kind)
    assert member.summary.endswith(".")
    assert all(option.help for option in member.options)


COUNTS = [
    (kind, option.name)
    for kind in KINDS
    for option in room.member("figure", kind).options
    if option.annotation == "int"
]


@pytest.mark.parametrize(("kind", "name"), COUNTS)
def test_the_least_of_every_count_is_drawn_and_less_is_refused(kind, name, stand_in):
    least = room.load("figure", kind).least.get(name, 1)
    subject = stand_in.digits()
    figure.draw(kind, subject, **{name: least}).draw_without_rendering()
    for value in (least - 1, -5):
        with pytest.raises(UsageError) as caught:
            figure.draw(kind, subject, **{name: value})
        assert f"{name} must be at least {least}, not {value}" in caught.value.what
        assert caught.value.where == f"figure {kind}, {name}" and caught.value.how


def test_a_kind_that_does_not_apply_says_how_to_mend_it(stand_in):
    alone = dataclasses.replace(stand_in.digits(), others=())
    with pytest.raises(UsageError) as caught:
        figure.draw("ae-vs-vae", alone)
    assert caught.value.where == "figure ae-vs-vae"
    assert caught.value.how.startswith("--against RUN") and ";" not in caught.value.what


def test_an_unknown_kind_names_the_nearest(stand_in):
    with pytest.raises(UsageError, match="latent-map"):
        figure.draw("latent-mop", stand_in.digits())


def test_drawing_leaves_the_users_settings_alone(stand_in):
    import matplotlib

    before = dict(matplotlib.rcParams)
    figure.draw("samples", stand_in.digits())
    assert dict(matplotlib.rcParams) == before
