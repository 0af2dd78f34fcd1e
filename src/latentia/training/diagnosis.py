"""What went wrong when training does: said in words, with the numbers that show it."""

from __future__ import annotations

from math import isfinite

import torch

from latentia.errors import RunError
from latentia.evaluation.bound import Bound
from latentia.model import LatentVariableModel
from latentia.training.checkpoint import Progress
from latentia.training.engine import Taken

__all__ = ["Diverged", "require_finite", "require_finite_weights", "require_progress"]


class Diverged(RunError):
    """Training ran away or met a number that is none.

    Arguments:
        what: What happened, and when.
        where: The numbers that show it.
        how: How to keep it from happening.
        progress: Where the run stands.
    """

    def __init__(self, what: str, *, where: str, how: str, progress: Progress) -> None:
        self.story = f"{what} {_left(progress)}"
        super().__init__(what, where=where, how=f"{how} {_left(progress)}")


def _left(progress: Progress) -> str:
    if progress.best_epoch < 1:
        return "No epoch had ended well, so the weights that are left are untrained."
    return f"The last good weights, those of epoch {progress.best_epoch}, are kept."


def require_finite(taken: Taken, progress: Progress, model: LatentVariableModel) -> None:
    """Stop after a step whose loss is not finite: it was not taken.

    A gradient that is none spoils the weights, and shows in the next loss.

    Raises:
        Diverged: naming the term at fault, or the gradient of the step before.
    """
    norm = taken.norm
    if bool(torch.isfinite(taken.loss)) and (norm is None or bool(torch.isfinite(norm))):
        return
    terms = taken.terms
    named = {
        "log p(x|z)": terms.log_px_z,
        "log p(z)": terms.log_pz,
        "log q(z|x)": terms.log_qz_x,
    }
    if model.bounds_evidence:
        named["KL(q(z|x) || p(z))"] = terms.regularization
    if terms.penalty is not None:
        named["what the objective charges"] = terms.penalty
    bad = [name for name, value in named.items() if not bool(torch.isfinite(value).all())]
    largest, step = _largest(model), taken.step
    if not isfinite(largest):
        bad, step = ["the gradient"], max(1, step - 1)
    fault = _not_finite(bad or ["the gradient"])
    length = "" if norm is None else f"gradient norm {float(norm):.4g}, "
    raise Diverged(
        f"Training diverged: {fault} at epoch {progress.epoch + 1}, step {step}.",
        where=f"objective {-float(taken.loss):.4g} nats, {length}largest weight {largest:.4g}",
        how=_HOW,
        progress=progress,
    )


def require_finite_weights(model: LatentVariableModel, progress: Progress) -> None:
    """Stop where the last step has spoiled the weights, before they are measured or kept.

    Raises:
        Diverged: naming the step.
    """
    largest = _largest(model)
    if isfinite(largest):
        return
    raise Diverged(
        f"Training diverged: the gradient is not finite at epoch {progress.epoch + 1}, "
        f"step {progress.step}.",
        where=f"largest weight {largest:.4g}",
        how=_HOW,
        progress=progress,
    )


_HOW = (
    "Lower --learning-rate (by 10), set --clip 10, or look at the data for extreme values with "
    "`latentia data check`."
)


def _largest(model: LatentVariableModel) -> float:
    """Return the largest weight; NaN or infinity if any is."""
    return float(torch.stack([p.detach().abs().max() for p in model.parameters()]).max())


def require_progress(validated: Bound, progress: Progress, model: LatentVariableModel) -> None:
    """Stop when the validation ELBO has fallen far below the untrained model's.

    Of points, it is log p(x|z) + log p(z) that must not fall.

    Raises:
        Diverged: with both numbers.
    """
    allowance = max(100.0, 2 * abs(progress.first_elbo))
    if isfinite(validated.elbo) and validated.elbo > progress.first_elbo - allowance:
        return
    what, other = ("ELBO", f"KL {validated.kl:.4g}")
    if not model.bounds_evidence:
        what, other = ("log p(x|z) + log p(z)", f"log p(z) {-validated.kl:.4g}")
    raise Diverged(
        f"Training diverged: after epoch {progress.epoch + 1} the validation {what} is "
        f"{validated.elbo:.4g} nats, far below the untrained model's {progress.first_elbo:.4g}.",
        where=f"reconstruction {validated.reconstruction:.4g}, {other} nats",
        how="Lower --learning-rate (by 10) or set --clip 10.",
        progress=progress,
    )


def _not_finite(names: list[str]) -> str:
    """Say which terms are not finite.

    Example:
        >>> _not_finite(["a"]), _not_finite(["a", "b", "c"])
        ('a is not finite', 'a, b and c are not finite')
    """
    if len(names) == 1:
        return f"{names[0]} is not finite"
    return f"{', '.join(names[:-1])} and {names[-1]} are not finite"
