"""The text as it is written, while its sentences change."""

from dataclasses import dataclass

import pytest

from synthesis.segments import written_text
from synthesis.segments.written_text import difference, find, replaced, undone, with_pause, without_pause, written_anew


@dataclass
class Line:
    text: str
    speaker: str = ""
    pause: float = 0.2
    pause_before: float = 0.0
    starts_paragraph: bool = False


@pytest.mark.parametrize(
    ("text", "sentences", "found"),
    [
        ("One two. Three.", ["One two.", "Three."], ["One two.", "Three."]),
        ("One\n  two.\n\nThree.", ["One two.", "Three."], ["One\n  two.", "Three."]),
        ("Yes. No. Yes.", ["Yes.", "No.", "Yes."], ["Yes.", "No.", "Yes."]),
        ("# Title\n\n[pause 2s]\n\nOne.", ["Title", "One."], ["Title", "One."]),
        (
            "One. Buy {Nike|nye-kee} shoes. End.",
            ["One.", "Buy Nike shoes.", "End."],
            [0, "Buy {Nike|nye-kee} shoes.", 0],
        ),
        ("**All** of it. [pause] End.", ["All of it.", "End."], ["**All** of it.", "End."]),
        ("One. *Two*. [pause 1s]", ["One.", "Two."], [0, "*Two*."]),
        ("Anna: It is {so|zo}.\nBen: No.", ["It is so.", "No."], ["It is {so|zo}.", "No."]),
        ("*A* b. *C* d.", ["A b.", "C d."], [None, None]),
        (
            "😀 It is 😀 far away. a [pause 1s] End.",
            ["It is far away.", "a", "End."],
            ["😀 It is 😀 far away.", "a", "End."],
        ),
        ("It **was** a cat. a End.", ["It was a cat.", "a", "End."], ["It **was** a cat.", "a", "End."]),
        ("{Nike|nye-kee} ran. {Go|goo} on.", ["Nike", "ran.", "Go on."], ["{Nike|nye-kee}", "ran.", "{Go|goo} on."]),
        ("你好。再见。", ["你好。", "再见。"], ["你好。", "再见。"]),
    ],
)
def test_sentences_are_found_where_they_stand(text, sentences, found):
    for sentence, place, expected in zip(sentences, find(text, sentences, {"Anna", "Ben"}), found, strict=True):
        assert (place and text[place.start : place.end]) == (sentence if expected == 0 else expected)


def test_a_sentence_is_never_found_far_from_where_it_is():
    text = "It is **so**. " + "Word after word. " * 40 + "It is so."
    places = find(text, ["It is so.", *["Word after word."] * 40, "It is so."])
    assert text[places[0].start : places[0].end] == "It is **so**." and places[-1].end == len(text)


@pytest.mark.parametrize(
    ("text", "words", "becomes"),
    [
        ("One. Two. Three.", "Four.", "One. Four. Three."),
        ("One. Two. Three.", "", "One. Three."),
        ("One. Two. [pause 2s] Three.", "", "One. Three."),
        ("One. Two.\n\n[pause 2s]\n\nThree.", "", "One. \n\n\n\nThree."),
    ],
)
def test_words_are_replaced_and_taken_out(text, words, becomes):
    assert replaced(text, find(text, ["One.", "Two.", "Three."])[1], words) == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("One. Two.", "One. [pause 1.5s] Two."),
        ("One. [pause] Two.", "One. [pause 1.5s] Two."),
        ('One.\n\n<break time="1s"/>\n\nTwo.', "One.\n\n[pause 1.5s]\n\nTwo."),
        ("One.", "One. [pause 1.5s]"),
    ],
)
def test_a_pause_is_marked_once(text, becomes):
    place = find(text, ["One."])[0]
    assert with_pause(text, place, 1.5) == becomes
    assert "[pause" not in without_pause(becomes, place)


def test_a_text_that_lost_its_sentences_is_written_anew():
    lines = [
        Line("One.", pause_before=2.0, starts_paragraph=True),
        Line("Two.", pause=1.25),
        Line("Three.", pause=0.4),
        Line("Four.", pause=0.7, starts_paragraph=True),
        Line("Five.", speaker="Anna", starts_paragraph=True),
        Line("Six.", speaker="Anna"),
        Line("Seven.", speaker="Ben", pause=0.4, starts_paragraph=True),
        Line("Eight.", pause=0.0, starts_paragraph=True),
    ]
    assert written_anew(lines) == (
        "[pause 2s] One. Two. [pause 1.25s] Three.\nFour.\n\nAnna: Five. Six.\n\nBen: Seven.\n\nEight."
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("", "One."), ("One.", ""), ("aaa", "aa"), ("aa", "aaa"), ("One two.", "One tree two."), ("x", "x")],
)
def test_a_change_of_the_text_is_undone_exactly(old, new):
    assert undone(new, difference(old, new)) == old


def test_pauses_at_the_end_of_words_are_told_apart():
    assert written_text.without_last_pause("Good day. [pause 2s]\n") == "Good day."
