"""Gradients of the ELBO in q's parameters: of every draw, and by integration."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.distribution.divergence import closed_form_kl
from latentia.model import LatentVariableModel

__all__ = ["Gradients", "gradients", "integrated"]

Array = npt.NDArray[Any]

# Draws of each example at once.
_DRAWS = 20
# Cells along a side of the grid that integrates over two latents, and how far it reaches in sigma.
_CELLS, _REACH = 31, 6.0


class Gradients(NamedTuple):
    """Gradients of the ELBO of n examples in the 2L parameters (mu / sigma, log sigma) of q.

    Arguments:
        path: Of E_q[log p(x|z)] by reparameterization, one for each draw, (K, n, 2L), nats.
        score: Gradient of log q at the same draws, (K, n, 2L).
        log_px_z: log p(x|z), (K, n), nats.
        kl: Gradient of -KL(q(z|x) || p(z)), in closed form, which both share, (n, 2L), nats.
    """

    path: Array
    score: Array
    log_px_z: Array
    kl: Array

    def by_score(self, *, baseline: bool) -> Array:
        """Return the score function's gradients of E_q[log p(x|z)], (K, n, 2L), nats.

        Arguments:
            baseline: Whether the mean of the other draws for the same example is subtracted.
        """
        total, draws = self.log_px_z.sum(0), len(self.log_px_z)
        others = (total - self.log_px_z) / (draws - 1) if baseline else 0.0
        found: Array = (self.log_px_z - others)[..., None] * self.score
        return found


def gradients(model: LatentVariableModel, q: Distribution, x: Tensor, draws: int) -> Gradients:
    """Return the gradients of every draw, by autograd; the draws come from the global generator.

    Arguments:
        model: The model, in evaluation mode.
        q: q(z|x) of the examples, a diagonal normal of batch (n,), event (L,).
        x: Examples, (n, *x_shape).
        draws: K.
    """
    parts = [_of_draws(model, q, x, min(_DRAWS, draws - done)) for done in range(0, draws, _DRAWS)]
    path, score, log_px_z = (np.concatenate(column) for column in zip(*parts, strict=True))
    loc, scale = _leaves(q.mean), _leaves(q.stddev)
    divergence = closed_form_kl(Independent(Normal(loc, scale), 1), model.prior()).total
    assert divergence is not None  # normal against normal
    return Gradients(path, score, log_px_z, _gradient(-divergence, loc, scale))


def integrated(model: LatentVariableModel, q: Distribution, x: Tensor) -> Array:
    """Return the gradient of E_q[log p(x|z)] for two latents, (n, 4), by integration, no draws.

    The midpoint rule on a grid that stays where it is while mu and sigma move, differentiated.
    """
    side = (torch.arange(_CELLS) + 0.5) / _CELLS * 2 - 1
    unit = _REACH * torch.cartesian_prod(side, side)[:, None]
    cells = (q.mean + unit * q.stddev).detach()
    with torch.no_grad():
        f = [model.log_likelihood(x, cells[i : i + _DRAWS]) for i in range(0, len(cells), _DRAWS)]
    loc, scale = _leaves(q.mean.double()), _leaves(q.stddev.double())
    own = Independent(Normal(loc, scale), 1)
    density: Tensor = own.log_prob(cells.double()).exp()  # type: ignore[no-untyped-call]
    area = (2 * _REACH / _CELLS) ** 2 * scale.detach().prod(-1)
    return _gradient((density * torch.cat(f).double()).sum(0) * area, loc, scale)


def _of_draws(
    model: LatentVariableModel, q: Distribution, x: Tensor, draws: int
) -> tuple[Array, Array, Array]:
    # Every draw has leaves of its own, so that one backward pass gives the gradient of each.
    shape = (draws, *q.mean.shape)
    loc, scale = _leaves(q.mean.expand(shape)), _leaves(q.stddev.expand(shape))
    own = Independent(Normal(loc, scale), 1)
    z = own.rsample()
    log_px_z = model.log_likelihood(x, z)
    path = _gradient(log_px_z, loc, scale)
    score = _gradient(own.log_prob(z.detach()), loc, scale)  # type: ignore[no-untyped-call]
    return path, score, log_px_z.detach().double().numpy()


def _leaves(values: Tensor) -> Tensor:
    return values.detach().clone().requires_grad_()


def _gradient(of: Tensor, loc: Tensor, scale: Tensor) -> Array:
    """Return the gradients in mu / sigma and log sigma, side by side: sigma times the plain."""
    parts = torch.autograd.grad(of.sum(), (loc, scale))
    both: Array = torch.cat([part * scale.detach() for part in parts], -1).double().numpy()
    return both
