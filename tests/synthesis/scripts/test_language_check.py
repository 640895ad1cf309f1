from itertools import product

import pytest

from synthesis.scripts.language_check import looks_like
from voices.languages import LANGUAGES

from .language_texts import MIXED, MOSTLY, NONE, OTHERS, PLAIN

ACCENTS = {"en": ("en-us", "en-gb"), "pt": ("pt-br", "pt")}
LONG_CHARACTERS = 40  # from which on a text must be found
WIDE_LANGUAGES = ("ja", "ko", "zh")  # a character is about a syllable, and counts as two
MAX_MISSES = 0.1

RIGHT = [(language, text) for language, texts in PLAIN.items() for text in texts] + [tuple(one) for one in MIXED]


def accents(language: str) -> tuple[str, ...]:
    return ACCENTS.get(language, (language,))


def test_a_text_in_its_own_language_is_left_alone():
    asked = [(text, code) for language, text in RIGHT for code in accents(language)]
    assert not {one: found for one in asked if (found := looks_like(*one))}


@pytest.mark.parametrize("texts", [[*NONE, ""], OTHERS], ids=["in no language", "in one that the site does not speak"])
def test_a_text_is_not_taken_for_one_in_a_language_that_the_site_speaks(texts):
    assert not {one: found for one in product(texts, LANGUAGES) if (found := looks_like(*one))}


def test_of_texts_in_another_language_few_are_missed():
    missed, asked = [], 0
    for language, texts in PLAIN.items():
        for text, chosen in product(texts, LANGUAGES):
            characters = len(text) * (2 if language in WIDE_LANGUAGES else 1)
            if characters < LONG_CHARACTERS or chosen in accents(language):
                continue
            asked += 1
            found = looks_like(text, chosen)
            assert not found or found in accents(language), (found, text)
            missed += [] if found else [(chosen, text)]
    print(f"{len(missed)} of {asked} missed")
    assert asked > 1000
    assert len(missed) < MAX_MISSES * asked, missed


@pytest.mark.parametrize(("chosen", "language", "text"), MOSTLY)
def test_most_of_the_text_decides(chosen, language, text):
    assert looks_like(text, accents(chosen)[0]) == accents(language)[0]
    assert looks_like(text, language) == ""


def test_a_long_text_with_long_quotations_is_in_the_language_around_them():
    english = "She put down her glass and thought of the summer in the south, of the dust and of the long way home. "
    spanish = "“El tren salía siempre tarde, y nadie tenía prisa; el calor lo llenaba todo.” "
    assert looks_like((english + spanish * 2) * 5, "en-us") == ""
    assert looks_like((english + spanish * 2) * 5, "es") == "en-us"


@pytest.mark.parametrize("unit", ["9", " ", "a", "“", '"', "(", "„", "a.", "\n", "你", "a ", "«»"])
def test_no_text_takes_long(unit):
    assert looks_like(unit * 20_000, "es") in LANGUAGES | {"": ""}  # squared, it would be minutes
