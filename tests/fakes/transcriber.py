"""A transcriber that hears what its model is called, evenly spread over the recording."""

import os
import time

import numpy as np

from voices.languages import LANGUAGES
from voices.text.alignment import Word
from voices.transcription.transcribers import whisper
from voices.transcription.transcribers.base import RATE, Transcriber, Transcript
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError, OnProgress


class FakeTranscriber(Transcriber):
    """[crash] ends the process, [hang] says nothing more, [fail] fails, [slow] takes a second in small steps; a code in
    braces, as {es}, is the language that it hears, and a word with a question mark is one that it is not sure of.
    """

    name = "fake"
    languages = tuple(LANGUAGES)
    detects_language = True
    models = (Model("This is what was said.", "A transcriber for tests"),)

    def load(self, model: str) -> None:
        self.heard = model

    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        seconds = len(samples) / RATE
        words, spoken = [], language or "en-us"
        for each in self.heard.split():
            match each:
                case "[crash]":
                    os._exit(1)
                case "[hang]":
                    time.sleep(3600)
                case "[fail]":
                    raise ModelError("The recording was not understood.", permanent=True)
                case "[slow]":
                    for part in range(100):
                        on_progress(whisper.progress(seconds * part / 100, seconds))
                        time.sleep(0.01)
                case _ if each.startswith("{"):
                    spoken = whisper.from_whisper(each.strip("{}"), language)
                case _:
                    words.append(each)
        step = seconds / max(len(words), 1)
        made = [
            Word(" " + each, round(step * place, 3), round(step * (place + 1), 3), 0.3 if "?" in each else 0.9)
            for place, each in enumerate(words)
        ]
        on_progress(whisper.progress(seconds, seconds))
        return whisper.transcript(made, spoken, self.name)
