"""What an example scores: log p(x) where draws of q can estimate it, else the bound on it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from latentia.model import LatentVariableModel

__all__ = ["POINT", "SINGLE", "Score", "score_of"]

# Why importance sampling is left out where a posterior does not cover what explains x.
SINGLE = "q(z|x) is a single code, and importance sampling estimates nothing; the ELBO is a bound"
POINT = "q(z|x) is a point, and nothing here bounds log p(x)"


class Score(NamedTuple):
    """What the score of an example is.

    Arguments:
        name: `log_likelihood`, estimated by importance sampling, or `elbo`; of points, which bound
            nothing, `reconstruction`.
        why: Why it is not log p(x); empty where it is.
    """

    name: Literal["log_likelihood", "elbo", "reconstruction"] = "log_likelihood"
    why: str = ""

    @property
    def words(self) -> str:
        """The same as it is written for readers."""
        return {"log_likelihood": "log p(x)", "elbo": "ELBO"}.get(self.name, self.name)

    @property
    def is_estimated(self) -> bool:
        """Whether it is log p(x)."""
        return self.name == "log_likelihood"


def score_of(model: LatentVariableModel, no_likelihood: str = "") -> Score:
    """Return what examples score under a model: one rule for commands, Python and the service.

    Arguments:
        model: The model.
        no_likelihood: Why its numbers are no likelihood of the data; empty if they are.

    Example:
        >>> from latentia.likelihood.bernoulli import Bernoulli
        >>> from latentia.network.linear import Linear
        >>> from latentia.posterior.scalar_quantized import ScalarQuantized
        >>> from latentia.prior.categorical import Categorical
        >>> parts = ScalarQuantized(Linear(), (5,), 4, choices=2), Categorical(4, choices=2)
        >>> model = LatentVariableModel(*parts, Bernoulli(Linear(), (5,), parts[0].decoded_dim))
        >>> score_of(model).words
        'ELBO'
    """
    if not model.bounds_evidence:
        return Score("reconstruction", no_likelihood or POINT)
    if no_likelihood:
        return Score("elbo", no_likelihood)
    return Score() if model.posterior.covers else Score("elbo", SINGLE)
