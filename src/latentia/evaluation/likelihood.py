"""The numbers of a trained model on a set of examples: one dictionary, nats per example."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, isfinite, log, nan, prod
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from latentia.errors import RunError
from latentia.evaluation.bound import Bound, bound, mean_of, per_example, reported
from latentia.evaluation.codes import code_use
from latentia.evidence._classes import SummedOverClasses
from latentia.evidence.base import Evidence, EvidenceEstimator, joined
from latentia.evidence.importance import ImportanceSampling
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["Climb", "Evaluation", "LogLikelihood", "climb", "evaluate", "log_likelihood"]

# With fewer effective samples of very many an estimate is a loose lower bound, and its own error
# unknown. Of K samples there are too few where the error is what 10 of very many would leave,
# 1/ESS - 1/K > 1/10: fewer than 6.2 of 16 annealed chains, whose weights are nearly equal.
_FEW = 10
# How many standard errors of a difference are no difference.
_SURE = 2.0

Progress = Callable[[int], None]


def _unheard(what: str) -> Progress:
    return lambda done: None


class LogLikelihood(NamedTuple):
    """An estimate of log p(x) for each of n examples, in nats.

    Arguments:
        each: log p(x), (n,), float64.
        error: How far each may be off, (n,).
        effective_samples: Effective sample size of the weights, (n,), or None.
        ladder: The mean of log p-hat from k samples, (R, n), or None.
        rungs: The k of the ladder, R of them.
        draws: Whether the errors are independent, and average out over examples.
    """

    each: Tensor
    error: Tensor
    effective_samples: Tensor | None = None
    ladder: Tensor | None = None
    rungs: tuple[int, ...] = ()
    draws: bool = True

    @property
    def mean(self) -> float:
        """The mean over examples, in nats."""
        return float(self.each.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over examples, in nats: how far another n might differ.

        One example does not say: NaN.
        """
        return _standard_error(self.each)

    @property
    def monte_carlo_error(self) -> float:
        """The part of it that is the estimator's own, in nats: more work would remove it.

        For importance weights it comes from the delta method and is meant for effective samples
        of ten and more; below, it is too small. NaN for a single sample.
        """
        if not self.draws:
            return float(self.error.mean())
        return float(self.error.square().sum().sqrt() / len(self.each))

    @property
    def jensen_bias(self) -> float:
        r"""How far the mean is below log p(x) in expectation, in nats, to second order.

        .. math:: \log p(x) - E[\log \hat p(x)] \approx
            \frac{\operatorname{Var} \hat p(x)}{2 p(x)^2} \approx \tfrac{1}{2} \text{error}^2

        Unlike the errors themselves it does not average out over examples: the logarithm of every
        unbiased p-hat is low. Weights with long tails make it somewhat too small, as they do the
        error. 0 for what does not draw, NaN for a single sample.

        References:
            Nowozin, "Debiasing evidence approximations", 2018.
        """
        return float(self.error.square().mean() / 2) if self.draws else 0.0

    @property
    def stated_error(self) -> float:
        r"""Root of the mean squared error that the estimator itself knows of, in nats.

        .. math:: \sqrt{\text{monte\_carlo\_error}^2 + \text{jensen\_bias}^2}

        A mode that no sample found is in neither part.
        """
        return hypot(self.monte_carlo_error, self.jensen_bias)

    def agrees(self, other: LogLikelihood) -> bool:
        r"""Whether two estimates for the same examples differ by no more than their errors say.

        .. math:: |\text{mean} - \text{mean}'| \le
            2 \sqrt{\text{stated\_error}^2 + \text{stated\_error}'^2}

        Arguments:
            other: Another estimate of the same examples in the same binarization.

        Returns:
            False where an error is unknown.

        Example:
            >>> import torch
            >>> one = LogLikelihood(torch.tensor([-3.0]), torch.tensor([0.1]), draws=False)
            >>> one.agrees(one._replace(each=torch.tensor([-3.2])))
            True
            >>> one.agrees(one._replace(each=torch.tensor([-3.4])))
            False
        """
        error = hypot(self.stated_error, other.stated_error)
        return abs(self.mean - other.mean) <= _SURE * error

    def summary(self) -> dict[str, Any]:
        """Return the numbers of the whole set as a JSON-able dictionary; None is unknown."""
        own = self.monte_carlo_error
        found: dict[str, Any] = {
            "log_likelihood": self.mean,
            "standard_error": None if len(self.each) < 2 else self.standard_error,
            "monte_carlo_error": own if isfinite(own) else None,
            "ess_median": None,
            "ess_5": None,
            "ess_low": None,
            "ladder": None,
        }
        if self.effective_samples is not None:
            effective = self.effective_samples
            found |= {
                "ess_median": float(effective.median()),
                "ess_5": float(np.quantile(effective.numpy(), 0.05)),
                # Written so that an error that is unknown is no small one.
                "ess_low": float((~(self.error.square() <= 1 / _FEW)).double().mean()),
            }
        if self.ladder is not None:
            found["ladder"] = [
                {"k": k, "log_likelihood": float(rung.mean())}
                for k, rung in zip(self.rungs, self.ladder, strict=True)
            ]
        return found


