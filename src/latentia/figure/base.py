"""What every figure is drawn from (`Subject`) and what every kind of figure is (`Plot`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol, final

import numpy as np
from numpy.typing import NDArray

from latentia import room
from latentia.errors import UsageError
from latentia.figure import _text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latentia.data._conditions import Condition

__all__ = [
    "Array",
    "Model",
    "Nats",
    "Peer",
    "Plot",
    "Subject",
    "footnote",
    "needs_images",
    "needs_latents",
    "needs_normal_prior",
]

Array = NDArray[Any]


class Nats(Protocol):
    """The ELBO of some examples and its parts, in nats: (n,) each."""

    @property
    def elbo(self) -> Array | None:
        """Reconstruction minus KL, or None where that bounds nothing."""

    @property
    def reconstruction(self) -> Array:
        """E_q[log p(x|z)]."""

    @property
    def kl(self) -> Array | None:
        """KL(q(z|x) || p(z)), or None likewise."""

    @property
    def kl_per_dim(self) -> Array | None:
        """The KL of each latent (n, L), or None where it is no sum over latents."""


class Model(Protocol):
    """The part of a fitted estimator that figures use; L latents, examples of shape `shape`."""

    latent_dim_: int

    @property
    def is_generative(self) -> bool:
        """Whether there is a prior to sample; false for a plain autoencoder."""

    def transform(self, X: Array, /) -> Array:
        """Return the posterior means (n, L) of examples (n, *shape)."""

    def inverse_transform(self, Z: Array, /) -> Array:
        """Return E[x|z] (n, *shape) of latents (n, L), or what stands for it."""

    def reconstruct(self, X: Array, /) -> Array:
        """Return E[x|z] at the posterior means: (n, *shape) -> (n, *shape)."""

    def sample(self, n: int, /, *, random_state: int) -> Array:
        """Draw (n, *shape) from p(x|z) p(z)."""

    def sample_mean(self, n: int, /, *, random_state: int) -> Array:
        """Return E[x|z] (n, *shape) for n draws z from the prior."""

    def elbo(self, X: Array, /, *, random_state: int) -> Nats:
        """Return the ELBO of each example and its parts, in nats."""

    def interpolate(
        self, a: Array, b: Array, /, *, steps: int, method: Literal["linear", "spherical"]
    ) -> Array:
        """Return decodes (steps, *shape) on the way from one example to another."""


class Peer(NamedTuple):
    """Another model to set beside the subject's own.

    Arguments:
        title: Its name.
        model: A fitted estimator of examples of the same shape.
        prior: The name of its prior.
        no_likelihood: Why its nats are no likelihood of the data; empty if they are.
        shows: What is shown of p(x|z), in words and as a formula.
        unit: What reconstructions are counted in: nats, unless it is a cost.
    """

    title: str
    model: Model
    prior: str = "standard-normal"
    no_likelihood: str = ""
    shows: tuple[str, str] = ("Means", "E[x|z]")
    unit: str = "nats"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """All that there is to draw: a model, held-out data and the run's numbers.

    Arguments:
        model: A fitted estimator.
        test_x: Held-out examples (n, *shape) in the user's units; uint8 means intensities k/255.
        test_y: Their labels (n,), if any.
        label_names: The name of label k at position k.
        is_image: Whether examples are pictures (H, W), (H, W, 1) or (H, W, 3).
        column_names: The columns' names where examples are rows of a table.
        metrics: The rows of `metrics.jsonl`.
        title: The run's name.
        snapshots: Pairs of an epoch and the model as it was then.
        others: Other models, for `ae-vs-vae` and `by-latent-size`.
        corruption: Makes noisy examples in [0, 1] out of examples and a seed.
        no_likelihood: Why the model's nats are no likelihood of the data; empty if they are.
        prior: The name of the model's prior; only `standard-normal` is N(0, I).
        space: What latents are: `real`, `binary`, `one-hot` or `sphere`.
        prior_log_prob: The log-density of the prior at latents (n, L), in nats, (n,).
        trained_on_noise: Whether the encoder read noisy examples while training and validating.
        span: The values that are drawn black and white where images are floats.
        conditions: What a model of p(x|c) is told of every example; empty for p(x).
        given: The model under conditions, from a dictionary of their values.
        groups: How many latents each group of a ladder has; empty of other models.
        by_group: Reconstructions from the first groups alone, (G + 1, n, *shape), of examples.
        factors: Known factors of the test examples, by name, (n,) each; empty where none are.
        unsaid: Why nothing can be drawn under one condition; empty where it can.
        condition: Under which condition all of it is, in words; empty of p(x).
        open_class: Whether the class is a latent of the model, and none is given.
        of_class: The same under one class, of examples that are most probably of it, for what
            needs one; None where no class is open.
        has_mean: Whether p(x|z) has a mean to be shown.
        shows: What is shown of p(x|z) where x must be one picture, in words and as a formula.
        unit: What ELBO and reconstruction are counted in: nats, unless it is a cost.
    """

    model: Model
    test_x: Array
    test_y: Array | None = None
    label_names: tuple[str, ...] = ()
    is_image: bool = True
    column_names: tuple[str, ...] = ()
    metrics: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    snapshots: tuple[tuple[int, Model], ...] = ()
    others: tuple[Peer, ...] = ()
    corruption: Callable[[Array, int], Array] | None = None
    no_likelihood: str = ""
    prior: str = "standard-normal"
    space: str = "real"
    prior_log_prob: Callable[[Array], Array] | None = None
    trained_on_noise: bool = False
    span: tuple[float, float] = (0.0, 1.0)
    conditions: tuple[Condition, ...] = ()
    given: Callable[[Mapping[str, Any]], Model] | None = None
    groups: tuple[int, ...] = ()
    by_group: Callable[[Array], Array] | None = None
    factors: Mapping[str, Array] = field(default_factory=dict)
    unsaid: str = ""
    condition: str = ""
    open_class: bool = False
    of_class: Subject | None = None
    has_mean: bool = True
    shows: tuple[str, str] = ("Means", "E[x|z]")
    unit: str = "nats"

    @property
    def has_normal_prior(self) -> bool:
        """Whether the prior is N(0, I), whose contours and quantiles are known."""
        return self.model.is_generative and self.prior == "standard-normal"

    @property
    def star(self) -> str:
        """An asterisk where nats are no likelihood of the data; `footnote` says why."""
        return "*" if self.no_likelihood else ""

    @property
    def peer(self) -> Peer:
        """The subject's own model as others are given."""
        names = (self.title, self.model, self.prior, self.no_likelihood)
        return Peer(*names, self.shows, self.unit)

    def under(self, classes: str) -> str:
        """Return the sentence that says under which class or condition a figure is.

        Arguments:
            classes: What is to be said where the class is a latent; nothing is said of p(x).
        """
        said = f"Under {_text.label(self.condition, 200)}." if self.condition else ""
        told = classes if self.open_class else said
        return told and f" {told}"

    def pick(self, n: int) -> Array:
        """Return the positions of n test examples, each label in turn, else the first n."""
        n = min(n, len(self.test_x))
        if self.test_y is None:
            return np.arange(n)
        _, codes = np.unique(self.test_y, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(codes.max() + 1))
        turn = np.empty(len(codes), dtype=int)  # how many of the same label came before
        turn[order] = np.arange(len(codes)) - starts[codes[order]]
        chosen: Array = np.lexsort((codes, turn))[:n]
        return chosen

    def columns(self, n: int) -> list[str]:
        """Return the names of the first n columns of a table, as figures write them."""
        width = min(n, int(np.prod(self.test_x.shape[1:])))
        known = [_text.label(name) for name in self.column_names[:width]]
        return [*known, *(f"column {j + 1}" for j in range(len(known), width))]

    def columns_note(self, n: int) -> str:
        """Return the words that a table has more columns than the n drawn; empty if not."""
        width = int(np.prod(self.test_x.shape[1:]))
        return f" The first {n} of {width} columns." if width > n else ""


