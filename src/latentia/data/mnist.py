"""MNIST: 70,000 handwritten digits, 28x28 grey."""

from __future__ import annotations

from typing import final

from latentia.data._idx_set import IdxSet

__all__ = ["Mnist"]


@final
class Mnist(IdxSet):
    """MNIST, 60,000 + 10,000 handwritten digits (LeCun et al., 1998)."""

    name = "mnist"
    labels = tuple("0123456789")
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    sha256 = (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    )
