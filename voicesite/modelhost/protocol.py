"""What a model host and its client exchange: progress, errors and cancellation. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


class ModelError(Exception):
    """The error of a model, in words for the person who made the request.

    permanent: trying again can't help (a damaged model file, a language that it does not know). code: for programs,
    where they must tell this error from others.
    """

    def __init__(self, message: str, permanent: bool = False, code: str = ""):
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.code = code


class Cancelled(Exception):
    """Raised by `on_progress` when the request was cancelled; a model's code must let it propagate."""


@dataclass(frozen=True)
class Progress:
    """`done` of `expected` parts of the work (chunks, 80 ms frames, seconds, bytes) on item `index` of a batch."""

    index: int
    done: int
    expected: int
    stage: str = ""  # in words, where the numbers don't say enough

    @property
    def share(self) -> float:
        """The finished share of the work, 0 to 1."""
        return min(self.done / self.expected, 1.0) if self.expected else 0.0


# Returns True to drop a cancelled item from the batch, which continues without it. May raise Cancelled if all were.
OnProgress = Callable[[Progress], bool | None]
