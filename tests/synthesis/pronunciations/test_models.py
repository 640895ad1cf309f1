"""Which entries apply to a text, and which may be made."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from synthesis.pronunciations.models import PronunciationEntry
from tests.factories import GenerationFactory, PronunciationFactory
from voices.text.pronunciation import find

pytestmark = pytest.mark.backends


def said(text, user, language="en-us"):
    found = find(text, PronunciationEntry.objects.for_text(user, language))
    return [part.said for part in found]


def test_a_text_has_its_owners_entries_and_the_sites(user, stranger):
    PronunciationFactory(owner=user, word="Nike", said="mine")
    PronunciationFactory(owner=stranger, word="Ikea", said="theirs")
    PronunciationFactory(of_site=True, word="SQL", said="sequel")
    PronunciationFactory(of_site=True, word="nike", said="the site's", match_case=True)
    assert said("Nike, nike, Ikea, SQL", user) == ["mine", "mine", "sequel"]
    assert said("Nike, nike, Ikea, SQL", stranger) == ["the site's", "theirs", "sequel"]


@pytest.mark.parametrize(
    ("language", "expected"), [("en-gb", "British"), ("en-us", "English"), ("es", "every"), ("pt-br", "every")]
)
def test_an_accent_goes_before_its_language_and_that_before_every_one(user, language, expected):
    for code, name in (("", "every"), ("en", "English"), ("en-gb", "British"), ("de", "German")):
        PronunciationFactory(owner=user, word="Nike", said=name, language=code)
    assert said("Nike", user, language) == [expected]


def test_one_that_keeps_the_case_goes_first(user):
    PronunciationFactory(owner=user, word="polish", said="pol-ish")
    PronunciationFactory(owner=user, word="Polish", said="poh-lish", match_case=True)
    assert said("polish Polish", user) == ["pol-ish", "poh-lish"]


def test_a_dictionary_costs_one_query(user, django_assert_num_queries):
    PronunciationFactory.create_batch(5, owner=user)
    with django_assert_num_queries(1):
        assert len(PronunciationEntry.objects.for_text(user, "en-us")) == 5


def test_the_entry_to_be_heard_goes_before_all(user):
    PronunciationFactory(owner=user, word="Nike", said="mine")
    of_site = PronunciationFactory(of_site=True, word="Nike", said="the site's")
    text = GenerationFactory(owner=user, voice__owner=user, text="Nike, Nike.", pronounces=of_site)
    assert [entry.said for entry in text.dictionary()] == ["the site's", "mine", "the site's"]


@pytest.mark.parametrize(
    ("word", "said", "field", "problem"),
    [
        ("…!", "x", "word", "neither a letter nor a digit"),
        ("Nike", "n1ke", "said", "1 can’t be said"),
        ("Nike", "nye+kee&", "said", "+ & can’t be said"),
        ("Nike", "nye_kee", "said", "_ can’t be said"),
        ("Nike", "--", "said", "Write how it is said"),
        ("Nike", "/ˈnaɪki", "said", "between two slashes"),
        ("Nike", "/a/b/", "said", "between two slashes"),
        ("Nike", "/na5:/", "said", "not IPA symbols: 5 :. In IPA : is ː"),
        ("Nike", "/ˈ/", "said", "no sound"),
        ("", "x", "word", "blank"),
        ("x" * 81, "x", "word", "80"),
        ("Nike", "x" * 121, "said", "120"),
    ],
)
def test_what_can_not_be_said_is_told_by_its_field(user, word, said, field, problem):
    with pytest.raises(ValidationError) as error:
        PronunciationEntry(owner=user, word=word, said=said).full_clean()
    assert problem in error.value.message_dict[field][0]


@pytest.mark.parametrize(
    "said", ["nye-kee", "O’Brien’s own", "नाइकी", "ナイキー", "나이키", "/ˈnaɪki/", "/t͡ʃɛ ɡeˈvaɾa/"]
)
def test_what_can_be_said_is_taken(user, said):
    entry = PronunciationEntry(owner=user, word="  Ni\u200bke\u202e  ", said=f" {said} ")
    entry.full_clean()
    assert (entry.word, entry.said) == ("Nike", said)


@pytest.mark.parametrize("of_site", [True, False])
def test_a_word_has_one_entry_of_a_language(user, of_site, db):
    owner = {"owner": None if of_site else user}
    for changes in ({}, {"language": "en"}, {"match_case": True}, {"word": "NIKE", "match_case": True}):
        PronunciationFactory(**owner, **{"word": "Nike"} | changes)
    with pytest.raises(IntegrityError):
        PronunciationFactory(**owner, word="nike")
