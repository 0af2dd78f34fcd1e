"""The encoder that rounds to the nearest words of a codebook."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.quantized import Quantized
from latentia.distribution.space import Space, require_choices
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior._codebook import Codebook
from latentia.posterior.base import Posterior, Standardize

__all__ = ["VectorQuantized"]


@final
class VectorQuantized(Posterior):
    r"""Vector quantization: each of some vectors of x becomes the nearest word of a codebook.

    .. math:: q(z|x) = [z = z(x)], \quad z_g(x) = \arg\min_k \| e_g(x) - w_k \|^2

    z are the numbers of the words, written as choices; the decoder sees the words. With a depth
    of M each vector is written by M words, each of what those before left over (residual
    quantization). q is a point on codes that can be counted: log q = 0, and the ELBO is a true
    bound. Its gradient goes straight through to e(x), and `--objective commitment` holds e(x)
    near the words.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents, all choices together.
        choices: How many words x becomes; each is one of L / choices.
        depth: M, how many of them write one vector, from coarse to fine.
        width: How many numbers a word has.
        codebook: `average`: words are running means of what is rounded to them; `loss`: they are
            parameters, drawn to it by the objective.
        decay: Of the running means, in words and in how often each is used, for every step.
        restart: A word used less than this share of 1 / (L / choices) is put where some vector
            of the batch is; 0 leaves it.

    References:
        Van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning"
        (VQ-VAE), 2017; Zeghidour et al., "SoundStream" (residual quantization), 2021.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> q = VectorQuantized(Linear(), (5,), 8, choices=2, width=3)
        >>> z = q(torch.zeros(4, 5)).sample()
        >>> z.shape, z.sum(-1), q.embedded(z).shape
        (torch.Size([4, 8]), tensor([2., 2., 2., 2.]), torch.Size([4, 6]))
    """

    compiles: ClassVar[bool] = False
    covers: ClassVar[bool] = False
    commits: ClassVar[bool] = True
    space: ClassVar[Space] = "one-hot"

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        choices: int = 1,
        depth: int = 1,
        width: int = 4,
        codebook: Literal["average", "loss"] = "average",
        decay: float = 0.99,
        restart: float = 0.1,
    ) -> None:
        super().__init__()
        require_choices(latent_dim, choices, "posterior")
        _require_book(choices, depth, width, codebook, decay, restart)
        self.standardize = Standardize(x_shape)
        self.choices, self.classes = choices, latent_dim // choices
        self.depth, self.width = depth, width
        self.decoded_dim = choices // depth * width
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, self.decoded_dim)
        self.codebook = Codebook(
            *(depth, self.classes, width),
            learned=codebook == "loss",
            decay=decay,
            restart=restart,
        )

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        encoded = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        codes, strayed = self.codebook(encoded.reshape(len(encoded), -1, self.width))
        return Quantized(codes.flatten(-2), self.classes, encoded, strayed)

    def embedded(self, z: Tensor) -> Tensor:
        """Return the sums of the words that z (..., L) stands for, (..., E)."""
        each = z.reshape(*z.shape[:-1], -1, self.depth, self.classes)
        found: Tensor = self.codebook.embedded(each)
        return found.flatten(-2)

    def adapt(self, q: Quantized) -> None:
        """Let the codebook follow the batch that `q` was made of."""
        if q.strayed is not None:
            codes = q.codes.reshape(len(q.codes), -1, self.depth)
            self.codebook.adapt(codes, q.strayed.rest)


def _require_book(
    choices: int, depth: int, width: int, codebook: str, decay: float, restart: float
) -> None:
    """Refuse a codebook that cannot be.

    Raises:
        UsageError: naming the options.
    """
    if depth < 1 or choices % depth:
        raise UsageError(
            f"{choices} words cannot be written {depth} to a vector.",
            where="--posterior.depth, --posterior.choices",
            how="Give a number of choices that is a multiple of the depth.",
        )
    if width < 1 or codebook not in ("average", "loss"):
        raise UsageError(
            f"A codebook cannot have width={width}, codebook={codebook!r}.",
            where="--posterior.width, --posterior.codebook",
            how="Give a positive width, and `average` or `loss`.",
        )
    if not 0 <= decay < 1 or not 0 <= restart < 1:
        raise UsageError(
            f"A codebook cannot have decay={decay}, restart={restart}.",
            where="--posterior.decay, --posterior.restart",
            how="Both are from 0 to 1, and less than 1.",
        )
