import numpy as np
from scipy.stats import norm

from latentia import figure
from latentia.figure.manifold import Manifold


def test_decodes_the_normal_quantiles(stand_in, image_of):
    subject = stand_in.digits()
    subject.model.seen.clear()
    (ax,) = figure.draw("manifold", subject, n=6).axes
    (z,) = subject.model.seen
    quantiles = norm.ppf((np.arange(6) + 0.5) / 6)
    grid = z.reshape(6, 6, 2)
    assert np.allclose(grid[0, :, 0], quantiles)  # across: the first latent rises
    assert np.allclose(grid[:, 0, 1], quantiles[::-1])  # downward: the second one falls
    image = image_of(ax)
    assert image.shape == (48, 48)
    corner = np.clip(subject.model.inverse_transform([[quantiles[-1], quantiles[-1]]])[0], 0, 1)
    assert np.allclose(image[:8, -8:], corner)


def test_ticks_stand_where_their_values_lie(stand_in):
    (ax,) = figure.draw("manifold", stand_in.digits(), n=10).axes
    for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
        z = float(label.get_text().replace("−", "-"))
        assert np.isclose((place + 0.5) / 80, norm.cdf(z))
    for place, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True):
        z = float(label.get_text().replace("−", "-"))
        assert np.isclose(1 - (place + 0.5) / 80, norm.cdf(z))
    assert ax.get_xlabel() == "$z_1$ (prior std. dev.)"


def test_why_not(stand_in):
    reason_not = Manifold().reason_not
    assert reason_not(stand_in.digits(5)) == "the latent space has 5 dimensions, not 2"
    assert "no prior" in reason_not(stand_in.autoencoder())
    assert reason_not(stand_in.mixture()).startswith("the prior is mixture, and only a standard")
    assert "table" in reason_not(stand_in.table())
