"""What holds in every language."""

import random

import pytest

from voices.text.normalization import normalize, read
from voices.text.normalization.languages import LANGUAGE_CLASSES

# All that has a meaning beside digits, in some language.
PARTS = [
    *"0123456789" * 3,
    *"  .,:-–/%$€£¥+()'’\"#&@*<>=~",
    "x",
    "st",
    "年",
    "개",
    " Uhr",
    "R$",
    "h",
    "º",
    "s ",
    "km",
    "°C",
]
PARTS += ["a.m.", "II", "VI", "½", "²", "№ ", "No. ", "p.", " de ", "May ", "M"]


@pytest.mark.parametrize("language", LANGUAGE_CLASSES)
def test_no_digit_is_left_in_any_random_text(language):
    chance = random.Random(7)
    for _ in range(300):
        written = "".join(chance.choice(PARTS) for _ in range(chance.randint(1, 14)))
        pieces = read(written, language)
        assert "".join(piece.written for piece in pieces) == written
        said = "".join(piece.spoken for piece in pieces)
        assert not set(said) & set("0123456789²½$€£¥%&@#<>=*~"), (written, said)


REPEATED = [
    "1",
    "1 ",
    "1.",
    "A",
    ".",
    " ",
    "a.",
    "$",
    "$1",
    "1/",
    "1:",
    "&",
    "@",
    "#",
    "I",
    "X.",
    "/a",
    "a@",
    "1-",
    "=>",
    "1x",
    "a/",
    "Z9",
]


@pytest.mark.parametrize("language", LANGUAGE_CLASSES)
def test_no_rule_runs_away(language):
    """A rule that backtracks would take minutes; tests/benchmarks/pipeline.py measures longer ones."""
    for part in REPEATED:
        assert normalize(part * (600 // len(part)), language) is not None


def test_numbers_longer_than_any_language_counts_are_read_out():
    assert normalize("1" * 60, "it").replace(",", "").split() == ["uno"] * 60
    assert normalize("1." + "1" * 60, "en-us").split()[:3] == ["one", "point", "one"]


@pytest.mark.parametrize("language", LANGUAGE_CLASSES)
def test_a_range_of_decimals_is_no_range_of_years(language):
    assert normalize("7.35-7.45", language)


@pytest.mark.parametrize("language", LANGUAGE_CLASSES)
def test_a_sign_before_a_decimal_is_no_telephone_number(language):
    assert "," not in normalize("+22.457", language)
