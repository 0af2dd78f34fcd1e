"""How a critic learns beside the model: from what the model has drawn, with its own moments."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor
from torch.nn.functional import softplus

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective._critic import Adversarial
from latentia.objective.base import Objective
from latentia.training.adamw import AdamW
from latentia.view import Examples

__all__ = ["TOLD", "Apprentice", "apprentice", "as_written", "opinion"]

# A shorter memory than the model's, for what it learns moves.
_BETAS = (0.5, 0.9)
# How many sums a step tells.
TOLD = 3


@final
class Apprentice:
    r"""A critic with its optimizer.

    .. math:: -\tfrac12 \Big( \frac1n \sum_i \log \sigma(T(z_i))
        + \frac1m \sum_j \log \sigma(-T(z'_j)) \Big)

    is what it minimizes, in nats for each point: log 2 of one that cannot tell.

    Arguments:
        objective: Whose critic it is.

    References:
        Kim and Mnih, "Disentangling by factorising", 2018, for the optimizer's decays.
    """

    def __init__(self, objective: Adversarial) -> None:
        self.objective, self.critic = objective, objective.critic
        self._parameters = list(self.critic.parameters())
        self.optimizer = AdamW(self._parameters, betas=_BETAS)

    def learn(self, model: LatentVariableModel, terms: Terms) -> Tensor:
        """Take the critic's step, from draws of the model as it is.

        Arguments:
            model: The model; none of its gradients is touched.
            terms: The terms of a batch.

        Returns:
            Sums of what there was before the step: n times its loss, n times the mean log-odds of
            codes, and n, the codes that it saw, (3,).
        """
        sides = self.objective.sides(model, terms)
        if sides is None:
            return terms.log_px_z.new_zeros(TOLD)
        for parameter in self._parameters:
            parameter.grad = None
        codes, others = self.critic(sides.codes), self.critic(sides.others)
        loss = (softplus(-codes).mean() + softplus(others).mean()) / 2
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(self.objective.rate, skip=(~loss.detach().isfinite()).float())
        mean = codes.detach().mean()
        return torch.stack([loss.detach(), mean, torch.ones_like(mean)]) * len(codes)

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and moments by name."""
        weights = {f"weights.{name}": each for name, each in self.critic.state_dict().items()}
        return weights | {f"moments.{key}": each for key, each in self.optimizer.tensors().items()}

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take back what `tensors` returned."""
        for key, own in self.tensors().items():
            own.copy_(tensors[key])


def apprentice(
    objective: Objective, model: LatentVariableModel, examples: Examples, seed: int
) -> Apprentice | None:
    """Return the critic of an objective as it begins, or None where it has none.

    Arguments:
        objective: What is maximized.
        model: The model.
        examples: Training examples, of which one is looked at for its latents.
        seed: Seed of the critic's weights.
    """
    if not isinstance(objective, Adversarial):
        return None
    x, c = next(examples.pairs(seed, 1))
    with model.given(c):
        objective.begin(model, x, seed=seed)
    return Apprentice(objective)


def opinion(objective: Objective, sums: list[float]) -> dict[str, float]:
    """Return a row's numbers of the critic from the sums that its steps told, if there are any.

    They are of training examples before the critic learned from them: its loss, and the mean
    log-odds of codes, an estimate of the divergence that the objective charges for. Nats.
    """
    if not isinstance(objective, Adversarial) or not sums[2]:
        return {}
    loss, odds, count = sums
    return {"loss": loss / count, objective.estimates: odds / count}


def as_written(compiles: str) -> Literal["no"]:
    """Return how steps are taken beside which a critic learns: as they are written.

    What the model's step asks is another function after every step of the critic's.

    Raises:
        UsageError: if they were to be compiled or recorded.
    """
    if compiles in ("yes", "graph"):
        raise UsageError(
            "Beside a critic steps are taken as they are written, neither compiled nor recorded.",
            where=f"--compile {compiles}",
            how="Leave --compile out.",
        )
    return "no"
