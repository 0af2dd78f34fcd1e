import numpy as np

from latentia import figure
from latentia.figure.kl_spectrum import KlSpectrum


def test_bars_are_sorted_and_the_threshold_is_marked(stand_in, tick_labels):
    subject = stand_in.digits(5)
    (ax,) = figure.draw("kl-spectrum", subject).axes
    heights = [bar.get_height() for bar in ax.patches]
    kl = subject.model.elbo(subject.test_x, random_state=0).kl_per_dim.mean(axis=0)
    assert np.allclose(heights, np.sort(kl)[::-1])
    assert tick_labels(ax.xaxis) == [f"$z_{{{d + 1}}}$" for d in np.argsort(-kl)]
    assert set(ax.lines[0].get_ydata()) == {0.01}
    assert "3 of 5 latents carry more than" in ax.get_title(loc="left")
    assert len({bar.get_facecolor() for bar in ax.patches}) == 2
    assert ax.get_ylabel() == "mean KL (nats per example)"


def test_a_logarithmic_axis_and_another_threshold(stand_in):
    (ax,) = figure.draw("kl-spectrum", stand_in.digits(5), log=True, threshold=1e-5).axes
    assert ax.get_yscale() == "log" and "5 of 5" in ax.get_title(loc="left")


def test_why_not(stand_in):
    assert "no KL" in KlSpectrum().reason_not(stand_in.autoencoder())
    assert "mixture prior is no sum over" in KlSpectrum().reason_not(stand_in.mixture())


def test_many_latents_are_ranked(stand_in):
    import dataclasses

    subject = stand_in.digits()
    many = dataclasses.replace(subject, model=stand_in.StandIn(40, subject.test_x))
    (ax,) = figure.draw("kl-spectrum", many).axes
    assert len(ax.patches) == 40 and "rank" in ax.get_xlabel()
