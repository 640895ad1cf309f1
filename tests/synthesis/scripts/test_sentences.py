import pytest

from synthesis.scripts import sentences


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Who met Mrs. Smith. She left.", ["Dr. Who met Mrs. Smith.", "She left."]),
        ("It costs 3.50 euros. Really.", ["It costs 3.50 euros.", "Really."]),
        ("J. R. Tolkien wrote. Yes.", ["J. R. Tolkien wrote.", "Yes."]),
        ("Am 24. Dezember ist Fest. Ich bin 12. Du auch.", ["Am 24. Dezember ist Fest.", "Ich bin 12.", "Du auch."]),
        ("“Go.” He went.", ["“Go.”", "He went."]),
        ("… — !", []),
        ("   \n\n ", []),
        ("क्या हाल है। ठीक है।", ["क्या हाल है।", "ठीक है।"]),
    ],
)
def test_sentences(written, spoken):
    assert [piece.text for piece in sentences.split_text(written)] == spoken


def test_pauses_say_where_paragraphs_end_and_the_last_has_none():
    pauses = [piece.pause for piece in sentences.split_text("One. Two.\n\nThree.")]
    assert pauses == [sentences.SENTENCE_PAUSE_SECONDS, sentences.PARAGRAPH_PAUSE_SECONDS, 0.0]


@pytest.mark.parametrize("written", ["word " * 300, "x" * 1000, "a, " * 400, "word, " * 3 + "y" * 500 + " end"])
def test_no_utterance_is_too_long_and_nothing_is_lost(written):
    pieces = [piece.text for piece in sentences.split_text(written, 100)]
    assert max(map(len, pieces)) <= 100
    assert "".join("".join(pieces).split()) == "".join(written.split())


def test_a_title_is_whole_words_of_the_beginning():
    assert sentences.title_of("  Good\nmorning ") == "Good morning"
    assert sentences.title_of("one two three four", 10) == "one two…"
