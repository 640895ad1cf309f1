"""The contract of a transcriber: what it is given, what it gives back, how it fails."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from voices.text.alignment import Word
from voicesite.modelhost.catalogue import Backend
from voicesite.modelhost.protocol import OnProgress

RATE = 16_000  # Hz


@dataclass(frozen=True)
class Transcript:
    """What was said."""

    text: str
    words: tuple[Word, ...]  # seconds from the first sample
    language: str  # a code of voices.languages
    transcriber: str


class Transcriber(Backend):
    """What turns speech into text."""

    detects_language: bool = False  # it finds out which of its languages is spoken

    @abstractmethod
    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        """Transcribe `samples`, float32 (samples,), mono, 16 kHz.

        language: one of `languages`; empty where it shall be detected, or there is only one. `on_progress` is called
        with the hundredths of a second that are done, and may raise Cancelled. Raises ModelError.
        """
