"""When each written word is heard: as it was recognized, however it is written; else estimated from what is said."""

from itertools import pairwise

import pytest

from synthesis.delivery.word_times import EDGE_SECONDS, times, word_times
from tests.factories import SegmentTakeFactory

HEARD = [["The", 0.1, 0.3], [" ferry", 0.3, 0.7], [" left", 0.8, 1.0], [" late.", 1.0, 1.5]]


def timed(text, recognized=(), seconds=2.0, language="en-us", spoken=""):
    found = times(text, spoken or text, recognized, seconds, language)
    assert "".join(word.text for word in found) == text.strip()
    assert all(0 <= word.start <= word.end <= seconds for word in found)
    assert all(one.end <= other.start for one, other in pairwise(found)), "in order"
    return found


def spans(found):
    return [(word.text.strip(), word.start, word.end) for word in found]


def test_words_are_where_they_were_heard():
    found = timed("The ferry left late.", HEARD)
    assert spans(found) == [("The", 0.1, 0.3), ("ferry", 0.3, 0.7), ("left", 0.8, 1.0), ("late.", 1.0, 1.5)]
    assert not any(word.is_estimated for word in found)


def test_another_word_in_the_place_of_one_was_said_there():
    found = timed("The fairy left late.", HEARD)
    assert spans(found)[1] == ("fairy", 0.3, 0.7) and not found[1].is_estimated


def test_a_word_that_nobody_heard_is_between_its_neighbours():
    found = timed("The ferry had left late.", HEARD)
    assert (found[2].text, found[2].start, found[2].end, found[2].is_estimated) == (" had", 0.7, 0.8, True)
    assert [word.is_estimated for word in found] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("text", "heard", "index", "span"),
    [
        ("There were 25 men.", "There were twenty five men.", 2, (0.4, 0.8)),
        ("It is twenty-five kilometers away.", "It is 25 kilometers away.", 2, (0.4, 0.6)),
        ("Dr. Wu left.", "Doctor Wu left.", 0, (0.06, 0.2)),
        ("We don't know.", "We do not know.", 1, (0.2, 0.6)),
    ],
)
def test_what_is_written_otherwise_is_where_it_is_said(text, heard, index, span):
    """Each recognized word lasts 0.2 s."""
    recognized = [[f" {word}", place / 5, (place + 1) / 5] for place, word in enumerate(heard.split())]
    found = timed(text, recognized, 3.0)[index]
    assert (found.start, found.end) == span and not found.is_estimated


def test_words_that_are_read_as_one_share_its_time():
    recognized = [[f" {word}", place / 5, (place + 1) / 5] for place, word in enumerate(["It", "is", "25km", "away."])]
    for heard in (recognized, [*recognized[:2], [" 25", 0.4, 0.5], [" kilometers", 0.5, 0.6], *recognized[3:]]):
        found = timed("It is 25 km away.", heard, 3.0)
        assert (found[2].start, found[3].end) == (0.4, 0.6) and found[2].end == found[3].start
        assert [word.is_estimated for word in found] == [False, False, True, True, False]


def test_times_that_make_no_sense_are_brought_in_order():
    heard = [["The", -0.5, 0.9], [" ferry", 0.4, 0.6], [" left", 5.0, 4.0], [" late.", 9.0, 9.9]]
    assert len(timed("The ferry left late.", heard)) == 4


def test_without_a_listener_they_share_the_time_by_what_is_said():
    found = timed("No, the university.", seconds=3.0)
    assert all(word.is_estimated for word in found)
    assert found[0].start == EDGE_SECONDS and found[-1].end == 3 - EDGE_SECONDS, "without the silence at the ends"
    lengths = [word.end - word.start for word in found]
    assert lengths[2] > 2 * lengths[1] > lengths[0], "by letters"
    assert found[1].start - found[0].end > 0.2 and found[2].start == found[1].end, "and a comma is a pause"


def test_a_number_takes_as_long_as_it_is_read():
    said = {"2": "two", "1,777": "one thousand seven hundred seventy-seven"}
    texts = [(f"There were {number} of them.", f"There were {words} of them.") for number, words in said.items()]
    short, long = (timed(text, seconds=3.0, spoken=spoken) for text, spoken in texts)
    assert long[2].end - long[2].start > 3 * (short[2].end - short[2].start)


def test_words_of_what_is_spoken_are_counted_where_there_are_as_many():
    plain, said = (timed("Ask Siobhan now.", spoken=spoken) for spoken in ("", "Ask shi-vawn-of-the-many-letters now."))
    assert said[1].end - said[1].start > 1.5 * (plain[1].end - plain[1].start)


def test_each_chinese_or_japanese_character_is_a_word():
    found = timed("今日は、晴れ。", [["今日", 0.2, 0.6], ["は", 0.6, 0.8]], language="ja")
    assert spans(found)[:3] == [("今", 0.2, 0.4), ("日", 0.4, 0.6), ("は、", 0.6, 0.8)]
    assert found[3].is_estimated


def test_punctuation_alone_belongs_to_the_word_before():
    assert [word.text for word in timed("— Yes — he said …", seconds=1.0)] == ["— Yes —", " he", " said …"]


@pytest.mark.parametrize("text", ["", " ", "…"])
def test_a_text_without_words_has_few(text):
    assert len(timed(text)) <= 1


@pytest.mark.django_db
def test_those_of_a_take():
    take = SegmentTakeFactory(text="The ferry left late.", words=HEARD, seconds=2.0)
    assert spans(word_times(take, "en-us")) == spans(timed("The ferry left late.", HEARD))
    take.words = None
    assert all(word.is_estimated for word in word_times(take, "en-us"))
