"""A learned mixture of Gaussians."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.gaussian_mixture import GaussianMixture
from latentia.errors import UsageError
from latentia.prior.base import Prior

__all__ = ["Mixture"]


@final
class Mixture(Prior):
    r"""The learned mixture :math:`p(z) = \sum_k \pi_k N(z; \mu_k, \mathrm{diag}\,\sigma_k^2)`.

    Its KL from a Gaussian has no closed form, so it is estimated from the posterior's samples.

    Arguments:
        latent_dim: L, the number of latents.
        components: K, the number of Gaussians.

    References:
        Dilokthanakul et al., "Deep unsupervised clustering with Gaussian mixture VAEs", 2016.

    Example:
        >>> torch.isfinite(Mixture(2, components=3)().log_prob(torch.zeros(2)))
        tensor(True)
    """

    def __init__(self, latent_dim: int, *, components: int = 10) -> None:
        super().__init__()
        if components < 1:
            raise UsageError(
                f"A mixture needs at least one component, not {components}.",
                where="--prior.components",
            )
        self.logits = nn.Parameter(torch.zeros(components))
        # Spread as draws of N(0, I), so that no two components start equal.
        self.loc = nn.Parameter(torch.randn(components, latent_dim))
        self.log_scale = nn.Parameter(torch.zeros(components, latent_dim))

    @torch.no_grad()
    def start_at(self, z: Tensor) -> None:
        """Start with components at clusters of latents z (n, L), each as wide as its own."""
        from sklearn.cluster import KMeans

        k = len(self.loc)
        if len(z) < 2 * k:
            return
        seed = int(torch.randint(2**31, ()))
        found = KMeans(k, n_init=1, max_iter=30, random_state=seed).fit(z.cpu().double().numpy())
        label = torch.as_tensor(found.labels_).long()
        member = torch.nn.functional.one_hot(label, k).to(z)
        count = member.sum(0).clamp_min(1)
        loc = member.mT @ z / count[:, None]
        variance = (member.mT @ z.square() / count[:, None] - loc.square()).clamp_min(1e-4)
        self.loc.copy_(loc)
        self.log_scale.copy_(variance.log() / 2)
        self.logits.copy_((count / len(z)).log())

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the mixture, event (L,)."""
        return GaussianMixture(self.logits, self.loc, self.log_scale.exp())
