import re

import pytest

from synthesis.scripts.language_check import looks_like
from voices.languages import LANGUAGES
from voices.text.passages import PASSAGES, is_passage, passage, was_read
from voices.text.transcript_fit import mismatch

from .sounds_of_languages import READINGS, inventory, sounds

EACH = [(code, number) for code, texts in PASSAGES.items() for number in range(len(texts))]


def test_each_language_has_three_passages_of_its_own():
    assert list(PASSAGES) == list(LANGUAGES)
    assert {len(texts) for texts in PASSAGES.values()} == {3}
    assert len(set(PASSAGES.values())) == len(LANGUAGES)


@pytest.mark.parametrize(("code", "number"), EACH)
def test_a_passage_is_a_few_sentences_of_ten_to_eighteen_seconds_in_its_language(code, number):
    text, base = PASSAGES[code][number], code.partition("-")[0]
    assert looks_like(text, "de" if base == "en" else "en-us").partition("-")[0] == base
    assert 1 <= len(re.findall("[.。।]", text)) <= 4
    assert not re.search(r"\d", text), "numbers are read in several ways"
    for seconds in (10, 18):
        assert mismatch(text, seconds, code) == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_passage_has_most_sounds_of_its_language_and_three_of_them_all(code):
    texts = READINGS if code == "ja" else PASSAGES[code]
    found = [sounds(text, code) for text in texts]
    assert min(len(one) for one in found) >= 0.65 * len(inventory(code))
    assert inventory(code) - set().union(*found) == set()


def test_sounds_that_a_text_lacks_are_missed():
    assert inventory("en-us") - sounds("Mama may.", "en-us") >= set("pbtdkɡfvszʃʒhŋl")
    assert "θ" in sounds("Thin.", "en-us") and "ð" not in sounds("Thin.", "en-us")
    assert sounds("각", "ko") == {"ᄀ", "ᅡ", "ᆨ"}


def test_the_readings_are_those_of_the_japanese_passages():
    """Kana stand in both, in the same order."""
    for text, reading in zip(PASSAGES["ja"], READINGS, strict=True):
        hiragana = "".join(chr(ord(one) - 0x60) if "ァ" <= one <= "ヶ" else one for one in text)
        kana = re.findall("[ぁ-ゖー]+", hiragana)
        assert re.search(".*".join(kana), reading)


def test_a_key_names_a_passage():
    assert passage("de:1") == PASSAGES["de"][1]
    for wrong in ("", "de", "de:3", "de:-1", "de:x", "xx:0", ":0", "de:²"):
        assert passage(wrong) == ""


def test_a_passage_was_read_if_that_is_what_was_heard():
    text = passage("en-us:0")
    assert is_passage(text) and not is_passage(text + " ")
    assert was_read(text, text.replace("uncle", "ankle").replace("hummed", "hum"), "en-us")
    assert not was_read(text, text.partition(".")[0], "en-us"), "a part of it"
    assert not was_read(text, passage("en-us:1"), "en-us"), "another one"
    assert not was_read("What a person wrote.", "What a person wrote.", "en-us")
