"""A tone for tests: as long as the text, as high as its seed. Words in brackets make it misbehave on purpose."""

import os
import time

import numpy as np

from .base import Audio, Conditioning, Engine, EngineError, Model, Progress

RATE = 24_000


class FakeEngine(Engine):
    """[slow] takes a quarter of a second a word, [crash] ends the process, [hang] says nothing more, [fail] fails."""

    name = "fake"
    fidelity = "approximate"
    languages = ("en-us", "en-gb", "es", "fr", "it", "pt-br", "hi")
    models = (Model("tone", "A tone"),)
    refines = True
    reads_transcript = True

    def load(self, model):
        self.model = model

    def unload(self):
        self.model = None

    def condition(self, reference):
        return Conditioning(b"tone", 0.5)

    def refine(self, reference, conditioning, on_progress):
        for done in range(1, 5):
            on_progress(Progress(0, done, 4, f"Listening to candidate {done} of 4"))
            time.sleep(0.05)
        return Conditioning(b"better tone", 0.6)

    def synthesize(self, utterances, on_progress):
        for index, utterance in enumerate(utterances):
            words = utterance.text.split()
            pitch = 100 + utterance.seed % 300
            for place, word in enumerate(words):
                if word == "[crash]":
                    os._exit(9)
                if word == "[hang]":
                    time.sleep(3600)
                if word == "[fail]":
                    raise EngineError("The tone failed, as it was told to.", permanent=True)
                if "[slow]" in words:
                    time.sleep(0.25)
                on_progress(Progress(index, place + 1, len(words)))
            seconds = 0.2 * len(words) / utterance.speed
            wave = 0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)
            yield Audio(index, wave.astype(np.float32), RATE)
