"""Measure a run in nats: the bound with its parts, and log p(x) by any estimator there is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from latentia.command._classes import accuracy_of
from latentia.errors import UsageError
from latentia.options import component_options, gathered
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.evaluation.likelihood import Evaluation
    from latentia.evidence.base import EvidenceEstimator
    from latentia.model import LatentVariableModel
    from latentia.run import Config

__all__ = ["OPTIONS", "evaluate"]

OPTIONS = component_options(["evidence"])

_SAMPLES = 100
# The share of examples with few effective samples from which a lower bound is called one.
_MANY_LOW = 0.01


def evaluate(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    split: Literal["test", "validation", "train"] = "test",
    importance: int | None = None,
    sandwich: int = 0,
    limit: int | None = None,
    condition: str | None = None,
    data_root: str | None = None,
    **options: Any,
) -> None:
    """Measure RUN on held-out data (or on DATA), in nats per example with constants in.

    log p(x) is estimated by importance sampling from q(z|x), with its standard error, and by
    another estimator beside it if one is named with --evidence; a linear-Gaussian model has its
    exact value at once. Where the likelihood is no density of the data, no log-likelihood is
    printed and the reason is.

    Arguments:
        data_: DATA, as an option: other data, by name or path; used whole.
        split: Part of the run's own data.
        importance: Samples of z for each example (5000 for numbers to publish; 0 for none; 100
            where nothing is said, and none of a model whose q(z|x) is a single code).
        sandwich: Draw so many examples from the model and bracket their log p(x) from both sides
            (with --evidence annealed); where the class is a latent, summed over all classes.
        limit: Only the first so many examples.
        condition: NAME=VALUE,NAME=VALUE for all examples, of a model of p(x|c); else their own.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    _require_counts(importance, limit, sandwich)
    from latentia.command._beside import Beside
    from latentia.command._classes import classes
    from latentia.command._counting import counting
    from latentia.command._inputs import Asked, examples, open_run, under
    from latentia.command._kept import kept
    from latentia.evaluation.likelihood import evaluate as measure
    from latentia.evaluation.score import SINGLE

    asked = Asked.either(data, data_, split, data_root)
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
    if model.schema_.conditions and condition is None and not model.model_.is_open:
        _require_no_sandwich(sandwich)
    found = examples(shell, opened, asked).first(limit)
    model = under(model, found, condition)
    with model.model_.given(model.model_.one_of(model.condition_)):
        beside = Beside.chosen(model.model_, given, bool(config.no_likelihood))
    beside.require_sandwich(sandwich)
    x, names = found.x, [one.name for one in model.schema_.conditions]
    importance, covers = _importance(importance, model.model_), model.model_.posterior.covers
    what = _what(config, importance, beside.estimator, seed)
    titles = {"importance": "importance sampling", "evidence": beside.name}
    numbers: dict[str, Any] = {
        **measure(
            model.model_,
            model.examples(x),
            what,
            progress=lambda name: counting(shell, f"log p(x), {titles[name]}", len(x)),
        ),
        "conditions": [] if model.model_.labels is not None and condition is None else names,
        "condition": condition,
        "data": found.name,
        "split": found.split,
        "notes": [*found.notes, *([SINGLE] * (not covers))],
        "run": str(run),
        "seed": seed,
    }
    if condition is None:
        numbers |= classes(model, found)
    if numbers["evidence"] is not None:
        numbers["evidence"] = beside.written | numbers["evidence"]
    if sandwich:
        shell.say(f"sandwich  {sandwich} examples drawn from the model")
        with model.model_.given(None if condition is None else model.condition_):
            numbers["evidence"]["sandwich"] = beside.sandwich(model.model_, sandwich, seed)
    shell.give(numbers, _text(numbers, model.latent_dim_))
    if limit is None and asked.data is None and condition is None:
        with kept(opened):
            opened.save_evaluation(numbers)


def _require_counts(importance: int | None, limit: int | None, sandwich: int) -> None:
    if (importance or 0) < 0 or (limit is not None and limit < 1) or sandwich < 0:
        given = {"--importance": importance, "--limit": limit, "--sandwich": sandwich or None}
        raise UsageError(
            "A number of samples or examples is not negative, and there is no limit of 0.",
            where=", ".join(f"{k} {v}" for k, v in given.items() if v is not None),
            how="Use --importance 0 for no importance sampling, and no --limit for all examples.",
        )


def _require_no_sandwich(sandwich: int) -> None:
    if sandwich:
        raise UsageError(
            "Examples are drawn from p(x|c) under one condition, and nothing says which.",
            where=f"--sandwich {sandwich}",
            how="Say it with --condition, or leave --sandwich out.",
        )


def _importance(asked: int | None, model: LatentVariableModel) -> int:
    """Return the samples of importance sampling, by default none where they estimate nothing.

    Raises:
        UsageError: if they were asked for all the same.
    """
    if asked is None:
        return _SAMPLES if model.posterior.covers else 0
    if asked and model.bounds_evidence:
        from latentia.evidence.importance import ImportanceSampling

        ImportanceSampling(samples=asked).require(model)
    return asked


def _what(
    config: Config, importance: int, estimator: EvidenceEstimator | None, seed: int
) -> Evaluation:
    from latentia import room
    from latentia.evaluation.likelihood import Evaluation

    noise = config.corruption
    return Evaluation(
        importance=importance,
        evidence=estimator,
        seed=seed,
        no_likelihood=config.no_likelihood,
        corruption=None if noise is None else room.build("corruption", noise),
    )


