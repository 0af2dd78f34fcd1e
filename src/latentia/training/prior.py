"""Fitting a prior after training: the gap between the aggregate posterior and p(z), closed."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor

from latentia.distribution.divergence import closed_form_kl
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.prior.base import Prior
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["PriorFit", "fit_prior", "mean_log_prob"]

_ROWS = 500
# Batches of latents from which a prior starts; a clustering of more would not start better.
_START = 20


class PriorFit(NamedTuple):
    """What came of it, on validation data.

    Arguments:
        before: E_q[log p(z)] of the prior that the model had, nats.
        after: The same of the fitted one.
        best_epoch: The pass after which it was best, from which the weights are; 0 is its start.
    """

    before: float
    after: float
    best_epoch: int


def fit_prior(
    model: LatentVariableModel,
    prior: Prior,
    train: Examples,
    validation: Examples,
    *,
    epochs: int = 20,
    learning_rate: float = 3e-3,
    seed: int = 0,
) -> PriorFit:
    r"""Fit a prior to the aggregate posterior of a trained model, whose other parts stay.

    .. math:: \max_\psi\; E_x E_{q(z|x)}[\log p_\psi(z)]

    This is the only place where the prior stands in the ELBO, so what E_q[log p(z)] gains the ELBO
    gains, nat for nat. Of the passes the one is kept that validation data like best.

    Arguments:
        model: A trained model.
        prior: The prior to fit, untrained, over latents of the same kind; it is changed.
        train: Examples to fit it to.
        validation: Examples to choose by.
        epochs: Passes over the training examples.
        learning_rate: Adam's step size at first; it falls to 0 on a cosine.
        seed: Seed of order and draws.

    Returns:
        The numbers before and after.

    Raises:
        UsageError: if the prior has nothing to fit, or is over other latents.

    References:
        Ghosh et al., "From variational to deterministic autoencoders" (ex-post density
        estimation), 2020.
    """
    _require_fit(model, prior, epochs, learning_rate)
    prior.to(next(model.parameters()).device)
    prior.hold(train.plain, len(train))
    with torch.no_grad(), model.evaluating(), seeded(seed):
        first = torch.arange(1)
        q = model.posterior(train.read(first), train.conditions(first))
        closed_form_kl(q, prior(train.conditions(first)))  # which says so if they do not fit
    with model.evaluating(), seeded(seed, 0x9121):
        before = mean_log_prob(model, model.prior, validation, seed)
        latents = _latents(model, train, shuffled=True)
        first_few = zip(latents, range(_START), strict=False)
        prior.start_at(torch.cat([z for (_, z, _), _ in first_few]))
        best, best_epoch = mean_log_prob(model, prior, validation, seed), 0
        kept = deepcopy(prior.state_dict())
        optimizer = torch.optim.Adam(prior.parameters(), learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        for epoch in range(1, epochs + 1):
            _pass_over(model, prior, train, optimizer)
            schedule.step()
            found = mean_log_prob(model, prior, validation, seed)
            if found > best:
                best, best_epoch, kept = found, epoch, deepcopy(prior.state_dict())
    prior.load_state_dict(kept)
    prior.eval()
    prior.let_go()
    return PriorFit(before, best, best_epoch)


def mean_log_prob(
    model: LatentVariableModel, prior: Prior, examples: Examples, seed: int = 0
) -> float:
    """Return E_x E_q[log p(z)] of a prior in nats, with one draw of z for each example."""
    total = 0.0
    with torch.no_grad(), seeded(seed, 0x9122):
        for _, z, c in _latents(model, examples):
            total += float(prior(c).log_prob(z).double().sum())
    return total / len(examples)


def _pass_over(
    model: LatentVariableModel, prior: Prior, train: Examples, optimizer: torch.optim.Optimizer
) -> None:
    prior.train()
    for prior.rows, z, c in _latents(model, train, shuffled=True):
        optimizer.zero_grad()
        (-prior(c).log_prob(z).mean()).backward()
        optimizer.step()
    prior.rows = None
    prior.eval()


def _latents(
    model: LatentVariableModel, examples: Examples, *, shuffled: bool = False
) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
    """Yield rows, draws of q(z|x) and their conditions, some hundred at a time."""
    order = torch.randperm(len(examples)) if shuffled else torch.arange(len(examples))
    for rows in order.split(_ROWS):  # type: ignore[no-untyped-call]
        with torch.no_grad():
            c = examples.conditions(rows)
            z = model.posterior(examples.read(rows), c).sample()
        yield rows.to(z.device), z, c  # outside, or the reader would have no gradient either


def _require_fit(
    model: LatentVariableModel, prior: Prior, epochs: int, learning_rate: float
) -> None:
    if not prior.is_proper or not any(p.requires_grad for p in prior.parameters()):
        raise UsageError(
            "This prior has nothing that could be fitted.",
            where="--prior",
            how="Use --prior mixture, flow, vamp or exemplar.",
        )
    if prior.space != model.posterior.space:
        raise UsageError(
            "This prior is over latents of another kind than the model's.",
            where="--prior",
            how="Use one of the kind that the model was trained with.",
        )
    if epochs < 1 or not learning_rate > 0:
        raise UsageError(
            f"A prior cannot be fitted in {epochs} epochs at a learning rate of {learning_rate}.",
            where="--epochs, --learning-rate",
            how="Use at least 1 epoch, and a positive learning rate.",
        )
