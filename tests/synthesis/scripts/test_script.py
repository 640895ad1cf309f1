from synthesis.engines.base import Engine
from synthesis.scripts.script import CLAUSE_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS, prepare


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
