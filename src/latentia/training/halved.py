"""Weights of convolutions in bfloat16, for as long as a step takes them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Halved", "side_by_side"]


class Halved:
    """Lends a model its convolutions' weights in bfloat16, and brings their gradients back.

    Autocast rounds every weight by itself and every gradient back again: four launches for each
    convolution of a deep network, whose own work is no longer than a launch. Here they are rounded
    together.

    Arguments:
        model: The model whose weights are lent.

    Example:
        >>> layer = nn.Conv2d(1, 1, 1, bias=False)
        >>> halved = Halved(layer)
        >>> halved.lend()
        >>> layer(torch.ones(1, 1, 1, 1, dtype=torch.bfloat16)).sum().backward()
        >>> halved.take_back()
        >>> layer.weight.dtype, layer.weight.grad.dtype
        (torch.float32, torch.float32)
    """

    def __init__(self, model: nn.Module) -> None:
        self._places = [
            (layer, name)
            for layer in model.modules()
            if isinstance(layer, nn.Conv2d)
            for name, weight in layer.named_parameters(recurse=False)
            if weight.requires_grad
        ]
        self._whole = [_weight(layer, name) for layer, name in self._places]
        self._half = [
            torch.empty_like(whole, dtype=torch.bfloat16).requires_grad_() for whole in self._whole
        ]

    @torch.no_grad()
    def lend(self) -> None:
        """Give the model its weights in bfloat16, as they are now."""
        if self._places:
            torch._foreach_copy_(self._half, self._whole)
            self._put(self._half)

    def _put(self, weights: list[Tensor]) -> None:
        for (layer, name), weight in zip(self._places, weights, strict=True):
            # Past the module's own check: what is lent is no parameter of its.
            layer._parameters[name] = weight  # type: ignore[assignment]

    @torch.no_grad()
    def take_back(self) -> None:
        """Give the model its own weights again, with the gradients of those that were lent."""
        self._put(self._whole)
        both = [
            (whole, half.grad)
            for whole, half in zip(self._whole, self._half, strict=True)
            if half.grad is not None
        ]
        if not both:
            return
        own = [torch.empty_like(whole) for whole, _ in both]
        torch._foreach_copy_(own, [grad for _, grad in both])
        for (whole, _), grad in zip(both, own, strict=True):
            whole.grad = grad
        for half in self._half:
            half.grad = None


def _weight(layer: nn.Module, name: str) -> Tensor:
    weight = layer._parameters[name]
    assert weight is not None
    return weight


@torch.no_grad()
def side_by_side(model: nn.Module) -> None:
    """Lay the weights of convolutions as a GPU's kernels want them, channels side by side.

    Arguments:
        model: The model, in place; its numbers stay what they are.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
