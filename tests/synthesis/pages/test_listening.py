"""A text while it is spoken: its timeline, its takes, its text and its sentences."""

import io
import json
from urllib.parse import urljoin

import pytest
import soundfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Generation, Segment
from synthesis.pages.listening import SENTENCES_OF_A_PAGE, whole_address
from synthesis.segments.timeline import RATE
from tests.factories import GenerationFactory, SegmentFactory, SegmentTakeFactory, UserFactory, wav
from voicesite.jobs.job import State


@pytest.fixture
def generation(user):
    """One that is being spoken: of three sentences two are there."""
    generation = GenerationFactory(owner=user, running=True, revision=3)
    for seconds in (0.5, 0.25):
        SegmentFactory(generation=generation, take__seconds=seconds)
    SegmentFactory(generation=generation, text="And the last.")
    return generation


def of(name, generation, *more):
    return reverse(f"synthesis:{name}", args=[generation.pk, *more])


def timeline(page, generation, since=""):
    answer = page.get(of("timeline", generation), {"since": since})
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_at_first_the_timeline_has_all_segments(page, generation):
    found = timeline(page, generation)
    assert [found[name] for name in ("state", "ended", "progress", "revision", "total", "spoken", "whole")] == [
        "generating", False, 50, 3, 3, 2, None,
    ]  # fmt: skip
    first, _, last = found["segments"]
    assert (first["index"], first["state"], first["seconds"], first["pause"], first["pause_before"]) == (
        0, "completed", 0.5, 0.2, 0.0,
    )  # fmt: skip
    assert "words" not in first and first["marked"] is False
    assert last == {
        "index": 2, "state": "pending", "pause": 0.2, "pause_before": 0.0, "characters": 13, "attempt": "0.0",
    }  # fmt: skip


def test_the_sound_of_a_segment_is_where_the_timeline_says(page, generation):
    where = urljoin(of("timeline", generation), timeline(page, generation)["segments"][1]["audio"])
    answer = page.get(where)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/flac")
    assert "immutable" in answer.headers["Cache-Control"]
    samples, rate = soundfile.read(io.BytesIO(answer.getvalue()))
    assert (len(samples), rate) == (0.25 * RATE, RATE)


def test_later_it_has_only_what_has_changed(page, generation):
    cursor = timeline(page, generation)["cursor"]
    last = generation.segments.get(index=2)
    last.take = SegmentTakeFactory(segment=last, seconds=1.0)
    last.state = Segment.State.COMPLETED
    last.save()
    found = timeline(page, generation, cursor)
    assert [segment["index"] for segment in found["segments"]] == [2]
    assert found["spoken"] == 3
    assert len(timeline(page, generation, found["cursor"])["segments"]) <= 1, "the last of them may be sent twice"


def test_after_a_change_of_the_text_it_has_all_again(page, generation):
    cursor = timeline(page, generation)["cursor"]
    generation.segments.filter(index=1).update(index=None)  # joined with its neighbour
    generation.segments.filter(index=2).update(index=1)
    Generation.objects.update(revision=4)
    found = timeline(page, generation, cursor)
    assert [segment["index"] for segment in found["segments"]] == [0, 1]
    assert (found["total"], found["revision"]) == (2, 4)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "3@yesterday",
        "3@2026-01-01T00:00:00",
        "3@",
        "3@0001-01-01T00:00:00%2B14:00",
        "3@9999-12-31T23:59:59-12:00",
    ],
)
def test_a_cursor_that_says_nothing_gets_all(page, generation, cursor):
    assert len(timeline(page, generation, cursor)["segments"]) == 3


@pytest.fixture
def parts(generation):
    """What there is of the last sentence, which is being spoken: files, and samples of each."""
    segment = generation.segments.get(index=2)
    folder = f"generations/{generation.pk}/segments"
    for number, seconds in enumerate((0.5, 0.75)):
        name = default_storage.save(f"{folder}/part-{number}.flac", ContentFile(wav(seconds, form="FLAC")))
        segment.parts.append((name, int(seconds * RATE)))
    segment.state, segment.revision, segment.tries = Segment.State.GENERATING, 2, 1
    segment.save()
    return segment.parts


def part_of(generation, segment, parts):
    return of("part_audio", generation, segment.pk, parts[0][0].rpartition("/")[-1])


