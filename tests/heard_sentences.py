"""Sentences, some spoken wrongly on purpose, and what a transcriber heard in them: `tests.benchmarks.evaluation`."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from synthesis.models import Generation
from synthesis.speech import evaluation
from voices.text.alignment import Word

LANGUAGE = "en-us"

_PATH = Path(__file__).parent / "synthesis/speech/heard.tsv"


class Sentence(NamedTuple):
    part: str  # “tuning”: the thresholds were chosen by it; “held out”: by the others
    damage: str  # what is wrong in what was said; empty if nothing
    text: str
    said: str  # what was spoken, where it isn't the text as it stands
    heard: str = ""
    confidences: str = ""  # of the words heard, in percent

    @property
    def words(self) -> list[Word]:
        """The words heard. Their times are not known."""
        pairs = zip(self.heard.split(), self.confidences.split(), strict=True)
        return [Word(f" {word}", 0.0, 0.0, int(confidence) / 100) for word, confidence in pairs]


def sentences() -> list[Sentence]:
    with _PATH.open(newline="") as file:
        return [Sentence(*row) for row in csv.reader(file, "excel-tab")]


def write(rows: Iterable[Sentence]) -> None:
    with _PATH.open("w", newline="") as file:
        csv.writer(file, "excel-tab", lineterminator="\n").writerows(rows)


def count(rows: list[Sentence]) -> tuple[int, int, int, int]:
    """Return the false alarms, of how many sentences, the misses, and of how many damaged ones."""
    flagged = [is_flagged(row) for row in rows]
    good = [flag for flag, row in zip(flagged, rows, strict=True) if not row.damage]
    bad = [flag for flag, row in zip(flagged, rows, strict=True) if row.damage]
    return sum(good), len(good), len(bad) - sum(bad), len(bad)


def is_flagged(row: Sentence) -> bool:
    generation = Generation(text=row.text, language=LANGUAGE, engine="kokoro")
    vars(generation).update(evaluation.measure_words(generation, row.words))
    return evaluation.is_inexact(generation)
