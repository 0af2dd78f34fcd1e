"""The contract of the room: a reduction of Terms, nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf
from typing import ClassVar

from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.posterior.base import Refined

__all__ = [
    "Objective",
    "heard",
    "require_positive",
    "require_samples",
    "risen",
    "with_gradient_of",
]


# From here on below the largest log weight, in nats, a weight adds nothing to a sum of float32.
# Its gradient, carried along, would be numbers of 1e-40, with which processors multiply many
# times slower.
_FAR = 30.0


class Objective(ABC):
    """What training maximizes. The reported ELBO is `Terms.elbo`, whatever the objective."""

    # K, the draws of z for each example that it wants to see.
    samples: int = 1
    # Whether it is the reported ELBO itself, once its schedules are over.
    is_elbo: bool = False
    # The epoch from which on its schedules are over and nothing in it changes any more.
    settles: float = 0.0
    # Whether with q(z|x) = p(z|x) it is log p(x), once its schedules are over.
    is_tight: ClassVar[bool] = True
    # Whether it charges for a batch as a whole, so that its mean depends on which examples meet.
    of_batches: ClassVar[bool] = False
    # How its gradient reaches q: through z = mu + sigma eps, or through log q(z|x) alone...
    reparameterizes: ClassVar[bool] = True
    # ...and whether log q(z|x) itself is differentiated through z alone.
    path_only: ClassVar[bool] = False
    # Whether draws between codes will do: it is a mean over draws, which are in nothing else.
    relaxes: ClassVar[bool] = False
    # Whether it charges for what lies between x and its code, and is for such posteriors alone.
    commits: ClassVar[bool] = False
    # Whether the encoder is paid for log p(z), to which a prior that learns would then come down.
    pays_for_prior: ClassVar[bool] = True
    # Whether a critic learns beside the model.
    contested: ClassVar[bool] = False

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms that this objective is a reduction of.

        Arguments:
            model: The model.
            x: Examples, (B, *x_shape).
            given: What the encoder sees instead of x, or None.
        """
        terms: Terms = model(
            x,
            self.samples,
            given=given,
            reparameterize=self.reparameterizes,
            path_only=self.path_only,
        )
        return terms

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a model that this objective cannot train.

        Raises:
            UsageError: if its gradient is that of log q(z|x), and q is a point; if it compares
                draws of z where all are the same; if draws are relaxed that cannot be; if a
                codebook has nothing that holds it to the encoder, or the other way round; or if a
                prior learns beside points that are paid for its density.
        """
        _require_codebook(self.commits, model.posterior.commits)
        if self.pays_for_prior and not model.posterior.has_density and model.prior.is_learned:
            raise UsageError(
                "A prior that learns beside points, which are paid for its density, would shrink "
                "onto its points: the density has no maximum.",
                where="--posterior, --prior",
                how="Use --prior flat (an autoencoder) or standard-normal (a regularized one), "
                "--posterior gaussian, or --objective prior-critic.",
            )
        if not self.reparameterizes and not model.posterior.covers:
            raise UsageError(
                "This objective learns from log q(z|x), and a point has none, or always 0: the "
                "encoder would never move.",
                where="--objective, --posterior",
                how="Use --objective elbo, or --posterior gaussian.",
            )
        _require_draws(self.samples, model)
        _require_gradient(self, model)
        if (self.path_only or not self.reparameterizes) and isinstance(model.posterior, Refined):
            raise UsageError(
                "This objective takes log q(z|x) of a draw apart from how it was drawn, and this "
                "posterior knows it of no other z.",
                where="--objective, --posterior",
                how="Use --objective elbo or iwae, or --posterior gaussian.",
            )
        if self.path_only and model.posterior.hierarchical:
            raise UsageError(
                "This objective takes log q(z|x) apart from its parameters: a ladder's are its "
                "prior's too.",
                where="--objective",
                how="Use --objective elbo or iwae.",
            )

    def begin(  # noqa: B027
        self, model: LatentVariableModel, x: Tensor, *, seed: int = 0
    ) -> None:
        """Make what learns beside the model, before the first step; nothing by default.

        Arguments:
            model: The model, under the conditions of x if it has any.
            x: An example or more, (B, *x_shape), to see what its latents are.
            seed: Seed of what is made.
        """

    @property
    def compiles(self) -> bool:
        """Whether a compiler can see all of it: no density taken twice, no gradient on its way."""
        return not self.path_only

    @property
    def records(self) -> bool:
        """Whether all steps are of one shape, so that a GPU can record one and replay it."""
        return True

    @abstractmethod
    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the objective of each example, (B,) nats.

        Arguments:
            terms: The terms of a batch.
            epoch: Epochs trained so far, with fraction; schedules are over at infinity.
        """


