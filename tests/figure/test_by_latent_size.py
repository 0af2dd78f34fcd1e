import numpy as np

from latentia import figure
from latentia.figure.by_latent_size import by_latent_size


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
    by_size = {m.n_components: m for _, m in subject.others}
    assert np.allclose(image[27:, :8], np.clip(by_size[20].reconstruct(x)[0], 0, 1))
    nats = by_size[20].elbo(subject.test_x, random_state=0).reconstruction.mean()
    assert labels[3] == f"20 latents\n{nats:.1f} nats".replace("-", "−")


def test_the_plain_function(stand_in, tick_labels):
    subject = stand_in.digits()
    models = [(5, subject.others[1][1]), (2, subject.model)]
    (ax,) = by_latent_size(models, subject.test_x[:30], n=4).axes
    assert [label.split("\n")[0] for label in tick_labels(ax.yaxis)][1:] == [
        "2 latents",
        "5 latents",
    ]
    assert "30 held-out" in ax.figure.get_supxlabel().replace("\n", " ")
