"""Real files and the three questions that every refusal must answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from latentia.errors import DataError, LatentiaError


@pytest.fixture
def refused():
    """Check that a block is refused, and that the message says what, where and how to mend."""

    @contextmanager
    def check(what: str, where: str, how: str, error=DataError) -> Iterator[None]:
        with pytest.raises(LatentiaError) as caught:
            yield
        assert type(caught.value) is error
        assert what in caught.value.what
        assert where in caught.value.where
        assert how in caught.value.how

    return check


@pytest.fixture(scope="session")
def photographs():
    """Crop patches of real photographs: 24 of shape (96, 128, 3), uint8."""
    from sklearn.datasets import load_sample_images

    patches = []
    for image in load_sample_images().images:
        for top in range(0, 288, 96):
            patches += [image[top : top + 96, left : left + 128] for left in range(0, 512, 128)]
    return np.stack(patches)


@pytest.fixture
def save_images():
    """Write images into a folder as 000.png, 001.png, ..."""

    def save(folder, images, suffix="png"):
        folder.mkdir(parents=True, exist_ok=True)
        for i, image in enumerate(images):
            if not isinstance(image, Image.Image):
                image = Image.fromarray(np.ascontiguousarray(image))
            image.save(folder / f"{i:03d}.{suffix}")
        return folder

    return save


@pytest.fixture
def digits_idx():
    """Return a function that packs an unsigned-byte array as IDX."""

    def pack(x):
        head = bytes([0, 0, 8, x.ndim]) + b"".join(n.to_bytes(4, "big") for n in x.shape)
        return head + x.astype(np.uint8).tobytes()

    return pack
