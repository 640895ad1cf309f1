"""What is heard in finished speech: by the worker, and what the page says of it."""

import re

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django_q.models import OrmQ

from synthesis.models import Evaluation, Generation
from synthesis.queue import order as queue
from synthesis.speech import batch, evaluation, files
from synthesis.workers import tasks
from tests import FIXTURES, heard_sentences
from tests.factories import GenerationFactory, VoiceFactory
from voices.clips.service import delete_voice
from voices.text.alignment import Word
from voices.text.pronunciation import Pronunciation
from voices.transcription import listener_process
from voices.transcription.transcribers.base import RATE, Transcript
from voicesite.jobs import attempts
from voicesite.jobs.job import ENDED, State
from voicesite.modelhost.protocol import ModelError

TRANSCRIPT = "He was not an ill disposed young man."


def speech(name: str) -> ContentFile:
    return ContentFile((FIXTURES / f"{name}.wav").read_bytes(), "speech.wav")


def finished(**changes) -> Generation:
    """A generation of Austen's reader, whose voice was copied from another sentence of his, with its check."""
    voice = VoiceFactory(name="Jane", clip__audio=speech("english_austen_1"), clip__seconds=7.1)
    made = {
        "audio": speech("english_austen_short"),
        "seconds": 3.0,
        "text": TRANSCRIPT,
        "voice": voice,
        "owner": voice.owner,
    }
    row = GenerationFactory(completed=True, **made | changes)
    Evaluation.objects.create(generation=row)
    return row


def checked(row: Generation) -> Generation:
    """The row, once the background cluster has done its work."""
    for job in Evaluation.objects.filter(generation=row):
        job.claim()
        attempts.run(job, evaluation.evaluate)
    return Generation.objects.get(pk=row.pk)


# ---------------------------------------------------------------------------------------------------------------------
# The work


@pytest.mark.django_db(transaction=True)
def test_speech_that_is_finished_is_listened_to_by_itself(monkeypatch, settings):
    monkeypatch.setattr(listener_process.transcription_process, "embed", lambda samples, rate, beat: [1.0, 0.0])
    row = GenerationFactory(text="This is what was said.")
    first = queue.claim_next()
    batch.BatchRun(first).speak()
    assert row.evaluation.state == State.PENDING
    assert OrmQ.objects.filter(key="default").exists(), "and the background cluster is rung for"
    for _ in range(3):
        tasks.run_background()
    row = Generation.objects.get(pk=row.pk)
    assert row.evaluation.state == State.COMPLETED
    assert (row.similarity, row.word_error_rate, row.recognized_text) == (1.0, 0.0, "This is what was said.")


@pytest.mark.django_db(transaction=True)
def test_no_check_is_made_for_what_was_cancelled_at_the_last_moment(monkeypatch):
    row = GenerationFactory(text="One two.")
    join = files._join

    def and_cancel(*arguments):
        row.request_cancel()
        return join(*arguments)

    monkeypatch.setattr(files, "_join", and_cancel)
    first = queue.claim_next()
    batch.BatchRun(first).speak()
    row.refresh_from_db()
    assert row.state == State.CANCELLED and not Evaluation.objects.exists()


@pytest.mark.django_db
def test_the_same_speaker_is_known_from_another(monkeypatch):
    monkeypatch.setattr(evaluation, "why_not", lambda language: "Nothing is transcribed here.")
    theirs, others = checked(finished()), checked(finished(audio=speech("english_ivr"), seconds=7.2))
    assert theirs.similarity == pytest.approx(0.82, abs=0.01) and not evaluation.is_unlike(theirs)
    assert others.similarity == pytest.approx(0.55, abs=0.01) and evaluation.is_unlike(others)
    assert (theirs.word_error_rate, theirs.recognized_text) == (None, "")


@pytest.mark.django_db
def test_words_that_are_missing_are_missed(settings):
    settings.TRANSCRIBER_MODEL = "He was not an ill-disposed young man."
    exact = checked(finished())
    assert exact.word_error_rate == 0 and evaluation.wrong_words(exact) == 0 and not evaluation.is_inexact(exact)
    longer = checked(finished(text=f"{TRANSCRIPT} Indeed nobody had ever thought so."))
    assert longer.word_error_rate == pytest.approx(6 / 14, abs=0.001) and evaluation.is_inexact(longer)


