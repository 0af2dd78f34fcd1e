"""The evidence of a model whose class is a latent: the sum over classes, by any estimator."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from latentia.evidence.base import Evidence, EvidenceEstimator
from latentia.model import LatentVariableModel

__all__ = ["SummedOverClasses"]


@final
class SummedOverClasses:
    r"""Estimates log p(x) from estimates of log p(x|y), for every class there is.

    .. math:: \log p(x) = \log \sum_y p(y)\, p(x|y)

    The sum is exact, so that the error is that of the parts: with r_y the share of class y in
    p(x), :math:`\sqrt{\sum_y r_y^2 e_y^2}` of draws, and :math:`\sum_y r_y e_y` of what draws
    none. A rung of the ladder is the sum over the rungs of the classes, which is a lower bound as
    they are and rises as they do. Effective samples are those of all classes together.

    Arguments:
        estimator: A member of the evidence room.
    """

    def __init__(self, estimator: EvidenceEstimator) -> None:
        self.estimator = estimator

    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p(x) of x (B, *x_shape) under a model with `labels`."""
        labels = model.labels
        assert labels is not None
        parts = []
        for y in range(labels.classes):
            with model.given(labels.one(y)):
                parts.append(self.estimator(model, x))
        return self._sum(parts, labels.prior().logits.double())

    def _sum(self, parts: list[Evidence], log_p: Tensor) -> Evidence:
        joint = torch.stack([part.log_likelihood for part in parts]) + log_p[:, None]
        share = joint.softmax(0)
        error = share * torch.stack([part.error for part in parts])
        # Where a class has no share, its error is nobody's; a single draw knows none.
        error = error.where(share > 0, 0.0)
        draws = self.estimator.draws
        return Evidence(
            joint.logsumexp(0),
            error.square().sum(0).sqrt() if draws else error.sum(0),
            _effective(parts, share),
            _ladder(parts, log_p),
        )


def _effective(parts: list[Evidence], share: Tensor) -> Tensor | None:
    """Return the effective sample size of the weights of all classes together."""
    found = [part.effective_samples for part in parts if part.effective_samples is not None]
    if len(found) < len(parts):
        return None
    # (sum_y A_y)^2 / sum_y B_y of the sums A_y of weights and B_y of their squares.
    spread = (share.square() / torch.stack(found)).where(share > 0, 0.0)
    total = spread.sum(0)
    return (1 / total).where(total > 0, 0.0)


def _ladder(parts: list[Evidence], log_p: Tensor) -> Tensor | None:
    found = [part.ladder for part in parts if part.ladder is not None]
    if len(found) < len(parts):
        return None
    return (torch.stack(found) + log_p[:, None, None]).logsumexp(0)
