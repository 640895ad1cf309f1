"""Predict how long a text takes to speak, and how long it may take at most. Pure."""

import re
import unicodedata

import numpy as np

from .prompt import FRAME_SECONDS, RATE, TRAILING_SILENCE_SAMPLES, Prompt

# Seconds that a character takes, read aloud with its pauses. Alphabets: some 15 characters a second, spaces included.
# Others from the syllable rates in Pellegrino, Coupé and Marsico 2011 (Mandarin 5.2 a second, Japanese 7.8), which
# count no pauses: a fifth is added. A Chinese character is one syllable, a Japanese one two; a digit is a word.
CHARACTER_SECONDS = (
    (re.compile(r"[ぁ-ゟ゠-ヿ]"), 0.15),  # kana
    (re.compile(r"[가-힣]"), 0.18),  # Korean syllables
    (re.compile(r"[㐀-鿿豈-﫿]"), 0.24),  # Chinese characters
    (re.compile(r"\d"), 0.3),
    (re.compile(r"[Ѐ-ӿ]"), 0.075),  # Cyrillic
    (re.compile(r"."), 0.068),
)
KANJI_EXTRA_SECONDS = 0.3 - 0.24  # where a Chinese character is read in Japanese
ONSET_SECONDS = 0.4  # before the first word and after the last


def _reading_seconds(text: str, language: str = "") -> float:
    """Return the seconds that an unhurried reader takes."""
    text = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text)).strip()
    seconds = ONSET_SECONDS
    seconds += sum(next(each for kind, each in CHARACTER_SECONDS if kind.match(character)) for character in text)
    if language == "ja":
        seconds += KANJI_EXTRA_SECONDS * len(re.findall(r"[㐀-鿿]", text))
    return seconds


def expected_frames(utterance_text: str, language_code: str, prompt: Prompt, expected_seconds: float = 0.0) -> int:
    """Estimate how many frames the text takes in that voice.

    By `expected_seconds`, from the voice's earlier utterances; without it, by how fast the reference is read; without
    that, by an unhurried reader.
    """
    if expected_seconds > 0:
        return max(1, round(expected_seconds / FRAME_SECONDS))
    seconds = _reading_seconds(utterance_text, language_code)
    if prompt.codes is not None:
        spoken = len(prompt.codes) * FRAME_SECONDS - TRAILING_SILENCE_SAMPLES / RATE
        # A speaker who seems twice as slow or fast as an unhurried reader has rather a transcript that does not fit.
        seconds *= float(np.clip(spoken / _reading_seconds(prompt.transcript), 0.6, 1.8))
    return max(1, round(seconds / FRAME_SECONDS))


def ceiling(expected: int) -> int:
    """Return the number of frames at which a text of `expected` frames counts as a runaway: 2.5 times that, and 3 s.

    The slowest acceptable speech, with long pauses, stays below twice; 3 s are for hesitation in a short text.
    """
    return round(2.5 * expected + 3 / FRAME_SECONDS)
