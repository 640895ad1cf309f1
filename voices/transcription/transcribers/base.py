"""The interface of a transcriber: its input, its result, its errors."""

import functools
from abc import abstractmethod
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from voices.text.alignment import Word
from voicesite.modelhost.catalogue import Backend
from voicesite.modelhost.protocol import OnProgress, Progress

RATE = 16_000  # Hz
UNKNOWN_LANGUAGE = "language_not_supported"  # code of a ModelError: what is spoken can't be transcribed


@functools.cache
def is_installed(package: str) -> bool:
    """Return whether a package can be imported. It stays as it is in a process, and each answer about speech asks."""
    return find_spec(package) is not None


@dataclass(frozen=True)
class Transcript:
    text: str
    words: tuple[Word, ...]  # seconds from the first sample
    language: str  # a code of voices.languages
    transcriber: str
    is_invented: bool = False  # so improbable that it is hardly what was said


@dataclass(frozen=True)
class Heard(Progress):
    """Progress, with the text that was heard since the last, and its spaces: for whoever reads along."""

    text: str = ""


class Transcriber(Backend):
    """A model that turns speech into text."""

    detects_language: bool = False  # which of its languages is spoken

    @abstractmethod
    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        """Transcribe `samples`, float32 (samples,), mono, 16 kHz.

        language: one of `languages`; empty to detect it, or if there is only one. `on_progress` is called with the
        hundredths of a second done, and may raise Cancelled; by `Heard` where text is there before the end. Raises
        ModelError.
        """
