"""Latentia as it comes: one estimator, `fit`, and the seconds that it reports of its epochs."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latentia.data import Data
    from latentia.session import Session

BEGAN = time.perf_counter()
# The models, by the names that run.py gives them.
MODELS = {
    "mlp": {"n_components": 20, "network": {"name": "mlp", "hidden": (500, 500)}},
    "conv": {"n_components": 20, "network": {"name": "conv"}},
    "iwae": {
        "n_components": 50,
        "network": {"name": "mlp", "hidden": (200, 200), "activation": "tanh"},
        "objective": {"name": "iwae", "samples": 50},
    },
}
# Epochs of a run that is compiled by itself; the few that are timed stand for it.
_MANY = 1000


def session(data: Data, options: dict[str, Any], epochs: int, settings: dict[str, str]) -> Session:
    """Return a fit that is ready to begin; the last hundred images only choose the epoch."""
    from latentia import VAE
    from latentia.request import DataRequest
    from latentia.session import prepare

    vae = VAE(**options, max_epochs=epochs, settings={"schedule": "constant", **settings})
    return prepare(data, vae.plan(), DataRequest(test=0, validation=100))


def precision_of_many(data: Data, options: dict[str, Any]) -> str:
    """Return the precision that a long run would choose."""
    chosen: str = session(data, options, _MANY, {}).config.training.precision
    return chosen


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch; the first has all that came before it."""
    import numpy as np

    from latentia.data import Data
    from latentia.training.observer import Observer, Row

    class Told(Observer):
        def epoch(self, rows: list[Row], improved: bool) -> None:
            trained, _ = rows
            first = trained["epoch"] == 1
            seconds = time.perf_counter() - BEGAN if first else trained["seconds"]
            line = {"seconds": seconds, "negative_elbo": -trained["elbo"]}
            print(json.dumps(line), flush=True)

    images = np.load(path).reshape(-1, 28, 28)
    # The last hundred images only choose the epoch; all that were given are trained on.
    data = Data.from_array(np.concatenate([images, images[-100:]]), None)
    options = MODELS[os.environ.get("BENCH_MODEL", "mlp")] | {
        "binarize": os.environ.get("BENCH_BINARIZE", "none"),
        "batch_size": batch,
    }
    settings = {"compile": os.environ.get("BENCH_COMPILE", "auto")}
    if settings["compile"] == "yes":
        settings["precision"] = precision_of_many(data, options)
    session(data, options, epochs, settings).train(Told())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