def footnote(*reasons: str) -> str:
    r"""Return the lines below a figure that say what its asterisks mean; empty without reasons.

    Example:
        >>> footnote("", "a Bernoulli is no density of grey levels")
        '\n* no likelihood: a Bernoulli is no density of grey levels.'
    """
    told = [reason for reason in dict.fromkeys(reasons) if reason]
    return "".join(f"\n* no likelihood: {reason}." for reason in told)


_NO_IMAGES = (
    "the data are rows of a table, not images; "
    "reconstructions, samples, traversals and latent-map show a table"
)


def needs_images(subject: Subject) -> str:
    """Return the reason why tables cannot be drawn as pictures; empty where data are images."""
    return "" if subject.is_image else _NO_IMAGES


def needs_latents(model: Model, n: int) -> str:
    """Return the reason why a model with fewer than n latents is too small; empty if it is not."""
    found = model.latent_dim_
    return "" if found >= n else f"the latent space has {found} dimension, and a map needs {n}"


def needs_normal_prior(subject: Subject) -> str:
    """Return the reason why the prior has no quantiles to decode; empty where it is N(0, I)."""
    if not subject.model.is_generative:
        return "a plain autoencoder has no prior whose quantiles could be decoded"
    if subject.has_normal_prior:
        return ""
    return f"the prior is {subject.prior}, and only a standard normal has quantiles to decode"


