"""Subtitles: lines that fit, broken where a reader would pause, shown long enough, one after another."""

from itertools import pairwise

import pytest

from synthesis.delivery.cues import Cue, Word, cues_of, of_transcript, readable, split, word_cues, written
from synthesis.delivery.word_times import times

LONG = "When the rain stopped, the children, who had waited all morning, ran out into the garden."
HARD = (
    "Dr. Wu of J. R. R. Tolkien's estate said that on 3 May 2019 the ferry left at 7:45, with 1,250 people on board; "
    "nobody was hurt, although the captain, who was tired, had fallen asleep at the wheel."
)
JAPANESE = "昨日、私は友達と一緒に、駅の近くにある新しいレストランへ行って、とてもおいしい料理を食べました。"


def cues(text, seconds=8.0, language="en-us", **options):
    words = [Word(word.text, word.start, word.end) for word in times(text, text, (), seconds, language)]
    return list(cues_of(text, words, 0.0, seconds, language, **options))


@pytest.mark.parametrize(
    ("text", "language", "width"),
    [(LONG, "en-us", 42), (HARD, "en-us", 42), (JAPANESE, "ja", 18), ("x" * 300, "en-us", 42)],
)
@pytest.mark.parametrize("label", ["", "ANNA: "])
def test_lines_fit(text, language, width, label):
    shown = split(text, language, label)
    assert all(1 <= len(lines) <= 2 and max(map(len, lines)) <= width for _, _, lines in shown)
    joined = "".join("".join(lines) for _, _, lines in shown).replace(" ", "")
    assert joined == (label + text).replace(" ", ""), "and nothing is lost"


def test_lines_are_broken_at_clauses():
    assert [cue.lines for cue in cues(LONG)] == [
        ("When the rain stopped, the children,",),
        ("who had waited all morning,", "ran out into the garden."),
    ]


def test_an_abbreviation_a_number_and_an_initial_end_no_line():
    ends = [line.split()[-1] for cue in cues(HARD) for line in cue.lines]
    assert not {"Dr.", "J.", "R.", "3", "1,250"} & set(ends)


def test_cues_of_a_sentence_follow_its_words_and_end_with_it():
    shown = cues(LONG)
    words = times(LONG, LONG, (), 8.0, "en-us")
    who = next(word for word in words if word.text == " who")
    assert shown[0].start == 0 and shown[-1].end == 8 and shown[1].start == who.start == shown[0].end


def test_a_short_cue_stays_as_long_as_the_next_one_allows():
    shown = list(readable([Cue(0, 0.3, ("Yes.",)), Cue(0.8, 1.0, ("No.",)), Cue(5, 5.5, ("x" * 60,))], "en-us"))
    assert [(cue.start, cue.end) for cue in shown] == [(0, 0.8), (0.8, 1.8), (5, 8)], "at 20 characters a second"


@pytest.mark.parametrize("text", [LONG, HARD])
def test_no_cue_overlaps_the_next(text):
    shown = list(
        readable(
            [*cues(text, 3.0), *(cue._replace(start=3 + cue.start, end=3 + cue.end) for cue in cues(text, 3.0))],
            "en-us",
        )
    )
    assert all(one.end <= other.start and one.start < one.end for one, other in pairwise(shown))


def test_subrip():
    shown = [Cue(0.0, 1.5, ("One & two,", "three.")), Cue(3723.0417, 3725.0, ("Four.",))]
    assert "".join(written(shown, "srt")) == (
        "1\n00:00:00,000 --> 00:00:01,500\nOne & two,\nthree.\n\n2\n01:02:03,042 --> 01:02:05,000\nFour.\n"
    )


def test_webvtt_names_the_speaker_and_hides_no_text():
    shown = [Cue(0.0, 1.5, ("1 < 2 & 3",), "Anna <b>"), Cue(2.0, 3.0, ("Four.",))]
    assert "".join(written(shown, "vtt")) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v Anna &lt;b&gt;>1 &lt; 2 &amp; 3\n"
        "\n00:00:02.000 --> 00:00:03.000\nFour.\n"
    )


def test_webvtt_marks_words_in_their_lines():
    words = (Word("One", 0.0, 0.4), Word(" & two,", 0.5, 1.0), Word(" three.", 1.0, 1.4))
    assert "".join(written([Cue(0.0, 1.5, ("One & two,", "three."), "", words)], "vtt")) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nOne <00:00:00.500>&amp; two,\n<00:00:01.000>three.\n"
    )


def test_times_in_a_cue_ascend_within_it():
    words = (Word("One", 0.0, 0.4), Word(" two", 0.4, 0.4), Word(" three", 0.4, 0.9), Word(" four", 1.5, 1.5))
    (line,) = "".join(written([Cue(0.0, 1.5, ("One two three four",), "", words)], "vtt")).splitlines()[3:]
    assert line == "One <00:00:00.400>two three four"


def test_a_cue_for_each_word():
    words = [Word("One", 0.0, 0.4), Word(" two", 0.6, 0.8), Word(" of", 0.82, 0.84), Word(" three", 0.86, 1.2)]
    shown = list(word_cues([*words, Word(" four.", 3.0, 3.5)]))
    assert [(cue.start, cue.end, *cue.lines) for cue in shown] == [
        (0.0, 0.6, "One"), (0.6, 0.82, "two"), (0.82, 1.2, "of three"), (3.0, 3.5, "four."),
    ]  # fmt: skip


def test_a_transcript_is_shown_by_sentences_and_pauses():
    words = [(" One.", 0, 1, 1), (" Two", 1, 2, 1), (" three", 2, 3, 1), (" later", 5, 6, 1)]
    assert [cue.lines[0] for cue in of_transcript(words)] == ["One.", "Two three", "later"]


def test_a_cue_of_a_transcript_is_as_long_as_one_reads_at_a_glance():
    words = [[f" word{n}{'.' if n == 3 else ''}", n * 0.4, n * 0.4 + 0.3, 0.9] for n in range(60)]
    shown = of_transcript(words)
    assert shown[0] == Cue(0.0, pytest.approx(1.5), ("word0 word1 word2 word3.",))
    assert all(len(cue.lines[0]) <= 84 and cue.end - cue.start <= 7 for cue in shown)
    assert " ".join(cue.lines[0] for cue in shown).split() == [word.strip() for word, *_ in words]
