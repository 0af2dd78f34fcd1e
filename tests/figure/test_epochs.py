import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.epochs import Epochs


def test_a_map_for_each_epoch_at_one_scale(stand_in):
    subject = stand_in.digits()
    axes = figure.draw("epochs", subject).axes
    assert [ax.get_title() for ax in axes] == [f"epoch {e}" for e, _ in subject.snapshots]
    assert len({ax.get_xlim() for ax in axes}) == 1
    second = np.concatenate([c.get_offsets() for c in axes[1].collections])
    means = subject.snapshots[1][1].transform(subject.test_x)
    assert np.allclose(np.sort(second, axis=0), np.sort(means, axis=0))
    assert [ax.get_ylabel() != "" for ax in axes] == [True, False, False] * 2


def test_many_epochs_are_thinned_from_the_first_to_the_last(stand_in):
    subject = stand_in.digits()
    axes = figure.draw("epochs", subject, panels=3).axes
    titles = [ax.get_title() for ax in axes]
    assert titles[0] == "epoch 1" and titles[-1] == "epoch 20" and len(titles) == 3


def test_a_prior_that_moves_is_not_drawn(stand_in):
    drawn = figure.draw("epochs", stand_in.mixture())
    assert not any(ax.patches for ax in drawn.axes) and "moves" in drawn.get_supxlabel()


def test_manifolds(stand_in, image_of):
    axes = figure.draw("epochs", stand_in.digits(), kind="manifold").axes
    assert len(axes) == 6 and image_of(axes[0]).shape == (80, 80)


def test_why_not(stand_in):
    one = dataclasses.replace(stand_in.digits(), snapshots=stand_in.digits().snapshots[:1])
    assert "1 snapshot, and epochs need 2; training with --sn" in Epochs().reason_not(one)
    assert "not 2" in Epochs(kind="manifold").reason_not(stand_in.digits(5))
