"""What a model's process and the worker that asks it exchange: progress, errors, cancellation. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


class ModelError(Exception):
    """A model failed, in words for the person who asked.

    permanent: trying again can't help (a damaged model file, a language it does not know).
    """

    def __init__(self, message: str, permanent: bool = False):
        super().__init__(message)
        self.message = message
        self.permanent = permanent

    def __reduce__(self):
        return type(self), (self.message, self.permanent)


class Cancelled(Exception):
    """Raised by `on_progress` when the request was cancelled; a model's code lets it propagate at once."""


@dataclass(frozen=True)
class Progress:
    """`done` of `expected` parts of the work (chunks, 80 ms frames, seconds, bytes) on item `index` of a batch."""

    index: int
    done: int
    expected: int
    stage: str = ""  # in words, if there is more to say than the numbers

    @property
    def share(self) -> float:
        """The share of the work that is done, 0 to 1."""
        return min(self.done / self.expected, 1.0) if self.expected else 0.0


# Returns True if that item was cancelled: an engine drops it from the batch and continues with the others. May raise
# Cancelled if all were.
OnProgress = Callable[[Progress], bool | None]
