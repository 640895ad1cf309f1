"""What the engines that speak with Qwen3-TTS-12Hz share: its models, its languages, and the guards on its output.

The model writes speech as frames of 16 codes, 80 ms each, until it writes its end token instead. Nothing makes it do
so, and nothing makes it say what it was asked: both are watched here. Pure; knows neither torch nor mlx.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import safetensors.numpy

from synthesis.engines.base import Conditioning, EngineError, Model, Reference
from voices.languages import LANGUAGES

RATE = 24_000  # Hz
FRAME_SECONDS = 0.08
FRAME_SAMPLES = 1920
CODEBOOKS = 16

# Bytes to fetch, then bytes once loaded: the weights, of which the codec takes 0.68 GB in float32, and half a gigabyte
# for a batch. Parameters by the geometry of the published configurations: 1.93 and 0.91 thousand million. The 0.6B's
# repositories have 2.52 (bf16), 1.99 (8-bit) and 1.71 GB (4-bit), as computed; the others' were not measured.
TORCH_MODELS = (
    Model("Qwen/Qwen3-TTS-12Hz-1.7B-Base", "Qwen3-TTS 1.7B", 4_540_000_000, 4_700_000_000),
    Model("Qwen/Qwen3-TTS-12Hz-0.6B-Base", "Qwen3-TTS 0.6B", 2_520_000_000, 2_700_000_000),
)
# Quantised ones keep their embeddings and the codec whole: four bits are far from a quarter.
MLX_MODELS = tuple(
    Model(f"mlx-community/Qwen3-TTS-12Hz-{size}-Base-{kind}", f"Qwen3-TTS {size}{suffix}", fetch, fetch + 500_000_000)
    for size, kind, suffix, fetch in (
        ("1.7B", "bf16", "", 4_540_000_000),
        ("1.7B", "8bit", ", 8-bit", 3_110_000_000),
        ("1.7B", "6bit", ", 6-bit", 2_720_000_000),
        ("1.7B", "4bit", ", 4-bit", 2_340_000_000),
        ("0.6B", "bf16", "", 2_520_000_000),
        ("0.6B", "8bit", ", 8-bit", 1_990_000_000),
        ("0.6B", "6bit", ", 6-bit", 1_850_000_000),
        ("0.6B", "4bit", ", 4-bit", 1_710_000_000),
    )
)

# The model is told the language by its full name; any other word would silently mean “find out by yourself”.
LANGUAGE_NAMES = {
    "zh": "chinese",
    "en-us": "english",
    "de": "german",
    "it": "italian",
    "pt-br": "portuguese",
    "es": "spanish",
    "ja": "japanese",
    "ko": "korean",
    "fr": "french",
    "ru": "russian",
}


def language_name(code: str) -> str:
    """The model's name for a code of voices.languages. Raises EngineError (permanent) where it has none."""
    try:
        return LANGUAGE_NAMES[code]
    except KeyError:
        known = ", ".join(LANGUAGES[known] for known in LANGUAGE_NAMES)
        raise EngineError(
            f"Qwen3-TTS does not speak {LANGUAGES.get(code, f'“{code}”')}. It speaks: {known}.", permanent=True
        ) from None


# What is derived from a reference


@dataclass(frozen=True)
class Prompt:
    """What the model is given of a voice."""

    speaker: np.ndarray  # float32 (dim,), the speaker embedding
    codes: np.ndarray | None = None  # int64 (frames, 16), the recording; None: the model copies the timbre alone
    transcript: str = ""  # what is said in `codes`


_FORMAT = "qwen3-tts-12hz/1"  # changes whenever what is packed does
_METADATA = "prompt"
_INTS = np.int16  # a codebook has 2048 entries


def pack(speaker: np.ndarray, codes: np.ndarray | None, transcript: str) -> Conditioning:
    """A prompt as it is kept: safetensors, with the transcript among the metadata.

    Raises ValueError for a prompt that is none: codes without a transcript, or of another shape.
    """
    tensors = {"speaker": np.ascontiguousarray(speaker, np.float32).reshape(-1)}
    if codes is not None:
        codes = np.asarray(codes)
        if not transcript or codes.ndim != 2 or codes.shape[1] != CODEBOOKS:
            raise ValueError("Codes are (frames, 16), and come with what is said in them.")
        tensors["codes"] = np.ascontiguousarray(codes, _INTS)
    else:
        transcript = ""
    # One entry: of several, the library writes now one first, now another, and the same prompt had two payloads.
    metadata = {_METADATA: json.dumps({"format": _FORMAT, "transcript": transcript}, ensure_ascii=False)}
    return Conditioning(safetensors.numpy.save(tensors, metadata))


