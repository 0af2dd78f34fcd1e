import dataclasses

import numpy as np
import pytest

from latentia import figure
from latentia.data._conditions import Condition
from latentia.errors import UsageError


class Marked:
    """A model whose pictures are as bright as its condition is high."""

    def __init__(self, values):
        self.values = values

    def sample_mean(self, n, *, random_state):
        level = self.values["size"] if "size" in self.values else "abc".index(self.values["kind"])
        return np.full((n, 8, 8), (float(level) + 2) / 5) + 0.01 * np.arange(n)[:, None, None]


def subject(stand_in, *conditions):
    return dataclasses.replace(stand_in.digits(), conditions=conditions, given=Marked)


# Those that show every condition, or none; a ladder takes no conditions.
OPEN = set(figure.kinds()) - {"conditions", "learning-curves", "groups"}


def under(subject, condition):
    return dataclasses.replace(subject, condition=condition)


@pytest.mark.parametrize("kind", sorted(OPEN))
def test_a_class_that_is_a_latent_is_drawn_and_told(kind, stand_in):
    """What is encoded is so under a class found in x; what is only decoded, under a named one."""
    plain = stand_in.digits()
    subject = dataclasses.replace(
        plain, open_class=True, of_class=under(plain, "label 3, the most frequent")
    )
    why = figure.available(subject)[kind]
    if kind in ("factors", "ae-vs-vae"):
        assert "the class is a latent" in why and "--condition NAME=VALUE" in why
        return
    assert not why
    (bare, told, given) = (
        " ".join(figure.draw(kind, one).get_supxlabel().split())
        for one in (plain, subject, under(plain, "label 3"))
    )
    said = told.removeprefix(bare)
    named = kind in ("manifold", "traversals")
    assert said == " Under label 3, the most frequent." if named else "class" in said, told
    assert given == f"{bare} Under label 3."


def test_epochs_of_a_manifold_are_under_one_class_and_those_of_a_map_are_not(stand_in):
    plain = stand_in.digits()
    subject = dataclasses.replace(plain, open_class=True, of_class=under(plain, "label 3"))
    for kind, said in {
        "manifold": "Under label 3.",
        "map": "the most probable at its epoch",
    }.items():
        drawn = figure.draw("epochs", subject, kind=kind)
        assert said in " ".join(drawn.get_supxlabel().split())


def test_a_row_for_each_class_and_the_same_draw_down_each_column(stand_in, image_of, tick_labels):
    drawn = figure.draw(
        "conditions", subject(stand_in, Condition("kind", ("a", "b", "c"))), columns=4
    )
    image = image_of(drawn.axes[0])
    assert image.shape == (3 * 8 + 2, 4 * 8 + 3)
    assert tick_labels(drawn.axes[0].yaxis) == ["a", "b", "c"]
    rows = image[4::9, 4::9]
    assert np.allclose(np.diff(rows, axis=0), 0.2) and np.allclose(np.diff(rows, axis=1), 0.01)


def test_numbers_are_shown_around_their_mean(stand_in, tick_labels):
    drawn = figure.draw("conditions", subject(stand_in, Condition("size", mean=0.0, std=0.5)))
    assert tick_labels(drawn.axes[0].yaxis) == ["-1", "-0.5", "0", "0.5", "1"]


def test_others_stay_where_they_are_and_the_note_says_where(stand_in):
    both = (Condition("size", mean=1.0), Condition("kind", ("a", "b")))
    drawn = figure.draw("conditions", subject(stand_in, *both))
    assert "kind a" in drawn.get_supxlabel()


def test_a_model_of_p_of_x_has_none(stand_in):
    with pytest.raises(UsageError, match="without conditions"):
        figure.draw("conditions", stand_in.photographs())


def test_what_needs_one_condition_says_so_until_it_is_said(stand_in):
    unsaid = dataclasses.replace(stand_in.digits(), unsaid="no condition; say one")
    reasons = figure.available(unsaid)
    assert reasons["samples"] == "no condition; say one"
    assert reasons["learning-curves"] != "no condition; say one"
    with pytest.raises(UsageError, match="no condition"):
        figure.draw("samples", unsaid)
