"""The process that analyses recordings: `python -m voices.transcription.host FD`. Pure."""

from multiprocessing.connection import Connection

import soundfile

from voices.analysis import best_excerpts, speaker_encoder
from voicesite.modelhost.host import Host, run
from voicesite.modelhost.protocol import ModelError
from voicesite.texts import N_

from .transcribers import Transcriber, transcriber_class


class TranscriptionHost(Host):
    what = "transcriber"

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self.transcriber: Transcriber | None = None

    def load(self, number, transcriber, model):
        loaded = transcriber_class(transcriber)()
        loaded.load(model)  # may raise
        self.transcriber = loaded

    def transcribe(self, number, samples, language):
        if self.transcriber is None:
            raise ModelError(N_("No model is loaded."))
        return self.transcriber.transcribe(samples, language, self.on_progress(number))

    def embed(self, number, samples, rate):
        try:
            return speaker_encoder.embed(samples, rate)
        except ValueError as error:
            raise ModelError(str(error), permanent=True) from error

    def search(self, number, path):
        wave, _ = soundfile.read(path, dtype="float32")
        return best_excerpts.rank_excerpts(wave, self.on_progress(number))


if __name__ == "__main__":
    run(TranscriptionHost)
