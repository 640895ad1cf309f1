"""The interface of a transcriber: its input, its result, its errors."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from voices.text.alignment import Word
from voicesite.modelhost.catalogue import Backend
from voicesite.modelhost.protocol import OnProgress

RATE = 16_000  # Hz


@dataclass(frozen=True)
class Transcript:
    text: str
    words: tuple[Word, ...]  # seconds from the first sample
    language: str  # a code of voices.languages
    transcriber: str


class Transcriber(Backend):
    """A model that turns speech into text."""

    detects_language: bool = False  # which of its languages is spoken

    @abstractmethod
    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        """Transcribe `samples`, float32 (samples,), mono, 16 kHz.

        language: one of `languages`; empty to detect it, or if there is only one. `on_progress` is called with the
        hundredths of a second done, and may raise Cancelled. Raises ModelError.
        """
