import dataclasses

import numpy as np

from latentia import figure
from latentia.figure.denoising import Denoising


def test_the_triptych(stand_in, image_of, tick_labels):
    subject = stand_in.digits(5)
    (ax,) = figure.draw("denoising", subject, n=4, seed=3).axes
    image = image_of(ax)
    clean = subject.test_x[subject.pick(4)]
    noisy = stand_in.salt(clean, 3)
    assert np.allclose(image[:8, 9:17], clean[1] / 255)
    assert np.allclose(image[9:17, 9:17], noisy[1])
    assert np.allclose(image[18:, 9:17], np.clip(subject.model.reconstruct(noisy)[1], 0, 1))
    rms = np.sqrt(np.mean((noisy - clean / 255) ** 2))
    assert tick_labels(ax.yaxis)[1] == f"noisy\n(rms {rms:.3f})"


def test_why_not(stand_in):
    bare = dataclasses.replace(stand_in.digits(), corruption=None)
    assert "without noise; --noise RATE" in Denoising().reason_not(bare)
    assert "table" in Denoising().reason_not(stand_in.table())
