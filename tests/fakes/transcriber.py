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
    """[crash] ends the process, [hang] says nothing more, [fail] fails, [slow] takes a second in small steps, [told] tells
    what was heard until there, and that half of the recording is done, and then waits for half a second; a code in
    braces, as {es}, is the language that it hears, a word with a question mark is one that it is not sure of, and
    [invented] says that all of it is made up.
    """

    name = "fake"
    languages = tuple(LANGUAGES)
    detects_language = True
    models = (Model("This is what was said.", "A transcriber for tests"),)

    def load(self, model: str) -> None:
        self.heard = model

    def transcribe(self, samples: np.ndarray, language: str, on_progress: OnProgress) -> Transcript:
        seconds = len(samples) / RATE
        words, told, spoken, probability = [], 0, language or "en-us", -0.2
        for each in self.heard.split():
            match each:
                case "[crash]":
                    os._exit(1)
                case "[hang]":
                    time.sleep(3600)
                case "[fail]":
                    raise ModelError("The recording was not understood.", permanent=True)
                case "[invented]":
                    probability = -1.0
                case "[slow]":
                    for part in range(100):
                        on_progress(whisper.progress(seconds * part / 100, seconds))
                        time.sleep(0.01)
                case "[told]":
                    on_progress(whisper.progress(seconds / 2, seconds, " " + " ".join(words[told:])))
                    told = len(words)
                    time.sleep(0.5)
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
        return whisper.transcript(made, spoken, self.name, [probability])
