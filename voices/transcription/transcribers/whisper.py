"""What all of Whisper's ports have in common: its languages, and what its segments are worth."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from voices.languages import LANGUAGES, language_code
from voices.text.alignment import Word, text_of
from voicesite.modelhost.protocol import ModelError, Progress

from .base import Transcript

ENGLISH = ("en-us", "en-gb")

# Against loops and inventions: no window is told what the one before it said; what repeats itself (it compresses
# well), or is improbable, is tried again at a higher temperature; and what is both improbable and perhaps no speech is
# left out. The figures are OpenAI's. Silence at the ends, where Whisper invents most, is trimmed before.
GUARDS: dict[str, Any] = {
    "condition_on_previous_text": False,
    "compression_ratio_threshold": 2.4,
    "no_speech_threshold": 0.6,
    "temperature": (0.0, 0.2, 0.4, 0.6),
    "word_timestamps": True,
}
IMPROBABLE = -1.0  # mean log probability of a segment's tokens
# … below which an English model that was not told the language does not know what it heard. See docs/voices.md.
STRANGE = -0.75

# Whisper's languages that are none of this site, for the sentence that says so.
_OTHERS = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "as": "Assamese", "az": "Azerbaijani", "ba": "Bashkir",
    "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bo": "Tibetan", "br": "Breton", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "el": "Greek", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fo": "Faroese", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa",
    "haw": "Hawaiian", "he": "Hebrew", "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "jw": "Javanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer",
    "kn": "Kannada", "la": "Latin", "lb": "Luxembourgish", "ln": "Lingala", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mg": "Malagasy", "mi": "Maori", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian",
    "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "nn": "Norwegian", "no": "Norwegian", "oc": "Occitan", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto",
    "ro": "Romanian", "sa": "Sanskrit", "sd": "Sindhi", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian",
    "sn": "Shona", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "su": "Sundanese", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai", "tk": "Turkmen", "tl": "Tagalog",
    "tr": "Turkish", "tt": "Tatar", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
    "yi": "Yiddish", "yo": "Yoruba", "yue": "Cantonese",
}  # fmt: skip


def to_whisper(language: str) -> str | None:
    """Whisper's code of a language of ours; None where it shall find out."""
    return language.partition("-")[0] or None


def from_whisper(code: str, told: str) -> str:
    """Our code of what Whisper heard: `told`, if that is the same language, for Whisper knows no accents.

    Raises ModelError (permanent), in words, where it is a language that this site has not.
    """
    if told and to_whisper(told) == code:
        return told
    try:
        return language_code(code)
    except ValueError:
        heard = _OTHERS.get(code, f"a language with the code “{code}”")
        raise ModelError(
            f"This sounds like {heard}, in which no voice can speak here. If it is another language, choose that one.",
            permanent=True,
        ) from None


def is_english_only(model: str) -> bool:
    """By its name, as OpenAI made it custom: tiny.en, small.en."""
    return model.rstrip("/").endswith(".en")


def languages_of(model: str) -> tuple[str, ...]:
    return ENGLISH if is_english_only(model) else tuple(LANGUAGES)


def refuse_what_is_strange(chances: Sequence[float]) -> None:
    """Raise ModelError (permanent) where a model for English alone, not told that it is English, understood little.

    chances: the mean log probability of each segment.
    """
    known = [chance for chance in chances if math.isfinite(chance)]
    if known and sum(known) / len(known) < STRANGE:
        raise ModelError(
            "Little of this was understood. If it is English, say so and let it be transcribed again; if not, choose "
            "its language, and type what is said.",
            permanent=True,
        )


def progress(seconds: float, of: float) -> Progress:
    return Progress(0, round(100 * min(seconds, of)), round(100 * of), "Listening")


def word(text: str, start: float, end: float, probability: float) -> Word:
    """A word, whatever numbers it came with: Whisper's alignment gives NaN now and then, and times run backwards."""
    start = start if math.isfinite(start) else 0.0
    end = end if math.isfinite(end) else start
    sure = probability if math.isfinite(probability) else 0.0
    return Word(text, round(float(start), 3), round(float(max(start, end)), 3), round(float(sure), 3))


def transcript(words: Iterable[Word], language: str, transcriber: str) -> Transcript:
    """Words as Whisper gives them, of which those that are written together (“cold-hearted”) are one to people."""
    whole: list[Word] = []
    for each in words:
        before = whole[-1] if whole else None
        if before and language[:2] not in ("zh", "ja") and not each.text[:1].isspace():
            sure = min(before.confidence, each.confidence)
            whole[-1] = Word(before.text + each.text, before.start, max(before.end, each.end), sure)
        else:
            whole.append(each)
    return Transcript(text_of(whole), tuple(whole), language, transcriber)
