"""Code for all ports of Whisper: language codes, decoding options, words and their times."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from voices.languages import LANGUAGES, language_code
from voices.text.alignment import Word, text_of
from voicesite.modelhost.protocol import ModelError
from voicesite.texts import N_

from .base import UNKNOWN_LANGUAGE, Heard, Transcriber, Transcript

ENGLISH_CODES = ("en-us", "en-gb")

# Against loops and hallucinations: no window is conditioned on the text of the previous one; a segment that repeats
# itself (compresses well) or is improbable is decoded again at a higher temperature; one that is improbable and perhaps
# no speech is left out. The figures are OpenAI's. Silence at the ends, where Whisper hallucinates most, was trimmed.
DECODING_OPTIONS: dict[str, Any] = {
    "condition_on_previous_text": False,
    "compression_ratio_threshold": 2.4,
    "no_speech_threshold": 0.6,
    "temperature": (0.0, 0.2, 0.4, 0.6),
    "word_timestamps": True,
}
MIN_LOG_PROBABILITY = -1.0  # mean log probability of a segment's tokens
# Of all segments: below this, an English-only model assumes that the language is not English. See docs/voices.md.
MIN_MEAN_LOG_PROBABILITY = -0.75

# Below the first, a text is invented: of what was said in English, also on telephones and under noise at 10 dB, the lowest
# was -0.77; the highest of what Whisper tiny.en made of other languages was -0.85. As Whisper learnt from subtitles, what it
# doesn't understand often becomes how videos end: that is taken only if it is more probable than the second.
INVENTED_LOG_PROBABILITY, OUTRO_LOG_PROBABILITY = -0.82, -0.5
_OUTROS = re.compile(
    r"(thank(s| you)|bye)\b.*\b(watching|listening|next (video|time))|enjoyed? (this|the) video|see you in the next|subscribe"
    r"|amara\.org|sous-titr|subtítulos|untertitel|sottotitoli|legendas p|субтитры|продолжение следует"
    r"|gracias por ver|merci d.avoir regardé|fürs zuschauen|grazie per (aver guardato|la visione)|obrigad[oa] por assistir"
    r"|ご視聴|字幕|订阅|시청해",
    re.IGNORECASE,
)

# Whisper's languages that this site lacks, for the error message.
_UNSUPPORTED_LANGUAGES = {
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
    """Return Whisper's code of a language; None, to detect it, if it is empty."""
    return language.partition("-")[0] or None


def from_whisper(code: str, requested: str) -> str:
    """Return our code of the language with Whisper's `code`: `requested` if it is that, since Whisper knows no accents.

    Raises ModelError (permanent) for a language that this site lacks.
    """
    if to_whisper(requested) == code:
        return requested
    try:
        return language_code(code)
    except ValueError:
        name = _UNSUPPORTED_LANGUAGES.get(code, f"a language with the code “{code}”")
        raise ModelError(
            N_(
                "This sounds like {name}, in which no voice can speak here. If it is another language, choose that one."
            ).format(name=name),
            permanent=True,
            code=UNKNOWN_LANGUAGE,
        ) from None


class Whisper(Transcriber):
    languages = tuple(LANGUAGES)
    detects_language = True

    @classmethod
    def languages_of(cls, model: str) -> tuple[str, ...]:
        """Return the languages of `model`: the names of English-only models end in .en or .en-mlx."""
        return ENGLISH_CODES if model.rstrip("/").removesuffix("-mlx").endswith(".en") else cls.languages


def refuse_improbable(log_probabilities: Sequence[float]) -> None:
    """Raise ModelError (permanent) if the text is so improbable that the language may be another than English.

    log_probabilities: the mean log probability of each segment's tokens.
    """
    if _mean(log_probabilities) < MIN_MEAN_LOG_PROBABILITY:
        raise ModelError(
            N_(
                "Little of this was understood, as if it were not English. Choose its language, or say that it is English."
            ),
            permanent=True,
            code=UNKNOWN_LANGUAGE,
        )


def _mean(log_probabilities: Sequence[float]) -> float:
    finite = [each for each in log_probabilities if math.isfinite(each)]
    return sum(finite) / len(finite) if finite else 0.0


def progress(seconds: float, of: float, text: str = "") -> Heard:
    return Heard(0, round(100 * min(seconds, of)), round(100 * of), "Listening", text)


class SoFar:
    """What was heard of a recording that is not at its end, as far as it will be part of the transcript.

    The latest segment is held back: what stands at the end is what Whisper invents most. So is everything while all of it
    is so improbable that it may be rejected as a whole.
    """

    def __init__(self) -> None:
        self.told = 0  # words

    def news(self, words: Sequence[Word], latest: int, log_probabilities: Sequence[float]) -> str:
        """Return the text that can be told now and was not yet. latest: how many of the words are of the latest segment."""
        if _mean(log_probabilities) < MIN_MEAN_LOG_PROBABILITY:
            return ""
        begin, self.told = self.told, max(self.told, len(words) - latest)
        return "".join(word.text for word in words[begin : self.told])


def word(text: str, start: float, end: float, probability: float) -> Word:
    """Return a valid word: Whisper's alignment sometimes returns NaN, or times that run backwards."""
    start, end, confidence = (float(each) if math.isfinite(each) else 0.0 for each in (start, end, probability))
    return Word(text, round(start, 3), round(max(start, end), 3), round(confidence, 3))


def transcript(
    words: Iterable[Word], language: str, transcriber: str, log_probabilities: Sequence[float] = ()
) -> Transcript:
    """Return the transcript, joining Whisper's words that are written as one (“cold-hearted”).

    log_probabilities: the mean log probability of each segment's tokens.
    """
    joined: list[Word] = []
    for each in words:
        if joined and language[:2] not in ("zh", "ja") and not each.text[:1].isspace():
            before = joined.pop()
            confidence = min(before.confidence, each.confidence)
            each = Word(before.text + each.text, before.start, max(before.end, each.end), confidence)
        joined.append(each)
    text = text_of(joined)
    lowest = OUTRO_LOG_PROBABILITY if _OUTROS.search(text) else INVENTED_LOG_PROBABILITY
    return Transcript(text, tuple(joined), language, transcriber, _mean(log_probabilities) < lowest)
