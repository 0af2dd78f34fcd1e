"""The class of an example where it is a latent: p(y), and q(y|x) to tell it from x."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

from latentia.network.base import Network
from latentia.posterior.base import Standardize

__all__ = ["Labels"]


class Labels(nn.Module):
    r"""The class y of an example: how frequent it is, p(y), and which one x shows, q(y|x).

    It belongs to a model of p(x|y) whose examples are labelled in part. q(y|x) is the classifier;
    p(y) are the shares of the classes among the labels that are known, each counted once more.

    Arguments:
        network: The architecture of the classifier's body.
        x_shape: Shape of one example.
        classes: C, the number of classes.

    References:
        Kingma, Rezende, Mohamed and Welling, "Semi-supervised learning with deep generative
        models" (M2), 2014.

    Example:
        >>> from latentia.network.mlp import MLP
        >>> labels = Labels(MLP(hidden=(8,)), (5,), 3)
        >>> labels(torch.zeros(4, 5)).batch_shape
        torch.Size([4])
        >>> labels.start(torch.tensor([4, 1, 0]))
        >>> labels.prior().probs
        tensor([0.6250, 0.2500, 0.1250])
    """

    log_p: Tensor

    def __init__(self, network: Network, x_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, classes)
        self.register_buffer("log_p", torch.zeros(classes).log_softmax(0))

    @property
    def classes(self) -> int:
        """C, the number of classes."""
        return len(self.log_p)

    def forward(self, x: Tensor) -> Categorical:
        """Return q(y|x) of x (B, *x_shape), batch (B,)."""
        logits = self.head(self.body(self.standardize(x)))
        # The products may be of bfloat16; probabilities never are.
        return _categorical(logits.to(self.head.weight.dtype))

    def prior(self) -> Categorical:
        """Return p(y), batch ()."""
        return _categorical(self.log_p)

    def start(self, counts: Tensor) -> None:
        """Take p(y) from how often each class was seen, (C,)."""
        seen = counts.to(self.log_p) + 1
        self.log_p.copy_((seen / seen.sum()).log())

    def one(self, y: int) -> Tensor:
        """Return class y as a condition of all examples, (1, C)."""
        return torch.eye(self.classes, device=self.log_p.device)[y : y + 1].to(self.log_p)


def _categorical(logits: Tensor) -> Categorical:
    return Categorical(logits=logits, validate_args=False)
