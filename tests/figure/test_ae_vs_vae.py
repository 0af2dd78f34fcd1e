import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.ae_vs_vae import AeVsVae


def test_two_maps_at_one_scale_and_decodes_of_the_same_draws(stand_in, image_of):
    subject = stand_in.digits()
    left, below_left, right, below_right = figure.draw("ae-vs-vae", subject).axes
    assert left.get_xlim() == right.get_xlim() == left.get_ylim() == right.get_ylim()
    assert left.get_title() == subject.title and right.get_title() == subject.other_title
    for ax in (left, right):
        assert [patch.radius for patch in ax.patches] == [1, 2, 3]
        assert sum(len(c.get_offsets()) for c in ax.collections) == 600
    z = np.column_stack(left.lines[0].get_data())
    assert np.allclose(z, np.column_stack(right.lines[0].get_data())) and len(z) == 18
    for ax, model in ((below_left, subject.model), (below_right, subject.other)):
        made = np.clip(model.inverse_transform(z), 0, 1)
        assert np.allclose(image_of(ax)[:8, :8], made[0])


def test_the_variational_one_stands_on_the_left(stand_in):
    subject = stand_in.digits()
    turned = dataclasses.replace(
        subject, model=subject.other, other=subject.model, title="a", other_title="v"
    )
    axes = figure.draw("ae-vs-vae", turned).axes
    assert [axes[0].get_title(), axes[2].get_title()] == ["v", "a"]


def test_a_far_spread_autoencoder_leaves_the_other_an_inset(stand_in):
    subject = stand_in.digits()
    far = stand_in.StandIn(2, subject.test_x, is_generative=False, spread=9.0)
    axes = figure.draw("ae-vs-vae", dataclasses.replace(subject, other=far)).axes
    assert len(axes[0].child_axes) == 1 and not axes[2].child_axes


def test_a_table_has_maps_only(stand_in):
    drawn = figure.draw("ae-vs-vae", stand_in.table())
    assert len(drawn.axes) == 2 and "decoded" not in drawn.get_supxlabel()


def test_why_not(stand_in):
    subject = stand_in.digits()
    reason_not = AeVsVae().reason_not
    assert "no second model" in reason_not(dataclasses.replace(subject, other=None))
    assert "plain autoencoder" in reason_not(dataclasses.replace(subject, other=subject.model))
    line = stand_in.StandIn(1, subject.test_x, is_generative=False)
    assert "1 dimension" in reason_not(dataclasses.replace(subject, other=line))
