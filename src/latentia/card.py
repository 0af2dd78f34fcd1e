"""The model card: what a stranger should know of a run before using it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from latentia import room
from latentia.evaluation.bound import use_of_latents
from latentia.files import write_atomically
from latentia.run import Config, Run
from latentia.training.observer import chosen_by

__all__ = ["data", "numbers", "write_card"]


def write_card(run: Run) -> None:
    """Write `README.md` of a run, with every number that is known of it so far.

    Raises:
        MachineError: if the folder cannot be written; the earlier card then stays.
    """
    config = run.config()
    sections = [
        f"# {run.name}",
        _model(config),
        numbers(run, config),
        *_samples(run),
        *_factors(run),
        data(config),
        _use(config),
    ]
    write_atomically(run.path / "README.md", ("\n\n".join(sections) + "\n").encode())


_NAMES = {
    "VAE": "A variational autoencoder",
    "ConditionalVAE": "A conditional variational autoencoder, a model of p(x|c)",
    "SemiSupervisedVAE": "A variational autoencoder that knows the class c of some examples, a "
    "model of p(x, c),",
    "AutoEncoder": "An autoencoder",
}


def _model(config: Config) -> str:
    design = config.model
    what = _NAMES[config.estimator]
    reasons = "\n".join(f"- {' '.join(reason.split())}" for reason in config.reasons)
    return (
        f"{what} with {design.latent_dim} latents, trained by latentia {config.latentia}: "
        f"posterior {design.posterior['name']}, prior {design.prior['name']}, "
        f"likelihood {design.likelihood['name']}, objective {config.objective['name']}.\n\n"
        f"Choices and why:\n\n{reasons}"
    )


def numbers(run: Run, config: Config) -> str:
    """Return the section of every number that is known of a run's model."""
    validated = [row for row in run.metrics() if row["split"] == "validation"]
    likelihood = room.load("likelihood", config.model.likelihood["name"])
    evaluations = [*run.evaluations().values()]
    lines = [
        "## Numbers",
        "",
        f"All in {likelihood.unit} per example, constants included; higher is better.",
        "",
    ]
    if config.no_likelihood:
        lines += [f"**No likelihood**: {config.no_likelihood}.", ""]
    if config.diverged:
        lines += [f"**Diverged**: {config.diverged}", ""]
    given = config.data.schema_.conditions and not config.model.partly
    of = "log p(x|c)" if given else "log p(x)"
    lines += [f"| set | bound | reconstruction | KL | {of} | active latents |"]
    lines += ["|---|---|---|---|---|---|"]
    named = {f"{each['split']}, {each['n_examples']} examples": each for each in evaluations}
    if validated:
        best = max(validated, key=chosen_by)
        name = f"validation, epoch {best['epoch']} (best of {len(validated)})"
        named = {name: best} | named
    lines += [_row(name, each) for name, each in named.items()]
    lines += [_penalty(name, each) for name, each in named.items() if "log_pz" in each]
    lines += [_accuracy(each) for each in evaluations if each.get("classes")]
    known = evaluations or ([best] if validated else [])
    if likelihood.autoregressive and known:
        used = use_of_latents(known[0]["kl"], known[0]["active_units"], config.model.latent_dim)
        lines += [
            "",
            "**Autoregressive decoder**: each pixel is given those before it, so its numbers "
            "stand beside those of other decoders with this mark, and z may be ignored. Here "
            f"{used}.",
        ]
    return "\n".join(lines)


def _accuracy(row: dict[str, Any]) -> str:
    found = row["classes"]
    return (
        f"\n{found['name']} of {found['n']} {row['split']} examples told from x: "
        f"{found['accuracy']:.2%} are right, -log q(y|x) is {found['cross_entropy']:.3f} nats."
    )


def _penalty(name: str, row: dict[str, Any]) -> str:
    return (
        f"\nlog p(z) at the points of {name}: {row['log_pz']:.2f} nats. Their KL to a density is "
        "infinite, so this is a penalty and in no bound."
    )


