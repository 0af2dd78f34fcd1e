import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.latent_map import LatentMap


def test_every_example_at_its_posterior_mean(stand_in):
    subject = stand_in.digits()
    drawn = figure.draw("latent-map", subject)
    ax = drawn.axes[0]
    assert len(ax.collections) == 10
    points = np.concatenate([c.get_offsets() for c in ax.collections])
    means = subject.model.transform(subject.test_x)
    assert np.allclose(np.sort(points, axis=0), np.sort(means, axis=0))
    fours = subject.model.transform(subject.test_x[subject.test_y == 4])
    assert np.allclose(ax.collections[4].get_offsets(), fours)
    assert [patch.radius for patch in ax.patches] == [1, 2, 3]
    assert [t.get_text() for t in drawn.legends[0].get_texts()] == [*"0123456789", "prior"]


def test_the_two_latents_with_the_highest_kl(stand_in):
    subject = stand_in.digits(5)
    drawn = figure.draw("latent-map", subject)
    kl = subject.model.elbo(subject.test_x, random_state=0).kl_per_dim.mean(axis=0)
    a, b = np.sort(np.argsort(kl)[-2:])
    assert drawn.axes[0].get_xlabel() == f"$z_{{{a + 1}}}$ (prior std. dev.)"
    assert drawn.axes[0].get_ylabel() == f"$z_{{{b + 1}}}$ (prior std. dev.)"
    assert "highest mean KL" in drawn.get_supxlabel()


def test_an_autoencoder_has_no_contours_and_no_prior_in_its_units(stand_in):
    ax = figure.draw("latent-map", stand_in.autoencoder()).axes[0]
    assert not ax.patches and ax.get_xlabel() == "$z_{1}$ (code units)"


def test_another_prior_is_drawn_where_it_is_dense(stand_in):
    drawn = figure.draw("latent-map", stand_in.mixture())
    ax = drawn.axes[0]
    assert not ax.patches and {"39%", "86%", "99%"} <= {t.get_text() for t in ax.texts}
    assert ax.get_xlabel() == "$z_{1}$ (code units)"
    assert ax.get_xlim()[1] > 6.5  # two hills at -4 and 4
    assert "39%, 86% and 99%" in drawn.get_supxlabel().replace("\n", " ")
    assert drawn.legends[0].get_texts()[-1].get_text() == "prior"


def test_another_prior_of_more_than_two_latents_is_not_drawn(stand_in):
    drawn = figure.draw("latent-map", stand_in.mixture(5))
    assert not drawn.axes[0].patches and len(drawn.axes[0].collections) == 10
    note = drawn.get_supxlabel().replace("\n", " ")
    assert "mixture prior of all latents is not drawn" in note and "highest variance" in note


def test_at_most_n_and_long_names_in_the_legend_only(stand_in):
    names = tuple(f"a long name {i}" for i in range(10))
    subject = dataclasses.replace(stand_in.digits(), label_names=names)
    ax = figure.draw("latent-map", subject, n=50).axes[0]
    assert sum(len(c.get_offsets()) for c in ax.collections) == 50
    assert [t.get_text() for t in ax.texts] == ["1σ", "2σ", "3σ"]


def test_one_latent_is_no_map(stand_in):
    subject = stand_in.digits()
    line = dataclasses.replace(subject, model=stand_in.StandIn(1, subject.test_x))
    assert "1 dimension," in LatentMap().reason_not(line)
