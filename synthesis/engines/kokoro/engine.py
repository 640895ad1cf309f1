"""Kokoro-82M on any processor: approximate cloning by blending its published voices. The embedded default.

Model: hexgrad/Kokoro-82M (Apache-2.0), int8, through onnxruntime. Phonemes come from a dictionary and espeak-ng, in the
accent of the text's language, whatever language the reference is in.
"""

import os
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import safetensors.numpy

from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Rejected, Utterance
from voices.analysis import speaker_encoder
from voices.analysis.pitch import median_pitch
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import OnProgress, Progress
from voicesite.texts import N_

from . import data, espeak, fit, phonemes
from .alphabet import IDS, from_ipa
from .cores import MOST_CORES, Cores, Inputs, usable_cores

RATE = 24_000  # Hz
CHUNK_PHONEMES = 400  # in one inference; the model takes 510
EDGE_SECONDS = 0.06  # of the model's own silence kept at each end
PROSODY_STEP = 0.5  # how far a seed moves the prosody: audible, at no cost in words or likeness (docs/engines.md)
UTTERANCES_A_CORE = 4  # in a batch: more cores idle less at its end, but somebody else's text waits for it
SILENCE_LEVEL = 10 ** (-50 / 20)  # of the peak; the ends are trimmed to it

# The refinement alternates between short sentences, so that it does not overfit to one; it is evaluated on others.
PRACTICE_SENTENCES = (
    "The old clock on the wall struck nine.",
    "She packed her bag and left before dawn.",
    "Fresh bread, warm soup, and a good book.",
    "Why would anyone walk home in this rain?",
)
EVALUATION_SENTENCES = (
    "A quiet evening by the river suits me well.",
    "Please bring your blue jacket, it may get cold.",
    "The museum closes early on winter afternoons.",
    "I will call you back as soon as I can.",
    "Several people were waiting outside the office.",
    "Nobody could remember who had left the light on.",
)
REFINE_SECONDS = 45.0
PRACTICE_SHARE = 0.6  # of REFINE_SECONDS; the rest is for the evaluation
MAX_ROUNDS = 32  # more practice gains nothing
MARGIN = 0.005  # by which the similarity of a refined voice must exceed the first's to replace it
PITCH_MARGIN = 0.1  # natural logarithm: how far a refined voice may be from the speaker's pitch, if the first is closer


def batch_size() -> int:
    """Return how many utterances to speak in a batch on this machine; 1 where it has one core."""
    cores = min(usable_cores(), MOST_CORES)
    return UTTERANCES_A_CORE * cores if cores > 1 else 1


