"""The mixture of Gaussians around what the encoder makes of training examples."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import (
    Distribution,
    Independent,
    LowRankMultivariateNormal,
    MultivariateNormal,
    Normal,
)

from latentia.distribution.dirac import Dirac
from latentia.distribution.exemplars import Exemplars
from latentia.errors import UsageError
from latentia.prior.base import Prior
from latentia.rng import mix

__all__ = ["Exemplar"]

# Examples encoded at once where there is no gradient.
_ROWS = 500
# So many exemplars may be asked for without a look at how many examples there are.
_USUAL = 500
# Widths that are tried for a start, on so many exemplars at most, and the least of them.
_WIDTHS, _MOST, _NARROW = 20, 2000, 1e-3


@final
class Exemplar(Prior):
    r"""The exemplar prior, a mixture around the encoder's means of training examples.

    .. math:: p(z) = \frac{1}{N} \sum_{n=1}^N N(z; \mu(x_n), \sigma^2 I)

    mu is the encoder's own mean and sigma is learned. N examples are drawn from the training set,
    the same whatever the seed; all of them if there are no more. Where x is drawn anew from greys,
    x_n is the grey one.

    While it is trained, an example is left out of its own prior, or every q(z|x_n) would sit alone
    on its own component at a cost of log N; and a step encodes M of the exemplars. The mean over M
    has its logarithm below that over all, in expectation, so that what is trained stays a bound.
    Training rows tell this bound. Everything else is under all N: of an example that is an
    exemplar, it is too good a number.

    A run holds the rows and mu(x_n), no example. The decoder makes of mu(x_n) a reconstruction of
    x_n, so that such a run is not for hiding what it was trained on.

    Arguments:
        posterior: q(z|x), a Gaussian or a point; its weights stay its own.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        components: N, the number of exemplars.
        subset: M, how many of them a step of training encodes.

    Raises:
        UsageError: if there are fewer than two exemplars, or the encoder has no mean of its own.

    References:
        Norouzi, Fleet and Norouzi, "Exemplar VAE", 2020.

    Example:
        >>> from latentia.network.linear import Linear
        >>> from latentia.posterior.gaussian import Gaussian
        >>> q = Gaussian(Linear(), (5,), 2)
        >>> Exemplar(q, (5,), 2, components=3)().log_prob(torch.zeros(4, 2)).shape
        torch.Size([4])
    """

    compiles: ClassVar[bool] = False
    of_posteriors: ClassVar[bool] = True
    leaves_out: ClassVar[bool] = True
    index: Tensor
    loc: Tensor

    def __init__(
        self,
        posterior: nn.Module,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 500,
        subset: int = 500,
    ) -> None:
        super().__init__()
        if components < 2 or subset < 2:
            raise UsageError(
                "An exemplar prior is made of two exemplars at least, for one may be left out: "
                f"not components={components}, subset={subset}.",
                where="--prior.components, --prior.subset",
                how="Use some hundred of each.",
            )
        # In a tuple, so that its weights are not counted, saved and trained a second time.
        self._posterior = (posterior,)
        with torch.no_grad():
            _mean_of(posterior(torch.zeros(1, *x_shape), None))
        self.subset = subset
        self.log_scale = nn.Parameter(torch.zeros(()))
        # Rows of the training set, -1 where there are no more, and the encoder's means of them;
        # before it has seen any, something as near to 0 as an untrained encoder's.
        self.register_buffer("index", torch.arange(components))
        self.register_buffer("loc", torch.randn(components, latent_dim) / 2)
        self._read: Callable[[Tensor], Tensor] | None = None
        self._count, self._stamp = components, -1

    def require(self, n: int) -> None:
        """Refuse training examples of which none could be left out, or far fewer than asked for.

        Raises:
            UsageError: if there is one, or there are fewer than N, and N is more than usual.
        """
        if n < 2:
            raise UsageError(
                "An exemplar prior leaves one example out, and there is no other.",
                where="--prior exemplar",
                how="Give more examples, or use --prior standard-normal.",
            )
        if len(self.index) > max(n, _USUAL):
            raise UsageError(
                f"There are {n} training examples, and {len(self.index)} exemplars to be made of "
                "them.",
                where=f"--prior.components {len(self.index)}",
                how=f"Use --prior.components {n} or fewer.",
            )

    @torch.no_grad()
    def hold(self, read: Callable[[Tensor], Tensor], n: int) -> None:
        """Take hold of N of the n training examples, for as long as it is trained."""
        self.require(n)
        order = torch.randperm(n, generator=torch.Generator().manual_seed(mix(0, 0x57A7)))
        chosen = order[: len(self.index)].to(self.index.device)
        self.index.fill_(-1)[: len(chosen)] = chosen
        self.loc.zero_()
        self._read, self._count, self._stamp = read, len(chosen), -1

    def let_go(self) -> None:
        """Keep the means as they are, and no example."""
        self._read = None

    def train(self, mode: bool = True) -> Exemplar:
        """Begin to be trained or evaluated; the weights may have changed since."""
        self._stamp = -1
        super().train(mode)
        return self

    @torch.no_grad()
    def start_at(self, z: Tensor) -> None:
        """Start at the width under which exemplars are likeliest, each left out of its own."""
        self.log_scale.copy_(_width(self._all()[: self._count][:_MOST]).log())

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the mixture, event (L,); batch (B,) where an example of each is left out."""
        index, loc = self.index, self.loc
        if self._read is not None and self.training:
            index = self._some()
            loc = self._encoded(self._read(index))
        elif self._read is not None:
            loc = self._all()
        logits = torch.zeros_like(index, dtype=loc.dtype).masked_fill(index < 0, -inf)
        if self.training and self.rows is not None:
            logits = torch.where(self.rows[:, None] == index, -inf, logits)
        return Exemplars(logits, loc, self.log_scale.exp())

    def _some(self) -> Tensor:
        """Return the rows of the exemplars of this step, (M,): all, or some drawn anew."""
        used = self.index[: self._count]
        if len(used) <= self.subset:
            return used
        # No permutation, which a GPU could not record.
        return used[torch.rand(len(used), device=used.device).topk(self.subset).indices]

    @torch.no_grad()
    def _all(self) -> Tensor:
        """Return the means of all exemplars under the weights as they are, (N, L)."""
        (posterior,) = self._posterior
        weights = [*posterior.parameters(), *posterior.buffers()]
        stamp = sum(weight._version for weight in weights)
        if self._read is not None and stamp != self._stamp:
            for rows in torch.arange(self._count).split(_ROWS):  # type: ignore[no-untyped-call]
                self.loc[rows] = self._encoded(self._read(self.index[rows]))
            self._stamp = stamp
        return self.loc

    def _encoded(self, x: Tensor) -> Tensor:
        (posterior,) = self._posterior
        return _mean_of(posterior(x, None)).to(self.loc.dtype)


