"""Kokoro-82M on any processor: approximate cloning by blending its published voices. The embedded default.

Model: hexgrad/Kokoro-82M (Apache-2.0), int8, through onnxruntime. Phonemes by espeak-ng, with the accent of the
language that is spoken, whatever the reference's language.
"""

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import safetensors.numpy

from synthesis.engines.audio.pitch import median_pitch
from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Utterance
from voices.analysis import speaker_encoder
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import OnProgress, Progress

from . import data, fit

RATE = 24_000  # Hz
CHUNK = 400  # phonemes in one inference; the model takes 510
TAIL = 0.06  # seconds of the model's own silence kept at each end
TAKE = 0.5  # how far a seed moves the prosody: that is heard, and costs neither words nor likeness (docs/engines.md)
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
    "The museum closes early on winter afternoons.",
    "I will call you back as soon as I can.",
    "Several people were waiting outside the office.",
    "Nobody could remember who had left the light on.",
)
REFINE_SECONDS = 45.0
PRACTICE_SHARE = 0.6  # of these seconds; the rest is for the judgement
LISTENINGS = 32  # more practice than this gains nothing
MARGIN = 0.005  # of similarity, by which a refined voice must be better to replace the first
PITCH_MARGIN = 0.1  # natural logarithm: a refined voice is no further from the speaker's pitch, or the first's distance


class KokoroEngine(Engine):
    name = "kokoro"
    fidelity = "approximate"
    reference_seconds = (6.0, 30.0)  # it hears only who speaks, and surer in more of it
    languages = tuple(ESPEAK)
    models = (Model("kokoro-82m-v1.0-int8", "Kokoro 82M"),)
    max_batch = 1
    refines = True

    def __init__(self) -> None:
        self.session: Any = None  # an onnxruntime.InferenceSession, once a model is loaded
        self.tokenizer: Any = None  # a kokoro_onnx Tokenizer
        self.table: tuple[bytes | None, np.ndarray] = (None, np.empty(0))

    @classmethod
    def unavailable(cls) -> str:
        missing = data.missing_packages()
        return f"Its model is not installed: {', '.join(missing)}. Run “make install” again." if missing else ""

    def load(self, model: str) -> None:
        if model not in [known.name for known in self.models]:
            raise EngineError(f"The kokoro engine has no model “{model}”.", permanent=True)
        import onnxruntime
        from kokoro_onnx.tokenizer import Tokenizer

        path = data.model_path()
        try:
            options = onnxruntime.SessionOptions()
            # It does not read the variable itself; 0 stands for all processors.
            options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EngineError(f"The Kokoro model could not be loaded: {error}") from error
        self.inputs = [value.name for value in self.session.get_inputs()]
        self.tokenizer = Tokenizer()
        fit.learnt()  # now, so that the first fit does not wait for it

    def unload(self) -> None:
        self.session = self.tokenizer = None

    def condition(self, reference: Reference) -> Conditioning:
        """The one-shot fit: the blend that is expected to sound most like the speaker, in some milliseconds."""
        return _pack(_search(reference).blend())

    def refine(self, reference: Reference, conditioning: Conditioning, on_progress: OnProgress) -> Conditioning:
        """Practise: listen to blends near the best known one, and learn from each where a better one is.

        Ends after REFINE_SECONDS at most (a listening that has begun is finished). The last blend replaces the first
        only where it is more like the recording, by MARGIN, on sentences that the practice did not use, and as high.
        """
        search = _search(reference)
        first = best = _unpack(conditioning)
        random = np.random.default_rng(0)
        begun = time.monotonic()
        spent = 0.0

        def listen(blend: fit.Blend, text: str, stage: str) -> tuple[np.ndarray, float]:
            def moved(_progress: Progress) -> bool | None:
                nonlocal spent
                spent = min(time.monotonic() - begun, REFINE_SECONDS)
                return on_progress(Progress(0, round(spent), round(REFINE_SECONDS), stage))

            audio = self.synthesize([Utterance(text, "en-us", _pack(blend))], moved)
            samples = np.concatenate([part.samples for part in audio])
            return speaker_encoder.embed(samples, RATE), median_pitch(samples, RATE)

        for turn in range(LISTENINGS):
            if spent > PRACTICE_SHARE * REFINE_SECONDS:
                break
            # Each sentence is heard from the best blend and from a neighbour: the difference is the voice, not the text.
            sentence = turn // 2 % len(PRACTICE)
            blend = search.neighbour(random) if turn % 2 else best
            heard = listen(blend, PRACTICE[sentence], f"Practising: sentence {turn + 1} of {LISTENINGS}")
            search.hear(blend, sentence, *heard)
            if turn % 2:
                best = search.blend()

        scores, heights = [], []
        for place, text in enumerate(JUDGED, 1):
            stage = f"Comparing with the first voice: sentence {place} of {len(JUDGED)}"
            embeddings, pitches = zip(*(listen(blend, text, stage) for blend in (first, best)), strict=True)
            scores.append([speaker_encoder.similarity(search.target, embedding) for embedding in embeddings])
            heights.append(np.log(pitches) - search.pitch)
            if spent >= REFINE_SECONDS:
                break
        before, after = np.mean(scores, axis=0)
        off_before, off_after = np.abs(np.nan_to_num(np.median(heights, axis=0)))
        if after < before + MARGIN or off_after > max(off_before, PITCH_MARGIN):
            return Conditioning(conditioning.payload, round(float(before), 4))
        return Conditioning(_pack(best).payload, round(float(after), 4))

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio]:
        for index, utterance in enumerate(utterances):
            chunks = self._chunks(utterance)
            table = self._table(utterance.conditioning)
            on_progress(Progress(index, 0, len(chunks)))
            for place, tokens in enumerate(chunks):
                style = _another_way(table[min(len(tokens), len(table)) - 1], utterance.seed)
                samples = self._infer(tokens, style[None], utterance.speed)
                if on_progress(Progress(index, place + 1, len(chunks))):
                    break
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
            self.table = (conditioning.payload, _unpack(conditioning).table())
        return self.table[1]


def _search(reference: Reference) -> fit.Search:
    try:
        target = speaker_encoder.embed(reference.samples, reference.sample_rate)
    except ValueError as error:
        raise EngineError(str(error), permanent=True) from error
    return fit.Search(target, median_pitch(reference.samples, reference.sample_rate))


def _pack(blend: fit.Blend) -> Conditioning:
    return Conditioning(safetensors.numpy.save({"timbre": blend.timbre, "prosody": blend.prosody}))


def _unpack(conditioning: Conditioning) -> fit.Blend:
    try:
        return fit.Blend(**safetensors.numpy.load(conditioning.payload))
    except (safetensors.SafetensorError, TypeError) as error:
        raise EngineError("This voice was fitted by another version. Fit it again.", permanent=True) from error


def _another_way(style: np.ndarray, seed: int) -> np.ndarray:
    """A style, float32 (256,), with the prosody that a seed gives it: the model itself speaks a text in one way only."""
    if not seed:
        return style
    step = np.random.default_rng(seed).normal(size=len(style) - fit.HALF).astype(np.float32)
    return np.concatenate([style[: fit.HALF], style[fit.HALF :] + TAKE * step / np.linalg.norm(step)])


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
