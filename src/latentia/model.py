r"""The spine: a generative model p(x, z) = p(x|z) p(z) with its inference network q(z|x).

    log p(x) = E_q[log p(x|z)] - KL(q(z|x) || p(z)) + KL(q(z|x) || p(z|x))

    x --posterior--> q(z|x) --rsample--> z --likelihood--> p(x|z)
                       |                 |                    |
                   log q(z|x)        log p(z)             log p(x|z)
                       \_________________ Terms _____________/

Objectives, bounds, training and figures only ever see `Terms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.backends import cudnn
from torch.distributions import Distribution, Independent
from torch.func import functional_call

from latentia import arithmetic
from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.masked import Masked
from latentia.distribution.quantized import Quantized
from latentia.distribution.temperature import drawn
from latentia.errors import UsageError
from latentia.labels import Labels
from latentia.likelihood.base import Likelihood
from latentia.posterior.base import Posterior, Refined, Standardize
from latentia.prior.base import Prior

if TYPE_CHECKING:
    from latentia.marginal import Rows

__all__ = ["LatentVariableModel", "Terms"]

arithmetic.settle()


class Terms(NamedTuple):
    """The three log-densities of K samples z ~ q(z|x) for each of B examples, in nats.

    Arguments:
        log_px_z: log p(x|z), (K, B).
        log_pz: log p(z), (K, B).
        log_qz_x: log q(z|x), (K, B).
        kl: KL(q(z|x) || p(z)) in closed form, (B,), or None where there is none.
        kl_per_dim: The same for each latent, (B, L), or None.
        z: The samples, (K, B, L), for estimators of the gradient; or None.
        penalty: What an objective charges for the batch as a whole, (B,) nats, or None. It is in
            no bound and no likelihood.
        kl_of_class: KL(q(y|x) || p(y)), (B,), the part of `kl` that is the class's where it is a
            latent; None where there is none.
        rows: The rows of which these terms are the mean over classes, or None.
        under: The terms of those rows, each under one class.
    """

    log_px_z: Tensor
    log_pz: Tensor
    log_qz_x: Tensor
    kl: Tensor | None
    kl_per_dim: Tensor | None
    z: Tensor | None = None
    penalty: Tensor | None = None
    kl_of_class: Tensor | None = None
    rows: Rows | None = None
    under: Terms | None = None

    @property
    def log_w(self) -> Tensor:
        """The log importance weights log p(x, z) - log q(z|x), (K, B), all sampled."""
        return self.log_px_z + self.log_pz - self.log_qz_x

    @property
    def reconstruction(self) -> Tensor:
        """E_q[log p(x|z)], (B,) nats."""
        return self.log_px_z.mean(0)

    @property
    def regularization(self) -> Tensor:
        """KL(q(z|x) || p(z)), (B,) nats: in closed form where known, else from the samples."""
        return (self.log_qz_x - self.log_pz).mean(0) if self.kl is None else self.kl

    @property
    def elbo(self) -> Tensor:
        """The evidence lower bound, reconstruction - regularization, (B,) nats."""
        return self.reconstruction - self.regularization


class LatentVariableModel(nn.Module):
    r"""A latent-variable model: q(z|x), p(z) and p(x|z) side by side.

    Arguments:
        posterior: The inference network q(z|x).
        prior: The prior p(z).
        likelihood: The decoder p(x|z).
        labels: p(y) and q(y|x) of a model of p(x|y) that is one of p(x) where y is not given.

    Example:
        >>> from latentia.likelihood.bernoulli import Bernoulli
        >>> from latentia.network.mlp import MLP
        >>> from latentia.posterior.gaussian import Gaussian
        >>> from latentia.prior.standard_normal import StandardNormal
        >>> network, x_shape, latent_dim = MLP(hidden=(8,)), (6,), 2
        >>> model = LatentVariableModel(
        ...     Gaussian(network, x_shape, latent_dim),
        ...     StandardNormal(latent_dim),
        ...     Bernoulli(network, x_shape, latent_dim),
        ... )
        >>> model(torch.ones(4, 6), samples=3).log_w.shape
        torch.Size([3, 4])
    """

    def __init__(
        self,
        posterior: Posterior,
        prior: Prior,
        likelihood: Likelihood,
        labels: Labels | None = None,
    ) -> None:
        super().__init__()
        self.posterior, self.prior, self.likelihood = posterior, prior, likelihood
        self.labels = labels
        if isinstance(posterior, Refined):
            posterior.log_joint = self.log_joint
        # A method and no module, so that the codebook is counted and saved once.
        likelihood.embed = posterior.embedded if posterior.decoded_dim else None
        # Whether no x that comes has a missing cell, so that none need be looked for.
        self.complete = False

    def forward(
        self,
        x: Tensor,
        samples: int = 1,
        *,
        given: Tensor | None = None,
        c: Tensor | None = None,
        reparameterize: bool = True,
        path_only: bool = False,
    ) -> Terms:
        """Return the terms of the ELBO at K samples of q.

        Arguments:
            x: Examples, (B, *x_shape); NaN marks a missing cell, which is marginalized.
            samples: K, draws of z for each example.
            given: What the encoder sees instead of x (a corrupted copy), (B, *x_shape).
            c: Conditions, or None.
            reparameterize: Whether gradients reach q through z (else through log q(z|x) alone).
            path_only: Whether log q(z|x) has a gradient through z alone: its derivative in the
                parameters of q, whose expectation is zero, is left out.

        Returns:
            `Terms`, each (K, B) in nats.
        """
        seen = x if given is None else given
        state = _random_state(seen) if path_only else []
        posterior = self.posterior
        q = posterior(seen, c)
        if posterior.relaxes and self.training and reparameterize:
            return self._between(x, q, samples, c)
        size = torch.Size([samples])
        z = q.rsample(size) if reparameterize else q.sample(size)
        density = self._stopped(state, seen, c) if path_only else q
        return self.terms(x, z, q, density=density, c=c)

    def _between(self, x: Tensor, q: Distribution, samples: int, c: Tensor | None) -> Terms:
        """Return the terms at codes, with the gradient of those at draws between them."""
        drawn = self.posterior.relaxed(q, samples)
        slopes = self.terms(x, drawn.soft, q, c=c)
        with torch.no_grad():
            numbers = self.terms(x, drawn.hard, q, c=c)
        sampled = {
            name: getattr(numbers, name) + (slope - slope.detach())
            for name in ("log_px_z", "log_pz", "log_qz_x")
            for slope in [getattr(slopes, name)]
        }
        return slopes._replace(z=drawn.hard, **sampled)

    def terms(
        self,
        x: Tensor,
        z: Tensor,
        q: Distribution,
        *,
        density: Distribution | None = None,
        c: Tensor | None = None,
    ) -> Terms:
        """Return the terms of the ELBO at given samples.

        Arguments:
            x: Examples, (B, *x_shape); NaN marks a missing cell, which is marginalized.
            z: Draws of q, (K, B, L).
            q: q(z|x), batch (B,), event (L,).
            density: What is to be differentiated as log q(z|x), of the same value; q if None.
            c: Conditions, or None.

        Returns:
            `Terms`, each (K, B) in nats.
        """
        p = self.prior(c)
        divergence = closed_form_kl(q, p)
        return Terms(
            log_px_z=self._carried(x, z, q, c)
            if isinstance(q, Quantized)
            else self.log_likelihood(x, z, c),
            log_pz=p.log_prob(z),
            log_qz_x=(q if density is None else density).log_prob(z),
            kl=divergence.total,
            kl_per_dim=divergence.per_dim,
            z=z,
        )

    def _carried(self, x: Tensor, z: Tensor, q: Quantized, c: Tensor | None) -> Tensor:
        """Return log p(x|z), (K, B) nats, whose gradient reaches what q rounded."""
        self.likelihood.carry = q.carry
        try:
            found = self.log_likelihood(x, z, c)
        finally:
            self.likelihood.carry = None
        if self.training:
            self.posterior.adapt(q)
        return found

    def _stopped(self, state: list[Tensor], x: Tensor, c: Tensor | None) -> Distribution:
        """Return q(z|x) once more, from the same dropout, without a gradient to its parameters."""
        parameters = {name: value.detach() for name, value in self.posterior.named_parameters()}
        devices = [x.device] if x.is_cuda else []
        with torch.random.fork_rng(devices):
            torch.set_rng_state(state[0])
            if x.is_cuda:
                torch.cuda.set_rng_state(state[1], x.device)
            q: Distribution = functional_call(self.posterior, parameters, (x, c))
        return q

    def log_joint(self, x: Tensor, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Return log p(x, z), (K, B) nats, with nothing adapted to the batch."""
        log_pz: Tensor = self.prior(c).log_prob(z)
        return self.log_likelihood(x, z, c, adapts=False) + log_pz

    def log_likelihood(
        self, x: Tensor, z: Tensor, c: Tensor | None = None, *, adapts: bool = True
    ) -> Tensor:
        """Return log p(x|z), (K, B) nats, for x (B, *x_shape) and z (K, B, L)."""
        p: Distribution = self.likelihood(z, c)
        if self.training and adapts:
            p = self.likelihood.adapt(p, x)
        if self.complete:
            return p.log_prob(x)
        observed = ~torch.isnan(x)
        # One reduction decides for the batch: complete data never pay for the mask.
        if bool(observed.all()):
            return p.log_prob(x)
        return Masked(_factorized(p), observed).log_prob(x)

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Within the block nothing drops out or adapts to a batch, and float32 is float32.

        A GPU's convolutions round to ten bits unless they are told not to. What was is restored
        after.
        """
        training, rounded = self.training, cudnn.allow_tf32
        self.eval()
        cudnn.allow_tf32 = False
        try:
            yield
        finally:
            cudnn.allow_tf32 = rounded
            self.train(training)

    @contextmanager
    def seeing(self, *, complete: bool, rows: Tensor | None = None) -> Iterator[None]:
        """Within the block no x is searched for missing cells if it is known to have none.

        Arguments:
            complete: Whether that is known.
            rows: Which training examples the x are, (B,), for a prior that leaves them out.
        """
        before, self.complete = self.complete, complete
        if rows is not None:
            self.prior.rows = rows
        try:
            yield
        finally:
            self.complete = before
            if rows is not None:
                self.prior.rows = None

    @property
    def c_dim(self) -> int:
        """C, how many numbers the conditions are; 0 of a model without."""
        return self.likelihood.c_dim

    @property
    def c(self) -> Tensor | None:
        """The conditions of the batch in hand, (B, C), or None."""
        return getattr(self.likelihood, "c", None)

    @property
    def is_open(self) -> bool:
        """Whether the class is a latent now: there are `labels`, and no conditions in hand."""
        return self.labels is not None and self.c is None

    def one_of(self, c: Tensor | None) -> Tensor | None:
        """Return one of conditions c, or a class where there are none and it is a latent, (1, C).

        What holds of the model under it holds under all others: whether an estimator can work.
        """
        if c is None:
            return None if self.labels is None else self.labels.one(0)
        return c[:1]

    @contextmanager
    def given(self, c: Tensor | None) -> Iterator[None]:
        """Within the block, q(z|x), p(z) and p(x|z) are those under conditions c.

        So all that knows nothing of conditions (objectives, evidence, figures) works on p(x|c)
        as it does on p(x).

        Arguments:
            c: Conditions (B, C) of the examples that will be seen, (1, C) of all of them; or None.

        Raises:
            UsageError: if the model has none, or others.
        """
        if c is None and self.c is None:
            yield
            return
        if c is not None and c.shape[-1] != self.c_dim:
            raise UsageError(
                f"Conditions of {c.shape[-1]} numbers do not fit a model "
                + (f"of {self.c_dim}." if self.c_dim else "without conditions."),
                where="--condition",
            )
        parts: tuple[Standardize | Prior | Likelihood, ...] = (
            self.posterior.standardize,
            self.prior,
            self.likelihood,
        )
        before = [part.c for part in parts]
        for part in parts:
            part.c = c
        try:
            yield
        finally:
            for part, old in zip(parts, before, strict=True):
                part.c = old

    def draw_prior(self, n: int, temperature: float = 1.0) -> Tensor:
        """Draw z ~ p(z), or z ~ p(z|c) under the n conditions in hand (or one), (n, L).

        Arguments:
            n: How many.
            temperature: What the prior's deviations are multiplied by; of a ladder, those of
                every group. Below 1, draws are nearer to the means, and no longer from p(z).

        Raises:
            UsageError: if the prior is no Gaussian, and a temperature is asked for.
        """
        p = self.prior()
        if not p.batch_shape:
            return drawn(p, torch.Size([n]), temperature)
        if p.batch_shape == (1,):
            return drawn(p, torch.Size([n]), temperature)[:, 0]
        return drawn(p, torch.Size(), temperature)

    @property
    def bounds_evidence(self) -> bool:
        """Whether the ELBO bounds log p(x): q has a density and p(z) integrates to one."""
        return self.posterior.has_density and self.prior.is_proper


def _factorized(p: Distribution) -> Independent[Distribution]:
    """Return p, of which missing cells can be left out if its dimensions are independent.

    Raises:
        UsageError: if they are not: what a missing cell is would have to be summed over.
    """
    if isinstance(p, Independent):
        return p
    raise UsageError(
        "Cells are missing, and this likelihood says what a cell is given others.",
        where="--likelihood",
        how="Use a likelihood of independent cells, such as bernoulli or gaussian, or fill them.",
    )


def _random_state(x: Tensor) -> list[Tensor]:
    """Return the state of the generators from which dropout draws for x."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(x.device)] if x.is_cuda else [])]
