"""What a corruption is: noise on the encoder's input, never on the target."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from latentia.errors import UsageError

__all__ = ["Corruption", "require_share"]


class Corruption(ABC):
    """A random damage to examples; the noise comes from torch's global generator."""

    @abstractmethod
    def __call__(self, x: Tensor) -> Tensor:
        """Damage examples.

        Arguments:
            x: Floats (B, ...) on the scale [0, 1], or standardised.

        Returns:
            A new tensor of the same shape, dtype and device; `x` stays as it is.
        """


def require_share(name: str, value: float, corruption: str) -> float:
    """Return a probability, or raise for what is none.

    Raises:
        UsageError: if the value lies outside of [0, 1].
    """
    if not 0.0 <= value <= 1.0:
        raise UsageError(
            f"{name} must be a probability between 0 and 1, got {value}.",
            where=f"--corruption.{name} ({corruption})",
            how="0 leaves the input clean, 1 damages every value.",
        )
    return float(value)
