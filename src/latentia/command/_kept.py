"""Numbers that were printed are written into the run, and into its model card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from latentia.card import write_card
from latentia.errors import MachineError
from latentia.run import Run

__all__ = ["kept"]


@contextmanager
def kept(run: Run) -> Iterator[None]:
    """Within the block numbers that have been given are written; the card follows.

    Raises:
        MachineError: if the folder cannot be written, saying that they were printed.
    """
    try:
        yield
        write_card(run)
    except MachineError as error:
        raise MachineError(
            f"The numbers were printed, but could not be saved in the run. {error.what}",
            where=error.where,
            how=error.how,
        ) from None
