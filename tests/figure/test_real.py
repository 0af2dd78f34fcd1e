"""The figures of small real estimators, as `fit` leaves them."""

import numpy as np
import pytest

import latentia as lt
from latentia import figure
from latentia.figure.base import Peer, Subject

NEVER = {"conditions", "factors", "groups"}  # what these digits and models do not have
SMALL = {"network": {"name": "mlp", "hidden": (16,)}, "max_epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return lt.data.load("digits")


def _subject(model, data, *others):
    config = model.config_
    return Subject(
        model=model, test_x=data.x[:200], test_y=data.y[:200], title=type(model).__name__,
        metrics=model.history_, no_likelihood=config.no_likelihood,
        prior=config.model.prior["name"],
        others=tuple(
            Peer(f"{i}", m, m.config_.model.prior["name"], m.config_.no_likelihood)
            for i, m in enumerate(others)
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def models(digits):
    made = {
        "vae": lt.VAE(n_components=2, **SMALL),
        "three": lt.VAE(n_components=3, **SMALL),
        "autoencoder": lt.AutoEncoder(n_components=2, **SMALL),
        "mixture": lt.VAE(n_components=2, prior="mixture", **SMALL),
    }
    return {name: model.fit(digits.x[200:400]) for name, model in made.items()}


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("vae", {*NEVER, "denoising", "epochs"}),
        ("autoencoder", {*NEVER, "denoising", "epochs", "by-latent-size",
                         "kl-spectrum", "manifold", "samples"}),
        ("mixture", {*NEVER, "denoising", "epochs", "ae-vs-vae", "kl-spectrum", "manifold"}),
    ],
)  # fmt: skip
def test_every_kind_that_applies_draws(name, left_out, models, digits):
    model = models[name]
    others = [m for other, m in models.items() if other != name]
    subject = _subject(model, digits, *others)
    reasons = figure.available(subject)
    assert {kind for kind, reason in reasons.items() if reason} == left_out
    for kind in set(reasons) - left_out:
        figure.draw(kind, subject).draw_without_rendering()


def test_latents_by_their_real_kl(models, digits):
    model = models["three"]
    x = digits.x[:200]
    ax = figure.draw("kl-spectrum", _subject(model, digits)).axes[0]
    kl = model.elbo(x, random_state=0).kl_per_dim.mean(axis=0)
    assert np.allclose([bar.get_height() for bar in ax.patches], np.sort(kl)[::-1])