def _mean_of(q: Distribution) -> Tensor:
    """Return the mean of a Gaussian encoder, (B, L)."""
    normal = isinstance(q, Independent) and isinstance(q.base_dist, Normal)
    whole = isinstance(q, MultivariateNormal | LowRankMultivariateNormal | Dirac)
    if not (normal or whole):
        raise UsageError(
            "An exemplar prior is a mixture of Gaussians around the encoder's means, and this "
            "encoder has none of its own.",
            where="--prior exemplar",
            how="Use --posterior gaussian, full or low-rank, or another prior.",
        )
    mean: Tensor = q.mean
    return mean


def _width(points: Tensor) -> Tensor:
    """Return, of some widths, that under which points (N, L) are likeliest as seen by the others.

    They lie between how far the nearest is and how far all are, evenly on a logarithmic scale.
    """
    dim, own = points.shape[1], torch.eye(len(points), device=points.device, dtype=torch.bool)
    apart = torch.cdist(points.double(), points.double()).square().masked_fill(own, inf)
    nearest = (apart.amin(1).mean() / dim).sqrt().clamp_min(_NARROW)
    widest = torch.maximum(points.double().var(0).mean().sqrt(), nearest)
    share = torch.linspace(0, 1, _WIDTHS, device=points.device, dtype=torch.float64)
    widths = nearest * (widest / nearest) ** share
    scores = [(apart / (-2 * s**2)).logsumexp(1).mean() - dim * s.log() for s in widths]
    return widths[torch.stack(scores).argmax()]