class Plot(ABC):
    """A kind of figure: says whether it applies, and draws.

    A new kind is one file with one `@final` class that writes `reason_not` and `compose`; its
    options are keyword-only constructor arguments with literal defaults, kept under their names.

    Class attributes:
        least: The least that a whole number among its options can be, where it is not 1.
    """

    least: ClassVar[Mapping[str, int]] = {"seed": 0}
    # Whether a model of p(x|c) must be under one condition to be drawn.
    under_one: ClassVar[bool] = True

    @property
    def decodes(self) -> bool:
        """Whether it decodes latents of its own choice, which takes a class where that is open."""
        return False

    @final
    def why_not(self, subject: Subject) -> str:
        """Return why this kind cannot be drawn of a subject, its conditions included."""
        unsaid = subject.unsaid if self.under_one else ""
        return unsaid or self.reason_not(self._seen(subject))

    def _seen(self, subject: Subject) -> Subject:
        """Return the subject under one class where this kind needs one, and none is given."""
        return subject.of_class if self.decodes and subject.of_class is not None else subject

    @abstractmethod
    def reason_not(self, subject: Subject) -> str:
        """Return why this kind cannot be drawn of a subject; empty if it can.

        One sentence without a full stop; what mends it, if anything does, after a semicolon.
        """

    @abstractmethod
    def compose(self, subject: Subject) -> Figure:
        """Return the figure of a subject to which this kind applies, in the style in force."""

    @final
    def draw(self, subject: Subject) -> Figure:
        """Return the figure in the house's style.

        Arguments:
            subject: What there is to draw.

        Raises:
            UsageError: if this kind does not apply to the subject; it says why.
        """
        from latentia.figure._style import style

        self.check(subject)
        with style():
            return self.compose(self._seen(subject))

    @final
    def check(self, subject: Subject) -> None:
        """Refuse a subject to which this kind does not apply.

        Arguments:
            subject: What there is to draw.

        Raises:
            UsageError: with the reason and what mends it, or if an option cannot be.
        """
        self.check_options()
        if reason := self.why_not(subject):
            what, _, how = reason.partition("; ")
            raise UsageError(
                f"This figure cannot be drawn: {what}.",
                where=f"figure {self._kind}",
                how=f"{how[0].upper()}{how[1:]}." if how else "",
            )

    @property
    def _kind(self) -> str:
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @final
    def check_options(self) -> None:
        """Refuse options of which no figure can be made.

        Raises:
            UsageError: if a whole number is too small.
        """
        for option in room.member("figure", self._kind).options:
            value, least = getattr(self, option.name), self.least.get(option.name, 1)
            if option.annotation == "int" and value < least:
                raise UsageError(
                    f"{option.name} must be at least {least}, not {value}.",
                    where=f"figure {self._kind}, {option.name}",
                    how=f"Leave it out for {option.default}.",
                )
