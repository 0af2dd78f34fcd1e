"""The models of a page: the first run's, those beside it, and any epoch of each."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from math import prod
from typing import final

from latentia.app.problems import Refused
from latentia.app.worker import Worker
from latentia.explorer.shown import Shown
from latentia.explorer.subject import Subject

__all__ = ["Models"]

# Bytes of epochs that are kept; of each run so many epochs are, whatever they weigh, for a view
# looks at one and at the one before it.
_ROOM, _LEAST = 300_000_000, 2
_EACH = 1_000_000  # bytes of a model beside its numbers


@final
class Models:
    """The models that a page can ask for; of epochs, those that were last looked at are kept.

    They are weighed and not counted: an epoch of a ladder may weigh a thousand times what one of
    two latents does.

    Arguments:
        first: The run that the page is about.
        others: Runs that it shows beside it.
        worker: The thread that works with every model.
    """

    def __init__(self, first: Subject, others: Sequence[Subject], worker: Worker) -> None:
        self._worker = worker
        self.show(first, others)

    def show(self, first: Subject, others: Sequence[Subject]) -> None:
        """Show these; called by the thread that finds."""
        self._own = [Shown(first, self._worker, others=others)]
        self._own += [Shown(other, self._worker) for other in others]
        self._weights = [_bytes(one) for one in (first, *others)]
        self._epochs: OrderedDict[tuple[int, int], Shown] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many models of epochs are kept."""
        return len(self._epochs)

    def find(self, k: int | None = None, epoch: int | None = None) -> Shown:
        """Return a model; called by one thread.

        Arguments:
            k: Which of the others, from 0; the first run if None.
            epoch: The epoch whose weights it has; the run's own if None.

        Raises:
            Refused: 404 if there is no such run, or the epoch's weights were not kept.
        """
        place = 0 if k is None else k + 1
        if not 0 <= place < len(self._own) or (k is not None and k < 0):
            raise Refused(404, "There is no such run beside the first.", where=f"with/{k}")
        own = self._own[place]
        if epoch is None:
            return own
        if epoch not in own.description["snapshots"]:
            raise Refused(
                404,
                f"The weights of epoch {epoch} were not kept.",
                where=f"at/{epoch}",
                how="Training with --snapshots keeps those of every epoch.",
            )
        key = (place, epoch)
        if key not in self._epochs:
            self._epochs[key] = Shown(own.subject, self._worker, epoch)
        self._epochs.move_to_end(key)
        self._let_go()
        return self._epochs[key]

    def _let_go(self) -> None:
        """Forget what was looked at longest ago, until the others have room."""
        counts = Counter(place for place, _ in self._epochs)
        held = sum(self._weights[place] * count for place, count in counts.items())
        for place, epoch in list(self._epochs):
            if held <= _ROOM:
                break
            if counts[place] > _LEAST:
                del self._epochs[place, epoch]
                counts[place] -= 1
                held -= self._weights[place]


def _bytes(subject: Subject) -> int:
    """Return about how much memory the model of an epoch takes with its graphs and arrays."""
    latents, weights = subject.model.latent_dim_, subject.model.model_.parameters()
    numbers = subject.count * (3 * latents + 4) + 2 * sum(prod(one.shape) for one in weights)
    return _EACH + 4 * numbers