@pytest.mark.django_db
def test_a_language_that_nobody_understands_is_compared_all_the_same(settings):
    settings.TRANSCRIBER = "bundled"
    row = checked(finished(language="es"))
    assert row.similarity and row.word_error_rate is None and row.evaluation.state == State.COMPLETED


@pytest.mark.django_db
def test_silence_and_a_deleted_voice_have_no_similarity(monkeypatch):
    def silent(*arguments):
        raise ModelError("There is only silence in this recording.", permanent=True)

    monkeypatch.setattr(listener_process.transcription_process, "embed", silent)
    assert checked(finished()).similarity is None
    row = finished()
    delete_voice(row.voice)
    row = checked(row)
    assert row.similarity is None and row.recognized_text and row.evaluation.state == State.COMPLETED


@pytest.mark.django_db
def test_what_is_deleted_meanwhile_is_no_error(monkeypatch, caplog):
    row = finished()
    job = row.evaluation
    job.claim()
    monkeypatch.setattr(
        listener_process.transcription_process,
        "embed",
        lambda *arguments: list(Generation.objects.all().delete())[:0] or [1.0],
    )
    attempts.run(job, evaluation.evaluate)
    assert not Generation.objects.exists() and not Evaluation.objects.exists()
    row = finished()
    row.audio.storage.delete(row.audio.name)
    assert checked(row).evaluation.state == State.COMPLETED
    assert not [record for record in caplog.records if record.levelname != "INFO"]


@pytest.mark.django_db
def test_what_others_wrote_meanwhile_stays(monkeypatch):
    row = finished()
    old, new = row.evaluation, Evaluation.objects.get()
    monkeypatch.setattr(listener_process.transcription_process, "embed", lambda *arguments: [0.5])
    old.claim()
    Evaluation.objects.update(claim_token=None, state=State.PENDING)
    new.refresh_from_db()
    new.claim()
    attempts.run(old, evaluation.evaluate)
    row.refresh_from_db()
    assert row.similarity is None, "an attempt that lost its row writes nothing"


@pytest.mark.django_db
def test_what_is_changed_while_somebody_listens_is_listened_to_anew(monkeypatch):
    row = finished()

    def embed(*arguments):
        """Finish a change meanwhile, once."""
        if row.evaluation.state == State.PENDING:
            row.audio = speech("english_austen_1")
            row.save(update_fields=["audio"])
            row.evaluation.restart(ENDED)  # which does nothing, as it is running
            row.evaluation.state = ""
        return [1.0]

    monkeypatch.setattr(listener_process.transcription_process, "embed", embed)
    assert checked(row).similarity is None, "what was heard is not what it is now"
    check = Evaluation.objects.get()
    assert (check.state, check.attempts, check.failures) == (State.PENDING, 0, 0)
    assert checked(row).similarity == 1.0 and Evaluation.objects.get().state == State.COMPLETED


# ---------------------------------------------------------------------------------------------------------------------
# What the measures are worth


def measured(
    text="", heard="", similarity=None, seconds=5.0, language="en-us", pronunciations=(), **changes
) -> Generation:
    row = GenerationFactory.build(
        voice=None, voice_name="Jane", text=text, similarity=similarity, seconds=seconds, language=language, **changes
    )
    if heard:
        words = [Word(f" {word}", 0.0, 0.0, 0.5) for word in heard.split(" ")]
        vars(row).update(evaluation.measure_words(row, words, pronunciations))
    return row


@pytest.mark.parametrize(
    ("heard", "wrong", "inexact"),
    [
        ("The cat is not on the roof.", 0, False),
        ("A cat is not on a roof.", 2, False),
        ("The cat is on the roof.", 1, True),
        ("The cow is not on the roof.", 1, False),
        ("The sheep is not on the roof.", 1, True),
        ("The cat is not.", 3, True),
    ],
)
def test_a_word_that_matters_is_held_against_a_take(heard, wrong, inexact):
    row = measured("The cat is not on the roof.", heard)
    assert (evaluation.is_inexact(row), evaluation.wrong_words(row)) == (inexact, wrong)


def test_in_a_long_text_a_transcriber_may_mistake_a_word():
    text = "The old man walks slowly to the harbour every single morning. " * 10
    one, three = text.replace("harbour", "umbrella", 1), text.replace("harbour", "umbrella", 3)
    assert evaluation.wrong_words(measured(text, one)) == 1 and not evaluation.is_inexact(measured(text, one))
    assert evaluation.is_inexact(measured(text, three))


