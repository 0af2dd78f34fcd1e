"""What latents can be."""

from __future__ import annotations

from typing import Literal

from latentia.errors import UsageError

__all__ = ["Space", "require_choices", "require_sphere"]

# Any numbers; zeros and ones; a single one in each group; points of the unit sphere.
Space = Literal["real", "binary", "one-hot", "sphere"]


def require_choices(latent_dim: int, choices: int, of: str) -> None:
    """Refuse latents that are no whole number of classes for each choice.

    Arguments:
        latent_dim: L, the number of latents.
        choices: How many choices they are to be.
        of: `prior` or `posterior`.

    Raises:
        UsageError: if L is no multiple of the choices.

    Example:
        >>> require_choices(6, 2, "prior")
    """
    if choices < 1 or latent_dim % choices:
        raise UsageError(
            f"{latent_dim} latents are no {choices} choices of as many classes each.",
            where=f"--{of}.choices {choices}",
            how="The number of latents is choices times classes.",
        )


def require_sphere(latent_dim: int) -> None:
    """Refuse a sphere of no dimension.

    Raises:
        UsageError: if there is a single latent.
    """
    if latent_dim < 2:
        raise UsageError(
            "A direction needs at least two latents.",
            where=f"--latent-dim {latent_dim}",
            how="Use 3 for a sphere, 2 for a circle.",
        )
