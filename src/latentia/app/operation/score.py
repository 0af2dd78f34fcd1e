"""log p(x), the ELBO and its parts of examples, in nats."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final, get_args, get_type_hints

import numpy as np
from pydantic import Field
from torch import Tensor

from latentia.app.grey import drawn
from latentia.app.limits import Limits
from latentia.app.operation.base import (
    Alive,
    Array,
    Arrays,
    Operation,
    Options,
    one_dimensional,
    said_again,
)
from latentia.app.problems import Refused
from latentia.app.spec import COUNT, Spec, listed, one_of
from latentia.errors import UsageError
from latentia.estimator.base import Estimator
from latentia.evaluation.likelihood import log_likelihood
from latentia.evaluation.score import Score as Scale
from latentia.evaluation.score import score_of
from latentia.evidence.importance import ImportanceSampling

__all__ = ["Score", "ScoreOptions"]


# What is told of each example beside log p(x), and what it is.
_PARTS = {
    "elbo": "The ELBO, reconstruction - kl, at one draw of z.",
    "reconstruction": "log p(x|z) at the same draw of z.",
    "kl": "KL(q(z|x) || p(z)).",
    "log_pz": "Of a point z: log p(z), what its prior charges.",
}
# What is told of log p(x).
_ESTIMATED = {
    "log_likelihood": "log p(x).",
    "error": "How far log p(x) of this x may be off by its weights; no draw of x is counted.",
    "effective_samples": "Effective sample size of the weights, of `n_importance`.",
}


class ScoreOptions(Options):
    """What can be said of scores."""

    n_importance: int = Field(
        100, ge=1, le=2**31, description="Samples of z for log p(x) of each example."
    )
    seed: int = Field(0, ge=0, lt=2**63, description="The same seed gives the same scores.")


@final
class Score(Operation):
    """Score examples: log p(x) by importance sampling, the ELBO and its parts, in nats.

    `score` says which of them is the score, by the rule of `latentia score` and `score_samples`:
    where q(z|x) is a single code, or the model's numbers are no likelihood of the data, log p(x)
    is null, the ELBO is the score, and the reason is told. Of points, which bound nothing, ELBO
    and KL are null too, the reconstruction is the score, and `log_pz` is log p(z) there, a
    penalty.

    Where the model is one of black and white and x is grey, all numbers are of one draw of x, that
    of `seed` and of the row's place: of a single row they move by many nats from draw to draw, and
    `notes` tell so. `elbo` and `reconstruction` are, beside that, of one draw of z: they move by a
    few nats, and may lie above log p(x) of the row; the mean over many rows is a bound. `error` is
    how far log p(x) of the x that was drawn may be off by its own weights, and counts no draw of
    x; with few `effective_samples` it is a lower bound, off by more.

    Example:
        >>> Score().together
        False
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"
    together: ClassVar[bool] = False
    makes_examples: ClassVar[bool] = False
    options: ClassVar[type[Options]] = ScoreOptions
    again: ClassVar[tuple[str, ...]] = ("seed",)
    array_is: ClassVar[str] = (
        "log p(x), ELBO, reconstruction, KL and the error of log p(x) in nats, and its effective "
        "samples, (n, 6); NaN where there is none."
    )

    def count(self, rows: int, asked: Any, limits: Limits) -> int:
        """Return the rows, unless they are to be decoded too often."""
        if rows * asked.n_importance > limits.draws:
            raise UsageError(
                f"{rows} rows with {asked.n_importance} samples each are more than "
                f"{limits.draws} decodes.",
                where="n_importance",
                how="Ask for fewer samples, or fewer rows at a time.",
            )
        return rows

    def notes(self, model: Estimator, x: Array) -> tuple[str, ...]:
        """Return that greys were drawn, where they were."""
        return drawn(model, x)

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return the numbers of each example, (n,) nats."""
        nats = model.elbo(x, random_state=asked.seed)
        parts = {name: getattr(nats, name) for name in _PARTS}
        found = {name: each for name, each in parts.items() if each is not None}
        if not _what(model).is_estimated:
            return found

        def go_on(done: int) -> None:
            if not alive():
                raise Refused(504, "The deadline passed while the examples were scored.")

        estimate = log_likelihood(
            model.model_,
            model.examples(x),
            ImportanceSampling(samples=asked.n_importance),
            seed=asked.seed,
            progress=go_on,
        )
        return {
            "log_likelihood": estimate.each.numpy(),
            "error": estimate.error.numpy(),
            "effective_samples": _numpy(estimate.effective_samples, len(x)),
            **found,
        }

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the numbers by name, and whether they are a likelihood."""
        reason, what = model.config_.no_likelihood, _what(model)
        nats = found[what.name]
        none = np.flatnonzero(np.isneginf(nats)).tolist()
        rows = ", ".join(map(str, none[:5])) + (", ..." if len(none) > 5 else "")
        note = (
            "Of probability 0, so that null is minus infinity, and plus infinity of the KL: "
            f"rows {rows} (counted from 0)."
        )
        return {
            "n": len(found["reconstruction"]),
            "score": what.name,
            "unit": model.model_.likelihood.unit,
            "is_likelihood": not reason,
            "no_likelihood": reason or None,
            "n_importance": asked.n_importance if what.is_estimated else None,
            **said_again(asked, self.again),
            **dict.fromkeys((*_ESTIMATED, *_PARTS)),
            **found,
            "notes": [*([what.why] * bool(what.why and not reason)), *([note] * bool(none))],
        }

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schemas of the numbers, and of what they are."""
        k = self.options.model_json_schema()["properties"]["n_importance"]["description"]
        each = {**_ESTIMATED, **_PARTS}
        return {
            "n": COUNT,
            "score": one_of(get_args(get_type_hints(Scale)["name"]), "Which is the score."),
            "unit": {"type": "string", "description": "What the numbers are counted in."},
            "is_likelihood": {"type": "boolean", "description": "Whether they are a likelihood."},
            "no_likelihood": {"type": ["string", "null"], "description": "Why they are none."},
            "n_importance": {"type": ["integer", "null"], "description": k},
            **{name: listed(what, is_optional=True) for name, what in each.items()},
        }

    def array(self, found: Arrays) -> Array:
        """Return log p(x), ELBO, reconstruction, KL, error and effective samples, (n, 6)."""
        names = ("log_likelihood", "elbo", "reconstruction", "kl", "error", "effective_samples")
        n = len(found["reconstruction"])
        return one_dimensional(*(found.get(name) for name in names), n=n)


def _what(model: Estimator) -> Scale:
    return score_of(model.model_, model.config_.no_likelihood)


def _numpy(values: Tensor | None, n: int) -> Array:
    """Return numbers (n,); NaN where there are none."""
    return np.full(n, np.nan) if values is None else values.numpy()
