"""The encoder with choices."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia import room
from latentia.errors import UsageError
from latentia.evidence.enumeration import Enumeration


def test_latents_that_are_no_whole_number_of_classes_are_refused():
    network = room.build("network", "linear")
    for room_, offer in (("posterior", {"network": network, "x_shape": (5,)}), ("prior", {})):
        with pytest.raises(UsageError, match="choices"):
            room.build(room_, {"name": "categorical", "choices": 2}, latent_dim=5, **offer)


def test_it_finds_the_clusters_that_there_are():
    """Four kinds of black-and-white rows: with four classes each gets its own."""
    random = np.random.default_rng(0)
    kinds = random.random((4, 12)) < 0.5
    y = random.integers(0, 4, 600)
    x = (kinds[y] ^ (random.random((600, 12)) < 0.05)).astype(np.uint8)
    vae = lt.VAE(
        n_components=8,
        variational="categorical",
        prior="categorical",
        objective="elbo",
        max_epochs=60,
        learning_rate=5e-3,
        random_state=1,
    ).fit(x)
    z = vae.transform(x)
    assert z.shape == (600, 8)
    np.testing.assert_allclose(z.sum(1), 1, atol=1e-5)
    found = z.argmax(1)
    pure = sum(np.bincount(y[found == k]).max() for k in np.unique(found))
    assert pure >= 0.9 * 600
    # No worse than a true mixture would be on these rows, and a bound in any case.
    exact = Enumeration()(vae.model_, torch.tensor(x[:100]).float()).log_likelihood
    assert exact.mean().item() >= vae.elbo(x[:100]).elbo.mean() - 0.05
    assert exact.mean().item() > -12 * np.log(2)