def unpack(conditioning: Conditioning) -> Prompt:
    """The prompt in a conditioning. Raises EngineError (permanent) for one that another version or engine made."""
    payload = conditioning.payload
    try:
        tensors = safetensors.numpy.load(payload)
        # The library gives no metadata of bytes: the file begins with the length of its header, and that is JSON.
        header = json.loads(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
        metadata = json.loads(header["__metadata__"][_METADATA])
        if metadata["format"] != _FORMAT:
            raise KeyError("format")
        codes = tensors["codes"].astype(np.int64) if "codes" in tensors else None
        return Prompt(tensors["speaker"], codes, metadata["transcript"])
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise EngineError("This voice was prepared by another version. Prepare it again.", permanent=True) from error


SILENCE_AFTER = RATE // 2  # samples


def prepare_reference(reference: Reference) -> np.ndarray:
    """The recording as the model takes it: float32 (samples,), mono, 24 kHz, and half a second of silence after it.

    Without that silence the model takes its text for the rest of the recording's last sentence, and begins with an
    echo of it. Raises EngineError (permanent) where there is nothing to hear.
    """
    import soxr

    samples = np.asarray(reference.samples, np.float32)
    if not len(samples) or not np.isfinite(samples).all() or np.abs(samples).max() < 1e-4:
        raise EngineError("There is only silence in this voice’s recording. Record it again.", permanent=True)
    samples = soxr.resample(samples, reference.sample_rate, RATE)
    return np.concatenate([samples, np.zeros(SILENCE_AFTER, np.float32)]).astype(np.float32)


# How long it should take

# Seconds that a character takes, read aloud with its pauses. Alphabets: some 15 characters a second, spaces included.
# Others from the rate of syllables in Pellegrino, Coupé and Marsico 2011 (Mandarin 5.2 a second, Japanese 7.8), which
# counts no pauses: a fifth is added. A Chinese character is one syllable, a Japanese one two; a digit is a word.
_SECONDS = (
    (re.compile(r"[ぁ-ゟ゠-ヿ]"), 0.15),  # kana
    (re.compile(r"[가-힣]"), 0.18),  # Korean syllables
    (re.compile(r"[㐀-鿿豈-﫿]"), 0.24),  # Chinese characters
    (re.compile(r"\d"), 0.3),
    (re.compile(r"[Ѐ-ӿ]"), 0.075),  # Cyrillic
    (re.compile(r"."), 0.068),
)
_KANJI = 0.3 - 0.24  # seconds more, where a Chinese character is read in Japanese
_ONSET = 0.4  # seconds, before the first word and after the last


def _reading_seconds(text: str, language: str = "") -> float:
    """How long an unhurried reader takes."""
    text = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text)).strip()
    seconds = _ONSET + sum(next(each for kind, each in _SECONDS if kind.match(character)) for character in text)
    if language == "ja":
        seconds += _KANJI * len(re.findall(r"[㐀-鿿]", text))
    return seconds


def expected_frames(utterance_text: str, language_code: str, prompt: Prompt, expected_seconds: float = 0.0) -> int:
    """How many frames the text should take in that voice.

    `expected_seconds` is what the voice's earlier utterances say, and the best there is; else the recording says how
    quick a reader the speaker is; else the reader is unhurried.
    """
    if expected_seconds > 0:
        return max(1, round(expected_seconds / FRAME_SECONDS))
    seconds = _reading_seconds(utterance_text, language_code)
    if prompt.codes is not None:
        spoken = len(prompt.codes) * FRAME_SECONDS - SILENCE_AFTER / RATE
        # Twice as slow or fast as an unhurried reader is a transcript that does not fit, rather than a speaker.
        seconds *= float(np.clip(spoken / _reading_seconds(prompt.transcript), 0.6, 1.8))
    return max(1, round(seconds / FRAME_SECONDS))


def ceiling(expected: int) -> int:
    """The number of frames at which a text of `expected` frames is not being spoken any more: 2.5 times that, and 3 s.

    The slowest speech a person would call right, with long pauses, stays below twice; a short text may hesitate.
    """
    return round(2.5 * expected + 3 / FRAME_SECONDS)


# What it says


