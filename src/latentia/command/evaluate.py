"""Measure a run in nats: the bound with its parts, and log p(x) by any estimator there is."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from latentia.errors import UsageError
from latentia.options import component_options, gathered
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.evaluation.likelihood import Evaluation
    from latentia.evidence.base import Evidencer
    from latentia.model import LatentVariableModel
    from latentia.run import Config

__all__ = ["OPTIONS", "evaluate"]

OPTIONS = component_options(["evidence"])

_SAMPLES = 100
# Seconds between two lines of progress.
_SECONDS = 10.0
# The share of examples with few effective samples from which a lower bound is called one.
_MANY_LOW = 0.01


def evaluate(
    shell: Shell,
    run: Path,
    *,
    data: str | None = None,
    split: Literal["test", "validation", "train"] = "test",
    importance: int | None = None,
    sandwich: int = 0,
    limit: int | None = None,
    data_root: str | None = None,
    **options: Any,
) -> None:
    """Measure RUN on held-out data, in nats per example with constants in.

    log p(x) is estimated by importance sampling from q(z|x), with its standard error, and by
    another estimator beside it if one is named with --evidence; a linear-Gaussian model has its
    exact value at once. Where the likelihood is no density of the data, no log-likelihood is
    printed and the reason is.

    Arguments:
        data: Other data, by name or path; used whole.
        split: Part of the run's own data.
        importance: Samples of z for each example (5000 for numbers to publish; 0 for none; 100
            where nothing is said).
        sandwich: Draw so many examples from the model and bracket their log p(x) from both sides
            (with --evidence annealed).
        limit: Only the first so many examples.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    _require_counts(importance, limit, sandwich)
    from latentia.card import write_card
    from latentia.command._inputs import Asked, examples, open_run
    from latentia.evaluation.likelihood import evaluate as measure

    opened, model = open_run(shell, run)
    config, seed = model.config_, shell.seed_or_zero
    named = {key.replace("__", "."): value for key, value in options.items() if value is not None}
    given = gathered(named, ["evidence"]).get("evidence")
    if config.no_likelihood and (importance or given or sandwich):
        raise UsageError(
            f"This run has no log p(x) to estimate: {config.no_likelihood}.",
            where=str(run),
            how="Leave out --importance, --evidence and --sandwich.",
        )
    evidence = _Evidence.chosen(model.model_, given, bool(config.no_likelihood))
    evidence.require_sandwich(sandwich)
    found = examples(shell, opened, Asked(data, split, data_root))
    x = found.x[:limit]
    what = _what(config, importance, evidence.estimator, seed)
    numbers: dict[str, Any] = {
        **measure(model.model_, model.examples(x), what, progress=_teller(shell, len(x))),
        "data": found.name,
        "split": found.split,
        "run": str(run),
        "seed": seed,
    }
    if numbers["evidence"] is not None:
        numbers["evidence"] = evidence.described(numbers["evidence"], model.model_, sandwich, seed)
    shell.give(numbers, _text(numbers, model.latent_dim_))
    if limit is None and data is None:
        opened.save_evaluation(numbers)
        write_card(opened)


class _Evidence(NamedTuple):
    """The estimator beside importance sampling, and how it is written down."""

    estimator: Evidencer | None = None
    written: dict[str, Any] | None = None

    @classmethod
    def chosen(
        cls, model: LatentVariableModel, given: dict[str, Any] | None, no_likelihood: bool
    ) -> _Evidence:
        """Build the estimator asked for; the exact one where it is there for nothing."""
        from latentia import room

        if no_likelihood:
            return cls()
        if given is not None and "name" not in given:
            raise UsageError(
                f"Options of which estimator? {', '.join(given)}.",
                where="--evidence.*",
                how=f"Name it: --evidence {' or '.join(room.names('evidence'))}.",
            )
        written = room.spec("evidence", given or "exact")
        estimator: Evidencer = room.build("evidence", written)
        try:
            estimator.require(model)
        except UsageError:
            if given is None:
                return cls()
            raise
        return cls(estimator, written)

    def require_sandwich(self, n: int) -> None:
        """Refuse a sandwich without the estimator that makes it."""
        if n and (self.written is None or self.written["name"] != "annealed"):
            raise UsageError(
                "Only annealed importance sampling runs from both sides.",
                where=f"--sandwich {n}",
                how=f"Use --evidence annealed --sandwich {n}.",
            )

    def described(
        self, summary: dict[str, Any], model: LatentVariableModel, sandwich: int, seed: int
    ) -> dict[str, Any]:
        """Return what was found together with how, and the sandwich of n simulated examples."""
        found = {**(self.written or {}), **summary}
        if not sandwich:
            return found
        from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional

        if isinstance(self.estimator, AnnealedImportanceSampling):
            bounds = bidirectional(model, self.estimator, sandwich, seed=seed)
            found["sandwich"] = bounds.summary()
        return found


def _require_counts(importance: int | None, limit: int | None, sandwich: int) -> None:
    if (importance or 0) < 0 or (limit is not None and limit < 1) or sandwich < 0:
        given = {"--importance": importance, "--limit": limit, "--sandwich": sandwich or None}
        raise UsageError(
            "A number of samples or examples is not negative, and there is no limit of 0.",
            where=", ".join(f"{k} {v}" for k, v in given.items() if v is not None),
            how="Use --importance 0 for no importance sampling, and no --limit for all examples.",
        )


def _what(
    config: Config, importance: int | None, estimator: Evidencer | None, seed: int
) -> Evaluation:
    from latentia import room
    from latentia.evaluation.likelihood import Evaluation

    noise = config.corruption
    return Evaluation(
        importance=_SAMPLES if importance is None else importance,
        evidence=estimator,
        seed=seed,
        no_likelihood=config.no_likelihood,
        corruption=None if noise is None else room.build("corruption", noise),
    )


def _teller(shell: Shell, total: int) -> Callable[[int], None]:
    """Return what says every few seconds how far the estimation of log p(x) is."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if done < total and time.monotonic() - last > _SECONDS:
            last = time.monotonic()
            shell.say(f"log p(x)  {done} of {total} examples")

    return tell


def _text(numbers: dict[str, Any], latent_dim: int) -> str:
    star = "" if numbers["is_likelihood"] else "*"
    lines = [
        f"{numbers['data']}, {numbers['split']}: {numbers['n_examples']} examples, "
        f"binarization {numbers['binarization']}"
    ]
    if numbers["elbo"] is not None:
        lines.append(
            f"  ELBO{star:<12} {numbers['elbo']:10.2f} nats per example  "
            f"= reconstruction {numbers['reconstruction']:.2f} - KL {numbers['kl']:.2f}"
        )
    else:
        lines.append(f"  reconstruction{star} {numbers['reconstruction']:10.2f} nats per example")
    if "denoising" in numbers:
        noisy = numbers["denoising"]["reconstruction"]
        lines.append(
            f"  from noisy x{star:<4} {noisy:10.2f} nats per example, reconstruction of x"
        )
    if numbers["log_likelihood"] is not None:
        lines += _evidence_lines(numbers, f"importance sampling, k = {numbers['n_importance']}")
    if numbers["evidence"] is not None:
        lines += _evidence_lines(numbers["evidence"], _how(numbers["evidence"]))
    if numbers["bits_per_dim"] is not None:
        lines.append(f"  bits/dim         {numbers['bits_per_dim']:10.4f}")
    lines.append(f"  active latents   {numbers['active_units']:>7} of {latent_dim}")
    if star:
        lines.append(f"* no likelihood: {numbers['no_likelihood']}")
    return "\n".join(lines)


def _how(evidence: dict[str, Any]) -> str:
    """Return an estimator's name and options, as they were used."""
    known = inspect.signature(_class_of(evidence["name"])).parameters
    options = [f"{key} = {value}" for key, value in evidence.items() if key in known]
    return ", ".join([evidence["name"], *options])


def _class_of(name: str) -> type[Any]:
    from latentia import room

    return room.load("evidence", name)


def _evidence_lines(found: dict[str, Any], how: str) -> list[str]:
    error, own, margin = found["standard_error"], found["monte_carlo_error"], " " * 19
    samples = found["ess_median"]
    lines = [
        f"  log p(x)         {found['log_likelihood']:10.2f} nats per example  {how}; "
        f"standard error {'unknown' if error is None else f'{error:.2f}'} over examples, "
        f"{own:.3f} of the estimate"
        + ("" if samples is None else f"; median effective samples {samples:.1f}")
    ]
    if found["ladder"] is not None:
        rungs = [f"{rung['log_likelihood']:.2f} (k = {rung['k']})" for rung in found["ladder"]]
        lines.append(f"{margin}ladder {', '.join(rungs)}")
    if (found["ess_low"] or 0) > _MANY_LOW:
        lines.append(
            f"{margin}a lower bound: {found['ess_low']:.0%} of the examples have "
            "fewer than 10 effective samples"
        )
    if "sandwich" in found:
        s = found["sandwich"]
        lines.append(
            f"{margin}{s['n']} examples drawn from the model: between {s['lower']:.2f} and "
            f"{s['upper']:.2f}, gap {s['gap']:.3f} +- {s['gap_standard_error']:.3f}"
        )
    return lines
