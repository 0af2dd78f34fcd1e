"""Annealed importance sampling, and the bidirectional sandwich that certifies it."""

from __future__ import annotations

from typing import Literal, NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.nn.functional import one_hot

from latentia.errors import UsageError
from latentia.evidence._hmc import Path, State, transition
from latentia.evidence._weights import Weights
from latentia.evidence.base import (
    Evidence,
    EvidenceEstimator,
    require_count,
    require_density,
)
from latentia.evidence.importance import chunks
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["AnnealedImportanceSampling", "Sandwich", "bidirectional"]

# The acceptance at which HMC moves fastest in high dimensions (Beskos et al., 2013).
_ACCEPTANCE = 0.65
# Chains of the pilot run, how far its step size follows each acceptance, and where it starts.
_PILOTS, _FOLLOW, _FIRST_STEP = 8, 0.4, 0.3
# How steep the sigmoid of the schedule is: small steps at both ends of the path.
_STEEP = 4.0


class Sandwich(NamedTuple):
    """Bounds on log p(x) for n examples drawn from the model itself.

    Arguments:
        lower: Annealed importance sampling forward: below log p(x) in expectation, (n,) nats.
        upper: The same backward from the z that made x: above it in expectation, (n,) nats.
    """

    lower: Tensor
    upper: Tensor

    @property
    def gap(self) -> Tensor:
        """Upper - lower of each example, (n,) nats: how far off either can be on average."""
        return self.upper - self.lower

    def summary(self) -> dict[str, float | None]:
        """Return the means over examples, in nats, and the standard error of the gap's.

        One example does not say how far the gap of another might differ: None.
        """
        n = len(self.gap)
        return {
            "n": n,
            "lower": float(self.lower.mean()),
            "upper": float(self.upper.mean()),
            "gap": float(self.gap.mean()),
            "gap_standard_error": None if n < 2 else float(self.gap.std() / n**0.5),
        }