def test_a_sentence_that_is_being_spoken_has_parts(page, generation, parts):
    *_, last = timeline(page, generation)["segments"]
    assert last["attempt"] == "2.1" and "audio" not in last
    assert [part["samples"] for part in last["parts"]] == [0.5 * RATE, 0.75 * RATE]
    for part in last["parts"]:
        answer = page.get(urljoin(of("timeline", generation), part["audio"]))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/flac")
        assert "immutable" in answer.headers["Cache-Control"], "its name is that of no other"
        samples, rate = soundfile.read(io.BytesIO(answer.getvalue()))
        assert (len(samples), rate) == (part["samples"], RATE)


def test_a_take_takes_the_place_of_its_parts(page, generation, parts):
    cursor = timeline(page, generation)["cursor"]
    segment = generation.segments.get(index=2)
    segment.take, segment.state, segment.parts = SegmentTakeFactory(segment=segment), Segment.State.COMPLETED, []
    segment.save()
    last = timeline(page, generation, cursor)["segments"][-1]
    assert "parts" not in last and last["audio"] and last["attempt"] == "2.1"
    assert page.get(part_of(generation, segment, parts)).status_code == 404
    segment.state, segment.parts = Segment.State.GENERATING, parts
    segment.save()
    assert "parts" not in timeline(page, generation)["segments"][-1], "it is changed: the take is heard until then"


def test_a_part_is_there_as_long_as_its_row_and_its_file(page, user, generation, parts):
    segment = generation.segments.get(index=2)
    where = part_of(generation, segment, parts)
    assert page.get(where).status_code == 200
    other = GenerationFactory(owner=user)
    assert page.get(part_of(other, segment, parts)).status_code == 404, "it is of another text"
    assert page.get(of("part_audio", generation, segment.pk, "part-9.flac")).status_code == 404
    default_storage.delete(parts[0][0])
    assert page.get(where).status_code == 404


def test_a_poll_costs_the_same_for_three_sentences_and_for_thirty(page, generation, count_queries):
    cursor = timeline(page, generation)["cursor"]
    costs = []
    for _ in range(2):
        costs.append([count_queries(page, f"{of('timeline', generation)}?since={since}") for since in ("", cursor)])
        SegmentFactory.create_batch(27, generation=generation)
    assert costs[0] == costs[1] == [5, 5]


