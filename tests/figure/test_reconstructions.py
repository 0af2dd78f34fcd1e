import dataclasses

import numpy as np

from latentia import figure


def test_originals_stand_above_their_reconstructions(stand_in, image_of, tick_labels):
    subject = stand_in.digits()
    (ax,) = figure.draw("reconstructions", subject, n=7).axes
    image = image_of(ax)
    chosen = subject.test_x[subject.pick(7)]
    assert image.shape == (2 * 8 + 1, 7 * 8 + 6)
    assert np.allclose(image[:8, :8], chosen[0] / 255)
    assert np.allclose(image[9:, :8], np.clip(subject.model.reconstruct(chosen)[0], 0, 1))
    nats = subject.model.elbo(chosen, random_state=0).reconstruction
    assert tick_labels(ax.xaxis) == [f"{v:.1f}".replace("-", "−") for v in nats]
    assert "nats" in [text.get_text() for text in ax.texts]


def test_a_star_where_nats_are_no_likelihood(stand_in):
    (ax,) = figure.draw("reconstructions", stand_in.mixture()).axes
    assert "nats*" in [text.get_text() for text in ax.texts]
    assert "\n* no likelihood: a Bernoulli" in ax.figure.get_supxlabel()


def test_floats_beyond_one_are_drawn_in_their_span(stand_in, image_of):
    subject = stand_in.digits()
    x = subject.test_x.astype(float) / 255 * 6 - 3
    wide = dataclasses.replace(
        subject, test_x=x, model=stand_in.StandIn(2, x), span=(-3.0, 3.0)
    )  # fmt: skip
    image = image_of(figure.draw("reconstructions", wide).axes[0])
    assert np.allclose(image[:8, :8], subject.test_x[subject.pick(1)[0]] / 255)


def test_colour_pictures_keep_their_colours(stand_in, image_of):
    (ax,) = figure.draw("reconstructions", stand_in.photographs()).axes
    assert image_of(ax).shape[-1] == 3


def test_a_table_is_drawn_by_column(stand_in):
    subject = stand_in.table()
    axes = figure.draw("reconstructions", subject).axes
    assert [ax.get_title() for ax in axes] == list(subject.column_names)
    points = axes[2].collections[0].get_offsets()
    assert np.allclose(points[:, 0], subject.test_x[:, 2])
    assert np.allclose(points[:, 1], subject.model.reconstruct(subject.test_x)[:, 2])


def test_what_is_shown_and_counted_is_said(stand_in, tick_labels):
    subject = dataclasses.replace(
        stand_in.digits(), shows=("Pictures", "decoded"), unit="units of cost"
    )
    (ax,) = figure.draw("reconstructions", subject).axes
    assert "decoded" in tick_labels(ax.yaxis) and "E[x|z]" not in tick_labels(ax.yaxis)
    assert "units of cost" in [text.get_text() for text in ax.texts]
    assert "nats" not in ax.figure.get_supxlabel()
    for kind in ("manifold", "traversals", "groups"):
        note = figure.draw(kind, subject).get_supxlabel()
        assert "decoded" in note and "E[x|z]" not in note, kind
    curves = figure.draw("learning-curves", subject).axes[0].get_ylabel()
    assert curves == "ELBO (units of cost per example)"
