"""The bound with a price on what latents say together, by the opinion of a critic."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective._critic import Adversarial, Sides
from latentia.objective.base import require_positive

__all__ = ["FactorVAE", "factors"]


@final
class FactorVAE(Adversarial):
    r"""The ELBO with a price on the total correlation, as a critic sees it: FactorVAE.

    .. math:: \mathrm{ELBO} - \gamma\, E_{q(z)}[T(z)], \quad
        T(z) \to \log \frac{q(z)}{\prod_d q(z_d)}, \quad q(z) = E_x[q(z|x)]

    The critic T learns to tell codes of one half of the batch from those of the other half with
    every latent taken from another example: two independent halves, as in the paper. Bound and
    price are those of the whole batch, of which the paper gives the encoder one half. The critic
    of the paper has six layers of 1000. Its opinion is in no reported bound.

    Where q(z|x) factorizes, `total-correlation` needs no critic, and sees no more than one batch;
    a critic remembers all of them, and lags behind.

    Arguments:
        gamma: What the total correlation costs; 0 is the ELBO.
        hidden: Widths of the critic's hidden layers.
        rate: The critic's own step size, constant.

    References:
        Kim and Mnih, "Disentangling by factorising" (FactorVAE), 2018.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None, penalty=one[0])
        >>> FactorVAE(gamma=5.0)(terms)
        tensor([-9., -9.])
    """

    estimates: ClassVar[str] = "total_correlation"

    def __init__(
        self,
        *,
        gamma: float = 10.0,
        hidden: tuple[int, ...] = (256, 256, 256),
        rate: float = 1e-3,
    ) -> None:
        require_positive(gamma=gamma)
        super().__init__(hidden=hidden, rate=rate)
        self.gamma = gamma

    def require(self, model: LatentVariableModel) -> None:
        """Refuse latents that always depend on each other."""
        if not model.posterior.has_density:
            raise UsageError(
                "The total correlation of points is the logarithm of how many there are, L - 1 "
                "times, whatever they say.",
                where="--objective factor-critic, --posterior",
                how="Use --posterior gaussian; of points, --objective prior-critic.",
            )
        super().require(model)

    def begin(self, model: LatentVariableModel, x: Tensor, *, seed: int = 0) -> None:
        """Make a critic that has not learned yet.

        Raises:
            UsageError: if there is one latent.
        """
        super().begin(model, x, seed=seed)
        if self.critic.size < 2:
            raise UsageError(
                "A single latent has no other that it could depend on.",
                where="--objective factor-critic, --latent-dim 1",
                how="Use --objective elbo, or more latents.",
            )

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with the critic's log-odds of each code as the penalty."""
        terms = super().terms(model, x, given=given)
        assert terms.z is not None
        return terms._replace(penalty=self.critic.opinion(terms.z).mean(0))

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the ELBO less gamma times the critic's log-odds, (B,) nats."""
        return terms.elbo if terms.penalty is None else terms.elbo - self.gamma * terms.penalty

    @torch.no_grad()
    def sides(self, model: LatentVariableModel, terms: Terms) -> Sides | None:
        """Return the codes of the first half, and those of the second with latents exchanged."""
        assert terms.z is not None
        z = terms.z[0].detach()
        half = len(z) // 2
        return Sides(z[:half], factors(z[half : 2 * half])) if half > 1 else None


def factors(z: Tensor) -> Tensor:
    """Return draws of the product of the marginals: every latent is taken from another row.

    With no more latents than rows no two latents of a row come from the same one, so that a row is
    an exact draw of the product; a permutation of each by itself would leave some pairs together.

    Arguments:
        z: Independent draws, (n, L).

    Returns:
        (n, L), each column of the same numbers as before.

    Example:
        >>> z = torch.arange(4.0)[:, None].expand(4, 3)
        >>> [len(set(row)) for row in factors(z).tolist()]
        [3, 3, 3, 3]
    """
    n, latents = z.shape
    # An order that a recorded step could draw too: `randperm` could not.
    away = torch.rand(max(n, latents), device=z.device).argsort()[:latents] % n
    rows = (torch.arange(n, device=z.device)[:, None] + away) % n
    return z.gather(0, rows)
