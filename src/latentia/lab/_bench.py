"""The bench: real images and trained models, each trained once and kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, cached_property
from math import ceil
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import latentia
from latentia import data as datasets
from latentia.data import Data
from latentia.errors import LatentiaError, UsageError
from latentia.estimator._load import load
from latentia.estimator.autoencoder import AutoEncoder
from latentia.estimator.base import Estimator
from latentia.estimator.vae import VAE
from latentia.request import DataRequest
from latentia.session import prepare
from latentia.training.observer import Observer, Row

__all__ = ["Bench", "Part"]

Array = npt.NDArray[Any]
Seen = TypeVar("Seen")

# Steps of training: enough for the digits' ELBO to stand within a few nats of where it ends.
_STEPS, _BATCH = 4000, 128
# The share of the data that no model sees, where there is no official test set.
_TEST = 0.2
# Rooms that train nothing: what changes there leaves kept models as they are.
_USES = {"command", "evidence", "figure", "lab"}
_KINDS: dict[str, type[Estimator]] = {"VAE": VAE, "AutoEncoder": AutoEncoder}


class Part(NamedTuple):
    """Images of one part of the data.

    Arguments:
        x: Images, (n, H, W), uint8 (255 is ink).
        y: Their classes, (n,).
    """

    x: Array
    y: Array


class Bench:
    """Data, trained models and a seed.

    Arguments:
        data: Grey images with labels, by name or path; `auto` is full MNIST if it is on this
            machine, else `mnist5k`.
        root: Folder of data sets to look in first.
        cache: Folder for trained models; `lab` in the user's cache by default.
        seed: Seed of everything random.
        steps: Training steps of every model.
        say: Is told what takes time.
    """

    def __init__(
        self,
        data: str = "auto",
        *,
        root: str | Path | None = None,
        cache: Path | None = None,
        seed: int = 0,
        steps: int = _STEPS,
        say: Callable[[str], object] = lambda text: None,
    ) -> None:
        self.seed, self.steps, self.say = seed, steps, say
        self._name, self._root = data, root
        self._cache = datasets.cache() / "lab" if cache is None else cache

    @cached_property
    def data(self) -> Data:
        """The data set.

        Raises:
            DataError, MachineError: if it cannot be loaded.
            UsageError: if it is not made of grey 8-bit images with labels.
        """
        name = self._name
        if name == "auto":
            name = "mnist" if datasets.where("mnist", root=self._root) else "mnist5k"
        found = datasets.load(name, root=self._root)
        schema = found.schema
        grey = schema.is_image and schema.kind == "bytes" and schema.model_shape[0] == 1
        if not grey or found.y is None or (found.y < 0).any():
            raise UsageError(
                "The lab needs grey 8-bit images with a label each.",
                where=f"--data {name}",
                how="Use mnist, mnist5k or fashion-mnist, or leave --data out.",
            )
        return found

    def other(self, data: str | None = None, *, steps: int | None = None) -> Bench:
        """Return a bench with the same seed and cache, on other data or with other steps.

        Arguments:
            data: Name or path; the same data by default.
            steps: Training steps of every model; the same by default.
        """
        return Bench(
            self._name if data is None else data,
            root=self._root,
            cache=self._cache,
            seed=self.seed,
            steps=self.steps if steps is None else steps,
            say=self.say,
        )

    def has(self, name: str) -> bool:
        """Whether a named set is on this machine and needs no download."""
        return datasets.where(name, root=self._root) is not None

    @cached_property
    def _rows(self) -> tuple[Array, Array]:
        n, official = len(self.data), self.data.n_official_test
        if official:
            return np.arange(n - official), np.arange(n - official, n)
        order = np.random.default_rng(0).permutation(n)
        cut = n - int(_TEST * n)
        return np.sort(order[:cut]), np.sort(order[cut:])

    @property
    def train(self) -> Part:
        """The images that models see."""
        return self._part(self._rows[0])

    @property
    def test(self) -> Part:
        """The images that no model saw."""
        return self._part(self._rows[1])

    def some(self, n: int, *, key: int = 0) -> Part:
        """Return n test images at random (fewer if there are not so many), the same every time.

        Arguments:
            n: How many.
            key: Another key, another choice.
        """
        rng = np.random.default_rng([self.seed, key])
        test = self.test
        rows = rng.permutation(len(test.x))[:n]
        return Part(test.x[rows], test.y[rows])

    def draw(self, x: Array, *, key: int = 0) -> Tensor:
        """Return one black-and-white draw [u < pixel] of grey images, (n, 1, H, W) floats.

        Arguments:
            x: Images, (n, H, W), uint8.
            key: Another key, another draw.
        """
        rng = np.random.default_rng([self.seed, 1, key])
        drawn = rng.integers(0, 255, x.shape) < x
        return torch.from_numpy(drawn.astype(np.float32))[:, None]

    def model(
        self, kind: Literal["VAE", "AutoEncoder"] = "VAE", n: int | None = None, **options: Any
    ) -> Estimator:
        """Return a model trained on the training images, from the cache if it is there.

        Arguments:
            kind: `VAE` or `AutoEncoder`.
            n: Only the first n training images; all by default.
            options: Of its constructor. Steps, batch and seed are the bench's unless given.
        """
        x = self.train.x[:n]
        given = self._given(len(x), options)
        folder = self._cache / self._key(kind, len(x), given)
        if folder.is_dir():
            try:
                return load(folder, device="cpu")
            except LatentiaError as error:
                self.say(
                    f"note      a kept model cannot be read and is trained anew: {error.what}"
                )
                shutil.rmtree(folder)
        self._announce(kind, options, given)
        return self._kept(_KINDS[kind](**given).fit(x), folder)

    def watch(
        self,
        look: Callable[[Estimator], Seen],
        kind: Literal["VAE", "AutoEncoder"] = "VAE",
        n: int | None = None,
        **options: Any,
    ) -> list[Seen]:
        """Train a model that is not kept, and return what was seen of it after every epoch.

        Arguments:
            look: Is shown the model, as it is after an epoch.
            kind: `VAE` or `AutoEncoder`.
            n: Only the first n training images; all by default.
            options: As `model` takes them.
        """
        x = self.train.x[:n]
        given = self._given(len(x), options)
        self._announce(kind, options, given)
        estimator = _KINDS[kind](**given)
        session = prepare(Data.from_array(x, None), estimator.plan(), DataRequest(test=0))
        seen: list[Seen] = []

        class Watcher(Observer):
            def epoch(self, rows: list[Row], improved: bool) -> None:
                estimator.adopt(session.config, session.model, rows)
                seen.append(look(estimator))

        session.train(Watcher())
        return seen

    def epochs(self, n: int | None = None, share: float = 1.0) -> int:
        """Return how many epochs over n training images take a share of the bench's steps."""
        steps = ceil(0.9 * len(self.train.x[:n]) / _BATCH)
        return max(1, ceil(share * self.steps / steps))

    def _given(self, n: int, options: dict[str, Any]) -> dict[str, Any]:
        own = {"max_epochs": self.epochs(n), "batch_size": _BATCH, "random_state": self.seed}
        return own | options

    def _announce(self, kind: str, options: dict[str, Any], given: dict[str, Any]) -> None:
        written = ", ".join(f"{key} {value}" for key, value in options.items())
        self.say(f"trains    {kind} ({written or 'defaults'}), {given['max_epochs']} epochs")

    def _part(self, rows: Array) -> Part:
        y = self.data.y
        assert y is not None  # `data` refuses a set without labels
        x = self.data.x[rows]
        return Part(x.reshape(len(x), *self.data.schema.model_shape[1:]), y[rows])

    def _key(self, kind: str, n: int, given: dict[str, Any]) -> str:
        """Return a name that changes with anything on which the weights depend."""
        written = json.dumps(
            [kind, n, given, self.data.schema.sha256, _code(), torch.__version__],
            sort_keys=True,
        )
        return hashlib.sha256(written.encode()).hexdigest()[:24]

    def _kept(self, model: Estimator, folder: Path) -> Estimator:
        """Keep a trained model, whole or not at all, and return it as it will be read again."""
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache) as aside:
            saved = model.save(Path(aside) / "run")
            if not folder.exists():
                saved.rename(folder)
        return load(folder, device="cpu")


@cache
def _code() -> str:
    """Return a hash of the source text on which weights may depend: all that is no mere use."""
    package = Path(latentia.__file__).parent
    hashed = hashlib.sha256(latentia.__version__.encode())
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in _USES:
            hashed.update(path.read_bytes())
    return hashed.hexdigest()
