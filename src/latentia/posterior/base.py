"""The contract of the room: an inference network returns a distribution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.conditions import present
from latentia.distribution.quantized import Quantized
from latentia.distribution.relaxation import Relaxation, Relaxed
from latentia.distribution.space import Space
from latentia.errors import UsageError

__all__ = ["Posterior", "Refined", "Standardize", "as_it_is"]


class Posterior(nn.Module, ABC):
    """An inference network q(z|x), or q(z|x, c) of a model with conditions."""

    # False for a point mass: then ELBO is no bound on log p(x), and nothing reports it.
    has_density: ClassVar[bool] = True
    # Whether no z that explains x has probability 0, so that the mean importance weight is p(x).
    covers: ClassVar[bool] = True
    # Whether it is trained by a price on what lies between x and its code; no other is.
    commits: ClassVar[bool] = False
    # Whether a compiler can see how it draws.
    compiles: ClassVar[bool] = True
    # What its z can be; the prior's must be the same.
    space: ClassVar[Space] = "real"

    # Whether its latents stand in groups, as those of its network and its prior then do.
    hierarchical: ClassVar[bool] = False
    # By what draws a gradient passes to it where its z are codes; None where by z itself...
    relaxation: Relaxation | None = None
    # ...and whether, while training, those are decoded for it, and not z.
    relaxes: bool = False
    # G, how many choices of one of several z is; 0 where it is none.
    choices: int = 0
    # E, of how many numbers `embedded` are; 0 where z itself is decoded.
    decoded_dim: int = 0

    standardize: Standardize

    @abstractmethod
    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x).

        Arguments:
            x: Examples, (B, *x_shape).
            c: Conditions, (B, C), or None.

        Returns:
            A distribution of batch shape (B,) and event shape (L,).
        """

    def embedded(self, z: Tensor) -> Tensor:
        """Return what is decoded of z (..., L): the vectors that codes stand for; z itself here.

        It is part of p(x|z), whatever z is. Where it is not z itself it is (..., E).
        """
        return z

    def relaxed(self, q: Distribution, samples: int) -> Relaxed:
        """Return draws between codes and the codes, each (K, B, L), of one that `relaxes`.

        Arguments:
            q: What `forward` returned for a batch.
            samples: K, how many of each.
        """
        raise NotImplementedError

    def adapt(self, q: Quantized) -> None:
        """Take over what follows from a batch while training; nothing here.

        Arguments:
            q: What `forward` returned for the batch, after it was decoded.
        """


class Refined(Posterior, ABC):
    """An inference network whose draws are moved by log p(x, z) itself.

    The model hands it that when it is put together. log q(z|x) is then known of a draw when it is
    drawn, and of no other z.
    """

    # From x (B, *x_shape), z (K, B, L) and conditions to log p(x, z), (K, B) nats.
    log_joint: Callable[[Tensor, Tensor, Tensor | None], Tensor] | None = None

    def joint(self, x: Tensor, z: Tensor, c: Tensor | None) -> Tensor:
        """Return log p(x, z), (K, B) nats; NaN in x is a missing cell.

        Raises:
            UsageError: if it is the posterior of no model.
        """
        if self.log_joint is None:
            raise UsageError(
                "This posterior is moved by a model's log p(x, z), and is in no model.",
                how="Make a `LatentVariableModel` of it.",
            )
        return self.log_joint(x, z, c)


# Deviations beyond which nothing is seen on a logarithmic scale.
_FAR = 10.0
# How far, at first, a condition moves each number of x: in a layer of some hundred inputs as much
# as one input more.
_ASIDE = 0.05


class Standardize(nn.Module):
    r"""The encoder's view of x: :math:`(x - m) / s`, missing cells at the mean.

    It is the identity until `fit`. Living in the model, it makes a run usable on raw data. Where
    the likelihood lives on a logarithmic scale, x is brought to it first (`Likelihood.seen`).

    Of a conditional model the encoder sees :math:`(x - m) / s + A c`, with a learned A: that is
    what a first layer makes of x and c side by side, for every architecture.

    Arguments:
        x_shape: Shape of one example.
    """

    shift: Tensor
    scale: Tensor
    # The conditions of the batch in hand, (B, C), where none are handed over.
    c: Tensor | None = None

    def __init__(self, x_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(x_shape))
        self.register_buffer("scale", torch.ones(x_shape))
        self.seen: Callable[[Tensor], Tensor] = as_it_is
        self.aside: nn.Linear | None = None

    def condition(self, c_dim: int) -> None:
        """Let the encoder see conditions of C numbers from here on."""
        self.aside = nn.Linear(c_dim, self.shift.numel(), bias=False)
        nn.init.normal_(self.aside.weight, std=_ASIDE)

    def fit(self, shift: Tensor, scale: Tensor) -> None:
        """Take mean and deviation of what is seen of the training data, each (*x_shape)."""
        self.shift.copy_(shift)
        self.scale.copy_(scale)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        """Return standardized x (B, *x_shape), 0 where x is NaN, moved by what c (B, C) says."""
        seen = _filled((self.seen(x) - self.shift).div_(self.scale))
        # The logarithm of what noise has set to 0 is no value that was ever seen.
        seen = seen if self.seen is as_it_is else seen.clamp_(-_FAR, _FAR)
        if self.aside is None:
            return seen
        moved: Tensor = self.aside(present(self.c if c is None else c))
        return seen + moved.to(seen.dtype).reshape(-1, *self.shift.shape)


def _filled(x: Tensor) -> Tensor:
    """Return x with 0 where it is NaN; x may be written to."""
    # Inductor takes isnan one number after the other: at a batch of 512 digits 0.2 ms.
    return torch.where(x == x, x, 0.0) if torch.compiler.is_compiling() else x.nan_to_num_(nan=0.0)


def as_it_is(x: Tensor) -> Tensor:
    """Return x."""
    return x
