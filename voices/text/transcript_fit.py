"""Check whether a transcript fits its recording. Pure.

A zero-shot engine is prompted with both, and continues where the transcript ends. If the transcript says more than the
recording, the engine says the rest of it first; if it says less, the engine may never stop.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from .word_errors import UNSPACED_LANGUAGES, letters

# The fewest and the most characters per second of speech that are believed. Readers of Pellegrino, Coupé and Marsico
# (2011, “Across-language perspective on speech information rate”) say 6.2 syllables a second in English, 7.8 in
# Spanish, 7.2 in French, 5.2 in Mandarin and 7.8 morae in Japanese, pauses left out. An English or French syllable is
# four letters long with its share of the spaces, which makes 25 and 29 letters; the quickest among people is half as
# quick again as the mean. Clear, slow speech has some 8 letters a second. The bounds are further out than that: they
# reject another text or a fragment, but no manner of speaking.
_CHARACTERS_PER_SECOND = (
    (re.compile(r"[ぁ-ゟ゠-ヿ]"), (1.5, 16)),  # kana: a mora
    (re.compile(r"[가-힣]"), (1.2, 14)),  # Korean: a syllable
    (re.compile(r"[㐀-鿿豈-﫿]"), (0.9, 12)),  # Chinese characters: a syllable, in Japanese mostly two morae
    (re.compile(r"\d"), (0.7, 42)),  # anything from “0” to a part of “million”
    (re.compile(r"."), (3.0, 42)),  # letters, and what stands for a space
)
_KANJI_PER_SECOND = (0.6, 10)
_NOT_SPEECH_SECONDS = 3.0  # that may be mistaken for speech: breath, a cough, a hesitation

# How far a transcript may be from the recognized text, in letters, so that neither the spelling of a name nor word
# boundaries count for much. Measured with Whisper tiny.en, the weakest, on 111 pairs (people, and voices with
# eleven accents; clean, and in noise as loud as the voice) that belong together, on 4,500 that do not, and with half
# of the words left out or added: docs/voices.md. None of the first is refused, and of the others 99.5, 100 and 90 %.
_MAX_EDITS_PER_LETTER = 0.7  # of the longer text
_MIN_LENGTH_RATIO = 0.75  # of the shorter text to the longer
_MIN_LETTERS = 15  # of the longer text: below that, “Yes.” may well be heard as “Yes, sir.”
_MIN_SYLLABLES = 6  # the same where a character is a syllable

_SAY_LESS = "Write down only what is said in the recording."
_SAY_MORE = "Write down all that is said in the recording."


@lru_cache(1000)
def mismatch(transcript: str, speech_seconds: float, language: str, heard: str = "") -> str:
    """Return why a transcript can't be what is said in a recording with `speech_seconds` of speech; empty if it can.

    language: a code of voices.languages. heard: what a transcriber recognized, empty if none did. The reason is worded
    for the person who can change the transcript.
    """
    text = re.sub(r"[\W_]+", " ", _without_marks(transcript)).strip()
    if not text:
        return ""
    rates = [_rate(character, language) for character in text]
    quickest = sum(1 / most for _, most in rates)
    slowest = sum(1 / fewest for fewest, _ in rates) + _NOT_SPEECH_SECONDS
    count = f"{len(transcript.strip())} characters, but the recording holds"
    seconds = f"{speech_seconds:.{0 if speech_seconds >= 10 else 1}f} s of speech"
    if speech_seconds < quickest:
        return f"The transcript has {count} only {seconds}: it says more than can be heard. {_SAY_LESS}"
    if speech_seconds > slowest:
        return f"The transcript has only {count} {seconds}: something is missing. {_SAY_MORE}"
    return _contradiction(transcript, heard, language)


def _contradiction(transcript: str, heard: str, language: str) -> str:
    """Return how a transcript clearly differs from what was heard; empty if it does not."""
    said, got = letters(transcript, language), letters(heard, language)
    longer, shorter = max(len(said), len(got)), min(len(said), len(got))
    fewest = _MIN_SYLLABLES if language in UNSPACED_LANGUAGES else _MIN_LETTERS
    if not got or longer < fewest:
        return ""
    if Levenshtein.distance(said, got) > _MAX_EDITS_PER_LETTER * longer:
        return "The transcript says something else than what is heard in the recording: correct whichever is wrong."
    if shorter < _MIN_LENGTH_RATIO * longer and longer - shorter >= fewest:
        if len(said) > len(got):
            return f"The transcript says more than what is heard in the recording. {_SAY_LESS}"
        return f"The transcript leaves out much of what is heard in the recording. {_SAY_MORE}"
    return ""


def _rate(character: str, language: str) -> tuple[float, float]:
    """Return the fewest and the most of such characters per second."""
    for kind, rate in _CHARACTERS_PER_SECOND:
        if kind.match(character):
            return _KANJI_PER_SECOND if language == "ja" and rate == (0.9, 12) else rate
    raise AssertionError("the last kind is any character")


def _without_marks(text: str) -> str:
    """Return letters and their accents as one character each, without Indian vowel signs, which are no syllables."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(character for character in composed if not unicodedata.category(character).startswith("M"))
