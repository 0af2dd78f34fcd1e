"""How a gradient gets through discrete draws: the choice of the posteriors that make them."""

from __future__ import annotations

from latentia.distribution.relaxation import Relaxation
from latentia.errors import UsageError

__all__ = ["RELAXING", "relaxation_of"]

# Choices that have a temperature.
RELAXING = ("relaxed", "straight-through-gumbel")
# Below, what is divided by it has no digits left; above, every draw is the middle of all codes.
_TEMPERATURES = (0.01, 100.0)


def relaxation_of(gradient: str, temperature: float) -> Relaxation | None:
    """Return the relaxation behind a choice, None for plain straight-through.

    Arguments:
        gradient: The choice.
        temperature: tau.

    Raises:
        UsageError: if there is no such choice, or no draws at such a temperature.

    Example:
        >>> relaxation_of("relaxed", 0.5)
        Relaxation(temperature=0.5)
    """
    choices = ("straight-through", *RELAXING)
    if gradient not in choices:
        raise UsageError(
            f"There is no gradient {gradient!r}.",
            where="--posterior.gradient",
            how=f"Choose one of: {', '.join(choices)}.",
        )
    least, most = _TEMPERATURES
    if not least <= temperature <= most:
        raise UsageError(
            f"A temperature of {temperature:g} cannot be: it is a number from {least:g} to "
            f"{most:g}.",
            where=f"--posterior.temperature {temperature:g}",
            how="Use 0.67; lower is less biased and varies more.",
        )
    return Relaxation(temperature) if gradient in RELAXING else None
