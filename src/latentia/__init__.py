r"""Variational autoencoders whose numbers are nats.

    log p(x)  =  E_q[log p(x|z)]  -  KL(q(z|x) || p(z))  +  KL(q(z|x) || p(z|x))
                 reconstruction      regularization         the gap (>= 0)
                 \______________________ ELBO ______/

Example:
    >>> import latentia as lt
    >>> X, y = lt.data.load("digits", return_X_y=True)
    >>> vae = lt.VAE(n_components=2, max_epochs=2, random_state=0).fit(X)
    >>> vae.transform(X).shape
    (1797, 2)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from latentia import memory, threads

if TYPE_CHECKING:
    from latentia import data
    from latentia.estimator._load import load
    from latentia.estimator.autoencoder import AutoEncoder
    from latentia.estimator.conditional_vae import ConditionalVAE
    from latentia.estimator.semi_supervised_vae import SemiSupervisedVAE
    from latentia.estimator.vae import VAE
    from latentia.explorer.sharing import explore, write_html

threads.settle()
memory.keep()

__version__ = "0.1.0"
__all__ = [
    "VAE",
    "AutoEncoder",
    "ConditionalVAE",
    "SemiSupervisedVAE",
    "data",
    "explore",
    "load",
    "write_html",
]

# Loaded when first used: `latentia --help` should wait for neither torch nor numpy.
_LAZY = {
    "AutoEncoder": "latentia.estimator.autoencoder",
    "ConditionalVAE": "latentia.estimator.conditional_vae",
    "SemiSupervisedVAE": "latentia.estimator.semi_supervised_vae",
    "VAE": "latentia.estimator.vae",
    "explore": "latentia.explorer.sharing",
    "load": "latentia.estimator._load",
    "write_html": "latentia.explorer.sharing",
}
_ROOMS = {
    *("data", "network", "distribution", "posterior", "prior", "likelihood", "objective"),
    *("corruption", "feature", "evidence", "training", "evaluation", "figure", "estimator"),
}


def __dir__() -> list[str]:
    return [*__all__, *sorted(_ROOMS - {"data"}), "__version__"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"latentia.{name}")
    raise AttributeError(f"module 'latentia' has no attribute {name!r}")