@final
class AnnealedImportanceSampling(EvidenceEstimator):
    r"""Estimates log p(x) by chains that go from the prior, or q(z|x), to p(z|x) in small steps.

    .. math:: \log w = \sum_{t=1}^T (b_t - b_{t-1}) \log \frac{p(x, z_{t-1})}{s(z_{t-1})},
        \quad z_0 \sim s, \quad z_t \sim T_{b_t}(z|z_{t-1})

    where :math:`T_b` is Hamiltonian Monte Carlo that leaves :math:`s^{1-b}\, p(x, \cdot)^b`
    invariant. The mean of w is unbiased for p(x), so its logarithm is a lower bound in
    expectation. Step sizes are tuned to an acceptance of 0.65 for every temperature and example
    in a pilot run of other chains, then fixed: adapting on the way would bias the weights.

    Arguments:
        temperatures: T, steps of the path.
        chains: K, chains for each example.
        leaps: Leapfrog steps of each transition.
        start: s: the `prior`, which misses no mode, or the `posterior` q(z|x), which is nearer
            to most of them.

    References:
        Neal, "Annealed importance sampling", 2001; Wu, Burda, Salakhutdinov and Grosse, "On the
        quantitative analysis of decoder-based generative models", 2017.

    Example:
        >>> schedule = AnnealedImportanceSampling(temperatures=4).schedule
        >>> [round(b, 2) for b in schedule]
        [0.0, 0.1, 0.5, 0.9, 1.0]
    """

    rows = 64

    def __init__(
        self,
        *,
        temperatures: int = 300,
        chains: int = 16,
        leaps: int = 5,
        start: Literal["prior", "posterior"] = "prior",
    ) -> None:
        self.temperatures = require_count("temperatures", temperatures, least=2)
        self.chains = require_count("chains", chains)
        self.leaps = require_count("leaps", leaps)
        if start not in ("prior", "posterior"):
            raise UsageError(
                f"Chains cannot start from {start!r}.",
                where="--evidence.start",
                how="Choose one of: prior, posterior.",
            )
        self.start = start

    @property
    def schedule(self) -> list[float]:
        """The inverse temperatures b_0 = 0 < ... < b_T = 1."""
        t = torch.linspace(-_STEEP, _STEEP, self.temperatures + 1, dtype=torch.float64).sigmoid()
        return ((t - t[0]) / (t[-1] - t[0])).tolist()

    def require(self, model: LatentVariableModel) -> None:
        """Refuse to start from a posterior whose log q is unknown where the chains go."""
        super().require(model)
        if self.start == "posterior":
            require_density(model, "--evidence.start posterior")

    @torch.no_grad()
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p-hat of x (B, *x_shape)."""
        self.require(model)
        with model.evaluating():
            path, steps = self._prepared(model, x)
            weights = Weights()
            for count in chunks(self.chains, x):
                weights.add(self._forward(path, steps, count))
        return weights.evidence()

    @torch.no_grad()
    def sandwich(self, model: LatentVariableModel, x: Tensor, z: Tensor) -> Sandwich:
        """Return both bounds for x (B, *x_shape) that was drawn given z (B, L)."""
        self.require(model)
        with model.evaluating():
            path, steps = self._prepared(model, x)
            forward, backward = Weights(), Weights()
            for count in chunks(self.chains, x):
                forward.add(self._forward(path, steps, count))
                backward.add(-self._backward(path, steps, z.expand(count, *z.shape)))
        return Sandwich(forward.evidence().log_likelihood, -backward.evidence().log_likelihood)

    def sandwich_over_classes(
        self, model: LatentVariableModel, x: Tensor, z: Tensor, y: Tensor
    ) -> Sandwich:
        r"""Return both bounds where the class is a latent: those of the sum over all classes.

        .. math:: \text{lower} = \log \sum_y p(y)\, \hat p(x|y), \quad
            \text{upper} = \text{lower} + \log \check p(x|y^*) - \log \hat p(x|y^*)

        with p-hat of chains forward, and p-check of those backward from z*. For any r(y) that
        the drawn y* and z* have no part in, here the share of :math:`p(y)\, \hat p(x|y)`,

        .. math:: E\left[\frac{r(y^*)}{p(y^*)\, \check p(x|y^*)}\right]
            = \sum_y p(y|x) \frac{r(y)}{p(y)\, p(x|y)} = \frac{1}{p(x)}

        Arguments:
            model: A model with `labels`.
            x: Examples, (B, *x_shape).
            z: What each was drawn given, (B, L).
            y: And under which class, (B,).
        """
        labels = model.labels
        assert labels is not None
        with model.given(one_hot(y, labels.classes).to(labels.log_p)):
            own = self.sandwich(model, x, z)
        each = []
        for k in range(labels.classes):
            with model.given(labels.one(k)):
                each.append(self(model, x).log_likelihood)
        table = torch.stack(each)
        # The chains that the backward ones mirror have been to the class of x already.
        table[y, torch.arange(len(y), device=y.device)] = own.lower
        lower = (table + labels.prior().logits.double()[:, None]).logsumexp(0)
        return Sandwich(lower, lower + own.gap)

    def _prepared(self, model: LatentVariableModel, x: Tensor) -> tuple[Path, list[Tensor]]:
        q: Distribution = model.posterior(x)
        prior: Distribution = model.prior()
        if prior.batch_shape:  # under one condition for all of them, who share no draws
            prior = prior.expand(q.batch_shape)
        path = Path(model, x, prior if self.start == "prior" else q)
        return path, self._tuned(path, path.start.stddev, q.stddev)

    def _tuned(self, path: Path, first: Tensor, last: Tensor) -> list[Tensor]:
        """Return the step size at b_1, ..., b_{T-1}, each (B, L), from a pilot run.

        Arguments:
            path: The path.
            first: Scale of the latents where it starts, (L,) or (B, L).
            last: Their scale where it ends, as far as q knows, (B, L).
        """
        state = path.draw(min(self.chains, _PILOTS))
        size = torch.full((len(last), 1), _FIRST_STEP).to(last)
        steps = []
        for b in self.schedule[1:-1]:
            # The precision of a product of Gaussians to these powers is the sum of theirs.
            scale = ((1 - b) / first**2 + b / last**2).rsqrt()
            state, accept = transition(path, state, b, size * scale, self.leaps)
            size = size * torch.exp(_FOLLOW * (accept.mean(0) - _ACCEPTANCE))[:, None].to(size)
            steps.append(size * scale)
        return steps

    def _forward(self, path: Path, steps: list[Tensor], chains: int) -> Tensor:
        """Return the log weights of chains from the start to p(z|x), (chains, B)."""
        state, b = path.draw(chains), self.schedule
        log_w = torch.zeros_like(state.log_joint)
        for t in range(1, len(b)):
            log_w += (b[t] - b[t - 1]) * (state.log_joint - state.log_start)
            if t < self.temperatures:
                state, _ = transition(path, state, b[t], steps[t - 1], self.leaps)
        return log_w

    def _backward(self, path: Path, steps: list[Tensor], z: Tensor) -> Tensor:
        """Return the log weights of chains from z ~ p(z|x), (chains, B, L), to the start."""
        state: State = path.at(z)
        b = self.schedule
        log_w = torch.zeros_like(state.log_joint)
        for t in range(self.temperatures, 0, -1):
            if t < self.temperatures:
                state, _ = transition(path, state, b[t], steps[t - 1], self.leaps)
            log_w += (b[t] - b[t - 1]) * (state.log_joint - state.log_start)
        return log_w


def bidirectional(
    model: LatentVariableModel,
    estimator: AnnealedImportanceSampling,
    n: int,
    *,
    seed: int = 0,
) -> Sandwich:
    r"""Bracket log p(x) of data drawn from the model, for which p(z|x) has an exact sample.

    .. math:: z^* \sim p(z), \; x \sim p(x|z^*) \;\Rightarrow\; z^* \sim p(z|x), \quad
        E[\text{lower}] \le E[\log p(x)] \le E[\text{upper}]

    A narrow gap certifies the estimator on this model's own data. On other data it says nothing
    for certain; that the gap is as narrow there is an assumption.

    Where the class is a latent, one is drawn first, and the sum goes over all of them
    (`sandwich_over_classes`).

    Arguments:
        model: A model that has a log p(x).
        estimator: The chains, used in both directions.
        n: Examples to draw.
        seed: Seed of the examples and the chains.

    Returns:
        `Sandwich`, (n,) each, on the CPU.

    Raises:
        UsageError: if there is no example to draw, or the model has no log p(x).

    References:
        Grosse, Ghahramani and Adams, "Sandwiching the marginal likelihood using bidirectional
        Monte Carlo", 2015.
    """
    estimator.require(model)
    if n < 1:
        raise UsageError(f"A sandwich is of at least one example, not {n}.", where="--sandwich")
    lower, upper = [], []
    for start in range(0, n, estimator.rows):
        with seeded(seed, 3, start), torch.no_grad(), model.evaluating():
            rows = min(estimator.rows, n - start)
            found = _of_drawn(model, estimator, rows)
        lower.append(found.lower.cpu())
        upper.append(found.upper.cpu())
    return Sandwich(torch.cat(lower), torch.cat(upper))


def _of_drawn(
    model: LatentVariableModel, estimator: AnnealedImportanceSampling, n: int
) -> Sandwich:
    """Return both bounds for n examples drawn from the model."""
    labels = model.labels
    if labels is None or not model.is_open:
        z = model.draw_prior(n)
        return estimator.sandwich(model, model.likelihood(z).sample(), z)
    y: Tensor = labels.prior().sample(torch.Size([n]))  # type: ignore[no-untyped-call]
    with model.given(one_hot(y, labels.classes).to(labels.log_p)):
        z = model.draw_prior(n)
        x = model.likelihood(z).sample()
    return estimator.sandwich_over_classes(model, x, z, y)
