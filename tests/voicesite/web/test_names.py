"""Cleaning names and texts from outside."""

import pytest

from voicesite.web import names


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        (set(), "Jane"),
        ({"Jane"}, "Jane (2)"),
        ({"Jane", "Jane (2)", "Jane (3)"}, "Jane (4)"),
        ({"Jane (2)"}, "Jane"),
    ],
)
def test_a_name_that_is_taken_gets_a_number(taken, free):
    assert names.free_name("Jane", taken, 80) == free


def test_a_long_name_stays_within_its_bounds():
    assert names.free_name("x" * 80, {"x" * 80}, 80) == "x" * 76 + " (2)"
    taken = {"x" * 80, *("x" * (80 - len(f" ({number})")) + f" ({number})" for number in range(2, 10))}
    assert names.free_name("x" * 80, taken, 80) == "x" * 75 + " (10)"


@pytest.mark.parametrize(
    ("text", "kept", "lines"),
    [
        ("  a \t b\r\nc ", "a b c", "a \t b \nc"),
        ("\u202eenaJ\x00", "enaJ", "enaJ"),
        ("क्\u200dष", "क्\u200dष", "क्\u200dष"),
        ("a" * 300, "a" * 20, "a" * 20),
        (7, "", ""),
        (None, "", ""),
    ],
)
def test_a_text_from_outside_is_cleaned(text, kept, lines):
    assert names.clean_text(text, 20) == kept
    assert names.clean_text(text, 20, multiline=True) == lines


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.WAV", "original.wav"),
        ("a", "original"),
        ("a.", "original"),
        ("a.<b>", "original.b"),
        ("a.ñ", "original"),
        ("a.abcdefghijk", "original.abcdefgh"),
    ],
)
def test_a_stored_file_keeps_its_suffix_where_that_is_harmless(name, stored):
    assert names.stored_name("original", name) == stored
