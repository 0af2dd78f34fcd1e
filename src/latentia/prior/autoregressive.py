"""The prior of choices that depend on each other."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.autoregressive_codes import Autoregressive as AutoregressiveDistribution
from latentia.distribution.space import Space, require_choices
from latentia.prior._causal import Causal
from latentia.prior.base import Prior

__all__ = ["Autoregressive"]


@final
class Autoregressive(Prior):
    r"""Choices one after the other, each with probabilities that those before it decide.

    .. math:: p(z) = \prod_g p(z_g | z_1, \dots, z_{g-1})

    Independent choices are a special case, and where it starts. The probabilities come from a
    causal transformer: a density takes one pass of it, a draw one for each choice. It is trained
    beside the model, or after it by `latentia fit-prior`, as that of a VQ-VAE was.

    Arguments:
        latent_dim: L, the number of latents, all choices together.
        choices: How many choices; each is of one of L / choices classes.
        layers: How many layers of attention.
        width: Numbers for each choice in every layer; a multiple of 32, or less than that.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning", 2017;
        Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> import torch
        >>> Autoregressive(6, choices=2)().log_prob(torch.tensor([0.0, 1, 0, 0, 0, 1])).exp()
        tensor(0.1111, grad_fn=<ExpBackward0>)
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "one-hot"

    def __init__(
        self, latent_dim: int, *, choices: int = 1, layers: int = 2, width: int = 128
    ) -> None:
        super().__init__()
        require_choices(latent_dim, choices, "prior")
        self.choices, self.classes = choices, latent_dim // choices
        self.network = Causal(choices, self.classes, layers=layers, width=width)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the prior, event (L,)."""
        return AutoregressiveDistribution(
            self.network, self.choices, self.classes, self.network.bias.detach()
        )
