"""A small convolutional classifier with fixed weights, whose last layer but one are features."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load
from torch import Tensor, nn

from latentia.errors import MachineError, UsageError
from latentia.feature.base import Extract, Feature

__all__ = ["WEIGHTS", "Classifier", "Net"]

WEIGHTS = Path(__file__).parent / "weights"
# Images at once: what they become after the first layer fits the processor's cache.
_ROWS = 250
_SHAPE = (1, 28, 28)


class Net(nn.Module):
    """Three convolutions, 64 features and ten classes: 93,482 numbers.

    Arguments:
        width: Channels of the first convolution; the others have twice as many.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_block(1, width), *_block(width, 2 * width), *_block(2 * width, 2 * width)
        )
        self.feature = nn.Linear(2 * width * 9, 64)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(64, 10)

    def features(self, x: Tensor) -> Tensor:
        """Return the features (n, 64) of images x (n, 1, 28, 28) in [0, 1]."""
        x = self.body(x.contiguous(memory_format=torch.channels_last))
        return torch.relu(self.feature(x.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of the classes (n, 10)."""
        logits: Tensor = self.head(self.dropout(self.features(x)))
        return logits


def _block(inward: int, outward: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inward, outward, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(outward), nn.ReLU(), nn.MaxPool2d(2)]


class Classifier(Feature):
    """The features of a `Net` whose weights come with the package.

    Class attributes:
        weights: The file of the weights, within `WEIGHTS`.
    """

    weights: ClassVar[str]

    def of(self, reference: Tensor) -> Extract:
        """Return the function from images (n, 1, 28, 28) in [0, 1] to features (n, 64).

        Raises:
            UsageError: if the images are of another shape or range.
            MachineError: if the weights are missing, or others than those of the hash.
        """
        _require(reference)
        net = _net(self.weights, self.sha256)
        return lambda x: _features(net, x)


def _require(x: Tensor) -> None:
    """Refuse images of which the classifier knows nothing; NaN is within no range."""
    if x.shape[1:] != _SHAPE or not (x.min() >= 0 and x.max() <= 1):
        sides = "x".join(map(str, x.shape[1:]))
        raise UsageError(
            f"This classifier knows 28x28 grey images in [0, 1], and these are {sides}, from "
            f"{x.min():g} to {x.max():g}.",
            where="--feature",
            how="Use --feature pca.",
        )


@torch.no_grad()
def _features(net: Net, x: Tensor) -> npt.NDArray[Any]:
    parts = x.float().cpu().split(_ROWS)  # type: ignore[no-untyped-call]
    return np.concatenate([net.features(part).double().numpy() for part in parts])


@cache
def _net(name: str, sha256: str) -> Net:
    """Return the classifier of a file, if that is the one of the hash."""
    path = WEIGHTS / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _broken(path, f"cannot be read: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _broken(path, "are others than those that its numbers are named after")
    net = Net()
    net.load_state_dict(load(content))
    return net.eval()


def _broken(path: Path, why: str) -> MachineError:
    return MachineError(
        f"The weights of a classifier {why}.", where=str(path), how="Install latentia again."
    )
