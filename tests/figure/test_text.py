"""Users' names are text and never formulas, and take the room of their signs."""

import dataclasses

import pytest

from latentia import figure
from latentia.figure import _text

ODD = ("$a_{1$", "$x$ and $y$", "_hidden", "a\\b", "100%", "a^b_c", "#", "{}", "x" * 60, "&<>")


@pytest.mark.parametrize("kind", ["latent-map", "samples", "reconstructions", "ae-vs-vae"])
def test_odd_names_of_classes_and_runs_are_drawn(kind, stand_in, tmp_path):
    subject = stand_in.digits()
    others = tuple(peer._replace(title="$\\frac{$") for peer in subject.others)
    subject = dataclasses.replace(subject, label_names=ODD, title="run $1 {of $2", others=others)
    figure.save(figure.draw(kind, subject), tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text(encoding="utf8")
    if kind == "latent-map":
        assert "<!-- $x$ and $y$ -->" in text and "<!-- _hidden -->" in text
    if kind != "ae-vs-vae":
        assert "<!-- run $1 {of $2 -->" in text


def test_odd_names_of_columns_are_drawn(stand_in, tmp_path):
    subject = dataclasses.replace(stand_in.table(), column_names=("price $", "$cost {$", "a" * 90))
    for kind in ("samples", "traversals", "reconstructions"):
        figure.save(figure.draw(kind, subject), tmp_path / "x.svg")
        assert "<!-- price $ -->" in (tmp_path / "x.svg").read_text(encoding="utf8")


def test_lines_of_wide_signs_break_earlier():
    line = "고양이와 강아지의 사진 " * 6
    assert max(map(_text.width, _text.wrapped(line, 40).split("\n"))) <= 40
    assert _text.wrapped("a b " * 30, 40).count("\n") == 2


def test_a_name_is_cut_by_its_width():
    assert _text.width(_text.shortened("고양이" * 9, 24)) <= 24
    assert _text.shortened("고양이", 6) == "고양이"