def test_a_whole_has_another_address_when_it_is_made_anew(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    whole = timeline(page, generation)["whole"]
    assert whole["seconds"] == 0.5
    assert page.get(whole["audio"]).getvalue()[:4] == b"RIFF"
    generation.audio.name = f"generations/{generation.pk}/5d1c9b42-e546.wav"
    assert whole_address(generation) != whole["audio"]


def test_words_are_offered_where_they_are_known(page, generation):
    take = generation.segments.get(index=0).take
    take.words, take.is_marked = [["Good", 0.0, 0.2]], True
    take.save()
    first = timeline(page, generation)["segments"][0]
    assert first["marked"] is True
    assert page.get(urljoin(of("timeline", generation), first["words"])).status_code == 200


def test_words_have_their_places_in_the_sound_and_in_the_text(page, generation):
    """Counted as a browser counts, for which an emoji is two characters."""
    segment = generation.segments.first()
    take = segment.take
    segment.text = take.text = take.spoken = "Hi 😀 to you."
    take.words, take.seconds = [["Hi", 0.1, 0.2], [" to", 0.2, 0.3], [" you.", 0.3, 0.44]], 0.5
    segment.save()
    take.save()
    address = reverse("synthesis:take_words", args=[generation.pk, take.pk])
    assert page.get(address).json() == {"words": [[0.1, 0.2, 0, 5], [0.2, 0.3, 6, 2], [0.3, 0.44, 9, 4]]}
    take.text = "Hello."
    take.save()
    assert page.get(address).json() == {"words": []}, "for which the text has no places"


@pytest.mark.parametrize("name", ["timeline", "text", "sentences", "take_audio", "take_words", "part_audio"])
def test_it_is_its_owners_alone(page, client, generation, parts, name):
    more = [generation.segments.get(index=0).take_id] if name.startswith("take_") else []
    where = (
        of(name, generation, *more)
        if name != "part_audio"
        else part_of(generation, generation.segments.get(index=2), parts)
    )
    assert page.get(where).status_code == 200
    assert page.post(where).status_code == 405
    client.force_login(UserFactory())
    assert client.get(where).status_code == 404
    client.logout()
    assert client.get(where).url.startswith("/account/login/")


def test_a_take_of_another_text_is_not_there(page, user, generation):
    other = SegmentFactory(generation=GenerationFactory(owner=user), take=True)
    assert page.get(of("take_audio", generation, other.take_id)).status_code == 404


@pytest.mark.parametrize("where", ["studio", "synthesis:list", "detail", "progress"])
def test_play_is_there_as_soon_as_the_first_sentence_is(page, user, where):
    generation = GenerationFactory(owner=user, running=True)
    first, second = SegmentFactory.create_batch(2, generation=generation)
    address = reverse(where) if ":" in where or where == "studio" else of(where, generation)
    player = f'id="player-{generation.pk}"'
    assert player not in page.get(address).text
    second.take = SegmentTakeFactory(segment=second)
    second.save()
    assert player not in page.get(address).text, "not with a later one"
    first.take = SegmentTakeFactory(segment=first)
    first.save()
    shown = page.get(address).text
    assert player in shown and 'hx-preserve="true"' in shown and "<audio" not in shown


def test_play_is_there_as_soon_as_there_is_a_part_of_the_first_sentence(page, user):
    generation = GenerationFactory(owner=user, running=True)
    first = SegmentFactory(generation=generation, state=Segment.State.GENERATING)

    def can_be_heard():
        return f'id="player-{generation.pk}"' in page.get(of("progress", generation)).text

    assert not can_be_heard()
    Segment.objects.update(parts=[["part.flac", RATE]])
    assert can_be_heard()
    Segment.objects.update(parts=[], tries=1)
    assert can_be_heard(), "who listens stays: it is spoken once more"
    Segment.objects.filter(pk=first.pk).update(parts=[["part.flac", RATE]])
    Generation.objects.update(state=State.FAILED)
    assert not can_be_heard(), "it comes to no end"


def test_the_old_whole_is_heard_while_a_change_is_spoken_and_the_new_one_replaces_it(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    Generation.objects.update(state=State.PENDING)
    shown = page.get(of("progress", generation)).text
    assert f'src="{whole_address(generation)}"'.replace("&", "&amp;") in shown and 'hx-preserve="true"' in shown
    Generation.objects.update(state=State.COMPLETED)
    assert "hx-preserve" not in page.get(of("progress", generation)).text


def test_the_text_is_shown_sentence_by_sentence_in_paragraphs(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    SegmentFactory(generation=generation, text="Who is <there>?", speaker="Anna", starts_paragraph=True, take=True)
    SegmentFactory(generation=generation, text="Say it.", speaker="Anna", take__is_marked=True)
    SegmentFactory(generation=generation, text="It's me.", speaker="Ben", starts_paragraph=True)
    shown = page.get(of("text", generation)).text
    assert (
        '<p><b class="speaker">Anna</b> <span data-s>Who is &lt;there&gt;?</span> '
        '<span data-s class="marked" title="Words differ">Say it.</span></p>'
    ) in shown
    assert '<p><b class="speaker">Ben</b> <span data-s class="waiting">It&#x27;s me.</span></p>' in shown
    assert "Who is &lt;there&gt;?" in page.get(of("detail", generation)).text


def test_a_text_without_sentences_is_shown_as_it_was_written(page, user):
    generation = GenerationFactory(owner=user, completed=True, text="One.\nTwo.")
    assert "<p>One.<br>Two.</p>" in page.get(of("text", generation)).text


def test_a_text_of_three_thousand_sentences_is_lean(page, user, count_queries):
    generation = GenerationFactory(owner=user, running=True)
    text = "A sentence like many."
    now = timezone.now()
    Segment.objects.bulk_create(
        Segment(generation=generation, index=index, text=text, changed_at=now, starts_paragraph=index % 5 == 0)
        for index in range(3000)
    )
    shown = page.get(of("text", generation))
    assert len(shown.content) - 3000 * len(text) < 150_000
    assert count_queries(page, of("text", generation)) == 4


def test_sentences_have_players_on_pages_that_need_no_script(page, generation):
    shown = page.get(of("sentences", generation)).text
    assert shown.count("<audio") == 2
    take = generation.segments.get(index=1).take_id
    assert f'src="{of("take_audio", generation, take)}"' in shown
    assert "And the last." in shown and "Waiting" in shown
    assert of("sentences", generation) in page.get(of("detail", generation)).text
    SegmentFactory.create_batch(SENTENCES_OF_A_PAGE, generation=generation)
    assert page.get(of("sentences", generation)).text.count("<li value=") == SENTENCES_OF_A_PAGE
    assert page.get(of("sentences", generation), {"page": 2}).text.count("<li value=") == 3


def test_a_text_without_sentences_says_so(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    assert "no longer stored" in page.get(of("sentences", generation)).text
    assert "Not split" in page.get(of("sentences", GenerationFactory(owner=user))).text
