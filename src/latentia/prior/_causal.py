"""A causal transformer: of each choice, what those before it say."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention, silu

from latentia.errors import UsageError

__all__ = ["Causal"]

# How many numbers one head of attention compares.
_HEAD = 32


@final
class Causal(nn.Module):
    r"""From choices to the logits of each given those before it.

    .. math:: \ell_g = b_g + f(z_1, \dots, z_{g-1})

    f is a transformer, 0 at first; of the first choice, and of a single one, b is all there is.

    Arguments:
        groups: G, how many choices.
        classes: C, of how many each.
        layers: How many layers of attention.
        width: Numbers for each choice in every layer; a multiple of 32, or less than that.

    References:
        Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> Causal(5, 3, layers=1, width=8)(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 5, 3])
    """

    def __init__(self, groups: int, classes: int, *, layers: int, width: int) -> None:
        super().__init__()
        if layers < 1 or width < 1 or (width > _HEAD and width % _HEAD):
            raise UsageError(
                f"An autoregressive prior cannot have layers={layers}, width={width}.",
                where="--prior.layers, --prior.width",
                how=f"Give at least one layer, and a width that is a multiple of {_HEAD}.",
            )
        self.bias = nn.Parameter(torch.zeros(groups, classes))
        self.body: nn.Sequential | None = None
        if groups > 1:
            self.enter = nn.Linear(classes, width, bias=False)
            self.place = nn.Parameter(0.1 * torch.randn(groups - 1, width))
            self.body = nn.Sequential(*(_Layer(width) for _ in range(layers)), nn.LayerNorm(width))
            self.leave = nn.Linear(width, classes, bias=False)
            nn.init.zeros_(self.leave.weight)

    def forward(self, z: Tensor) -> Tensor:
        """Return logits (N, G, C) of choices z as zeros and ones, (N, G, C)."""
        if self.body is None:
            return self.bias.expand(len(z), -1, -1)
        # The last choice is before no other.
        seen = self.enter(z[:, :-1]) + self.place
        said = self.leave(self.body(seen)).to(self.bias.dtype)
        return self.bias + torch.cat([torch.zeros_like(said[:, :1]), said], 1)


class _Layer(nn.Module):
    """Attention to what is not behind, and a step for each place."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = max(1, width // _HEAD)
        self.norm, self.ask, self.answer = (
            nn.LayerNorm(width),
            nn.Linear(width, 3 * width, bias=False),
            nn.Linear(width, width, bias=False),
        )
        self.after, self.up, self.down = (
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.Linear(4 * width, width),
        )

    def forward(self, h: Tensor) -> Tensor:
        each = self.ask(self.norm(h)).unflatten(-1, (3, self.heads, -1)).transpose(1, 3)
        query, key, value = each.unbind(2)
        found = scaled_dot_product_attention(query, key, value, is_causal=True)
        h = h + self.answer(found.transpose(1, 2).flatten(-2))
        out: Tensor = h + self.down(silu(self.up(self.after(h))))
        return out
