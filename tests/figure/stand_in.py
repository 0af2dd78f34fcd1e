"""Stand-in models for the figures: linear ones with the estimators' face."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_digits, load_iris, load_sample_images
from sklearn.decomposition import PCA

from latentia.data._conditions import Condition
from latentia.figure.base import Peer, Subject


@dataclass(frozen=True)
class StandInNats:
    reconstruction: np.ndarray
    kl_per_dim: np.ndarray

    @property
    def kl(self):
        return self.kl_per_dim.sum(axis=1)

    @property
    def elbo(self):
        return self.reconstruction - self.kl


class StandIn:
    """A whitened PCA that says it is a VAE; `seen` keeps what its decoder was asked."""

    def __init__(self, n_components, X, *, is_generative=True, idle=0, spread=1.0):
        self.latent_dim_, self.is_generative = n_components, is_generative
        self.unit = X.dtype == np.uint8
        self.shape, self.spread, self.seen = X.shape[1:], spread, []
        self.scale = np.ones(n_components)
        self.scale[:idle] = 0.03  # the first latents are nearly collapsed
        self.pca = PCA(n_components, whiten=True, random_state=0).fit(self._flat(X))

    def _flat(self, X):
        X = np.asarray(X)
        return (X / 255.0 if X.dtype == np.uint8 else X).reshape(len(X), -1)

    def transform(self, X):
        return self.pca.transform(self._flat(X)) * self.scale * self.spread

    def inverse_transform(self, Z):
        Z = np.asarray(Z)
        assert Z.ndim == 2 and Z.shape[1] == self.latent_dim_
        self.seen.append(Z)
        flat = self.pca.inverse_transform(Z * self.scale / self.spread)
        return flat.reshape(len(Z), *self.shape)

    def reconstruct(self, X):
        return self.inverse_transform(self.transform(X))

    def sample_mean(self, n, *, random_state):
        assert self.is_generative
        return self.inverse_transform(
            np.random.default_rng(random_state).standard_normal((n, self.latent_dim_))
        )

    def sample(self, n, *, random_state):
        mean = self.sample_mean(n, random_state=random_state)
        noise = np.random.default_rng(random_state + 1).standard_normal(mean.shape)
        return mean + 0.1 * noise

    def elbo(self, X, *, random_state):
        error = ((self._flat(X) - self._flat(self.reconstruct(X))) ** 2).sum(axis=1)
        return StandInNats(-10.0 * error, 0.5 * self.transform(X) ** 2)

    def interpolate(self, a, b, *, steps, method):
        za, zb = self.transform(np.stack([a, b]))
        t = np.linspace(0, 1, steps)[:, None]
        if method == "linear":
            return self.inverse_transform((1 - t) * za + t * zb)
        angle = np.arccos(za @ zb / np.linalg.norm(za) / np.linalg.norm(zb))
        return self.inverse_transform(
            (np.sin((1 - t) * angle) * za + np.sin(t * angle) * zb) / np.sin(angle)
        )


def metrics(epochs=20):
    rows = []
    for epoch in range(1, epochs + 1):
        for split, lag in (("train", 0.0), ("validation", 1.5)):
            late = 0.03 * max(0, epoch - 14) ** 2 if split == "validation" else 0.0
            kl, reconstruction = 7 - 5 / epoch, -140 - 60 / epoch - lag - late
            rows.append({
                "epoch": epoch, "step": 40 * epoch, "seconds": 1.0, "split": split,
                "elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl,
                "kl_per_dim": [kl / 2, kl / 2], "active_units": min(2, epoch // 2),
                "learning_rate": 1e-3 * 0.9**epoch,
            })  # fmt: skip
    return rows


def salt(x, seed):
    """Salt-and-pepper noise on a fifth of the pixels, in [0, 1]."""
    random = np.random.default_rng(seed)
    x = x / 255.0 if x.dtype == np.uint8 else x
    return np.where(random.random(x.shape) < 0.2, random.integers(0, 2, x.shape), x)


@cache
def digits(latents=2):
    X, y = load_digits(return_X_y=True)
    X = np.round(X.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    model = StandIn(latents, X[600:], idle=latents // 2 if latents > 2 else 0)
    return Subject(
        model=model, test_x=X[:600], test_y=y[:600], label_names=tuple("0123456789"),
        metrics=metrics(), title=f"digits, {latents} latents", corruption=salt,
        conditions=(Condition("label", tuple("0123456789")),), given=lambda values: model,
        groups=(1,) * latents,
        factors={"parity": y[:600] % 2, "ink": X[:600].mean((1, 2)) // 6 % 3},
        by_group=lambda x: np.stack(
            [np.asarray(x) / 255 * step / latents for step in range(latents + 1)]
        ),
        snapshots=tuple((e, StandIn(latents, X[600:][: 30 * e])) for e in (1, 2, 5, 9, 15, 20)),
        others=(
            Peer("digits-20", StandIn(20, X[600:])),
            Peer(
                "digits, autoencoder", StandIn(latents, X[600:], is_generative=False, spread=4.0),
                "flat", "the posterior is a point mass",
            ),
            Peer("digits-5", StandIn(5, X[600:])),
        ),
    )  # fmt: skip


@cache
def photographs():
    patches = []
    for image in load_sample_images().images:
        for top in range(0, 400, 32):
            patches += [image[top : top + 32, left : left + 32] for left in range(0, 600, 32)]
    X = np.stack(patches)
    X = X[np.random.default_rng(0).permutation(len(X))]
    return Subject(
        model=StandIn(12, X[100:]), test_x=X[:100], metrics=metrics(), title="photographs",
        corruption=salt,
    )  # fmt: skip


@cache
def table():
    data = load_iris()
    X = data.data.astype(np.float32)
    return Subject(
        model=StandIn(3, X), test_x=X, test_y=data.target, is_image=False,
        label_names=tuple(map(str, data.target_names)), column_names=tuple(data.feature_names),
        metrics=metrics(), title="iris",
        others=(Peer("", StandIn(2, X, is_generative=False, spread=3.0), "flat"),),
        snapshots=((1, StandIn(3, X[::5])), (9, StandIn(3, X))),
    )  # fmt: skip


def autoencoder():
    """The digits with the plain autoencoder in front and no labels."""
    subject = digits(2)
    _, peer, _ = subject.others
    return Subject(
        model=peer.model, test_x=subject.test_x, title="autoencoder", metrics=metrics(),
        prior="flat", no_likelihood=peer.no_likelihood,
    )  # fmt: skip


class Mixed(StandIn):
    """A stand-in whose KL is no sum over latents."""

    def elbo(self, X, *, random_state):
        found = super().elbo(X, random_state=random_state)
        return Sum(found.reconstruction, found.kl, found.elbo)


@dataclass(frozen=True)
class Sum:
    reconstruction: np.ndarray
    kl: np.ndarray
    elbo: np.ndarray
    kl_per_dim: None = None


def two_hills(z):
    """The log-density of half N((-4, 0), I) and half N((4, 0), I)."""
    far = [np.exp(-((z - np.array([m, 0.0])) ** 2).sum(axis=1) / 2) for m in (-4.0, 4.0)]
    return np.log(0.5 * (far[0] + far[1]) / (2 * np.pi))


def mixture(latents=2):
    """The digits with a prior that is not N(0, I), and nats that are no likelihood."""
    subject = digits(latents)
    return dataclasses.replace(
        subject, model=Mixed(latents, subject.test_x), prior="mixture", prior_log_prob=two_hills,
        no_likelihood="a Bernoulli is no density of grey levels",
    )  # fmt: skip


SUBJECTS = {
    "digits-2": digits, "photographs": photographs,
    "table": table, "autoencoder": autoencoder, "mixture": mixture,
}  # fmt: skip
