import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from latentia import figure
from latentia.errors import UsageError
from latentia.figure import _style


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_saves_every_format_without_a_date(suffix, stand_in, tmp_path):
    paths = [tmp_path / "new" / f"{i}{suffix}" for i in (1, 2)]
    for path in paths:
        assert figure.save(figure.draw("kl-spectrum", stand_in.digits()), path) == path
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"Date" not in paths[0].read_bytes()


def test_refuses_what_it_cannot_write(stand_in, tmp_path):
    drawn = figure.draw("kl-spectrum", stand_in.digits())
    with pytest.raises(UsageError, match=r"\.svg"):
        figure.save(drawn, tmp_path / "x.docx")


# What deuteranopes and protanopes see, in linear light (Viénot, Brettel & Mollon 1999).
SEEN = {
    "everybody": np.eye(3),
    "deuteranope": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "protanope": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
}


def lab(light):
    """CIE L*a*b* of linear light, where a distance of 2 or so is just seen."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ light / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("reader", SEEN)
def test_ten_classes_differ_in_colour_for_every_reader(reader):
    seen = [
        lab(np.clip(np.array(SEEN[reader]) @ (np.array(to_rgb(c)) ** 2.2), 0, 1))
        for c in _style.PALETTE
    ]
    assert len(seen) == 10
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


def test_ten_classes_differ_in_marker():
    assert len(set(_style.MARKERS)) == 10


def test_a_footnote_starts_a_line():
    figure_ = _style.new_figure(2.0)
    _style.heading(figure_, "", "A note that is long enough to need two lines. " * 3 + "\n* why")
    assert figure_.get_supxlabel().split("\n")[-1] == "* why"
    assert _style.note_height("a\n* b") > _style.note_height("a")


def test_a_true_minus_sign():
    assert _style.number(-3.21, ".1f") == "−3.2"
