"""Fashion-MNIST: 70,000 articles of clothing, 28x28 grey."""

from __future__ import annotations

from typing import final

from latentia.data._idx_set import IdxSet

__all__ = ["FashionMnist"]


@final
class FashionMnist(IdxSet):
    """Fashion-MNIST, 60,000 + 10,000 articles of clothing (Xiao et al., 2017)."""

    name = "fashion-mnist"
    labels = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    mirrors = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    sha256 = (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    )
    system = ("/usr/share/datasets/fashion-mnist",)
    package = "on Debian, `apt install dataset-fashion-mnist`"
