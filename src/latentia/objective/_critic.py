"""A critic: a second network that tells codes from what they should be, and learns beside them."""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from math import inf
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn
from torch.func import functional_call

from latentia.distribution.space import Space
from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective
from latentia.rng import seeded

__all__ = ["Adversarial", "Critic", "Sides"]

# Of the critic's first weights, beside the seed; no epoch has this number.
_KEY = 0xC21713


class Sides(NamedTuple):
    """What a critic learns to tell apart, without a gradient.

    Arguments:
        codes: Draws of q(z), (n, D).
        others: Draws of what q(z) should be, (m, D).
    """

    codes: Tensor
    others: Tensor


@final
class Critic(nn.Module):
    r"""The log-odds that a point is a code and not one of the others.

    .. math:: T(z) \to \log \frac{q(z)}{r(z)}, \quad
        E_q[T(z)] \to KL(q(z) \,\|\, r(z))

    A classifier of draws of q(z) and of r(z), as many of each, can do no better than the density
    ratio, and then errs log 2 less the Jensen-Shannon divergence of the two. At first it has no
    opinion: T = 0.

    Arguments:
        size: D, the numbers of a point.
        hidden: Widths of its hidden layers.

    References:
        Sugiyama, Suzuki and Kanamori, "Density-ratio matching under the Bregman divergence",
        2012; Goodfellow et al., "Generative adversarial nets", 2014.

    Example:
        >>> Critic(2, (8,))(torch.ones(3, 2))
        tensor([0., 0., 0.], grad_fn=<SqueezeBackward1>)
    """

    def __init__(self, size: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.size = size
        layers: list[nn.Module] = []
        for before, after in pairwise((size, *hidden)):
            layers += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
        last = nn.Linear((size, *hidden)[-1], 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(*layers, last)

    def forward(self, z: Tensor) -> Tensor:
        """Return the log-odds of points (..., D), (...) nats."""
        # Products of bfloat16 would leave two digits of them.
        with torch.autocast(z.device.type, enabled=False):
            odds: Tensor = self.layers(z).squeeze(-1)
        return odds

    def opinion(self, z: Tensor) -> Tensor:
        """Return the same numbers, with a gradient to z and none to the critic's weights."""
        weights = {name: weight.detach() for name, weight in self.named_parameters()}
        odds: Tensor = functional_call(self, weights, (z,))
        return odds


class Adversarial(Objective):
    """An objective that asks a critic, which learns beside the model from the same draws.

    In a step the model moves by the opinion of the critic as it was, and the critic learns to tell
    apart what the model as it was has drawn. Neither's gradient reaches the other's weights.

    Arguments:
        hidden: Widths of the critic's hidden layers.
        rate: The critic's own step size, the same from the first step to the last.
    """

    of_batches: ClassVar[bool] = True
    contested: ClassVar[bool] = True
    # Of which latents it can lead the codes.
    spaces: ClassVar[tuple[Space, ...]] = ("real",)
    # The divergence that the mean log-odds of codes is an estimate of, by its name in the metrics.
    estimates: ClassVar[str]

    def __init__(self, *, hidden: tuple[int, ...], rate: float) -> None:
        if not hidden or any(width < 1 for width in hidden):
            raise UsageError(
                f"A critic with hidden layers {hidden} cannot be: it needs at least one, of "
                "positive width.",
                where="--objective.hidden",
                how="Use 256,256.",
            )
        if not 0 < rate < inf:
            raise UsageError(
                f"A step size is a positive number, not {rate}.",
                where=f"--objective.rate {rate}",
                how="Use 1e-3.",
            )
        self.hidden, self.rate = hidden, rate
        self._critic: Critic | None = None

    @property
    def critic(self) -> Critic:
        """The critic, once `begin` has made it."""
        assert self._critic is not None, "begin comes before the first step"
        return self._critic

    def require(self, model: LatentVariableModel) -> None:
        """Refuse latents through which no critic can lead a code."""
        super().require(model)
        if model.posterior.space not in self.spaces:
            raise UsageError(self._off_space(model.posterior.space), **_OTHER_LATENTS)
        if model.posterior.hierarchical:
            raise UsageError(
                "The latents of a ladder are drawn from each other, group by group, and their "
                "prior's weights are the posterior's too: no critic looks at all of them at once.",
                where="--objective, --network ladder",
                how="Use --objective elbo or iwae, or another network.",
            )

    def begin(self, model: LatentVariableModel, x: Tensor, *, seed: int = 0) -> None:
        """Make a critic that has not learned yet; its weights are a function of the seed."""
        with torch.no_grad(), seeded(seed, _KEY):
            z = model.posterior(x).sample()
            size = self.shown(model, z).shape[-1]
        with seeded(seed, _KEY):
            self._critic = Critic(size, self.hidden).to(z)

    def shown(self, model: LatentVariableModel, z: Tensor) -> Tensor:
        """Return what the critic sees of codes (..., B, L), (..., B, D); the codes by default."""
        return z

    @abstractmethod
    def sides(self, model: LatentVariableModel, terms: Terms) -> Sides | None:
        """Return what the critic is to learn from a batch, or None where there is too little.

        Arguments:
            model: The model, under the conditions of the batch if it has any.
            terms: The terms of the batch.
        """

    def _off_space(self, space: Space) -> str:
        if space == "sphere":
            return "The coordinates of a point of a sphere depend on each other, whatever it says."
        return (
            "A critic leads codes by the slope of its opinion, and latents that are zeros and "
            "ones do not move along a slope."
        )


_OTHER_LATENTS = {
    "where": "--objective, --posterior",
    "how": "Use --posterior gaussian, or another objective.",
}
