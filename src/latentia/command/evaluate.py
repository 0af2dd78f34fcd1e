"""Measure a run in nats: the bound with its parts, and log p(x) by importance sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["evaluate"]


def evaluate(
    shell: Shell,
    run: Path,
    *,
    data: str | None = None,
    split: Literal["test", "validation", "train"] = "test",
    importance: int = 100,
    limit: int | None = None,
    data_root: str | None = None,
) -> None:
    """Measure RUN on held-out data, in nats per example with constants in.

    log p(x) is estimated by importance sampling from q(z|x), with its standard error. Where the
    likelihood is no density of the data, no log-likelihood is printed and the reason is.

    Arguments:
        data: Other data, by name or path; used whole.
        split: Part of the run's own data.
        importance: Samples of z for each example (5000 for numbers to publish; 0 for none).
        limit: Only the first so many examples.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if importance < 0 or (limit is not None and limit < 1):
        raise UsageError(
            "A number of samples or examples is not negative, and there is no limit of 0.",
            where=f"--importance {importance}" + ("" if limit is None else f", --limit {limit}"),
            how="Use --importance 0 for no log p(x), and no --limit for all examples.",
        )
    from latentia import room
    from latentia.card import write_card
    from latentia.command._inputs import Asked, examples, open_run
    from latentia.evaluation.likelihood import evaluate as measure

    opened, model = open_run(shell, run)
    found = examples(shell, opened, Asked(data, split, data_root))
    x, noise = found.x[:limit], model.config_.corruption
    total = len(x)

    def tell(done: int) -> None:
        if done % 512 == 0 and total > 1000:
            shell.say(f"log p(x)  {done} of {total} examples")

    numbers: dict[str, Any] = {
        **measure(
            model.model_,
            model.examples(x),
            no_likelihood=model.config_.no_likelihood,
            importance=importance,
            seed=shell.seed_or_zero,
            corruption=None if noise is None else room.build("corruption", noise),
            progress=tell,
        ),
        "data": found.name,
        "split": found.split,
        "run": str(run),
        "seed": shell.seed_or_zero,
    }
    if limit is None and data is None:
        opened.save_evaluation(numbers)
        write_card(opened)
    shell.give(numbers, _text(numbers, model.latent_dim_))


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
        error = numbers["standard_error"]
        lines.append(
            f"  log p(x)         {numbers['log_likelihood']:10.2f} nats per example  "
            f"importance sampling, k = {numbers['n_importance']}; standard error "
            f"{'unknown' if error is None else f'{error:.2f}'} over examples, "
            f"{numbers['monte_carlo_error']:.3f} Monte Carlo; "
            f"median effective samples {numbers['ess_median']:.1f}"
        )
        if numbers["ess_low"] > 0.01:
            lines.append(
                f"                   a lower bound: {numbers['ess_low']:.0%} of the examples have "
                "fewer than 10 effective samples"
            )
    if numbers["bits_per_dim"] is not None:
        lines.append(f"  bits/dim         {numbers['bits_per_dim']:10.4f}")
    lines.append(f"  active latents   {numbers['active_units']:>7} of {latent_dim}")
    if star:
        lines.append(f"* no likelihood: {numbers['no_likelihood']}")
    return "\n".join(lines)
