"""The order of the tutorial's argument; an experiment of yours comes after these."""

from __future__ import annotations

__all__ = ["ORDER"]

ORDER = (
    "controller",
    "simple-prior",
    "pixel-distance",
    "naive-likelihood",
    "variational-inference",
    "elbo-identity",
    "reparameterization",
    "default-structure",
    "ae-vs-vae",
    "manifold",
    "denoising",
    "rate-distortion",
)