@pytest.mark.parametrize("part", ["tuning", "held out"])
def test_of_300_sentences_at_most_one_in_twenty_is_judged_wrongly(part):
    false_alarms, good, misses, damaged = heard_sentences.count(
        [row for row in heard_sentences.sentences() if row.part == part]
    )
    assert false_alarms <= 0.05 * good and misses <= 0.05 * damaged


def test_no_more_than_every_word_is_wrong():
    row = measured("No.", "I think that nobody was there at all.")
    assert row.word_error_rate == 1.0 and evaluation.is_inexact(row)


def test_marks_and_markup_are_not_expected():
    row = measured("# Hello there.\n[pause 1s] Go on, <b>please</b>. [laugh]", "Hello there, go on, please.")
    assert row.word_error_rate == 0


@pytest.mark.parametrize(
    ("text", "heard", "wrong"),
    [
        ("{Hermione|her-my-oh-nee} met Nguyen.", "Her my own knee met when.", 0),
        ("{Hermione|her-my-oh-nee} met Nguyen.", "Hermione met Nguyen.", 0),
        ("{Hermione|her-my-oh-nee} met Nguyen twice.", "Her my own knee met Nguyen price.", 1),
        ("{Hermione|her-my-oh-nee} met Nguyen twice.", "Her my own knee met twice.", 1),
        ("It is 5 km to Nguyen’s.", "It is five klicks to winds.", 0),
    ],
)
def test_a_word_with_a_pronunciation_may_be_heard_as_anything_but_not_missed(text, heard, wrong):
    entries = [Pronunciation("Nguyen", "win"), Pronunciation("kilometers", "klicks")]
    assert evaluation.wrong_words(measured(text, heard, pronunciations=entries)) == wrong


def test_a_transcriber_that_ends_early_is_given_the_rest():
    heard = []

    def transcribe(part):
        heard.append(round(len(part) / RATE, 2))
        word = Word([" one", " two", ""][len(heard) - 1], 0.2, 0.5, 0.9)
        return Transcript(word.text.strip(), (word,) if word.text else (), "en-us", "fake")

    words = evaluation.recognize(np.zeros(3 * RATE, np.float32), transcribe)
    assert [(word.text, word.start) for word in words] == [(" one", 0.2), (" two", 0.7)] and heard == [3.0, 2.5, 2.0]


@pytest.mark.parametrize(
    ("similarity", "seconds", "unlike"), [(None, 5, False), (0.3, 1.0, False), (0.3, 5, True), (0.8, 5, False)]
)
def test_what_is_too_short_to_tell_is_not_called_unlike(similarity, seconds, unlike):
    assert evaluation.is_unlike(measured(similarity=similarity, seconds=seconds)) == unlike
    gone = measured(similarity=0.1, engine="an engine that there is no more")
    assert not evaluation.is_unlike(gone) and not evaluation.takes_vary(gone)


def test_the_words_that_differ_are_marked():
    row = measured("The cat sat on the mat, not the chair.", "The cat sad on a mat, the chair, OK.")
    shown = list(evaluation.marked_text(row))
    assert [(kind, part) for kind, part in shown if kind != "same"] == [
        ("differs", "sad"), ("differs", "a"), ("missing", "not"), ("differs", "OK."),
    ]  # fmt: skip
    assert "".join(part for kind, part in shown if kind != "missing") == row.recognized_text
    exact = measured("It is 20 dollars.", "It is twenty dollars.")
    assert list(evaluation.marked_text(exact)) == [("same", exact.recognized_text)]
    chinese = measured("你好世界", "你好视界", language="zh")
    assert ("differs", "视") in evaluation.marked_text(chinese)
    assert evaluation.wrong_words(chinese) == 1 and evaluation.error_unit("zh") == "character"


def test_what_was_evaluated_before_differences_were_kept_still_counts():
    row = measured("One two three four.")
    row.word_error_rate, row.recognized_text = 0.25, "One two three far."
    assert evaluation.wrong_words(row) == 1 and not evaluation.is_inexact(row)
    assert list(evaluation.marked_text(row)) == [("same", "One two three far.")]


def test_where_nobody_can_listen_it_is_said(settings):
    settings.TRANSCRIBER = "bundled"
    assert evaluation.why_unheard(measured(language="es")) == (
        "Not checked: no transcription model here knows Spanish."
    )
    assert evaluation.why_unheard(measured(language="en-gb")) == ""
    settings.TRANSCRIBER = "none"
    assert evaluation.why_unheard(measured(language="es")).endswith("turned off on this site.")
    assert evaluation.why_unheard(measured("Uno.", "Uno.", language="es")) == "", "it was heard before that"