class KokoroEngine(Engine):
    name = "kokoro"
    fidelity = "approximate"
    reference_seconds = (6.0, 30.0)  # it only uses the speaker embedding, which more speech makes more reliable
    languages = tuple(espeak.VOICES)
    takes_ipa = True
    reads_any_script = False
    models = (Model("kokoro-82m-v1.0-int8", "Kokoro 82M"),)
    max_batch = batch_size()
    at_once = max(max_batch // UTTERANCES_A_CORE, 1)
    usual_seconds_a_character = 0.03
    usual_seconds_to_load = 4.0
    divides_cores = True
    takes_vary = False  # the phonemes are the same
    refines = True

    @classmethod
    def unknown_ipa(cls, said: str, language: str) -> list[str]:
        return from_ipa(said, language)[1]

    def __init__(self) -> None:
        self.session: Any = None  # an onnxruntime.InferenceSession on all cores, once a model is loaded
        self.cores: Cores | None = None  # once a batch was spoken

    @classmethod
    def unavailable(cls) -> str:
        missing = data.missing_packages()
        return (
            N_("Its model is not installed: {names}. Run “make install” again.").format(names=", ".join(missing))
            if missing
            else ""
        )

    def load(self, model: str) -> None:
        if model not in [known.name for known in self.models]:
            raise EngineError(N_("The kokoro engine has no model “{model}”.").format(model=model), permanent=True)
        # onnxruntime does not read the variable itself; 0 means all processors.
        self.session = _session(int(os.environ.get("OMP_NUM_THREADS") or 0))
        phonemes.read("Ready.", "en-us")  # now, so that what espeak lacks shows, and the first sentence does not wait
        fit.speaker_map()

    def condition(self, reference: Reference) -> Conditioning:
        """Return the one-shot fit, the blend that is predicted to sound most like the speaker. Takes milliseconds.

        Of a published voice, return that voice.
        """
        if reference.preset in data.voices().names:
            return _pack(fit.published(reference.preset))
        return _pack(_search(reference).blend())

    def refine(self, reference: Reference, conditioning: Conditioning, on_progress: OnProgress) -> Conditioning:
        """Improve the fit by Bayesian optimization: speak with blends near the best one and observe their embeddings.

        Ends after REFINE_SECONDS, with the current sentence. The best blend replaces the first only if, on sentences
        that it was not fitted to, its similarity is higher by MARGIN and its pitch is as close.
        """
        search = _search(reference)
        first = best = _unpack(conditioning)
        random = np.random.default_rng(0)
        started_at = time.monotonic()
        spent = 0.0

        def measure(blend: fit.Blend, text: str, stage: str) -> tuple[np.ndarray, float]:
            """Return the speaker embedding and the pitch of a text that `blend` speaks."""

            def report(_progress: Progress) -> bool | None:
                nonlocal spent
                spent = min(time.monotonic() - started_at, REFINE_SECONDS)
                return on_progress(Progress(0, round(spent), round(REFINE_SECONDS), stage))

            audio = self.synthesize([Utterance(text, "en-us", _pack(blend))], report)
            samples = np.concatenate([part.samples for part in audio if isinstance(part, Audio)])
            return speaker_encoder.embed(samples, RATE), median_pitch(samples, RATE)

        for number in range(MAX_ROUNDS):
            if spent > PRACTICE_SHARE * REFINE_SECONDS:
                break
            # The best blend and a neighbour speak each sentence: the difference is then the voice, not the text.
            sentence = number // 2 % len(PRACTICE_SENTENCES)
            blend = search.neighbour(random) if number % 2 else best
            stage = N_("Practising: sentence {number} of {max_rounds}").format(number=number + 1, max_rounds=MAX_ROUNDS)
            search.observe(blend, sentence, *measure(blend, PRACTICE_SENTENCES[sentence], stage))
            if number % 2:
                best = search.blend()

        scores, pitch_errors = [], []
        for number, text in enumerate(EVALUATION_SENTENCES, 1):
            stage = N_("Comparing with the first voice: sentence {number} of {count}").format(
                number=number, count=len(EVALUATION_SENTENCES)
            )
            embeddings, pitches = zip(*(measure(blend, text, stage) for blend in (first, best)), strict=True)
            scores.append([speaker_encoder.similarity(search.target, embedding) for embedding in embeddings])
            pitch_errors.append(np.log(pitches) - search.pitch)
            if spent >= REFINE_SECONDS:
                break
        before, after = np.mean(scores, axis=0)
        error_before, error_after = np.abs(np.nan_to_num(np.median(pitch_errors, axis=0)))
        if after < before + MARGIN or error_after > max(error_before, PITCH_MARGIN):
            return Conditioning(conditioning.payload, round(float(before), 4))
        return Conditioning(_pack(best).payload, round(float(after), 4))

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        """Speak one utterance with all cores, several with one core each, so that two people's texts begin at once."""
        # On this thread, all of them: espeak keeps its state in global variables.
        batch: dict[int, list[Inputs]] = {}
        refused: dict[int, EngineError] = {}
        for index, utterance in enumerate(utterances):
            try:
                batch[index] = self._inputs(utterance)
            except EngineError as error:
                refused[index] = error
        if not batch:
            raise refused[0]
        yield from (Rejected(index, error.message) for index, error in refused.items())
        if len(batch) > 1 and self.max_batch > 1:
            yield from self._cores().speak(batch, RATE, on_progress)
            return
        for index, chunks in batch.items():
            if on_progress(Progress(index, 0, len(chunks))):
                continue
            for number, inputs in enumerate(chunks, 1):
                samples = _infer(self.session, inputs)
                if on_progress(Progress(index, number, len(chunks))):
                    break
                yield Audio(index, samples, RATE, last=number == len(chunks))

    def _cores(self) -> Cores:
        """Return what speaks a batch. It needs a session of its own, as the number of threads is a session's."""
        if self.cores is None:
            session = _session(1)
            self.cores = Cores(self.at_once, lambda inputs, options: _infer(session, inputs, options))
        return self.cores

    def _inputs(self, utterance: Utterance) -> list[Inputs]:
        table = _style_table(utterance.conditioning)
        found: list[Inputs] = []
        for tokens in self._chunks(utterance):
            style = _vary_prosody(table[min(len(tokens), len(table)) - 1], utterance.seed)
            found.append(
                {
                    "tokens": np.array([[0, *tokens, 0]], np.int64),
                    "style": style[None].astype(np.float32),
                    "speed": np.array([utterance.speed], np.float32),
                }
            )
        return found

    def _chunks(self, utterance: Utterance) -> list[list[int]]:
        """Return lists of the model's symbols, each short enough for one inference."""
        if utterance.language not in self.languages:
            raise EngineError(
                N_("The kokoro engine does not speak “{language}”.").format(language=utterance.language), permanent=True
            )
        said = phonemes.read(utterance.text, utterance.language)
        if not any(symbol.isalpha() for symbol in said):
            raise EngineError(N_("There is nothing to say here: it has no words."), permanent=True)
        return [[IDS[symbol] for symbol in chunk] for chunk in phonemes.chunks(said, CHUNK_PHONEMES)]


def _session(threads: int) -> Any:
    """Return an onnxruntime.InferenceSession whose runs use so many threads each; 0: all processors. Raises EngineError."""
    import onnxruntime

    path = data.model_path()
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_mem_pattern = False  # it keeps a plan for each length of text: memory would grow with a book
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EngineError(N_("The Kokoro model could not be loaded: {error}").format(error=error)) from error


def _infer(session: Any, inputs: Inputs, options: Any = None) -> np.ndarray:
    """Return the samples of a chunk, float32 (samples,), trimmed."""
    return _trim(np.asarray(session.run(None, inputs, options)[0], np.float32).ravel())


@lru_cache(maxsize=8)  # a text has many utterances in a voice, or in a few
def _style_table(conditioning: Conditioning) -> np.ndarray:
    return _unpack(conditioning).table()


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
        raise EngineError(N_("This voice was fitted by another version. Fit it again."), permanent=True) from error


def _vary_prosody(style: np.ndarray, seed: int) -> np.ndarray:
    """Return a style, float32 (256,), whose prosody is moved at random by `seed`: the model itself is deterministic."""
    if not seed:
        return style
    step = np.random.default_rng(seed).normal(size=len(style) - fit.HALF).astype(np.float32)
    return np.concatenate([style[: fit.HALF], style[fit.HALF :] + PROSODY_STEP * step / np.linalg.norm(step)])


def _trim(samples: np.ndarray) -> np.ndarray:
    """Trim the silence at each end to EDGE_SECONDS, and fade the ends so that they don't click."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL * max(np.abs(samples).max(), 1e-6))
    if len(loud):
        keep = round(EDGE_SECONDS * RATE)
        samples = samples[max(loud[0] - keep, 0) : loud[-1] + keep].copy()
    fade = min(RATE // 200, len(samples))
    samples[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples
