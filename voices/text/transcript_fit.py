"""Check whether a transcript fits its recording. Pure.

A zero-shot engine is prompted with both, and continues where the transcript ends. If the transcript says more than the
recording, the engine speaks the surplus first; if it says less, the engine may never stop.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from voicesite.texts import N_

from .word_errors import UNSPACED_LANGUAGES, letters

# The plausible range of characters per second of speech. Pellegrino, Coupé and Marsico (2011, “Across-language
# perspective on speech information rate”) measured 6.2 syllables per second in English, 7.8 in Spanish, 7.2 in French,
# 5.2 in Mandarin and 7.8 morae in Japanese, without pauses. An English or French syllable has four letters with its share
# of the spaces, so 25 and 29 letters per second; the fastest speakers exceed the mean by half. Slow, clear speech has
# some 8. The range is wider: it rejects another text or a fragment, but no manner of speaking.
_HANZI_PER_SECOND = (0.9, 12)  # Chinese characters: a syllable
_KANJI_PER_SECOND = (0.6, 10)  # the same in Japanese: mostly two morae
_CHARACTERS_PER_SECOND = (
    (re.compile(r"[ぁ-ゟ゠-ヿ]"), (1.5, 16)),  # kana: a mora
    (re.compile(r"[가-힣]"), (1.2, 14)),  # Korean: a syllable
    (re.compile(r"[㐀-鿿豈-﫿]"), _HANZI_PER_SECOND),
    (re.compile(r"\d"), (0.7, 42)),  # anything from “0” to a part of “million”
    (re.compile(r"."), (3.0, 42)),  # letters, and spaces
)
_NOT_SPEECH_SECONDS = 3.0  # of breath, coughs and hesitations that may be mistaken for speech

# How far a transcript may be from the recognized text, in letters, so that the spelling of names and word boundaries
# hardly count. Measured with Whisper tiny.en, the weakest: of 111 matching pairs (people, and voices with eleven
# accents; clean, and in noise as loud as the voice) none is rejected; of 4,500 that don't match 99.5 %, of those with
# half of the words left out 100 %, and added 90 %.
_MAX_EDITS_PER_LETTER = 0.7  # of the longer text
_MIN_LENGTH_RATIO = 0.75  # of the shorter text to the longer
_MIN_LETTERS = 15  # of the longer text: below that, “Yes.” may be recognized as “Yes, sir.”
_MIN_SYLLABLES = 6  # the same if a character is a syllable

_SAY_LESS = N_("Include only what is said in the recording.")
_SAY_MORE = N_("Include everything that is said in the recording.")


@lru_cache(1000)
def mismatch(transcript: str, speech_seconds: float, language: str, recognized: str = "") -> str:
    """Return why a transcript does not fit a recording with `speech_seconds` of speech, for the user; empty if it does.

    language: a code of voices.languages. recognized: the recognized text; empty if unknown.
    """
    text = re.sub(r"[\W_]+", " ", _without_marks(transcript)).strip()
    if not text:
        return ""
    rates = [_rate(character, language) for character in text]
    quickest = sum(1 / most for _, most in rates)
    slowest = sum(1 / fewest for fewest, _ in rates) + _NOT_SPEECH_SECONDS
    count = N_("{count} characters, but the recording holds").format(count=len(transcript.strip()))
    seconds = f"{speech_seconds:.{0 if speech_seconds >= 10 else 1}f} s of speech"
    if speech_seconds < quickest:
        return N_("The transcript has {count} only {seconds}: it says more than can be heard. {say_less}").format(
            count=count, seconds=seconds, say_less=_SAY_LESS
        )
    if speech_seconds > slowest:
        return N_("The transcript has only {count} {seconds}: something is missing. {say_more}").format(
            count=count, seconds=seconds, say_more=_SAY_MORE
        )
    return _contradiction(transcript, recognized, language)


def _contradiction(transcript: str, recognized: str, language: str) -> str:
    """Return how a transcript clearly differs from the recognized text; empty if it does not."""
    said, got = letters(transcript, language), letters(recognized, language)
    longer, shorter = max(len(said), len(got)), min(len(said), len(got))
    fewest = _MIN_SYLLABLES if language in UNSPACED_LANGUAGES else _MIN_LETTERS
    if not got or longer < fewest:
        return ""
    if Levenshtein.distance(said, got) > _MAX_EDITS_PER_LETTER * longer:
        return N_("The transcript doesn’t match the recording: correct whichever is wrong.")
    if shorter < _MIN_LENGTH_RATIO * longer and longer - shorter >= fewest:
        if len(said) > len(got):
            return N_("The transcript says more than what is heard in the recording. {say_less}").format(
                say_less=_SAY_LESS
            )
        return N_("The transcript leaves out much of what is heard in the recording. {say_more}").format(
            say_more=_SAY_MORE
        )
    return ""


def _rate(character: str, language: str) -> tuple[float, float]:
    """Return the plausible range of such characters per second."""
    rate = next(rate for kind, rate in _CHARACTERS_PER_SECOND if kind.match(character))
    return _KANJI_PER_SECOND if language == "ja" and rate == _HANZI_PER_SECOND else rate


def _without_marks(text: str) -> str:
    """Return each letter and its accents as one character, without Indic vowel signs, which are no syllables."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(character for character in composed if not unicodedata.category(character).startswith("M"))
