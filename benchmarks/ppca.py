"""Probabilistic PCA as the oracle of training: a linear VAE must reach its log p(x), not pass it.

    python benchmarks/ppca.py [--data mnist] [--latents 2 10 20 50] [--out benchmarks/results]

The best a linear decoder with one sigma can do is known in closed form (Tipping and Bishop, 1999).
A linear VAE is trained on the same pixels by the ordinary loop, and its exact log p(x) compared.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import torch
from sklearn.decomposition import PCA

import latentia
from latentia import room
from latentia.data import Data, load
from latentia.design import Wishes, assemble, decide, start_at_data
from latentia.evaluation.bound import bound
from latentia.evaluation.likelihood import log_likelihood
from latentia.evidence.exact import Exact, linear_gaussian
from latentia.model import LatentVariableModel
from latentia.training.loop import Task, fit
from latentia.training.progress import observer_for
from latentia.training.settings import Settings
from latentia.view import Examples, View

__all__ = ["Row", "compare"]

HERE = Path(__file__).parent
_CHOOSING = 2000


class Row(NamedTuple):
    """Nats per example: the closed form's and the trained model's exact log p(x)."""

    latents: int
    closed_train: float
    trained_train: float
    closed_test: float
    trained_test: float
    elbo_train: float
    closed_variance: float
    trained_variance: float
    seconds: float


def compare(data: Data, latents: int, settings: Settings) -> Row:
    """Train a linear VAE on all rows but the official test set, and set it beside the closed form.

    Arguments:
        data: Images.
        latents: L.
        settings: Of training.
    """
    stored, view = torch.from_numpy(data.model_array()), View(data.schema.kind, "none")
    parts = torch.arange(len(data)).tensor_split([len(data) - data.n_official_test])
    train, test = (Examples(stored, view, rows) for rows in parts)
    flat = [
        part.read(torch.arange(len(part))).flatten(1).double().numpy() for part in (train, test)
    ]
    known = PCA(latents, svd_solver="covariance_eigh").fit(flat[0])
    started = time.perf_counter()
    model = _trained(data, train, latents, settings)
    seconds = time.perf_counter() - started
    exact = [log_likelihood(model, part, Exact()).mean for part in (train, test) if len(part)]
    closed = [float(known.score(x)) for x in flat if len(x)]
    return Row(
        latents=latents,
        closed_train=closed[0],
        trained_train=exact[0],
        closed_test=closed[-1],
        trained_test=exact[-1],
        elbo_train=bound(model, train).elbo,
        closed_variance=float(known.noise_variance_),
        trained_variance=float(linear_gaussian(model).variance[0]),
        seconds=seconds,
    )


def _trained(data: Data, train: Examples, latents: int, settings: Settings) -> LatentVariableModel:
    wishes = Wishes(
        latent_dim=latents,
        network="linear",
        likelihood={"name": "gaussian", "sigma": "optimal"},
        binarize="none",
    )
    model = assemble(decide(data.schema, wishes)[0], seed=settings.seed)
    start_at_data(model, train)
    # The maximum over the training set is the question, so that is what chooses the epoch.
    chooser = Examples(train.stored, train.view, train.index[:_CHOOSING])
    task = Task(model, room.build("objective", "elbo"), train, chooser)
    fit(task, settings.complete(len(train))[0], observer_for(latents, quiet=True))
    return model


def _table(data: str, rows: list[Row], command: str) -> str:
    head = "| latents | train: closed form | linear VAE | short of it by | its ELBO | "
    lines = [
        f"# Probabilistic PCA against a trained linear VAE: {data}",
        "",
        "log p(x) in nats per image of pixels in [0, 1], a density; closed form of the training "
        "set's maximum likelihood against the exact log p(x) of the trained model.",
        "",
        head + "test: closed form | linear VAE | sigma^2: closed form | linear VAE | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.latents} | {r.closed_train:.2f} | {r.trained_train:.2f} | "
        f"{r.closed_train - r.trained_train:.3f} | {r.elbo_train:.2f} | {r.closed_test:.2f} | "
        f"{r.trained_test:.2f} | {r.closed_variance:.5f} | {r.trained_variance:.5f} | "
        f"{r.seconds:.0f} |"
        for r in rows
    ]
    return "\n".join([*lines, "", "```", command, "```", ""])


def main() -> None:
    """Compare for every number of latents, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--latents", type=int, nargs="+", default=[2, 10, 20, 50])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args()
    settings = Settings(
        epochs=given.epochs, batch_size=given.batch_size, learning_rate=given.learning_rate
    )
    data, rows = load(given.data), []
    for latents in given.latents:
        rows.append(compare(data, latents, settings))
        print(rows[-1], flush=True)
    command = (
        f"python benchmarks/ppca.py --data {given.data} "
        f"--latents {' '.join(map(str, given.latents))} --epochs {given.epochs} "
        f"--batch-size {given.batch_size} --learning-rate {given.learning_rate}"
    )
    found = {
        "rows": [row._asdict() for row in rows],
        "command": command,
        "settings": settings.model_dump(mode="json"),
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
        "latentia": latentia.__version__,
    }
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "ppca.json").write_text(json.dumps(found, indent=2) + "\n")
    (given.out / "ppca.md").write_text(_table(given.data, rows, command))


if __name__ == "__main__":
    main()
