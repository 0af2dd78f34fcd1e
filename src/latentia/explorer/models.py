"""The models of a page: the first run's, those beside it, and any epoch of each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import prod
from typing import final

from latentia.app.problems import Refused
from latentia.app.worker import Worker
from latentia.explorer.shown import Shown
from latentia.explorer.subject import Subject

__all__ = ["Models"]

# Bytes of epochs that are kept, and how many epochs at least and at most.
_ROOM, _LEAST, _MOST = 300_000_000, 4, 64


@final
class Models:
    """The models that a page can ask for; of epochs, those that were last looked at are kept.

    Arguments:
        first: The run that the page is about.
        others: Runs that it shows beside it.
        worker: The thread that works with every model.
    """

    def __init__(self, first: Subject, others: Sequence[Subject], worker: Worker) -> None:
        self._worker = worker
        self._own = [Shown(first, worker, others=others)]
        self._own += [Shown(other, worker) for other in others]
        self._epochs: OrderedDict[tuple[int, int], Shown] = OrderedDict()
        self.most = max(_LEAST, min(_MOST, _ROOM // max(map(_bytes, (first, *others)))))

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
        while len(self._epochs) > self.most:
            self._epochs.popitem(last=False)
        return self._epochs[key]


def _bytes(subject: Subject) -> int:
    """Return about how much memory the model of an epoch takes with its graphs and arrays."""
    latents, weights = subject.model.latent_dim_, subject.model.model_.parameters()
    numbers = subject.count * (3 * latents + 4) + 2 * sum(prod(one.shape) for one in weights)
    return 4 * max(1, numbers)