class Climb(NamedTuple):
    """How much the mean of each rung of a ladder is above the one before, (R - 1,) each.

    Arguments:
        rise: The difference of the means over examples, in nats.
        error: Its standard error, paired over examples.
    """

    rise: Tensor
    error: Tensor

    @property
    def monotone(self) -> bool:
        """Whether no rung falls below the one before by more than two standard errors."""
        return bool((self.rise >= -_SURE * self.error).all())


def climb(ladder: Tensor) -> Climb:
    r"""Return how a ladder rises: E[log p-hat] from k samples cannot fall with k.

    .. math:: E[\log \hat p_{k'}(x)] \ge E[\log \hat p_k(x)], \quad k' > k

    The ladder of a single estimate has nested groups of the same samples and cannot fall at all;
    one of independent estimates can, within its error.

    Arguments:
        ladder: log p-hat of n examples from growing k, (R, n), nats.

    References:
        Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", 2016, theorem 1.

    Example:
        >>> import torch
        >>> climb(torch.tensor([[-3.0, -2.0], [-2.0, -1.0]])).rise
        tensor([1.])
    """
    steps = ladder.diff(dim=0)
    return Climb(steps.mean(1), steps.std(1) / steps.shape[1] ** 0.5)


class Evaluation(NamedTuple):
    """What to measure, and how.

    Arguments:
        importance: K of the importance-sampled log p(x); 0 leaves it out.
        evidence: Another estimator of log p(x) beside it, or None.
        seed: Seed of binarization and draws.
        no_likelihood: Why the numbers are no likelihood; empty if they are.
        corruption: The noise that a denoising model was trained with; its bound with that noise
            on the encoder's input then stands beside, as `denoising`.
    """

    importance: int = 0
    evidence: EvidenceEstimator | None = None
    seed: int = 0
    no_likelihood: str = ""
    corruption: Callable[[Tensor], Tensor] | None = None


def log_likelihood(
    model: LatentVariableModel,
    examples: Examples,
    estimator: EvidenceEstimator,
    *,
    seed: int = 0,
    progress: Progress = lambda done: None,
) -> LogLikelihood:
    """Estimate log p(x) of every example.

    Arguments:
        model: A model whose bound is a likelihood.
        examples: n examples; a dynamic view is drawn once, the same for every sample of z.
        estimator: A member of the evidence room.
        seed: Seed of the binarization (the same as `bound`'s) and of z.
        progress: Told how many examples are done.

    Returns:
        `LogLikelihood`, nats, on the CPU.

    Raises:
        UsageError: if the estimator cannot work on this model.
    """
    with model.given(model.one_of(examples.c)):
        estimator.require(model)
    summed = SummedOverClasses(estimator)
    parts: list[Evidence] = []
    done = 0
    for x, c in examples.pairs(seed):
        for rows in torch.arange(len(x)).split(estimator.rows):  # type: ignore[no-untyped-call]
            small = x[rows[0] : rows[-1] + 1]
            given = c if c is None or len(c) == 1 else c[rows[0] : rows[-1] + 1]
            seeing = model.seeing(complete=examples.complete)
            with seeded(seed, 2, done), seeing, model.given(given):
                estimate = summed if model.is_open else estimator
                parts.append(estimate(model, small))
            done += len(small)
            progress(done)
    return LogLikelihood(*joined(parts), rungs=estimator.rungs, draws=estimator.draws)