def _text(numbers: dict[str, Any], latent_dim: int) -> str:
    from latentia.evaluation.bound import use_of_latents
    from latentia.evaluation.score import SINGLE

    star, unit = "" if numbers["is_likelihood"] else "*", numbers["unit"]
    lines = [
        f"{numbers['data']}, {numbers['split']}: {numbers['n_examples']} examples, "
        f"binarization {numbers['binarization']}"
        + (f", all under {numbers['condition']}" if numbers["condition"] else "")
    ]
    if numbers["elbo"] is not None:
        lines.append(
            f"  ELBO{star:<12} {numbers['elbo']:10.2f} {unit} per example  "
            f"= reconstruction {numbers['reconstruction']:.2f} - KL {numbers['kl']:.2f}"
            + (f" (of the class {numbers['kl_of_class']:.2f})" if "kl_of_class" in numbers else "")
        )
    else:
        nats = f"{numbers['reconstruction']:10.2f} {unit} per example"
        lines.append(f"  reconstruction{star} {nats}")
        if "log_pz" in numbers:
            lines.append(
                f"  log p(z)         {numbers['log_pz']:10.2f} nats per example  at points, whose "
                "KL to a density is infinite: a penalty"
            )
    if "denoising" in numbers:
        noisy = numbers["denoising"]["reconstruction"]
        lines.append(
            f"  from noisy x{star:<4} {noisy:10.2f} {unit} per example, reconstruction of x"
        )
    if numbers["log_likelihood"] is not None:
        how = f"importance sampling, k = {numbers['n_importance']}"
        lines += _estimate(numbers, how, given=bool(numbers["conditions"]))
    if numbers["evidence"] is not None:
        how = _how(numbers["evidence"])
        lines += _estimate(numbers["evidence"], how, given=bool(numbers["conditions"]))
    if numbers["binarization_entropy"] is not None and not star:
        lines.append(
            f"  ceiling          {-numbers['binarization_entropy']:10.2f} nats per example  "
            "no model is above minus the entropy of the black-and-white draws"
        )
    if numbers["bits_per_dim"] is not None:
        lines.append(f"  bits/dim         {numbers['bits_per_dim']:10.4f}")
    if "classes" in numbers:
        lines.append(accuracy_of(numbers["classes"]))
    lines.append(f"  active latents   {numbers['active_units']:>7} of {latent_dim}")
    if numbers["autoregressive"]:
        used = use_of_latents(numbers["kl"], numbers["active_units"], latent_dim)
        lines.append(f"  decoder          autoregressive, which may do without z; {used}")
    if numbers["codes"] is not None:
        lines.append(_use(numbers["codes"]))
    if SINGLE in numbers["notes"] and not star:
        lines.append(f"  log p(x)         {SINGLE}")
    if star:
        lines.append(f"* no likelihood: {numbers['no_likelihood']}")
    return "\n".join(lines)


def _use(codes: dict[str, Any]) -> str:
    choices = f"{codes['choices']} choice{'s' * (codes['choices'] > 1)} of {codes['classes']}"
    return (
        f"  codes            {codes['distinct']:>7} different, {choices}, "
        f"perplexity {codes['perplexity']:.1f}"
    )


def _how(evidence: dict[str, Any]) -> str:
    """Return an estimator's name and options, as they were used."""
    from latentia import room

    known = {option.name for option in room.member("evidence", evidence["name"]).options}
    options = [f"{key} = {value}" for key, value in evidence.items() if key in known]
    return ", ".join([evidence["name"], *options])


def _estimate(found: dict[str, Any], how: str, *, given: bool) -> list[str]:
    error, own = found["standard_error"], found["monte_carlo_error"]
    what = "log p(x|c)" if given else "log p(x)"
    lines = [f"  {what:<16} {found['log_likelihood']:10.2f} nats per example  {how}"]
    more = [
        f"standard error {'unknown' if error is None else f'{error:.2f}'} over examples, "
        f"{'unknown' if own is None else f'{own:.3f}'} of the estimate itself"
    ]
    if found["ladder"] is not None:
        rungs = [f"{rung['log_likelihood']:.2f} (k = {rung['k']})" for rung in found["ladder"]]
        more.append(f"ladder {', '.join(rungs)}")
    if found["ess_median"] is not None:
        low, middle = found["ess_5"], found["ess_median"]
        more.append(f"effective samples: median {middle:.1f}, 5% quantile {low:.1f}")
    if (found["ess_low"] or 0) > _MANY_LOW:
        more.append(
            f"a lower bound: {found['ess_low']:.0%} of the examples have few effective samples "
            "(an error above 0.3 nats, or unknown), and more samples would raise it"
        )
    if "sandwich" in found:
        more += _sandwich(found["sandwich"])
    return [*lines, *(" " * 19 + line for line in more)]


def _sandwich(found: dict[str, Any]) -> list[str]:
    error = found["gap_standard_error"]
    within = "" if error is None else f" +- {error:.3f}"
    return [
        f"on {found['n']} examples drawn from the model: lower bound {found['lower']:.2f}, "
        f"upper bound {found['upper']:.2f}",
        f"gap {found['gap']:.3f}{within}: on average, an estimate is off by no more on such "
        "examples",
    ]
