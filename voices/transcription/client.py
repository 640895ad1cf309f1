"""The worker's side of the process that listens to recordings. Knows nothing of Django."""

from collections.abc import Callable

import numpy as np

from voices.analysis.best_excerpts import Excerpt
from voicesite.modelhost.client import Beat, ModelProcess
from voicesite.modelhost.protocol import Progress

from .transcribers import Transcript


class TranscriptionProcess(ModelProcess):
    """A listener host. `choose` says which transcriber and model write down a language, or raises ModelError."""

    module = "voices.transcription.host"
    what = "transcriber"

    def __init__(self, choose: Callable[[str], tuple[str, str]], *arguments, **options):
        super().__init__(*arguments, **options)
        self.choose = choose
        self.loaded = ("", "")  # transcriber and model

    def transcribe(
        self, samples: np.ndarray, language: str, on_progress: Callable[[Progress], None], beat: Beat
    ) -> Transcript:
        """Transcribe float32 (samples,), mono, 16 kHz. Raises ModelError.

        language: a code of voices.languages; empty where it shall be detected.
        """
        self._load(*self.choose(language), beat)
        return self.result(beat, "transcribe", samples, language, on_progress=on_progress)

    def embed(self, samples: np.ndarray, rate: int, beat: Beat) -> np.ndarray:
        """Return the speaker embedding of float (samples,), mono: (256,) of unit norm. Raises ModelError."""
        return self.result(beat, "embed", samples, rate)

    def search(self, path: str, on_progress: Callable[[Progress], None], beat: Beat) -> list[Excerpt]:
        """Return the best stretches of the sound file at `path`, 24 kHz, mono. Raises ModelError."""
        return self.result(beat, "search", path, on_progress=on_progress)

    def end(self) -> None:
        super().end()
        self.loaded = ("", "")

    def _load(self, transcriber: str, model: str, beat: Beat) -> None:
        """Have the model ready. Another one ends first, and all of its memory comes back."""
        if self.lives and self.loaded == (transcriber, model):
            return
        if self.loaded != ("", ""):
            self.end()
        self.result(beat, "load", transcriber, model)
        self.loaded = (transcriber, model)
