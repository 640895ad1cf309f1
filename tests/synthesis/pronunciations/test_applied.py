"""A dictionary on its way into what an engine is given."""

import pytest

from synthesis.scripts.script import prepare
from synthesis.speech.segments import make_segments
from tests.factories import GenerationFactory, PronunciationFactory
from tests.fakes.engine import FakeEngine
from voices.text.pronunciation import Pronunciation


class PhonemeEngine(FakeEngine):
    takes_ipa = True

    @classmethod
    def unknown_ipa(cls, said, language):
        return [symbol for symbol in "ʘǂ" if symbol in said]


def spoken(text, *pronunciations, engine=FakeEngine, language="en-us"):
    return " | ".join(segment.spoken for segment in prepare(text, language, engine, pronunciations).segments)


def test_entries_are_found_before_the_text_is_read():
    entries = [Pronunciation("SQL", "sequel"), Pronunciation("3M", "three em"), Pronunciation("Nike", "nye-kee")]
    assert spoken("Nike’s SQL, by 3M.", *entries) == "nye-kee’s sequel, by three em."


def test_entries_are_found_in_the_words_that_reading_made():
    assert (
        spoken("Run 5 km.", Pronunciation("kilometers", "kill-o-meters"), language="en-us") == "Run five kill-o-meters."
    )
    twice = [Pronunciation("km", "kilometers"), Pronunciation("kilometers", "no")]
    assert spoken("Run km.", *twice) == "Run kilometers.", "what is said is not read again"


def test_ipa_goes_to_engines_that_take_it_and_a_respelling_to_the_others():
    ipa, respelled = Pronunciation("Nike", "/ˈnaɪki/"), Pronunciation("nike", "nye-kee")
    assert spoken("Nike’s 2 shops.", ipa, respelled, engine=PhonemeEngine) == "/ˈnaɪkiz/ two shops."
    assert spoken("Nike’s 2 shops.", ipa, respelled) == "nye-kee’s two shops."
    assert spoken("Nike’s 2 shops.", ipa) == "Nike’s two shops."


def test_symbols_that_the_engine_leaves_out_are_told():
    entries = [Pronunciation("Xam", "/ǂam/"), Pronunciation("Nike", "/ˈnaɪki/")]
    first, second, third = prepare(
        "{Go|/ʘo/} [laugh]. Nike is here. Xam is here, Xam.", "en-us", PhonemeEngine, entries
    ).segments
    assert first.notes == ("“[laugh]” is not read.", "This model leaves ʘ of /ʘo/ out.") and not second.notes
    assert third.notes == ("This model leaves ǂ of /ǂam/ out.",)


@pytest.mark.django_db
def test_the_segments_of_a_generation_have_its_owners_entries(user, stranger):
    PronunciationFactory(owner=user, word="Nike", language="en")
    PronunciationFactory(owner=stranger, word="likes", said="no")
    generation = GenerationFactory(owner=user, text="Ada likes Nike.")
    make_segments(generation)
    segment = generation.segments.get()
    assert (segment.text, segment.spoken) == ("Ada likes Nike.", "Ada likes nye-kee.")