# ---------------------------------------------------------------------------------------------------------------------
# The page


@pytest.mark.django_db
def test_the_page_waits_for_the_check_and_says_what_was_heard(page, user):
    row = GenerationFactory(owner=user, completed=True, voice__name="Jane", text="One two three four five.")
    job = Evaluation.objects.create(generation=row)
    address, poll = reverse("synthesis:detail", args=[row.pk]), reverse("synthesis:check", args=[row.pk])
    shown = page.get(address).text
    assert f'hx-get="{poll}" hx-trigger="every 2s"' in shown and "Checking…" in shown
    assert page.get(poll).status_code == 200
    Evaluation.objects.filter(pk=job.pk).update(state=State.COMPLETED)
    heard = measured("One two three four five.", "One <b>two three</b> four six.")
    fields = {name: getattr(heard, name) for name in ("word_error_rate", "recognized_text", "differences")}
    Generation.objects.update(similarity=0.874, **fields)
    answer = page.get(poll)
    assert answer.status_code == 286 and "hx-get" not in answer.text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))
    assert (
        "87% like Jane · 3 words differ" in words
        and "Some words may be wrong" in words
        and "Another take may be" in words
    )
    assert "<mark>six.</mark>" in answer.text and "<b>" not in answer.text
    facts = page.get(address).text
    assert "<dd>0.87</dd>" in facts and "<dd>60%</dd>" in facts


@pytest.mark.django_db
def test_a_take_that_went_wrong_is_said_to_kindly_and_what_may_help_is_offered(page, user):
    wrong = measured("One two three four five.", "One two three, five.")
    fields = {name: getattr(wrong, name) for name in ("text", "word_error_rate", "recognized_text", "differences")}
    row = GenerationFactory(
        owner=user, completed=True, voice__name="Jane", seconds=5, similarity=0.4, **fields,
    )  # fmt: skip
    address = reverse("synthesis:detail", args=[row.pk])
    shown = page.get(address).text
    assert "Some words may be wrong" in shown and "sounds less like Jane than usual" in shown
    assert "missing: </span>four</del>" in shown and "1 word differs" in shown
    assert reverse("synthesis:another", args=[row.pk]) in shown and "Another take may be better" in shown
    Generation.objects.update(engine="kokoro")
    shown = page.get(address).text
    assert "Another take may be better" not in shown
    assert f'<a href="{reverse("studio")}?again={row.pk}">edit the text</a>' in shown


@pytest.mark.django_db
def test_where_nobody_listened_page_library_and_api_say_so(page, user, settings):
    settings.TRANSCRIBER = "bundled"
    row = GenerationFactory(owner=user, completed=True, language="es")
    why = "Not checked: no transcription model here knows Spanish."
    for address in (reverse("synthesis:detail", args=[row.pk]), reverse("synthesis:list")):
        assert why in page.get(address).text and "all words clear" not in page.get(address).text
    answer = page.get(f"/api/generations/{row.pk}").json()
    assert (answer["word_error_rate"], answer["unheard"]) == (None, why)
    GenerationFactory(owner=user, language="es")
    assert page.get(reverse("synthesis:list")).text.count(why) == 1, "not of what isn't spoken yet"


@pytest.mark.django_db
def test_the_library_is_sorted_by_what_was_measured(page, user, count_queries):
    for title, similarity, rate in (("near", 0.9, 0.1), ("far", 0.5, 0.0), ("unheard", None, None)):
        GenerationFactory(owner=user, completed=True, title=title, similarity=similarity, word_error_rate=rate)

    def order(query):
        return re.findall(r"(near|far|unheard)</a></h3>", page.get(f"{reverse('synthesis:list')}?{query}").text)

    assert order("") == ["unheard", "far", "near"]
    assert order("order=similarity") == ["near", "far"]
    assert order("order=accuracy") == ["far", "near"]
    assert order("order=%00garbage") == ["unheard", "far", "near"]
    one = count_queries(page, f"{reverse('synthesis:list')}?order=similarity")
    GenerationFactory.create_batch(10, owner=user, completed=True, similarity=0.8)
    assert count_queries(page, f"{reverse('synthesis:list')}?order=similarity") == one
