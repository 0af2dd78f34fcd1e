"""What latents can be."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from latentia.errors import UsageError

__all__ = ["Space", "onto", "require_choices", "require_same_choices", "require_sphere"]

# Any numbers; zeros and ones; a single one in each group; points of the unit sphere.
Space = Literal["real", "binary", "one-hot", "sphere"]


def onto(space: Space, z: Tensor) -> Tensor:
    """Return z (..., L) brought to the space that it is of: directions to length 1.

    Means and points between directions lie inside the sphere, where no decoder was trained. Zeros
    and ones and choices stay as they are: their means are probabilities.

    Example:
        >>> import torch
        >>> onto("sphere", torch.tensor([3.0, 4.0]))
        tensor([0.6000, 0.8000])
    """
    return z / z.norm(dim=-1, keepdim=True).clamp_min(1e-8) if space == "sphere" else z


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


def require_same_choices(groups: int, classes: int, of_prior: int, in_prior: int) -> None:
    """Refuse a posterior and a prior that divide the same latents into other choices.

    Arguments:
        groups: How many choices the posterior makes.
        classes: Of how many classes each.
        of_prior: How many choices the prior makes.
        in_prior: Of how many classes each.

    Raises:
        UsageError: if they differ.

    Example:
        >>> require_same_choices(2, 3, 2, 3)
    """
    if (groups, classes) != (of_prior, in_prior):
        raise UsageError(
            f"The posterior makes {groups} choices of {classes}, and the prior {of_prior} of "
            f"{in_prior}.",
            where="--posterior.choices, --prior.choices",
            how="Give both the same number.",
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
