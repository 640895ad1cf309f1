"""An engine that plays a tone: as long as the text, as high as its seed. Words in brackets make it misbehave."""

import os
import re
import time
from math import ceil

import numpy as np

from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Rejected
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.guard import RunawayGuard
from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, RATE
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import Progress

WORD_SAMPLES = RATE // 5  # samples
CHUNK_FRAMES = 10  # frames
OTHER_SEED = 1_000_003  # added to the seed, it makes a word that misbehaves once do so no more


class FakeEngine(Engine):
    """Speaks a batch together, in frames of 80 ms and words of 0.2 s.

    When its turn comes, Do-crash ends the process, Do-hang says nothing more, Do-fail fails. Do-oom needs all the memory
    that there is, Do-huge more. From Do-runaway on an utterance never ends, from Do-loop on it also repeats itself, and
    one with Do-empty makes no sound: these three are rejected. Do-runaway-once, Do-loop-once and Do-empty-once are well
    with another seed, OTHER_SEED away. Do-slow makes each word of the batch take 0.15 s.
    """

    name = "fake"
    fidelity = "approximate"
    languages = ("en-us", "en-gb", "es", "fr", "it", "pt-br", "hi")
    models = (Model("tone", "A tone"), Model("overtone", "An overtone"))
    max_batch = 8
    refines = True
    reads_transcript = True

    def load(self, model):
        if model not in [known.name for known in self.models]:
            weights.require(model)  # whatever they are
        self.model = model
        self.backoff = BatchBackoff(lambda error: isinstance(error, MemoryError))

    def condition(self, reference):
        return Conditioning(b"tone", 0.5)

    def refine(self, reference, conditioning, on_progress):
        for done in range(1, 5):
            on_progress(Progress(0, done, 4, f"Listening to candidate {done} of 4"))
            time.sleep(0.05)
        return Conditioning(b"better tone", 0.6)

    def synthesize(self, utterances, on_progress):
        return self.backoff.speak(utterances, on_progress, self._speak)

    def _speak(self, utterances, on_progress):
        rows = [
            _Row(index, utterance, 2 if self.model == "overtone" else 1) for index, utterance in enumerate(utterances)
        ]
        while rows:
            if any("Do-slow" in row.words for row in rows):
                time.sleep(0.15 * FRAME_SAMPLES / WORD_SAMPLES)
            for row in list(rows):
                row.step(alone=len(utterances) == 1)
                if on_progress(Progress(row.index, row.frames, row.expected)):
                    rows.remove(row)
                elif item := row.item():
                    if item.last:
                        rows.remove(row)
                    yield item


class _Row:
    """An utterance of the batch."""

    def __init__(self, index, utterance, harmonic):
        self.index = index
        self.seed = utterance.seed
        self.pitch = (100 + self.seed % 300) * harmonic
        misbehaves = self.seed // OTHER_SEED % 2 == 0
        self.words = (re.sub(r"(Do-\w+)-once", r"\1", utterance.text) if misbehaves else utterance.text).split()
        self.word = WORD_SAMPLES / utterance.speed
        self.samples = round(self.word * len(self.words))
        self.expected = ceil(self.samples / FRAME_SAMPLES)
        self.frames = self.given = 0
        self.said = []  # words
        self.guard = RunawayGuard(utterance.text, self.expected)
        self.codes = np.random.default_rng(self.seed)

    def step(self, alone):
        """The next frame, and what the words that begin in it do."""
        self.frames += 1
        reached = ceil(self.frames * FRAME_SAMPLES / self.word)
        for word in self.words[len(self.said) : reached]:
            self.said.append(word)
            if word == "Do-crash":
                os._exit(9)
            if word == "Do-hang":
                time.sleep(3600)
            if word == "Do-fail":
                raise EngineError("The tone failed, as it was told to.", permanent=True)
            if word == "Do-huge" or (word == "Do-oom" and not alone):
                raise MemoryError

    def item(self):
        """What there is to give after this frame: the rejection, a chunk or the last of the sound; mostly nothing."""
        loops = "Do-loop" in self.said
        codes = np.zeros(16, int) if loops else self.codes.integers(0, 2048, 16)
        reason = self.guard.frame(codes)
        last = self.frames >= self.expected and not loops and "Do-runaway" not in self.said
        if last and not reason:
            reason = self.guard.finish(self._wave(0, self.samples))
        if reason:
            return Rejected(self.index, reason)
        if not last and self.frames % CHUNK_FRAMES:
            return None
        start, self.given = self.given, self.samples if last else self.frames * FRAME_SAMPLES
        return Audio(self.index, self._wave(start, self.given), RATE, last)

    def _wave(self, start, end):
        level = 0 if "Do-empty" in self.words else 0.3
        return (level * np.sin(2 * np.pi * self.pitch * np.arange(start, end) / RATE)).astype(np.float32)
