import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.ae_vs_vae import AeVsVae
from latentia.figure.base import Peer


def against(subject, *others):
    return dataclasses.replace(subject, others=others)


def test_two_maps_with_the_same_disc_and_decodes_of_the_same_draws(stand_in, image_of):
    subject = stand_in.digits()
    _, peer, _ = subject.others
    left, below_left, right, below_right = figure.draw("ae-vs-vae", subject).axes
    assert left.get_xlim() == left.get_ylim() and right.get_xlim() == right.get_ylim()
    for ax in (left, right):
        assert {patch.radius for patch in ax.patches} == {3} and not ax.lines
        assert sum(len(c.get_offsets()) for c in ax.collections) == 600
        assert ax.get_xlim()[1] > 3
    z, same = (model.seen[-1] for model in (subject.model, peer.model))
    assert np.array_equal(z, same) and z.shape == (18, 2)
    for ax, model in ((below_left, subject.model), (below_right, peer.model)):
        made = np.clip(model.inverse_transform(z), 0, 1)
        assert np.allclose(image_of(ax)[:8, :8], made[0])


def test_titles_say_what_the_disc_holds_and_the_note_the_scales(stand_in):
    subject = stand_in.digits()
    _, peer, _ = subject.others
    drawn = figure.draw("ae-vs-vae", subject)
    for ax, title, model in (
        (drawn.axes[0], subject.title, subject.model),
        (drawn.axes[2], peer.title, peer.model),
    ):
        inside = np.mean(np.linalg.norm(model.transform(subject.test_x), axis=1) <= 3)
        assert ax.get_title() == f"{title}\n{inside:.0%} of the codes within 3σ"
    ratio = drawn.axes[2].get_xlim()[1] / drawn.axes[0].get_xlim()[1]
    assert f"right map spans {ratio:.1f} times" in drawn.get_supxlabel().replace("\n", " ")


def test_maps_of_one_size_are_said_to_be_so(stand_in):
    subject = stand_in.digits()
    near = stand_in.StandIn(2, subject.test_x, is_generative=False)
    drawn = figure.draw("ae-vs-vae", against(subject, Peer("a", near, "flat")))
    assert "nearly the same scale" in drawn.get_supxlabel().replace("\n", " ")


def test_the_variational_one_stands_on_the_left(stand_in):
    subject = stand_in.digits()
    turned = against(stand_in.autoencoder(), *subject.others)
    titles = [ax.get_title().split("\n")[0] for ax in figure.draw("ae-vs-vae", turned).axes]
    assert titles[0] == "digits-20" and titles[2] == "autoencoder"
    note = figure.draw("ae-vs-vae", turned).get_supxlabel().replace("\n", " ")
    assert "in the two latents used most" in note


def test_a_table_has_maps_only(stand_in):
    drawn = figure.draw("ae-vs-vae", stand_in.table())
    assert len(drawn.axes) == 2 and "decoded" not in drawn.get_supxlabel()


def test_the_first_fitting_one_of_many(stand_in):
    subject = stand_in.digits()
    line = Peer("line", stand_in.StandIn(1, subject.test_x, is_generative=False), "flat")
    large, autoencoder, _ = subject.others
    many = against(subject, large, line, autoencoder)
    assert figure.draw("ae-vs-vae", many).axes[2].get_title().startswith(autoencoder.title)


def test_why_not(stand_in):
    subject = stand_in.digits()
    reason_not = AeVsVae().reason_not
    assert "no second model to set against this one; --against" in reason_not(against(subject))
    assert "plain autoencoder" in reason_not(against(subject, subject.peer))
    line = Peer("line", stand_in.StandIn(1, subject.test_x, is_generative=False), "flat")
    assert "of the other model, the latent space has 1 dim" in reason_not(against(subject, line))
    mixed = against(stand_in.mixture(), *subject.others)
    assert "prior is not N(0, I)" in reason_not(mixed)
    mixed = against(stand_in.autoencoder(), stand_in.mixture().peer)
    assert "prior is not N(0, I)" in reason_not(mixed)
