"""What may be changed of the sentences of a finished text, and undone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from synthesis.generations import takes
from synthesis.models import MAX_SEGMENT_TAKES, CastMember, Generation, Segment
from synthesis.segments import editing, edits
from synthesis.speech.files import drop_segments
from tests.factories import GenerationFactory, PronunciationFactory, SegmentFactory, SegmentTakeFactory, VoiceFactory
from voicesite.jobs.job import State
from voicesite.web.rejection import Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.backends]

SENTENCES = ("The ferry left at dawn.", "Nobody had slept.", "A gull cried twice.", "All was still.")


@pytest.fixture
def generation(user):
    made = GenerationFactory(
        owner=user,
        completed=True,
        text="The ferry left at dawn. Nobody\nhad slept.\n\nA gull cried twice. All was still.",
    )
    Generation.objects.update(title=takes.title_of(made.text))
    for index, text in enumerate(SENTENCES):
        SegmentFactory(
            generation=made,
            index=index,
            text=text,
            take=True,
            pause=0.7 if index == 1 else 0.2,
            starts_paragraph=not index % 2,
        )
    return made


def texts(generation):
    return list(generation.segments.in_text().values_list("text", flat=True))


def waiting(generation):
    return list(generation.segments.unspoken().values_list("text", flat=True))


def everything(generation):
    """All that is heard and written, to compare after an undo."""
    row = Generation.objects.get(pk=generation.pk)
    fields = (
        "pk",
        "index",
        "text",
        "spoken",
        "speaker",
        "voice",
        "pause",
        "pause_before",
        "starts_paragraph",
        "state",
        "take",
    )
    return row.text, row.title, list(row.segments.in_text().values_list(*fields))


def finish(generation):
    """Do what a worker does: speak what waits, and complete."""
    for segment in generation.segments.unspoken():
        take = SegmentTakeFactory(segment=segment)
        Segment.objects.filter(pk=segment.pk).update(state="completed", take=take)
    Generation.objects.filter(pk=generation.pk).update(state=State.COMPLETED)


def rejected(code, act, *args, **options):
    with pytest.raises(Rejected) as error:
        act(*args, **options)
    assert error.value.code == code
    return error.value.message


def test_other_words_are_spoken_and_the_rest_is_kept(generation):
    before = everything(generation)[2]
    editing.change(generation, 1, text="Nobody had eaten.")
    row = Generation.objects.get(pk=generation.pk)
    assert (row.state, row.revision, row.is_heard) == (State.PENDING, 1, True)
    assert row.text == "The ferry left at dawn. Nobody had eaten.\n\nA gull cried twice. All was still."
    assert row.title.startswith("The ferry left at dawn. Nobody had eaten. A gull")
    assert waiting(generation) == ["Nobody had eaten."]
    segment = generation.segments.get(index=1)
    assert segment.take and segment.take.text == "Nobody had slept." and segment.revision == 1
    after = everything(generation)[2]
    assert [row for row in after if row[1] != 1] == [row for row in before if row[1] != 1]


def test_a_title_that_somebody_gave_stays(generation):
    Generation.objects.update(title="Ferry")
    editing.change(generation, 0, text="No ferry left.")
    assert Generation.objects.get().title == "Ferry"


def test_words_have_marks_and_the_dictionary_applies(generation, user):
    PronunciationFactory(owner=user, word="Nike", said="nye-kee")
    editing.change(generation, 1, text="{Zoe|zoh-ee} had Nike at 3 p.m. [pause 2s]")
    segment = generation.segments.get(index=1)
    assert segment.text == "Zoe had Nike at 3 p.m."
    assert segment.spoken.startswith("zoh-ee had nye-kee at three") and segment.pause == 2.0
    assert "{Zoe|zoh-ee} had Nike at 3 p.m. [pause 2s]\n\nA gull" in Generation.objects.get().text


def test_words_without_the_marks_that_stand_there_take_them_away_only_where_they_have_all(generation):
    Generation.objects.update(text=generation.text.replace("slept", "{slept|sleept}"))
    editing.change(generation, 1, text="Nobody had slept.")
    assert not waiting(generation)
    editing.change(generation, 1, text="Nobody had slept.", has_marks=True)
    assert waiting(generation) == ["Nobody had slept."]
    assert "{" not in Generation.objects.get().text


def test_words_of_several_sentences_replace_the_one(generation):
    editing.change(generation, 1, text="Nobody had slept well. The night was long, and cold. It rained.", pause=1.5)
    assert texts(generation)[1:4] == ["Nobody had slept well.", "The night was long, and cold.", "It rained."]
    assert texts(generation)[4:] == list(SENTENCES[2:]) and len(waiting(generation)) == 3
    rows = generation.segments.in_text()
    assert list(rows.values_list("index", flat=True)) == list(range(6))
    assert (rows[1].starts_paragraph, rows[3].pause, rows[1].pause) == (False, 1.5, 0.2)
    assert generation.segments.get(index=None).takes.exists(), "it is kept to undo this"


def test_a_pause_is_not_spoken(generation):
    editing.change(generation, 1, pause=2.5)
    segment = generation.segments.get(index=1)
    assert (segment.pause, segment.state, segment.revision) == (2.5, "completed", 0)
    row = Generation.objects.get()
    assert row.state == State.PENDING and "had slept. [pause 2.5s]\n\nA gull" in row.text


def test_another_voice_speaks_the_same_words(generation, user):
    voice = VoiceFactory(owner=user)
    editing.change(generation, 2, voice=voice)
    assert waiting(generation) == ["A gull cried twice."] and generation.segments.get(index=2).voice == voice
    assert Generation.objects.get().text == generation.text


@pytest.mark.parametrize(
    "same", [{}, {"text": "Nobody  had slept."}, {"pause": 0.7}, {"text": "Nobody had slept.", "pause": 0.7}]
)
def test_what_is_the_same_changes_nothing(generation, same):
    before = everything(generation)
    editing.change(generation, 1, **same, voice=generation.voice)
    row = Generation.objects.get()
    assert (row.state, row.revision) == (State.COMPLETED, 0) and not row.edits.exists()
    assert everything(generation) == before


@pytest.mark.parametrize("text", ["", "  ", "…", "[pause 2s]"])
def test_no_words_are_refused(generation, text):
    assert "Delete the sentence" in rejected("invalid", editing.change, generation, 1, text=text)


def test_a_text_does_not_grow_beyond_its_limit(generation, settings):
    settings.TEXT_LIMIT = 100
    assert "the limit is 100" in rejected("invalid", editing.change, generation, 1, text="word " * 30)
    assert everything(generation)[0] == generation.text and not generation.edits.exists()
    Generation.objects.update(text=generation.text + " " * 100)
    editing.change(generation, 1, text="Nobody slept.")  # it is too long already, and becomes shorter


@pytest.mark.parametrize("act", [editing.change, editing.remove, editing.join])
def test_what_is_not_there_is_told(generation, act):
    assert "no sentence 8" in rejected("not_found", act, generation, 7)


def test_why_nothing_can_be_changed_is_told(generation, user):
    new = GenerationFactory(owner=user)
    assert "no sentences yet" in rejected("conflict", editing.change, new, 0, text="Yes.")
    drop_segments(generation)
    assert "no longer stored" in rejected("conflict", editing.change, generation, 0, text="Yes.")
    Generation.objects.filter(pk=generation.pk).delete()
    rejected("not_found", editing.change, generation, 0, text="Yes.")


def test_an_engine_that_is_gone_is_told(generation):
    Generation.objects.update(engine="gong")
    generation.refresh_from_db()
    rejected("conflict", editing.speak_again, generation, 0)
    assert Generation.objects.get().state == State.COMPLETED


def test_a_voice_that_may_not_speak_is_asked_for(generation, user):
    generation.segments.filter(index=0).update(voice=None)
    assert "sentence 1 was deleted" in rejected("conflict", editing.speak_again, generation, 0)
    type(generation.voice).objects.update(suspended_at="2026-01-01T00:00Z")
    words = rejected("conflict", editing.change, generation, 1, text="Yes.")
    assert "can’t be used any more" in words and generation.voice.name not in words, "it may have another name since"
    editing.change(generation, 1, pause=1.0)  # needs no voice
    editing.change(generation, 0, text="Yes.", voice=VoiceFactory(owner=user))
    assert waiting(generation) == ["Yes."]


def test_another_take_has_another_seed_and_the_dictionary_of_now(generation, user):
    PronunciationFactory(owner=user, word="gull", said="gal")
    editing.speak_again(generation, 2)
    segment = generation.segments.get(index=2)
    assert (segment.tries, segment.revision, segment.spoken) == (1, 1, "A gal cried twice.")
    assert segment.take, "the old one is heard until then"
    editing.speak_again(generation, 2)
    segment.refresh_from_db()
    assert segment.tries == 1 and generation.edits.count() == 1, "it waits already"


def test_there_is_a_most_of_takes(generation):
    segment = generation.segments.get(index=0)
    SegmentTakeFactory.create_batch(MAX_SEGMENT_TAKES - 1, segment=segment)
    assert "which is the limit" in rejected("conflict", editing.speak_again, generation, 0)
    generation.segments.get(index=1).takes.update(is_marked=True)
    segment.takes.filter(pk=segment.take_id).update(is_marked=True)
    editing.speak_marked_again(generation)  # but for the one that has the most
    assert waiting(generation) == ["Nobody had slept."]


def test_all_that_are_marked_are_spoken_again(generation):
    assert "No sentence is marked" in rejected("conflict", editing.speak_marked_again, generation)
    for index in (1, 3):
        generation.segments.get(index=index).takes.update(is_marked=True)
    with CaptureQueriesContext(connection) as of_two:
        editing.speak_marked_again(generation)
    assert waiting(generation) == ["Nobody had slept.", "All was still."]
    finish(generation)
    generation.segments.all().update(state="completed")
    for segment in generation.segments.all():
        segment.takes.update(is_marked=True)
    with CaptureQueriesContext(connection) as of_four:
        editing.speak_marked_again(generation)
    assert len(of_two) == len(of_four), "however many, while the database waits"


def test_of_very_many_that_are_marked_the_first_are_spoken_again(generation, monkeypatch):
    monkeypatch.setattr(editing, "MOST_AT_ONCE", 2)
    for index in (0, 1, 3):
        generation.segments.get(index=index).takes.update(is_marked=True)
    editing.speak_marked_again(generation)
    assert waiting(generation) == list(SENTENCES[:2]) and generation.edits.get().what == "2 sentences: another take"
    editing.speak_marked_again(generation)
    assert waiting(generation) == [*SENTENCES[:2], SENTENCES[3]]


def test_going_back_to_a_take_brings_its_words_and_voice(generation, user):
    old, voice = generation.voice, VoiceFactory(owner=user)
    editing.change(generation, 1, text="Nobody had eaten.", voice=voice)
    finish(generation)
    editing.pick(generation, 1, 1)
    segment = generation.segments.get(index=1)
    assert (segment.text, segment.voice, segment.take.number, segment.state) == (SENTENCES[1], old, 1, "completed")
    row = Generation.objects.get()
    assert row.state == State.PENDING and "Nobody had slept.\n\n" in row.text
    finish(generation)
    editing.pick(generation, 1, 1)
    assert Generation.objects.get().state == State.COMPLETED, "it is heard already"
    rejected("not_found", editing.pick, generation, 1, 3)


def test_picking_what_is_heard_drops_a_change_that_is_still_spoken(generation):
    editing.change(generation, 1, text="Nobody had eaten.")
    editing.pick(generation, 1, 1)
    assert not waiting(generation) and generation.segments.get(index=1).revision == 2


@pytest.mark.parametrize(
    ("at", "halves"),
    [
        (0, ["A", "gull cried twice."]),
        (5, ["A gull", "cried twice."]),
        (8, ["A gull", "cried twice."]),
        (99, ["A gull cried", "twice."]),
    ],
)
def test_a_sentence_is_split_between_words(generation, at, halves):
    editing.split(generation, 2, at)
    assert texts(generation) == [*SENTENCES[:2], *halves, SENTENCES[3]] and waiting(generation) == halves
    first, second = generation.segments.filter(index__in=(2, 3)).order_by("index")
    assert (first.pause, second.pause) == (0.05, 0.2) and (first.starts_paragraph, second.starts_paragraph) == (
        True,
        False,
    )
    assert Generation.objects.get().text == generation.text


def test_one_word_is_not_split(generation):
    Segment.objects.filter(index=2).update(text="Gulls! …")
    assert "single word" in rejected("invalid", editing.split, generation, 2, 3)


def test_two_sentences_become_one(generation):
    editing.change(generation, 0, pause=2.0)
    editing.join(generation, 0)
    assert texts(generation) == ["The ferry left at dawn. Nobody had slept.", *SENTENCES[2:]]
    joined = generation.segments.get(index=0)
    assert (joined.pause, joined.state, joined.starts_paragraph) == (0.7, "pending", True)
    assert "[pause" not in Generation.objects.get().text


def test_what_does_not_go_together_is_not_joined(generation, user):
    assert "last sentence" in rejected("conflict", editing.join, generation, 3)
    Segment.objects.filter(index=2).update(voice=VoiceFactory(owner=user))
    assert "different voices" in rejected("conflict", editing.join, generation, 1)
    Segment.objects.filter(index=0).update(spoken="word " * 44)
    assert "the limit is 220" in rejected("conflict", editing.join, generation, 0)


def test_a_sentence_is_deleted_and_the_pause_after_it_stays(generation):
    editing.remove(generation, 1)
    assert texts(generation) == [SENTENCES[0], *SENTENCES[2:]] and not waiting(generation)
    assert generation.segments.get(index=0).pause == 0.7
    row = Generation.objects.get()
    assert row.state == State.PENDING and row.text == "The ferry left at dawn. \n\nA gull cried twice. All was still."
    editing.remove(generation, 0)
    assert generation.segments.get(index=0).starts_paragraph
    editing.remove(generation, 1)
    assert generation.segments.get(index=0).pause == 0.0, "nothing comes after it"
    assert "only sentence" in rejected("conflict", editing.remove, generation, 0)


CHANGES = {
    "words": lambda generation: editing.change(generation, 1, text="Nobody had eaten."),
    "many words": lambda generation: editing.change(generation, 1, text="One of them slept. And one did not sleep."),
    "voice": lambda generation: editing.change(generation, 1, voice=VoiceFactory(owner=generation.owner)),
    "pause": lambda generation: editing.change(generation, 1, pause=3.0),
    "take": lambda generation: editing.speak_again(generation, 2),
    "split": lambda generation: editing.split(generation, 1, 7),
    "join": lambda generation: editing.join(generation, 1),
    "remove": lambda generation: editing.remove(generation, 1),
}


@pytest.mark.parametrize("spoken", [True, False])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_undone_exactly(generation, name, spoken):
    before = everything(generation)
    CHANGES[name](generation)
    assert everything(generation) != before
    if spoken:
        finish(generation)
    edits.undo(generation)
    assert everything(generation) == before and not generation.edits.exists()
    assert Generation.objects.get().state == State.PENDING, "it is joined anew"
    assert "nothing to undo" in rejected("conflict", edits.undo, generation)


def test_changes_are_undone_one_after_another(generation):
    seen = []
    for name in (*CHANGES, *CHANGES):
        seen.append(everything(generation))
        CHANGES[name](generation)
        finish(generation)
    while seen:
        edits.undo(generation)
        assert everything(generation) == seen.pop()


def test_what_was_never_spoken_waits_again_after_an_undo(generation):
    editing.change(generation, 1, text="Nobody had eaten.")
    editing.change(generation, 1, text="Nobody had drunk.")
    finish(generation)
    edits.undo(generation)
    segment = generation.segments.get(index=1)
    assert (segment.text, segment.state, segment.take.text) == ("Nobody had eaten.", "pending", "Nobody had slept.")


def test_a_voice_that_was_deleted_is_not_brought_back(generation, user):
    old = generation.segments.get(index=1).voice
    editing.change(generation, 1, text="Yes.", voice=VoiceFactory(owner=user))
    old.delete()
    edits.undo(generation)
    assert generation.segments.get(index=1).voice is None


def test_the_files_of_what_an_undo_drops_are_deleted(generation, django_capture_on_commit_callbacks):
    editing.split(generation, 1, 7)
    finish(generation)
    take = generation.segments.get(index=1).take
    storage, name = take.audio.storage, take.audio.name
    with django_capture_on_commit_callbacks(execute=True):
        edits.undo(generation)
    assert not storage.exists(name)
    kept = generation.segments.get(index=1).take
    assert storage.exists(kept.audio.name)


def test_old_changes_are_forgotten_with_what_they_replaced(generation, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(edits, "MAX_EDITS", 2)
    name = generation.segments.get(index=1).take.audio.name
    with django_capture_on_commit_callbacks(execute=True):
        editing.split(generation, 1, 7)
        for seconds in (1.0, 2.0):
            editing.change(generation, 0, pause=seconds)
    assert generation.edits.count() == 2 and not generation.segments.filter(index=None).exists()
    assert not generation.voice.clip.audio.storage.exists(name)


def test_a_thousand_sentences_move_by_as_few_queries(generation):
    with CaptureQueriesContext(connection) as few:
        editing.split(generation, 1, 7)
    edits.undo(generation)
    Segment.objects.bulk_create(
        Segment(generation=generation, index=index, text="And on.", state="completed") for index in range(4, 1004)
    )
    with CaptureQueriesContext(connection) as many:
        editing.split(generation, 1, 7)
    assert len(many) <= len(few)
    assert list(generation.segments.in_text().values_list("index", flat=True)) == list(range(1005))
    edits.undo(generation)
    assert list(generation.segments.in_text().values_list("index", flat=True)) == list(range(1004))


def test_marks_that_hide_a_sentence_cost_no_words(generation):
    Generation.objects.update(text="*The* ferry left at dawn. *Nobody* had slept. *A* gull cried twice. All was still.")
    editing.change(generation, 1, text="Nobody had eaten.")
    assert Generation.objects.get().text == (
        "The ferry left at dawn. Nobody had eaten.\n\nA gull cried twice. All was still."
    )


def test_a_line_of_a_speaker_is_no_words_of_a_sentence(generation):
    editing.change(generation, 0, text="Anna: the ferry left.")
    CastMember.named.create(generation=generation, name="Anna", voice=generation.voice, voice_name="Low")
    words = rejected("invalid", editing.change, generation, 1, text="ANNA: nobody had slept.")
    assert "Anna is a speaker" in words
    editing.change(generation, 1, text="Note: nobody had slept.")
