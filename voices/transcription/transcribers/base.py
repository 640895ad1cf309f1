"""The contract of a transcriber: what it is given, what it gives back, how it fails."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from voices.text.alignment import Word
from voicesite.modelhost.protocol import OnProgress

RATE = 16_000  # Hz


@dataclass(frozen=True)
class Model:
    """A model that a transcriber can load."""

    name: str  # on the model hub, or of what comes with the transcriber
    title: str  # as people read it
    download: int = 0  # bytes to fetch before its first use, about; 0 where it comes with the transcriber


@dataclass(frozen=True)
class Transcript:
    """What was said."""

    text: str
    words: tuple[Word, ...]  # seconds from the first sample
    language: str  # a code of voices.languages
    transcriber: str


class Transcriber(ABC):
    """Capabilities are class attributes, readable without loading anything heavy."""

    name: str
    languages: tuple[str, ...]  # codes of voices.languages that it can write down
    detects_language: bool = False  # it finds out which of them is spoken
    models: ClassVar[tuple[Model, ...]]  # the first is the default
    runs_on: str = "CPU"  # device and number format, once a model is loaded

    @classmethod
    def unavailable(cls) -> str:
        """Why it can't run here, in words and with what to do; empty when it can. Imports nothing heavy."""
        return ""

    @classmethod
    def languages_of(cls, model: str) -> tuple[str, ...]:
        """Of its languages, those that `model` knows."""
        return cls.languages

    @abstractmethod
    def load(self, model: str) -> None:
        """Make `model` ready: a name on the hub whose files are here, or a folder. Done once. Raises ModelError."""

    @abstractmethod
    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        """Write down what is said in `samples`, float32 (samples,), mono, 16 kHz.

        language: one of `languages`; empty where it shall be found out, or there is only one. `on_progress` is told
        the hundredths of a second that are done, and may raise Cancelled. Raises ModelError.
        """
