import pytest

from synthesis.engines.base import Engine
from synthesis.scripts.script import CLAUSE_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS, prepare
from voices.text.pronunciation import Pronunciation


class Careful(Engine):
    fewest_words = 3
    max_characters = 60


def test_a_sentence_is_an_utterance_with_the_pause_after_it():
    script = prepare("One of them. Two of them.\n\nThree of them.", "en-us", Engine)
    assert [segment.text for segment in script.segments] == ["One of them.", "Two of them.", "Three of them."]
    assert script.segments[0].pause == SENTENCE_PAUSE_SECONDS < script.segments[1].pause
    assert script.segments[2].pause == 0.0


def test_utterances_have_the_length_that_the_engine_speaks_well():
    script = prepare(
        "Do I know? No. I left it. He paid $1,234,567 and went, and nobody ever saw him.", "en-us", Careful
    )
    assert [segment.text for segment in script.segments[:2]] == ["Do I know?", "No. I left it."]
    assert all(len(segment.spoken) <= Careful.max_characters for segment in script.segments)
    assert script.segments[2].pause == CLAUSE_PAUSE_SECONDS
    for segment in script.segments:
        assert "".join(piece.written for piece in segment.pieces).strip() == segment.text


def test_a_text_without_words_has_no_utterance():
    assert prepare("… — !", "en-us", Engine).segments == ()


class Precise(Engine):
    takes_ipa = True


class Latin(Engine):
    reads_any_script = False


def test_a_pause_may_come_first_and_last():
    (segment,) = prepare("[pause 1s] Hello to all. [pause 2s]", "en-us", Engine).segments
    assert (segment.text, segment.pause_before, segment.pause) == ("Hello to all.", 1.0, 2.0)


def test_a_word_is_said_as_its_mark_or_the_dictionary_says():
    dictionary = [
        Pronunciation("Nguyen", "win"),
        Pronunciation("kilometers", "killometers"),
        Pronunciation("API", "/ˈaɪ/"),
    ]
    (segment,) = prepare("{Ada|ay da} Nguyen ran 5 km by API.", "en-us", Precise, dictionary).segments
    assert segment.text == "Ada Nguyen ran 5 km by API."
    assert segment.spoken == "ay da win ran five killometers by /ˈaɪ/."
    assert [piece.kind for piece in segment.pieces if piece.kind] == ["pronunciation"] * 4


def test_an_engine_without_ipa_reads_the_word_and_a_note_says_so():
    (segment,) = prepare(
        "The {API|/ˌeɪ piː ˈaɪ/} works.", "en-us", Engine, [Pronunciation("works", "/wɜːks/")]
    ).segments
    assert segment.spoken == "The A P I works."
    assert segment.notes == ("“API” is read as it is written: this model takes no IPA.",)


def test_a_sentence_does_not_end_within_a_word_whose_pronunciation_is_given():
    (segment,) = prepare("We met {Mr. Yes. No. Smith|mister smith} there.", "en-us", Engine).segments
    assert segment.spoken == "We met mister smith there."


def test_a_script_that_the_engine_cannot_read_is_transliterated():
    assert prepare("Hello Привет.", "en-us", Latin).segments[0].spoken == "Hello privet."
    assert prepare("Hello Привет.", "en-us", Engine).segments[0].spoken == "Hello Привет."


def test_what_is_not_read_is_noted():
    script = prepare("[laugh] Hello there. [cough]", "en-us", Engine)
    assert [note for segment in script.segments for note in segment.notes] == [
        "“[laugh]” is not read.",
        "“[cough]” is not read.",
    ]
    assert prepare("[laugh]", "en-us", Engine).segments == ()


@pytest.mark.parametrize("language", ["en-us", "es", "fr", "it", "pt-br", "hi", "de", "ru", "zh", "ja", "ko"])
@pytest.mark.parametrize("text", ["7" * 5_000, "a" * 5_000], ids=["digits", "letters"])
def test_a_text_without_an_end_is_cut_to_what_the_engine_takes(text, language):
    segments = prepare(text, language, Careful).segments
    assert "".join(segment.text for segment in segments) == text
    assert max(len(segment.spoken) for segment in segments) <= Careful.max_characters


LONG = {  # the first clause of a sentence, its rest, and what makes the text long
    "en-us": ("When the old clock on the wall struck nine,", "she packed her bag and left.", "Nobody said a word. "),
    "es": ("Cuando el viejo reloj dio las nueve,", "ella hizo la maleta y salió de casa.", "Nadie dijo nada más. "),
    "fr": ("Quand la vieille horloge sonna neuf heures,", "elle fit sa valise et sortit.", "Personne ne dit rien. "),
    "de": ("Als die alte Uhr an der Wand neun schlug,", "packte sie ihre Tasche und ging.", "Niemand sagte ein Wort. "),
    "hi": ("जब दीवार पर लगी पुरानी घड़ी ने नौ बजाए,", "तो उसने अपना सामान बाँधा और निकल गई।", "किसी ने कुछ नहीं कहा। "),
    "zh": ("当墙上的旧钟敲响九点的时候，", "她收拾好行李，在任何人说话之前离开了家。", "没有人说一句话。"),
}


@pytest.mark.parametrize("language", LONG)
def test_a_long_text_begins_with_a_clause_that_is_soon_heard(language):
    clause, rest, other = LONG[language]
    space = "" if language == "zh" else " "
    segments = prepare(f"{clause}{space}{rest}{space}{other * 10}", language, Engine).segments
    assert [segment.text for segment in segments[:3]] == [clause, rest, other.strip()]
    assert [segment.pause for segment in segments[:2]] == [CLAUSE_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS]
    assert len(segments) == 12


def test_what_comes_before_a_long_text_stays_before_it():
    clause, rest, other = LONG["en-us"]
    first, second = prepare(f"[pause 1s] {clause} {rest} [laugh] {other * 10}", "en-us", Engine).segments[:2]
    assert (first.text, first.pause_before, second.pause_before) == (clause, 1.0, 0.0)
    assert [first.notes, second.notes] == [("“[laugh]” is not read.",), ()]


def test_a_sentence_of_middling_length_is_cut_too():
    segments = prepare(
        "When the clock struck nine, she packed her bag. " + "Nobody spoke. " * 20, "en-us", Engine
    ).segments
    assert [segment.text for segment in segments[:2]] == ["When the clock struck nine,", "she packed her bag."]


@pytest.mark.parametrize(
    "text",
    [
        "When the old clock struck, she went out. ",  # short already
        "The committee has now decided to postpone the vote on new rules for the harbour because of rain. ",  # no place so soon
        "Yes, indeed, the committee has now decided to postpone the vote on new rules for the big harbour. ",  # few words
        "The man said “I shall never, not once in all of my long life, come back here again” to his wife. ",
        "The last train from the old town of Paris, Texas was late by two hours on that wet evening in March. ",
        "In the house (it was small, dark, very old, and too far from any other one) nobody lived any more. ",
    ],
)
def test_a_first_sentence_without_a_good_place_stays_whole(text):
    assert prepare(text + "Nobody said a word. " * 10, "en-us", Careless).segments[0].text == text.strip()


class Careless(Engine):
    max_characters = 400


def test_one_sentence_stays_whole_however_long():
    clause, rest, _ = LONG["en-us"]
    text = f"{clause} {rest[:-1]} " + "and nobody said a word " * 6 + "or two."
    assert [segment.text for segment in prepare(text, "en-us", Careless).segments] == [text]