def _require_codebook(charged: bool, there: bool) -> None:
    """Refuse a codebook that nothing holds to the encoder, and a price on one that is not there.

    Raises:
        UsageError: if one is without the other.
    """
    if there and not charged:
        raise UsageError(
            "The encoder rounds to the words of a codebook, and nothing in this objective holds "
            "one to the other.",
            where="--objective, --posterior",
            how="Use --objective commitment.",
        )
    if charged and not there:
        raise UsageError(
            "This objective charges for the way to the words of a codebook, and this posterior "
            "has none.",
            where="--objective commitment, --posterior",
            how="Use --posterior vector-quantized, or --objective elbo.",
        )


def _require_draws(samples: int, model: LatentVariableModel) -> None:
    """Refuse several draws of a posterior that has but one.

    Raises:
        UsageError: if the weights of all draws would be one weight.
    """
    if samples > 1 and not model.posterior.covers:
        raise UsageError(
            f"This objective takes {samples} draws of z for each example, and this posterior has "
            "one: a point, or a single code. All weights would be the same, and the bound that of "
            "one draw.",
            where="--objective, --posterior",
            how="Use --objective elbo, or a posterior that draws, such as gaussian or "
            "categorical.",
        )


def _require_gradient(objective: Objective, model: LatentVariableModel) -> None:
    """Refuse relaxed draws where they would do nothing, or something that nobody means.

    Raises:
        UsageError: if no gradient passes through z; if draws are weighed by each other, which
            those between codes have no density for; or if a sigma is that of the codes' errors.
    """
    posterior = model.posterior
    if posterior.relaxation is not None and not objective.reparameterizes:
        raise UsageError(
            "This objective's gradient passes through no draw, so that how it would is nothing to "
            "choose.",
            where="--posterior.gradient, --objective",
            how="Leave --posterior.gradient out, or use --objective elbo.",
        )
    if posterior.relaxes and not objective.relaxes:
        raise UsageError(
            "Relaxed draws lie between the codes, where log q(z|x) and log p(z) are no densities, "
            "and this objective weighs or compares draws by them.",
            where="--posterior.gradient relaxed, --objective",
            how="Use --objective elbo, or --posterior.gradient straight-through-gumbel.",
        )
    if posterior.relaxes and model.likelihood.adapts:
        raise UsageError(
            "An optimal sigma is the error of what codes are decoded to, and relaxed draws are "
            "decoded to something else.",
            where="--posterior.gradient relaxed, --likelihood.sigma",
            how="Use --likelihood gaussian --likelihood.sigma learned, or --posterior.gradient "
            "straight-through-gumbel.",
        )


def with_gradient_of(value: Tensor, surrogate: Tensor) -> Tensor:
    """Return a tensor with the numbers of one and the gradient of another, of the same shape.

    Example:
        >>> import torch
        >>> x = torch.tensor(3.0, requires_grad=True)
        >>> y = with_gradient_of(x.detach(), 5 * x)
        >>> y.item(), torch.autograd.grad(y, x)[0].item()
        (3.0, 5.0)
    """
    return value.detach() + (surrogate - surrogate.detach())


def heard(log_w: Tensor, dim: int) -> Tensor:
    """Return log weights, -inf for those beside which a larger one leaves nothing to be heard.

    Arguments:
        log_w: Log weights, nats.
        dim: The dimension of which the sum is taken.

    Example:
        >>> import torch
        >>> heard(torch.tensor([0.0, -20.0, -40.0]), 0)
        tensor([  0., -20., -inf])
    """
    known = log_w.detach()
    far = known < known.amax(dim, keepdim=True) - _FAR
    return log_w.masked_fill(far, -inf)


def risen(epoch: float | Tensor, over: float) -> float | Tensor:
    """Return how far a linear rise over some epochs has come, from 0 to 1.

    Arguments:
        epoch: Epochs so far; a tensor () where a step is recorded before they are known.
        over: Epochs that it takes.

    Example:
        >>> risen(5.0, 20), risen(inf, 20), risen(0.0, 0)
        (0.25, 1.0, 1.0)
    """
    if isinstance(epoch, Tensor):
        return (epoch / over).clamp(max=1.0) if over else 1.0
    return 1.0 if epoch >= over else epoch / over


def require_positive(**given: float) -> None:
    """Raise for an option that is negative or no number.

    Raises:
        UsageError: naming it.
    """
    for name, value in given.items():
        if not 0 <= value < inf:
            raise UsageError(
                f"{name} = {value} cannot be: it is a number from 0.",
                where=f"--objective.{name} {value}",
                how=f"Use --objective.{name} 0 or more.",
            )


def require_samples(name: str, samples: int, least: int = 1) -> int:
    """Return a number of draws, or raise for what is none.

    Raises:
        UsageError: if there are too few.
    """
    if samples < least:
        raise UsageError(
            f"This objective needs at least {least} of them, not {samples}.",
            where=f"--objective.{name} {samples}",
            how=f"Use --objective.{name} {least} or more.",
        )
    return samples
