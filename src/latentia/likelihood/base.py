"""The contract of the room: a decoder returns a distribution over x, and says over which x."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.conditions import beside, present
from latentia.network.base import Network, owns_its_output

__all__ = ["Likelihood", "Support"]

# What x can be: black or white; one of 256 levels k/255; anything in [0, 1]; any number; and more
# narrowly anything between 0 and 1; above 0; 0, 1, 2, ...; 0, 1, ..., C - 1 for a C that is known.
Support = Literal["binary", "levels", "unit", "real", "open-unit", "positive", "counts", "classes"]


class Likelihood(nn.Module, ABC):
    """A decoder p(x|z), or p(x|z, c); its dimensions are independent given z unless it says not.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents; of a conditional model L + C, what is decoded. Of
            latents that are embedded E stands for L.
    """

    # The kinds of x of which this is a density (or mass function); on others it is a mere cost.
    describes: ClassVar[frozenset[Support]]
    # Whether log_prob is the logarithm of a probability, not of a density: bits of a file, then.
    is_mass: ClassVar[bool] = False
    # Whether the decoder's numbers may be of three digits: an error in a logit of 1e-3 is one in a
    # probability, but one in the place of a narrow peak is nats.
    is_coarse: ClassVar[bool] = False
    # Whether dimensions are independent given z: p(x|z) is an `Independent`, of which a missing
    # cell can be left out.
    factorizes: ClassVar[bool] = True
    # Whether a pixel depends on those before it, so that the decoder may do without z.
    autoregressive: ClassVar[bool] = False
    # Whether p(x|z) has a mean, and what is shown of it where x must be one picture.
    has_mean: ClassVar[bool] = True
    shows: ClassVar[tuple[str, str]] = ("Means", "E[x|z]")
    # Why log_prob is a cost and of nothing the logarithm of a probability, empty where it is one;
    # and what it is counted in.
    cost: ClassVar[str] = ""
    unit: ClassVar[str] = "nats"
    # P, how many numbers the decoder emits for every dimension of x; set before this is built
    # where an option of the member says how many.
    numbers: int = 1
    # C, how many numbers the conditions are that are decoded beside z.
    c_dim: int = 0
    # The conditions of the batch in hand, (B, C), where none are handed over.
    c: Tensor | None = None
    # From z (..., L) to what is decoded, (..., E), where z is a code; the model sets it.
    embed: Callable[[Tensor], Tensor] | None = None
    # A zero with a gradient, (B, E), that is added to it.
    carry: Tensor | None = None
    # Whether `adapt` solves for something from the batch.
    adapts: bool = False

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        self.x_shape = tuple(x_shape)
        self.decoder = network.decoder(latent_dim, self.emitted)
        self.bias = nn.Parameter(torch.zeros(self.emitted))
        self._in_place = owns_its_output(self.decoder)

    @property
    def emitted(self) -> tuple[int, ...]:
        """Shape of what is emitted for an example: (P, *x_shape) where nothing is shared."""
        return (self.numbers, *self.x_shape)

    @abstractmethod
    def forward(self, z: Tensor, c: Tensor | None = None) -> Distribution:
        """Return p(x|z).

        Arguments:
            z: Latents, (..., L).
            c: Conditions, or None.

        Returns:
            A distribution of batch shape (...) and event shape (*x_shape).
        """

    @abstractmethod
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the output bias so that the decoder starts at the training marginals.

        Arguments:
            mean: Mean of the training data, (*x_shape).
            std: Their standard deviation, (*x_shape).
        """

    @staticmethod
    def shown(p: Distribution) -> Tensor:
        """Return the x that stands for p(x|z), its batch and event shape: the mean here."""
        return p.mean

    @staticmethod
    def seen(x: Tensor) -> Tensor:
        """Return x on the scale on which an encoder sees it best, same shape; x itself here."""
        return x

    def standardize(self, mean: Tensor, std: Tensor) -> None:
        """Work in units of the data's standard deviation; nothing to do where units are fixed.

        Arguments:
            mean: Mean of the training data, (*x_shape).
            std: Their standard deviation, (*x_shape).
        """

    def adapt(self, p: Distribution, x: Tensor) -> Distribution:
        """Return p with whatever is solved for in closed form from the batch; p itself here.

        Arguments:
            p: What `forward` returned, batch shape (K, B).
            x: The batch, (B, *x_shape), NaN where missing.
        """
        return p

    def emit(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Return the decoder's numbers plus their bias, (..., *emitted): (..., P, *x_shape).

        Arguments:
            z: Latents, (..., L).
            c: Conditions, (B, C) for z (..., B, L); those of the batch in hand if None.
        """
        if self.embed is not None:
            z = self.embed(z)
            z = z if self.carry is None else z + self.carry
        if self.c_dim:
            z = beside(z, present(self.c if c is None else c))
        # The decoder's products may be of bfloat16; what is made of them never is.
        out: Tensor = self.decoder(z.reshape(-1, z.shape[-1])).to(self.bias.dtype)
        in_place = self._in_place and not torch.is_grad_enabled()
        out = out.add_(self.bias) if in_place else out + self.bias
        return out.reshape(*z.shape[:-1], *self.bias.shape)

    def emit_one(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Return the decoder's only number for each dimension, (..., *x_shape)."""
        return self.emit(z, c).squeeze(-1 - len(self.x_shape))

    def independent(self, each: Distribution) -> Independent[Distribution]:
        """Return a distribution of single dimensions as one over whole examples."""
        return Independent(each, len(self.x_shape), validate_args=False)
