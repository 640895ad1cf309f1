"""Sentences, some spoken wrongly on purpose, with what a transcriber heard in them: `tests.benchmarks.evaluation`."""

import csv
from pathlib import Path
from typing import NamedTuple

HEARD = Path(__file__).with_name("heard.tsv")


class Sentence(NamedTuple):
    damage: str  # what is wrong in what was said; empty if nothing
    text: str
    said: str  # what was spoken, where it isn't the text as it stands
    heard: str = ""
    confidences: str = ""  # of the words heard, in percent


def sentences() -> list[Sentence]:
    with HEARD.open(newline="") as file:
        return [Sentence(*row) for row in csv.reader(file, "excel-tab")]
