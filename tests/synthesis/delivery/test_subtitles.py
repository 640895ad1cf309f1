"""Subtitles of a generation: at the places of its sentences, with their speakers, or a reason why there are none."""

import json

import pytest

from synthesis.api.schemas import TimesOut
from synthesis.delivery.subtitles import subtitles
from synthesis.models import Generation, Segment
from synthesis.segments.timeline import RATE
from tests.factories import GenerationFactory, SegmentFactory
from voicesite.jobs.job import State
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.django_db
LONG = "When the rain stopped, the children, who had waited all morning, ran out into the garden."


def generation(*sentences, **fields):
    """A generation of (text, speaker) sentences of 1.5 s, with a pause of 0.25 s after each, and 0.5 s before."""
    made = GenerationFactory(completed=True, **fields)
    for number, (text, speaker) in enumerate(sentences):
        SegmentFactory(
            generation=made,
            text=text,
            speaker=speaker,
            pause=0.25,
            pause_before=0 if number else 0.5,
            take__seconds=1.5,
        )
    made.seconds = round(0.5 + 1.75 * len(sentences), 3)
    made.save(update_fields=["seconds"])
    return made


def written(made, file_format="srt", level="sentence") -> str:
    return "".join(subtitles(made, file_format, level))


def test_sentences_are_at_their_places():
    made = generation(("The ferry left.", ""), ("It was late.", ""))
    assert written(made) == (
        "1\n00:00:00,500 --> 00:00:02,000\nThe ferry left.\n\n2\n00:00:02,250 --> 00:00:03,750\nIt was late.\n"
    )
    assert written(made, "vtt").startswith("WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nThe ferry left.\n")


def test_a_long_sentence_is_several_cues_within_its_place():
    shown = written(generation((LONG, ""))).split("\n\n")
    assert len(shown) == 2 and "00:00:00,500 -->" in shown[0]
    assert "children,\n" not in shown[1] and shown[1].startswith("2\n00:00:0")


def test_speakers_are_named_as_each_format_does():
    made = generation(("Good morning.", "Anna"), ("How are you?", "Anna"), ("Fine & well.", "Bert"))
    lines = [part.splitlines()[-1] for part in written(made).split("\n\n")]
    assert lines == ["ANNA: Good morning.", "How are you?", "BERT: Fine & well."]
    assert "<v Anna>How are you?\n" in written(made, "vtt") and "<v Bert>Fine &amp; well.\n" in written(made, "vtt")


def test_words_are_marked_in_webvtt_and_cues_in_subrip():
    made = generation(("The ferry left.", ""))
    segment = made.segments.get()
    segment.take.words = [["The", 0.1, 0.3], [" ferry", 0.3, 0.7], [" left.", 0.8, 1.2]]
    segment.take.save()
    assert "The <00:00:00.800>ferry <00:00:01.300>left.\n" in written(made, "vtt", "word").replace("<00:00:00.600>", "")
    assert [part.splitlines()[1:] for part in written(made, "srt", "word").split("\n\n")] == [
        ["00:00:00,600 --> 00:00:00,800", "The"],
        ["00:00:00,800 --> 00:00:01,300", "ferry"],
        ["00:00:01,300 --> 00:00:01,700", "left."],
    ]
    payload = json.loads(written(made, "json"))
    assert TimesOut.model_validate(payload).model_dump() == payload, "as the document of the API says"
    assert payload["language"] == "en-us" and payload["seconds"] == 2.25
    (shown,) = payload["segments"]
    assert (shown["index"], shown["start"], shown["end"], shown["text"]) == (0, 0.5, 2.0, "The ferry left.")
    assert shown["words"][1] == {"text": "ferry", "start": 0.8, "end": 1.2, "estimated": False}


def test_they_are_exact_after_many_sentences():
    """Each place is a whole number of samples: no sum of rounded seconds."""
    made = GenerationFactory(completed=True)
    for seconds in (0.3333333333333333, 0.71, 1 / 7):
        SegmentFactory(generation=made, pause=1 / 3, take__seconds=round(seconds * RATE) / RATE)
    samples = sum(round(seconds * RATE) + round(RATE / 3) for seconds in (1 / 3, 0.71, 1 / 7))
    made.seconds = round(samples / RATE, 3)
    made.save()
    segments = json.loads(written(made, "json"))["segments"]
    assert segments[2]["start"] == round((8000 + 8000 + 17040 + 8000) / RATE, 3)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda made: Segment.objects.all().delete(), "not_found", "no longer stored"),
        (lambda made: Segment.objects.update(pause=2.0), "conflict", "being changed"),
        (lambda made: Segment.objects.filter(index=1).update(take=None), "conflict", "being changed"),
        (lambda made: Generation.objects.update(state=State.PENDING, audio=""), "conflict", "isn’t ready"),
    ],
)
def test_why_there_are_none(change, code, words):
    made = generation(("The ferry left.", ""), ("It was late.", ""))
    change(made)
    with pytest.raises(Rejected, match=words) as raised:
        written(Generation.objects.get())
    assert raised.value.code == code


def test_they_cost_as_many_queries_for_many(django_assert_num_queries):
    made = generation(*[("The ferry left.", "")] * 6)
    with django_assert_num_queries(1):
        written(made, "vtt", "word")
