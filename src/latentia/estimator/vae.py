"""The variational autoencoder."""

from __future__ import annotations

from typing import ClassVar, final

from latentia.config import EstimatorKind
from latentia.estimator._variational import Variational

__all__ = ["VAE"]


@final
class VAE(Variational):
    r"""A variational autoencoder: learns p(x) through latents z ~ p(z).

    .. math:: \log p(x) \ge E_{q(z|x)}[\log p(x|z)] - \beta\, KL(q(z|x) \| p(z)), \quad \beta = 1

    Components are names, or dictionaries with a name and options:
    `{"name": "mlp", "hidden": (256, 256)}`.

    Arguments:
        n_components: L, the number of latents; `auto` lets the data choose.
        likelihood: p(x|z), a member of the likelihood room, or `auto`.
        variational: The family of q(z|x), a member of the posterior room (the method `posterior`
            returns q(z|x) itself).
        prior: p(z), a member of the prior room.
        network: The architecture, a member of the network room, or `auto`.
        objective: What training maximizes, a member of the objective room.
        beta: Weight of the KL term in the ELBO objective; reports always use 1.
        binarize: How grey values become x: `dynamic`, `threshold`, `none` or `auto`.
        corruption: Noise on the encoder's input (denoising), a member of its room, or None.
        max_epochs: Passes over the data; `auto` is 50, or more where data are few.
        batch_size: Examples per step; `auto` is 128, or fewer where data are few.
        learning_rate: Adam's step size.
        settings: More fields of `latentia.training.settings.Settings`.
        random_state: Seed, or a numpy RandomState or Generator; None draws a fresh one.
        device: `auto`, `cpu` or `cuda`.
        verbose: Whether to show progress.

    References:
        Kingma and Welling, "Auto-encoding variational Bayes", 2014; Rezende et al., 2014.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> vae = VAE(n_components=2, max_epochs=1).fit(X)
        >>> vae.sample(3).shape
        (3, 8, 8)
    """

    kind: ClassVar[EstimatorKind] = "VAE"
