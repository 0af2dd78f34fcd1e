import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.by_latent_size import ByLatentSize, by_latent_size


def test_rows_by_number_of_latents(stand_in, image_of, tick_labels):
    subject = stand_in.digits()
    (ax,) = figure.draw("by-latent-size", subject, n=6).axes
    labels = tick_labels(ax.yaxis)
    assert [label.split("\n")[0] for label in labels] == [
        "input", "2 latents", "5 latents", "20 latents",
    ]  # fmt: skip
    image = image_of(ax)
    x = subject.test_x[subject.pick(6)]
    assert np.allclose(image[:8, :8], x[0] / 255)
    by_size = {peer.model.latent_dim_: peer.model for peer in subject.others}
    assert np.allclose(image[27:, :8], np.clip(by_size[20].reconstruct(x)[0], 0, 1))
    nats = by_size[20].elbo(subject.test_x, random_state=0).reconstruction.mean()
    assert labels[3] == f"20 latents\n{nats:.1f} nats".replace("-", "−")


def test_a_star_where_nats_are_no_likelihood(stand_in, tick_labels):
    subject = dataclasses.replace(stand_in.mixture(), others=stand_in.digits().others)
    (ax,) = figure.draw("by-latent-size", subject, n=4).axes
    stars = ["*" in label for label in tick_labels(ax.yaxis)]
    assert stars == [False, True, False, False]  # the input, and 2, 5 and 20 latents
    assert "* no likelihood: a Bernoulli" in ax.figure.get_supxlabel()


def test_models_of_one_size_are_named(stand_in, tick_labels):
    subject = stand_in.digits()
    twin = subject.others[0]._replace(title="twin")
    twins = dataclasses.replace(subject, others=(*subject.others, twin))
    (ax,) = figure.draw("by-latent-size", twins, n=4).axes
    assert [label.split("\n")[0] for label in tick_labels(ax.yaxis)] == [
        "input", "2 latents", "5 latents", "digits-20", "twin",
    ]  # fmt: skip


def test_why_not(stand_in):
    subject = stand_in.digits()
    _, autoencoder, _ = subject.others
    reason_not = ByLatentSize().reason_not
    assert "no other models" in reason_not(dataclasses.replace(subject, others=()))
    alike = dataclasses.replace(subject, others=(autoencoder, subject.peer))
    assert "autoencoders here have 2 latents; --against" in reason_not(alike)
    assert "table" in reason_not(stand_in.table())


def test_the_plain_function(stand_in, tick_labels):
    subject = stand_in.digits()
    models = [(5, subject.others[2].model), (2, subject.model)]
    (ax,) = by_latent_size(models, subject.test_x[:30], n=4).axes
    assert [label.split("\n")[0] for label in tick_labels(ax.yaxis)][1:] == [
        "2 latents",
        "5 latents",
    ]
    assert "30 held-out" in ax.figure.get_supxlabel().replace("\n", " ")
