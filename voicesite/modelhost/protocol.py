"""What a model's work can come to, said by the process that does it to the one that asked. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


class ModelError(Exception):
    """A model could not do what it was asked, in words for the person who asked.

    permanent: trying again can't help (a damaged model file, a language it does not know).
    """

    def __init__(self, message: str, permanent: bool = False):
        super().__init__(message)
        self.message = message
        self.permanent = permanent

    def __reduce__(self):
        return type(self), (self.message, self.permanent)


class Cancelled(Exception):
    """Raised by `on_progress` when nobody wants the result any more; a model's code lets it through at once."""


@dataclass(frozen=True)
class Progress:
    """`done` of `expected` parts of the work (chunks, 80 ms frames, seconds, bytes) on item `index` of a batch."""

    index: int
    done: int
    expected: int
    stage: str = ""  # in words, where there is more to say than the numbers


# True: nobody wants that item any more. An engine drops it from the batch and goes on with the others. It may raise
# Cancelled when nobody wants any.
OnProgress = Callable[[Progress], bool | None]
