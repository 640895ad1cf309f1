"""Sentences that are changed while a worker speaks them or joins the whole. With a real engine process."""

import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from synthesis.generations import takes
from synthesis.models import Generation, Segment, SegmentTake
from synthesis.queue import processes
from synthesis.segments import editing, edits
from synthesis.speech import files
from synthesis.speech.batch import BatchRun
from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory
from voices.models import VoiceProfile
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.backends, pytest.mark.processes]

TEXT = "Do-slow one two. Three four."


def speak(generation: Generation) -> Generation:
    generation = Generation.objects.get(pk=generation.pk)
    assert generation.claim()
    BatchRun(generation).speak()
    return Generation.objects.filter(pk=generation.pk).first()


def texts(generation) -> list[str]:
    return list(generation.segments.in_text().values_list("take__text", flat=True))


def is_speaking(row) -> bool:
    return row.state == State.GENERATING and row.progress > 30


@pytest.fixture
def spoken(monkeypatch):
    """The texts that the engine is given, in order."""
    seen = []
    synthesize = processes.synthesis_process.synthesize

    def spy(utterances, beat):
        seen.extend(utterance.text for utterance in utterances)
        return synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", spy)
    return seen


def test_a_sentence_that_is_replaced_while_it_is_spoken(during):
    row = GenerationFactory(text=TEXT)
    during(row, is_speaking, lambda row: editing.split(row, 0, 8))
    row = speak(row)
    assert row.state == State.COMPLETED and texts(row) == ["Do-slow", "one two.", "Three four."]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda row: editing.split(row, 0, 8), ["Do-slow", "one two."]),
        (lambda row: editing.change(row, 0, text="Do-slow five."), ["Do-slow five."]),
        (lambda row: editing.speak_again(row, 0), ["Do-slow one two."]),
    ],
)
def test_a_change_that_is_undone_while_it_is_spoken_leaves_all_as_it_was(during, spoken, act, words):
    row = speak(GenerationFactory(text=TEXT))
    before, there = list(row.segments.values()), set(SegmentTake.objects.values_list("audio", flat=True))
    act(row)
    during(row, is_speaking, edits.undo)
    row = speak(row)
    assert (row.state, row.error, texts(row)) == (State.COMPLETED, "", ["Do-slow one two.", "Three four."])
    changing = ("changed_at", "revision", "tries")
    for old, new in zip(before, row.segments.values(), strict=True):
        assert {**old, **{name: new[name] for name in changing}} == new
    folder = f"generations/{row.pk}/segments"
    assert {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]} == there
    assert spoken[2:] == words, "and nothing after the undo"


def test_a_text_that_is_deleted_while_a_change_is_spoken(during):
    row = speak(GenerationFactory(text=TEXT))
    editing.speak_again(row, 0)
    during(row, is_speaking, takes.delete)
    assert speak(row) is None and not Segment.objects.exists()
    assert not default_storage.listdir(f"generations/{row.pk}/segments")[1]


def test_a_sentence_that_is_split_while_the_whole_is_joined(monkeypatch):
    row = GenerationFactory(text="One two. Three four.")
    join, joined = files._join, []

    def and_split(*arguments):
        measures = join(*arguments)
        if not joined:
            editing.split(row, 1, 6)
        joined.append(measures)
        return measures

    monkeypatch.setattr(files, "_join", and_split)
    row = speak(row)
    assert row.state == State.COMPLETED and texts(row) == ["One two.", "Three", "four."] and len(joined) == 2


def test_only_what_changed_is_spoken_and_a_pause_is_not(spoken):
    row = speak(GenerationFactory(text="One two. Three four."))
    whole, seconds = row.audio.name, row.seconds
    editing.change(row, 0, pause=1.2)
    row = speak(row)
    assert row.seconds == pytest.approx(seconds + 1.0, abs=0.01) and row.audio.name != whole
    assert not default_storage.exists(whole)
    voice = VoiceFactory(owner=row.owner)
    editing.change(row, 1, voice=voice)
    row = speak(row)
    assert spoken == ["One two.", "Three four.", "Three four."]
    assert row.segments.get(index=1).take.voice == voice
    for _ in range(2):
        edits.undo(row)
    row = speak(row)
    assert len(spoken) == 3 and row.seconds == seconds


def test_another_take_of_a_sentence_sounds_otherwise():
    row = speak(GenerationFactory(text="One two. Three four."))
    editing.speak_again(row, 1)
    row = speak(row)
    first, second = row.segments.get(index=1).takes.order_by("number")
    assert first.seed != second.seed and files.read_take(first).tobytes() != files.read_take(second).tobytes()
    editing.pick(row, 1, 1)
    assert speak(row).segments.get(index=1).take == first


def test_a_sentence_that_cannot_be_spoken_is_changed_to_one_that_can(spoken):
    row = speak(GenerationFactory(text="One two. Do-empty three."))
    assert row.state == State.FAILED and not row.is_heard
    editing.change(row, 1, text="Three four.")
    row = speak(row)
    assert (row.state, row.error) == (State.COMPLETED, "") and spoken.count("One two.") == 1


def test_changes_at_the_same_time_all_come_to_be():
    row = GenerationFactory(completed=True, text="One two. Three four. Five six.")
    for text in ("One two.", "Three four.", "Five six."):
        SegmentFactory(generation=row, text=text, take=True)

    def change(act, *arguments, **options):
        act(Generation.objects.get(pk=row.pk), *arguments, **options)
        connection.close()

    acts = [
        (editing.split, (0, 4), {}),
        (editing.change, (2,), {"pause": 3.0}),
        (editing.change, (1,), {"text": "Seven. And then eight."}),
        (editing.speak_again, (0,), {}),
    ]
    threads = [
        threading.Thread(target=change, args=(act, *arguments), kwargs=options) for act, arguments, options in acts
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    row.refresh_from_db()
    indices = list(row.segments.in_text().values_list("index", flat=True))
    assert (
        row.revision == row.edits.count() == 4 - (0 if row.edits.filter(what__endswith="another take").exists() else 1)
    )
    assert indices == list(range(len(indices))) and len(indices) >= 4
    while row.edits.exists():
        edits.undo(row)
    assert texts(row) == ["One two.", "Three four.", "Five six."] and row.text == "One two. Three four. Five six."


@pytest.mark.parametrize(
    "fate",
    [
        {"suspended_at": "2026-01-01T00:00Z"},
        {"retired_at": "2026-01-01T00:00Z"},
        {"visibility": VoiceProfile.Visibility.PRIVATE},
    ],
)
def test_what_was_left_unspoken_is_not_said_in_a_voice_that_may_not_speak_any_more(spoken, fate):
    row = speak(GenerationFactory(text="One two. Three four. Five six."))
    before, theirs = row.audio.name, VoiceFactory(visibility=VoiceProfile.Visibility.SHARED)
    editing.change(row, 1, text="Seven.", voice=theirs)
    row.request_cancel()
    type(theirs).objects.filter(pk=theirs.pk).update(**fate)
    del spoken[:]
    editing.change(row, 0, pause=2.0)  # which has the text joined anew, and would speak what waits
    row = speak(row)
    assert (row.state, spoken) == (State.FAILED, [])
    assert row.error == "The voice of sentence 2 can’t be used any more: choose another for it."
    assert row.audio.name == before, "what was heard is there"
    editing.change(row, 1, voice=row.voice)
    row = speak(row)
    assert (row.state, texts(row)[1]) == (State.COMPLETED, "Seven.")
