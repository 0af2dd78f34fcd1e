"""The variational mixture of posteriors."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from latentia.distribution.gaussian_mixture import GaussianMixture
from latentia.errors import UsageError
from latentia.prior.base import Prior

__all__ = ["Vamp"]


@final
class Vamp(Prior):
    r"""The VampPrior, a mixture of the posteriors of learned inputs.

    .. math:: p(z) = \frac{1}{K} \sum_k q(z \mid u_k)

    The prior that maximizes the ELBO is the mean of all posteriors; this is the mean of those of K
    pseudo-inputs u, which are learned and start at training examples. They are no parameters of
    q, whose weights are trained by the prior as well.

    Arguments:
        posterior: q(z|x), a diagonal Gaussian; its weights stay its own.
        x_shape: Shape of one example.
        components: K, the number of pseudo-inputs.

    References:
        Tomczak and Welling, "VAE with a VampPrior", 2018.

    Example:
        >>> from latentia.network.linear import Linear
        >>> from latentia.posterior.gaussian import Gaussian
        >>> q = Gaussian(Linear(), (5,), 2)
        >>> Vamp(q, (5,), components=3)().log_prob(torch.zeros(4, 2)).shape
        torch.Size([4])
    """

    of_posteriors: ClassVar[bool] = True

    def __init__(
        self, posterior: nn.Module, x_shape: tuple[int, ...], *, components: int = 500
    ) -> None:
        super().__init__()
        if components < 1:
            raise UsageError(
                f"A VampPrior needs at least one pseudo-input, not {components}.",
                where="--prior.components",
            )
        # In a tuple, so that its weights are not counted, saved and trained a second time.
        self._posterior = (posterior,)
        self.examples = components
        self.inputs = nn.Parameter(torch.rand(components, *x_shape))

    @torch.no_grad()
    def start(self, x: Tensor) -> None:
        """Let the pseudo-inputs start at examples, missing cells at their mean."""
        self.inputs.copy_(torch.where(x.isnan(), x.nanmean(0).nan_to_num(), x))

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the mixture, event (L,)."""
        (posterior,) = self._posterior
        q = posterior(self.inputs, None)
        if not isinstance(q, Independent) or not isinstance(q.base_dist, Normal):
            raise UsageError(
                "A VampPrior is a mixture of diagonal Gaussians, and this posterior is none.",
                where="--prior vamp",
                how="Use --posterior gaussian, or another prior.",
            )
        loc, scale = q.base_dist.loc, q.base_dist.scale
        return GaussianMixture(loc.new_zeros(len(loc)), loc, scale)
