"""Kokoro-82M on any processor: approximate cloning by blending its published voices. The embedded default.

Model: hexgrad/Kokoro-82M (Apache-2.0), int8, through onnxruntime. Phonemes by espeak-ng, with the accent of the
language that is spoken, whatever the reference's language.
"""

import logging
import time
from collections.abc import Iterator, Sequence

import numpy as np
import safetensors.numpy

from . import kokoro_data, kokoro_fit, speaker
from .base import Audio, Conditioning, Engine, EngineError, OnProgress, Progress, Reference, Utterance

logger = logging.getLogger(__name__)

RATE = 24_000  # Hz
CHUNK = 400  # phonemes in one inference; the model takes 510
TAIL = 0.06  # seconds of the model's own silence kept at each end
SILENCE = 10 ** (-50 / 20)  # of the loudest: what lies below it at an end is no speech

ESPEAK = {
    "en-us": "en-us",
    "en-gb": "en-gb",
    "es": "es",
    "fr": "fr-fr",
    "it": "it",
    "pt-br": "pt-br",
    "hi": "hi",
}

# The refinement listens to short sentences, in turn, so that it does not fit one of them; it is judged on others.
PRACTICE = (
    "The old clock on the wall struck nine.",
    "She packed her bag and left before dawn.",
    "Fresh bread, warm soup, and a good book.",
    "Why would anyone walk home in this rain?",
)
JUDGED = (
    "A quiet evening by the river suits me well.",
    "Please bring your blue jacket, it may get cold.",
)
REFINE_SECONDS = 45.0
CANDIDATES = 4  # a generation of the search


