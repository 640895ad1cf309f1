"""Whether what is written is what is said: hard sentences of five languages, as text and as phonemes.

A row of hard_sentences_*.tsv is a sentence; how a native reads it, with alternatives as “(a|b)” and “(a )?”; and the
phonemes of kokoro-onnx 0.6.1 and phonemizer 3.4.0 for the sentence as it stands, before symbols that the model lacks
are dropped. These are “before”; “now” is the script for the embedded engine. readings.py listens to the English ones.

Phonemes are compared with those of the reading, each by its own way to phonemes: only what is read otherwise counts.
"""

import logging
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from synthesis.engines.kokoro import english, espeak, phonemes
from synthesis.engines.kokoro.alphabet import ENGLISH, IDS
from synthesis.engines.kokoro.engine import KokoroEngine
from synthesis.scripts.script import prepare
from voices.text.word_errors import error_rate

LANGUAGES = {"english": "en-us", "spanish": "es", "french": "fr", "italian": "it", "portuguese": "pt-br"}
COLUMNS = (
    "language",
    "sentences",
    "read as a native does",
    "phonemes unlike the reading's",
    "words",
    "groups of phonemes",
    "words or letters unread",
    "sentences with symbols outside the alphabet",
    "with language marks or digits",
)
_OPTION = re.compile(r"\(([^()]*)\)(\??)|(\w| )(\?)")
_MARKS_OF_MEANING = "\u0303\u0327"  # of ñ and ã, and of ç


class Sentence(NamedTuple):
    written: str
    reading: str
    phonemes_before: str  # a line for each of `written`


def sentences(name: str) -> list[Sentence]:
    lines = Path(__file__).with_name(f"hard_sentences_{name}.tsv").read_text().splitlines()
    return [Sentence(*line.replace("\\n", "\n").split("\t")) for line in lines]


def main() -> None:
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    unmet = "".join([measure(name, language) for name, language in LANGUAGES.items()])
    print(unmet)


def measure(name: str, language: str) -> str:
    """Print the row of a language, and return the sentences that are read otherwise than expected."""
    rows = sentences(name)
    scripts = [[segment.spoken for segment in prepare(row.written, language, KokoroEngine).segments] for row in rows]
    with _Warnings() as omissions:
        said = [" ".join(phonemes.read(spoken, language) for spoken in script) for script in scripts]
        words = [word for script in scripts for spoken in script for word in _words(spoken, language)]
        silent = sum(not _groups(phonemes.read(word, language)) for word in words)
    before = [row.phonemes_before for row in rows]
    readings = [alternatives(row.reading) for row in rows]
    unlike_before = _unlike(before, [[_by_espeak(each, language) for each in reading] for reading in readings])
    unlike_now = _unlike(said, [[phonemes.read(each, language) for each in reading] for reading in readings])
    unmet = [
        f"\n{language} {row.written!r}\n  expected {row.reading}\n  spoken   {' | '.join(script)}\n  phonemes {said}"
        for row, script, said in zip(rows, scripts, said, strict=True)
        if not is_met(row.reading, " ".join(script), language)
    ]
    values = (
        name,
        len(rows),
        len(rows) - len(unmet),
        f"{unlike_before:.1%} → {unlike_now:.1%}",
        len(words),
        f"{sum(map(_groups, before))} → {sum(map(_groups, said))}",
        silent + omissions.count,
        f"{sum(map(_is_outside, before))} → {sum(map(_is_outside, said))}",
        f"{sum(map(_is_flagged, before))} → {sum(map(_is_flagged, said))}",
    )
    print(f"| {' | '.join(map(str, values))} |", flush=True)
    return "".join(unmet)


def alternatives(reading: str) -> list[str]:
    option = _OPTION.search(reading)
    if not option:
        return [reading]
    group, group_may_miss, letter, letter_may_miss = option.groups()
    options = (group or letter).split("|") + [""] * bool(group_may_miss or letter_may_miss)
    start, end = option.span()
    return [each for chosen in options for each in alternatives(reading[:start] + chosen + reading[end:])]


def is_met(reading: str, spoken: str, language: str) -> bool:
    if language in ENGLISH:  # whose spellings vary: “two hundred and fifty”
        return error_rate(reading, spoken, language) == 0
    return _plain(spoken) in [_plain(each) for each in alternatives(reading)]


def _plain(text: str) -> str:
    """Return the words of a text, in lower case and without accents; tildes and cedillas are kept."""
    letters = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(letter for letter in letters if letter in _MARKS_OF_MEANING or not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", kept)))


def _words(spoken: str, language: str) -> list[str]:
    """Return what has phonemes of its own: in English, the parts of a compound that its dictionary lacks, too."""
    words = [
        part
        for word in spoken.split()
        for part in (word.split("-") if _is_compound(word.strip(".,"), language) else [word])
    ]
    return [word for word in words if any(map(str.isalpha, word))]


def _is_compound(word: str, language: str) -> bool:
    return language in ENGLISH and not english.is_known(word, language)


def _groups(said: str) -> int:
    return sum(any(map(str.isalpha, group)) for group in said.split())


def _by_espeak(text: str, language: str) -> str:
    return "".join(stretch.ipa for stretch in espeak.phonemize(text, language)).replace("\u0361", "")


def _unlike(said: list[str], readings: list[list[str]]) -> float:
    """Return the share of phonemes that are not those of the reading: the nearest of its alternatives."""
    nearest = []
    for text, alternatives in zip(map(_letters, said), readings, strict=True):
        nearest.append(min((Levenshtein.distance(text, _letters(each)), len(_letters(each))) for each in alternatives))
    return sum(distance for distance, _ in nearest) / sum(length for _, length in nearest)


def _letters(said: str) -> str:
    return "".join(symbol for symbol in said if symbol.isalnum() and symbol not in "ˈˌː")


def _is_outside(said: str) -> bool:
    return any(symbol not in IDS for symbol in said.replace("\n", ""))


def _is_flagged(said: str) -> bool:
    return bool(re.search(r"\([a-z-]+\)|\d", said))


class _Warnings(logging.Handler):
    """Counts what the engine tells the log that it leaves out, and keeps it out of the output."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1

    def __enter__(self) -> "_Warnings":
        phonemes.logger.addHandler(self)
        return self

    def __exit__(self, *exception: object) -> None:
        phonemes.logger.removeHandler(self)


if __name__ == "__main__":
    main()
