"""The client of a transcription host. Pure."""

from collections.abc import Callable

import numpy as np

from voices.analysis.best_excerpts import Excerpt
from voicesite.modelhost.catalogue import ModelOption
from voicesite.modelhost.client import Beat, ModelProcess
from voicesite.modelhost.protocol import Progress

from .transcribers import Transcript


class TranscriptionProcess(ModelProcess):
    """One transcription host. choose: returns the model for a language, or raises ModelError."""

    module = "voices.transcription.host"
    what = "transcriber"

    def __init__(self, choose: Callable[[str], ModelOption], *arguments, **options):
        super().__init__(*arguments, **options)
        self.choose = choose

    def transcribe(
        self, samples: np.ndarray, language: str, on_progress: Callable[[Progress], None], beat: Beat
    ) -> Transcript:
        """Transcribe float32 (samples,), mono, 16 kHz. Raises ModelError.

        language: a code of voices.languages; empty to detect it.
        """
        option = self.choose(language)
        wanted = (option.engine, option.model)
        if not self.lives or self.loaded != wanted:
            if self.loaded != ("", ""):
                self.end()  # to free all memory of the other model
            self.result(beat, "load", *wanted)
            self.loaded = wanted
        return self.result(beat, "transcribe", samples, language, on_progress=on_progress)

    def embed(self, samples: np.ndarray, rate: int, beat: Beat) -> np.ndarray:
        """Return the speaker embedding of float (samples,), mono: (256,) of unit norm. Raises ModelError."""
        return self.result(beat, "embed", samples, rate)

    def search(self, path: str, on_progress: Callable[[Progress], None], beat: Beat) -> list[Excerpt]:
        """Return the best excerpts of the audio file at `path`, 24 kHz, mono. Raises ModelError."""
        return self.result(beat, "search", path, on_progress=on_progress)