def evaluate(
    model: LatentVariableModel,
    examples: Examples,
    what: Evaluation,
    *,
    progress: Callable[[str], Progress] = _unheard,
) -> dict[str, Any]:
    r"""Return the numbers of a model: its bound with parts, and its log-likelihood if it has one.

    .. math:: \text{bits/dim} = -\log p(x) / (D \ln 2)

    Arguments:
        model: A trained model.
        examples: Held-out examples.
        what: What to measure.
        progress: From the name of an estimate, `importance` or `evidence`, to what is told how
            many examples have theirs.

    Returns:
        A JSON-able dictionary, in nats per example unless named otherwise. `evidence` is the
        summary of the other estimator, `codes` a `CodeUse`, or None.

    Raises:
        RunError: if the model's numbers are not finite.
        UsageError: if the other estimator cannot work on this model.
    """
    each = per_example(model, examples, seed=what.seed)
    found = mean_of(each)
    _require_finite(found)
    numbers: dict[str, Any] = {
        **_parts(model, found),
        **dict.fromkeys(_IMPORTANCE),
        "n_importance": None,
        "bits_per_dim": None,
        "active_units": found.active_units,
        "kl_per_dim": found.kl_per_dim,
        "codes": _codes(model, each.mean),
        "n_examples": len(examples),
        "binarization": examples.view.binarize,
        "binarization_entropy": examples.draw_entropy() or None,
        "unit": model.likelihood.unit,
        "autoregressive": model.likelihood.autoregressive,
        "is_likelihood": not what.no_likelihood,
        "no_likelihood": what.no_likelihood or None,
        "evidence": None,
    }
    if what.corruption is not None:
        noisy = bound(model, examples, seed=what.seed, corruption=what.corruption)
        numbers["denoising"] = _parts(model, noisy)
    if what.no_likelihood:
        return numbers

    def estimated(estimator: EvidenceEstimator, name: str) -> dict[str, Any]:
        tell = progress(name)
        found = log_likelihood(model, examples, estimator, seed=what.seed, progress=tell)
        estimates.append(_finite(found))
        return found.summary()

    estimates: list[LogLikelihood] = []
    if what.importance:
        numbers |= estimated(ImportanceSampling(samples=what.importance), "importance")
        numbers["n_importance"] = what.importance
    if what.evidence is not None:
        numbers["evidence"] = estimated(what.evidence, "evidence")
    if examples.view.support != "levels" or model.likelihood.is_mass:
        best = _best(estimates) if estimates else found.elbo
        numbers["bits_per_dim"] = -best / (_observed(examples) * log(2))
    return numbers


def _best(estimates: list[LogLikelihood]) -> float:
    """Return the value that draws nothing, or the highest of lower bounds, in nats."""
    computed = [estimate.mean for estimate in estimates if not estimate.draws]
    return computed[0] if computed else max(estimate.mean for estimate in estimates)


# What importance sampling finds, by the names of `LogLikelihood.summary`.
_IMPORTANCE = (
    *("log_likelihood", "standard_error", "monte_carlo_error"),
    *("ess_median", "ess_5", "ess_low", "ladder"),
)


def _parts(model: LatentVariableModel, found: Bound) -> dict[str, Any]:
    """Return the bound and its parts, or what is reported where it bounds nothing."""
    return {
        **reported(model, found.elbo, found.reconstruction, found.kl),
        **({} if found.kl_of_class is None else {"kl_of_class": found.kl_of_class}),
    }


def _codes(model: LatentVariableModel, mean: Tensor) -> dict[str, Any] | None:
    """Return how choices are used, or None where latents are none."""
    choices = model.posterior.choices
    return code_use(mean, choices)._asdict() if choices else None


def _require_finite(found: Bound) -> None:
    if not isfinite(found.reconstruction) or not isfinite(found.kl):
        raise RunError(
            f"The model's numbers are no numbers: reconstruction {found.reconstruction}, "
            f"KL {found.kl}.",
            how="It has diverged, or these data are far from its own; see `latentia data check`.",
        )


def _finite(found: LogLikelihood) -> LogLikelihood:
    """Return an estimate, or refuse what JSON and a mean over examples cannot hold."""
    lost = int((~found.each.isfinite()).sum())
    if lost:
        raise RunError(
            f"The estimate of log p(x) is no finite number for {lost} of {len(found.each)} "
            "examples.",
            how="These data are far from the model's own, or the estimator finds no z for them; "
            "see `latentia data check`, or use another --evidence.",
        )
    return found


def _standard_error(each: Tensor) -> float:
    return nan if len(each) < 2 else float(each.std() / len(each) ** 0.5)


def _observed(examples: Examples) -> float:
    """Return the mean number of observed cells in an example."""
    cells = prod(examples.x_shape)
    if not examples.stored.is_floating_point():
        return cells
    missing = examples.stored[examples.index].isnan().double().mean()
    return cells * (1 - float(missing))
