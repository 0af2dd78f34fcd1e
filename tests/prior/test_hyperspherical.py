"""The prior of directions."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.errors import UsageError
from latentia.prior.hyperspherical import Hyperspherical


def test_every_direction_is_as_likely():
    torch.manual_seed(0)
    p = Hyperspherical(4)()
    z = p.sample((10_000,))
    assert len(p.log_prob(z).unique()) == 1
    torch.testing.assert_close(z.mean(0), torch.zeros(4), rtol=0, atol=0.03)


def test_one_latent_has_no_directions():
    with pytest.raises(UsageError, match="at least two"):
        Hyperspherical(1)


def test_the_whole_way_on_digits():
    X, _ = lt.data.load("digits", return_X_y=True)
    vae = lt.VAE(
        n_components=5, variational="von-mises-fisher", prior="hyperspherical", max_epochs=25
    ).fit(X)
    nats = vae.elbo(X[:200])
    assert (nats.kl > 0).all() and nats.kl_per_dim is None
    assert (vae.score_samples(X[:200], n_importance=100).mean() > nats.elbo.mean()).all()
    untrained = lt.VAE(
        n_components=5,
        variational="von-mises-fisher",
        prior="hyperspherical",
        max_epochs=1,
        learning_rate=1e-9,
    ).fit(X)
    assert nats.elbo.mean() > untrained.elbo(X[:200]).elbo.mean() + 2
    assert vae.sample(3).shape == X[:3].shape


def test_what_is_decoded_is_a_direction(tmp_path):
    X, _ = lt.data.load("digits", return_X_y=True)
    vae = lt.VAE(
        n_components=3, variational="von-mises-fisher", prior="hyperspherical", max_epochs=1
    ).fit(X)
    z = np.array([[0.3, -0.2, 0.1], [3.0, -2.0, 1.0]], dtype=np.float32)
    decoded = vae.inverse_transform(z)
    np.testing.assert_allclose(decoded[0], decoded[1], atol=1e-5)
    assert (np.linalg.norm(vae.transform(X[:20]), axis=1) < 1).all()  # means lie inside