def _row(name: str, row: dict[str, Any]) -> str:
    cells = [row["elbo"], row["reconstruction"], row["kl"]]
    written = ["-" if cell is None else f"{cell:.2f}" for cell in cells]
    estimates = [(row, f"importance sampling, k = {row.get('n_importance')}")]
    if row.get("evidence"):
        estimates.append((row["evidence"], row["evidence"]["name"]))
    known = [_estimate(*each) for each in estimates if each[0].get("log_likelihood") is not None]
    written.append("; ".join(known) or "-")
    return f"| {name} | {' | '.join(written)} | {row['active_units']} |"


def _estimate(found: dict[str, Any], how: str) -> str:
    error = found["standard_error"]
    within = "" if error is None else f" ± {error:.2f}"
    return f"{found['log_likelihood']:.2f}{within} ({how})"


def _samples(run: Run) -> list[str]:
    """Return the section of what `latentia quality` found, if it did."""
    found = [*run.measured("quality").values()]
    if not found:
        return []
    lines = [
        "## Samples",
        "",
        "Beside real examples, in features with a name, and training examples beside the same: "
        "the floor. No likelihood; compare at one n, in one feature.",
        "",
        "| samples | beside | feature | n | Fréchet² | floor | precision | recall | density "
        "| coverage |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_quality, found),
    ]
    return ["\n".join(lines)]


def _quality(row: dict[str, Any]) -> str:
    feature = row["feature"]
    sha256 = f", sha256 `{feature['sha256'][:8]}`" if feature["sha256"] else ""
    four = (f"{row[name]:.3f}" for name in ("precision", "recall", "density", "coverage"))
    cells = [
        *(
            row["kind"].split(", and")[0].replace("|", "\\|"),
            row["split"],
            f"{feature['name']}{sha256}",
            str(row["n"]),
        ),
        f"{row['frechet_squared']:.4g} ± {row['frechet_standard_error']:.1g}",
        *(f"{row['floor']['frechet_squared']:.4g}", *four),
    ]
    return f"| {' | '.join(cells)} |"


def _factors(run: Run) -> list[str]:
    """Return the section of what `latentia disentanglement` found, if it did."""
    found = [*run.measured("disentanglement").values()]
    if not found:
        return []
    names = ("dci_disentanglement", "dci_completeness", "dci_informativeness", "sap", "factor_vae")
    lines = [
        "## Factors",
        "",
        f"How latents follow the factors {', '.join(found[0]['factors'])} of the data.",
        "",
        "| set | MIG of z ~ q(z\\|x) | MIG of means in bins | DCI disentanglement | completeness "
        "| informativeness | SAP | FactorVAE score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        mig = "-" if row["mig"] is None else f"{row['mig']:.3f}"
        cells = [f"{row['mig_binned']:.3f}", *(f"{row[name]:.3f}" for name in names)]
        lines.append(f"| {row['split']}, {row['n']} examples | {mig} | {' | '.join(cells)} |")
    return ["\n".join(lines)]


def data(config: Config) -> str:
    """Return the section of what a run was trained on; no path of this machine is in it."""
    record, schema = config.data, config.data.schema_
    shape = "x".join(map(str, schema.shape))
    notes = "".join(f"\n- {note}" for note in record.notes)
    return (
        f"## Data\n\n`{Path(record.request).name}`: {record.n_train} training, "
        f"{record.n_validation} "
        f"validation and {record.n_test} test examples of shape {shape} ({schema.kind}), "
        f"sha256 `{schema.sha256}`.{notes}"
    )


def _use(config: Config) -> str:
    known = ", ".join(f"{one.name!r}: ..." for one in config.data.schema_.conditions)
    given = f".given({{{known}}})" if known else ""
    return (
        "## Use\n\n"
        f"```python\nimport latentia as lt\n\nmodel = lt.load('this/folder'){given}\n```\n\n"
        "Meant for looking at, sampling and scoring data like those above. What it generates "
        "resembles its training data, with their gaps and biases; a high log p(x) does not make "
        "an example of another kind a member of this one."
    )