class KokoroEngine(Engine):
    name = "kokoro"
    fidelity = "approximate"
    languages = tuple(ESPEAK)
    models = ("kokoro-82m-v1.0-int8",)
    max_batch = 1
    refines = True

    def __init__(self) -> None:
        self.session = None
        self.tokenizer = None
        self.table: tuple[bytes, np.ndarray] = (b"", np.empty(0))

    def load(self, model: str) -> None:
        if model not in self.models:
            raise EngineError(f"The kokoro engine has no model “{model}”.", permanent=True)
        import onnxruntime
        from kokoro_onnx.tokenizer import Tokenizer

        path = kokoro_data.model_path()
        try:
            self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EngineError(f"The Kokoro model could not be loaded: {error}") from error
        self.inputs = [value.name for value in self.session.get_inputs()]
        self.tokenizer = Tokenizer()

    def unload(self) -> None:
        self.session = self.tokenizer = None

    def condition(self, reference: Reference) -> Conditioning:
        """The one-shot fit: the weights of the blend that the learnt map gives for this speaker, in milliseconds."""
        return _pack(kokoro_fit.weights_for(_embed(reference)))

    def refine(self, reference: Reference, conditioning: Conditioning, on_progress: OnProgress) -> Conditioning:
        """Search for a blend that sounds more like the speaker, for about REFINE_SECONDS.

        A (1+λ) evolution strategy on the embedding that is handed to the map: first the residual of what was heard is
        added (what the map misses on synthetic speech, it misses again), then random steps. The better of the first
        and the last blend, on sentences that the search did not hear, is kept.
        """
        target = _embed(reference)
        language = "en-us"
        random = np.random.default_rng(0)
        first = _unpack(conditioning)
        begun = time.monotonic()

        def heard(weights: np.ndarray, text: str) -> np.ndarray:
            utterance = Utterance(text, language, _pack(weights))
            parts = [audio.samples for audio in self.synthesize([utterance], lambda progress: None)]
            return speaker.embed(np.concatenate(parts), RATE)

        def judge(weights: np.ndarray) -> float:
            return float(np.mean([speaker.similarity(target, heard(weights, text)) for text in JUDGED]))

        def listening(best: float) -> None:
            done = min(time.monotonic() - begun, REFINE_SECONDS)
            on_progress(Progress(0, round(done), round(REFINE_SECONDS), f"Refining: {best:.0%} like the recording"))

        best_judged, best = judge(first), first
        listening(best_judged)
        offset, spread, turn = np.zeros_like(target), 0.05, 0
        score = -1.0
        while time.monotonic() - begun < REFINE_SECONDS:
            text = PRACTICE[turn % len(PRACTICE)]
            current = heard(first if turn == 0 else _blend(first, target, offset), text)
            score = speaker.similarity(target, current)
            steps = [offset + 0.5 * (target - current)]
            steps += [steps[0] + spread * random.standard_normal(len(target)) for _ in range(CANDIDATES - 1)]
            tried = []
            for step in steps:
                listening(best_judged)
                tried.append((speaker.similarity(target, heard(_blend(first, target, step), text)), step))
            better, step = max(tried, key=lambda pair: pair[0])
            if better > score:
                offset = step
                candidate = _blend(first, target, offset)
                judged = judge(candidate)
                if judged > best_judged:
                    best_judged, best = judged, candidate
            else:
                spread *= 0.7
            turn += 1
        return Conditioning(_pack(best).payload, round(best_judged, 4))

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio]:
        for index, utterance in enumerate(utterances):
            chunks = self._chunks(utterance)
            table = self._table(utterance.conditioning)
            on_progress(Progress(index, 0, len(chunks)))
            for place, tokens in enumerate(chunks):
                style = table[min(len(tokens), len(table)) - 1][None]
                samples = self._infer(tokens, style, utterance.speed)
                on_progress(Progress(index, place + 1, len(chunks)))
                yield Audio(index, _trim(samples), RATE, last=place + 1 == len(chunks))

    def _infer(self, tokens: list[int], style: np.ndarray, speed: float) -> np.ndarray:
        values = {"style": style.astype(np.float32), "speed": np.array([speed], np.float32)}
        tokens_input = next(name for name in self.inputs if name not in values)
        values[tokens_input] = np.array([[0, *tokens, 0]], np.int64)
        return np.asarray(self.session.run(None, values)[0], np.float32).ravel()

    def _chunks(self, utterance: Utterance) -> list[list[int]]:
        """The utterance as token lists, each short enough for one inference, cut between words."""
        try:
            accent = ESPEAK[utterance.language]
        except KeyError:
            raise EngineError(f"The kokoro engine does not speak “{utterance.language}”.", permanent=True) from None
        phonemes = " ".join(self.tokenizer.phonemize(utterance.text, accent).split())
        if not any(character.isalpha() for character in phonemes):
            raise EngineError("There is nothing to say in this text: it has no words.", permanent=True)
        chunks, current = [], ""
        for word in phonemes.split(" "):
            for part in (word[start : start + CHUNK] for start in range(0, len(word), CHUNK)):
                if current and len(current) + 1 + len(part) > CHUNK:
                    chunks.append(current)
                    current = part
                else:
                    current = f"{current} {part}".strip()
        return [self.tokenizer.tokenize(chunk) for chunk in [*chunks, current]]

    def _table(self, conditioning: Conditioning) -> np.ndarray:
        """The style table of a conditioning; the last one is kept, since a text has many utterances."""
        if self.table[0] != conditioning.payload:
            self.table = (conditioning.payload, kokoro_fit.table_of(_unpack(conditioning)))
        return self.table[1]


def _blend(first: np.ndarray, target: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """`first`, moved as the map moves when the embedding it is given moves by `offset`."""
    return first + kokoro_fit.weights_for(target + offset) - kokoro_fit.weights_for(target)


def _embed(reference: Reference) -> np.ndarray:
    try:
        return speaker.embed(reference.samples, reference.sample_rate)
    except ValueError as error:
        raise EngineError(str(error), permanent=True) from error


def _pack(weights: np.ndarray) -> Conditioning:
    return Conditioning(safetensors.numpy.save({"weights": np.ascontiguousarray(weights, np.float32)}))


def _unpack(conditioning: Conditioning) -> np.ndarray:
    return safetensors.numpy.load(conditioning.payload)["weights"]


def _trim(samples: np.ndarray) -> np.ndarray:
    """`samples` without the silence at both ends, but for TAIL, faded so that no end clicks."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE * max(np.abs(samples).max(), 1e-6))
    if len(loud):
        keep = round(TAIL * RATE)
        samples = samples[max(loud[0] - keep, 0) : loud[-1] + keep].copy()
    fade = min(RATE // 200, len(samples))
    samples[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples
