import numpy as np

from latentia import figure


def test_two_pairs_of_different_labels_both_ways(stand_in, image_of, tick_labels):
    subject = stand_in.digits(5)
    (ax,) = figure.draw("interpolation", subject, steps=5).axes
    image = image_of(ax)
    assert image.shape == (4 * 8 + 1 + 4 + 1, 7 * 8 + 6)
    assert tick_labels(ax.yaxis) == ["linear", "spherical"] * 2
    assert tick_labels(ax.xaxis) == ["a", "0%", "25%", "50%", "75%", "100%", "b"]
    x = subject.test_x / 255
    first = [np.flatnonzero(np.all(np.isclose(x, image[:8, at : at + 8]), axis=(1, 2)))[0]
             for at in (0, 54)]  # fmt: skip
    assert subject.test_y[first[0]] != subject.test_y[first[1]]
    a, b = subject.test_x[first]
    way = subject.model.interpolate(a, b, steps=5, method="spherical")
    assert np.allclose(image[9:17, 27:35], np.clip(way[2], 0, 1))


def test_pairs_depend_on_the_seed_alone(stand_in, image_of):
    images = [
        image_of(figure.draw("interpolation", stand_in.digits(), seed=s).axes[0])
        for s in (1, 1, 2)
    ]
    assert np.array_equal(images[0], images[1]) and not np.array_equal(images[0], images[2])