class Watch:
    """Looks at an utterance while it is made, frame by frame, and at its end.

    **A codec loop** is the model saying the same sound over and over, its end token out of reach. Its frames repeat
    those `period` frames before: a held buzz or silence with a period of one frame, a syllable with three or four, a
    short word with up to 25 (2 s). Sampling varies a loop: a frame repeats another if the first code, which tells the
    sound, is the same, or half of all are; if all 16 are, that is twice the evidence, for sampled speech hardly ever
    does so. A frame that repeats nothing takes four times away, so that evidence only grows where four fifths repeat.

    Natural speech repeats too. A pause, a held vowel or a drawn-out “mmm” is the same code for up to a second, rarely
    two (24 frames); so that much evidence counts only when the text should have ended already and the end token has
    been improbable for a second (where that is known). Before that it takes twice as much, nearly four seconds of one
    sound, which is a pause or vowel of nobody. Where the text itself repeats (“ha ha ha ha”, “nooooo”) it takes twice
    as much again. An exact loop is thus certain within one second, a blurred one within two, of the point from which
    it counts, and is stopped in that frame.

    **A runaway** that does not repeat, or not closely, meets the ceiling.
    """

    PERIODS = 25  # frames, the longest
    EVIDENCE = 24
    UNLIKELY = 0.01  # probability of the end token
    SHORTEST = 0.25  # of what is expected
    AUDIBLE = 10 ** (-54 / 20)  # RMS of a frame

    def __init__(self, text: str, expected: int):
        self.expected = expected
        self.ceiling = ceiling(expected)
        self.frames = 0
        self._needed = self.EVIDENCE * (2 if _repeats(text) else 1)
        self._before = np.full((self.PERIODS, CODEBOOKS), -1)  # the latest frame first
        self._evidence = np.zeros(self.PERIODS, int)
        self._unlikely = 0  # frames in a row

    def frame(self, codes: Sequence[int] | np.ndarray, end_probability: float | None = None) -> str | None:
        """Takes the next frame: its 16 codes (or the first), and how probable the end token was in its place.

        The reason to stop, in words; None while all is well.
        """
        codes = np.asarray(codes)
        self.frames += 1
        same = self._before[:, : len(codes)] == codes
        repeats = same[:, 0] | (same.mean(1) >= 0.5)
        exactly = same.all(1) & (len(codes) == CODEBOOKS)
        self._evidence = np.maximum(0, self._evidence + np.where(repeats, 1 + exactly, -4))
        self._before = np.roll(self._before, 1, axis=0)
        self._before[0, : len(codes)] = codes
        ending = end_probability is not None and end_probability >= self.UNLIKELY
        self._unlikely = 0 if ending else self._unlikely + 1

        overdue = self.frames > self.expected and self._unlikely > 1 / FRAME_SECONDS
        if self._evidence.max() >= self._needed * (1 if overdue else 2):
            return "The model did not stop: it was saying the same sound over and over."
        if self.frames >= self.ceiling:
            return (
                f"The model did not stop: it spoke for {self.frames * FRAME_SECONDS:.0f} s, "
                f"where this text takes about {self.expected * FRAME_SECONDS:.0f} s."
            )
        return None

    def finish(self, samples: np.ndarray) -> str | None:
        """Takes the whole sound, float32 (samples,) at 24 kHz. The reason to reject it, in words; None if it is well.

        Only what can be heard counts, so that a long silence is no speech.
        """
        if not len(samples):
            return "The model made no sound."
        if not np.isfinite(samples).all():
            return "The model made a broken sound."
        heard = int((_levels(samples, FRAME_SAMPLES) > self.AUDIBLE).sum())
        if not heard:
            return "The model made only silence."
        if heard < max(min(3, self.expected / 2), self.SHORTEST * self.expected):
            return (
                f"The model stopped too early: it spoke for {heard * FRAME_SECONDS:.1f} s, "
                f"where this text takes about {self.expected * FRAME_SECONDS:.1f} s."
            )
        return None


def _repeats(text: str) -> bool:
    """Whether one sound over and over is what the text asks for: a letter five times, or a word four times, in a row."""
    return bool(re.search(r"(\w)\1{4}|\b(\w+)(?:\W+\2\b){3}", text.lower()))


# How it ends

_LONGEST_TAIL = round(0.3 * RATE)  # samples of silence that may follow the last sound
_FADE = round(0.01 * RATE)
_ABRUPT = 10 ** (-15 / 20)  # of the level of speech


def finish_tail(samples: np.ndarray) -> np.ndarray:
    """The end of an utterance, or all of it, float32 (samples,) at 24 kHz, so that it neither clicks nor trails off.

    Silence after the last sound is kept, but no more than 0.3 s of it. The last 10 ms are faded, and 40 where the
    sound was cut off in full voice, which an ear takes for a short syllable rather than for a click.
    """
    levels = _levels(samples, _FADE)
    audible = np.flatnonzero(levels > max(Watch.AUDIBLE, levels.max(initial=0.0) * 10 ** (-50 / 20)))
    end = len(samples) - (len(levels) - 1 - int(audible[-1])) * _FADE if len(audible) else 0
    samples = np.array(samples[: end + _LONGEST_TAIL], np.float32)
    fade = min(_FADE * (4 if ends_abruptly(samples) else 1), len(samples))
    if fade:
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples


def ends_abruptly(samples: np.ndarray) -> bool:
    """Whether the sound ends in full voice: a syllable that was cut off. A word that ends by itself dies away.

    That is, whether the last 20 ms are less than 15 dB below the level of its loud parts.
    """
    levels = _levels(samples, RATE // 50)
    return len(levels) > 1 and bool(levels[-1] > max(Watch.AUDIBLE, _ABRUPT * np.percentile(levels, 90)))


def _levels(samples: np.ndarray, frame: int) -> np.ndarray:
    """RMS of each frame of that many samples, counted from the end, so that the last is whole: (samples // frame,)."""
    count = len(samples) // frame
    frames = np.asarray(samples, np.float32)[len(samples) - count * frame :].reshape(count, frame)
    return np.sqrt((frames**2).mean(1))
