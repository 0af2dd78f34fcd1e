"""Distributions of latents that are drawn group by group, from the top of a ladder down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints

from latentia.descent import Pass
from latentia.rng import seeded

__all__ = ["LadderPosterior", "LadderPrior"]

# Draws from which the mean and deviation of a prior are taken, where somebody asks for them.
_DRAWS = 256


@final
class LadderPrior(Distribution):
    r"""The prior :math:`p(z) = \prod_g p(z_g | z_{<g})` of latents in groups.

    Arguments:
        draw: Goes down n times with a temperature.
        score: Goes down with given latents (N, L).
        latent_dim: L.

    Example:
        >>> from latentia.network.ladder import Ladder
        >>> from latentia.prior.ladder import Ladder as Prior
        >>> p = Prior(Ladder(groups=(1, 1)), (1, 8, 8), 80)()
        >>> p.log_prob(p.sample((3, 2))).shape
        torch.Size([3, 2])
    """

    arg_constraints = {}  # noqa: RUF012
    support = constraints.real_vector

    def __init__(
        self,
        draw: Callable[[int, float], Pass],
        score: Callable[[Tensor], Pass],
        latent_dim: int,
    ) -> None:
        self._draw, self._score = draw, score
        super().__init__(torch.Size(), torch.Size([latent_dim]), validate_args=False)

    @torch.no_grad()
    def sample(self, sample_shape: Any = (), *, temperature: float = 1.0) -> Tensor:
        """Draw z, (*sample_shape, L), each group's deviations times a temperature."""
        shape = torch.Size(sample_shape)
        return self._draw(shape.numel(), temperature).z.reshape(*shape, -1)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) of (..., L) in nats, (...)."""
        flat = value.reshape(-1, value.shape[-1])
        return self._score(flat).log_p.sum(-1).reshape(value.shape[:-1])

    @cached_property
    def _spread(self) -> Tensor:
        with seeded(0):
            return self.sample((_DRAWS,))

    @property
    def mean(self) -> Tensor:
        """The mean of fixed draws, (L,): it has no closed form."""
        return self._spread.mean(0)

    @property
    def variance(self) -> Tensor:
        """The variance of fixed draws, (L,)."""
        return self._spread.var(0)


@final
class LadderPosterior(Distribution):
    r"""The posterior :math:`q(z|x) = \prod_g q(z_g | z_{<g}, x)` of latents in groups.

    Its mean is the way down of the means, each given the means above it; so is its variance.

    Arguments:
        draw: Goes down with draws of a shape for each example, or with the means if it is None.
        score: Goes down with given latents (N, L), of the examples in turn.
        batch: B.
        latent_dim: L.

    Example:
        >>> from latentia.network.ladder import Ladder
        >>> from latentia.posterior.ladder import Ladder as Posterior
        >>> q = Posterior(Ladder(groups=(1, 1)), (1, 8, 8), 80)(torch.zeros(2, 1, 8, 8))
        >>> q.log_prob(q.rsample((3,))).shape
        torch.Size([3, 2])
    """

    arg_constraints = {}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        draw: Callable[[tuple[int, ...] | None], Pass],
        score: Callable[[Tensor], Pass],
        batch: int,
        latent_dim: int,
    ) -> None:
        self._draw, self._score = draw, score
        # Kept while this lives, so that nobody goes down again with the same draw.
        self._last: Pass | None = None
        super().__init__(torch.Size([batch]), torch.Size([latent_dim]), validate_args=False)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw z, (*sample_shape, B, L)."""
        self._last = gone = self._draw(tuple(sample_shape))
        assert gone.drawn is not None
        return gone.drawn

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q(value) of (..., B, L) in nats, (..., B); quick for the last draw."""
        shape = torch.broadcast_shapes(value.shape, (*self.batch_shape, value.shape[-1]))  # type: ignore[no-untyped-call]
        whole = value if value.shape == shape else value.expand(shape)
        gone = self._score(whole.reshape(-1, value.shape[-1]))
        assert gone.log_q is not None
        return gone.log_q.sum(-1).reshape(shape[:-1])

    def kl_per_dim(self) -> Tensor | None:
        """Return KL(q || p) of each latent given the groups above, (B, L), or None.

        Within a group it is in closed form; over the groups above, the mean of the last draw.
        """
        gone = self._last
        if gone is None or gone.kl is None:
            return None
        if torch.is_grad_enabled() and not gone.differentiable:
            return None
        return gone.kl.reshape(-1, *self.batch_shape, gone.kl.shape[-1]).mean(0)

    @cached_property
    def _means(self) -> Pass:
        return self._draw(None)

    @property
    def mean(self) -> Tensor:
        """The means, each given the means above it, (B, L)."""
        return self._means.loc

    @property
    def variance(self) -> Tensor:
        """The variances at the means, (B, L)."""
        return torch.exp(2 * self._means.log_scale)
