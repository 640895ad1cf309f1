"""Samples of voices: made when a voice is ready, after all else, and heard by whoever may use the voice."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from synthesis.generations import samples
from synthesis.models import Fitting, Generation
from synthesis.queue import order as queue
from synthesis.scripts.sentences import sentences
from synthesis.speech import batch
from synthesis.voice_extension import SpeechExtension
from synthesis.workers import sweeper, tasks
from tests.factories import FittingFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.clips.service import delete_voice
from voices.languages import LANGUAGES
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.site.health import queue_report

pytestmark = pytest.mark.django_db


def ready(**changes) -> VoiceProfile:
    """A voice whose fitting has ended."""
    voice = VoiceFactory(**changes)
    ended = timezone.now()
    FittingFactory(voice=voice, state=State.COMPLETED, as_of=voice.updated_at, finished_at=ended)
    return voice


def sample(voice: VoiceProfile) -> Generation | None:
    return Generation.objects.filter(voice=voice, is_sample=True).first()


def spoken(voice: VoiceProfile) -> Generation:
    return GenerationFactory(
        owner=voice.owner,
        voice=voice,
        is_sample=True,
        completed=True,
        title="A sample",
        priority=samples.SAMPLE_PRIORITY,
    )


def test_every_language_has_a_sentence_of_one_breath():
    assert set(samples.SENTENCE_BY_LANGUAGE) == set(LANGUAGES)
    for language, text in samples.SENTENCE_BY_LANGUAGE.items():
        assert len(sentences(text, language)) <= 2 and len(text) < 70


@pytest.mark.parametrize(("spoken", "said"), [("en-gb", "en-gb"), ("es", "es"), ("pt", "pt-br"), ("de", "en-us")])
def test_a_voice_that_is_ready_gets_a_sample(spoken, said):
    voice = ready(language=spoken)
    assert sweeper.is_job_missing() and samples.enqueue() == 1
    made = sample(voice)
    assert (made.owner, made.language, made.text) == (voice.owner, said, samples.SENTENCE_BY_LANGUAGE[said])
    assert (made.state, made.engine, made.priority) == (State.PENDING, "fake", samples.SAMPLE_PRIORITY)
    assert samples.enqueue() == 0 and not sweeper.is_job_missing(), "once is enough"


@pytest.mark.parametrize("what", ["the voice", "its fitting"])
def test_once_is_enough_also_when_the_clock_was_put_back(what):
    voice = ready()
    later = timezone.now() + timedelta(hours=2)
    if what == "the voice":
        VoiceProfile.objects.update(updated_at=later)
        Fitting.objects.update(as_of=later)
    else:
        Fitting.objects.update(finished_at=later)
    assert samples.enqueue() == 1 and sample(voice)
    assert samples.enqueue() == 0 and not sweeper.is_job_missing()


def test_one_that_failed_is_not_tried_for_ever():
    voice = ready()
    samples.enqueue()
    Generation.objects.update(state=State.FAILED)
    assert samples.enqueue() == 0 and sample(voice).state == State.FAILED


@pytest.mark.parametrize("why", ["fitted", "suspended_at", "retired_at"])
def test_a_voice_that_is_not_ready_or_may_not_speak_gets_none(why):
    voice = ready()
    if why == "fitted":
        Fitting.objects.update(state=State.GENERATING)
    else:
        VoiceProfile.objects.update(**{why: timezone.now()})
    assert samples.enqueue() == 0 and sample(voice) is None


@pytest.mark.parametrize("what", ["clip", "fitting"])
def test_it_is_made_anew_when_the_voice_has_changed(what, django_capture_on_commit_callbacks):
    voice = ready()
    old = spoken(voice)
    assert samples.enqueue() == 0
    later = timezone.now() + timedelta(seconds=1)
    if what == "clip":
        VoiceProfile.objects.update(updated_at=later)
        assert samples.enqueue() == 0, "not before the engine has looked at it"
        Fitting.objects.update(as_of=later)
    else:
        Fitting.objects.update(finished_at=later)
    with django_capture_on_commit_callbacks(execute=True):
        assert samples.enqueue() == 1
    assert sample(voice) != old and not default_storage.exists(old.audio.name)


def test_it_goes_with_its_voice(django_capture_on_commit_callbacks):
    voice = ready()
    row, kept = spoken(voice), GenerationFactory(owner=voice.owner, voice=voice, completed=True)
    delete_voice(voice)
    assert sweeper.is_job_missing()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.run_background()
    assert list(Generation.objects.all()) == [kept] and not default_storage.exists(row.audio.name)


def test_samples_go_last_and_count_for_nobody():
    ada, eve = UserFactory(), UserFactory()
    voice = ready(owner=ada)
    samples.enqueue()
    GenerationFactory(owner=eve, completed=True)
    GenerationFactory(owner=eve, title="eve")
    GenerationFactory(owner=ada, voice=voice, title="ada")
    assert [row.title for row in queue.in_order()][:2] == ["ada", "eve"], "ada was never served yet"
    made = sample(voice)
    made.claim()
    assert [row.title for row in queue.in_order()] == ["ada", "eve"], "nor is her sample a turn of hers"
    assert queue_report([])["queue"] | {"oldest_seconds": 0} == {"pending": 2, "running": 0, "oldest_seconds": 0}


def test_a_sample_joins_nobodys_batch():
    ready()
    samples.enqueue()
    assert queue.claim_companion("fake", "tone", 8, ()) is None


@pytest.mark.django_db(transaction=True)
def test_a_sample_that_is_spoken_gives_way(during):
    voice = ready()
    samples.enqueue()
    Generation.objects.update(text=f"Do-slow {'word ' * 38}end.")
    during(sample(voice), lambda row: row.progress > 30, lambda row: GenerationFactory(title="Somebody's"))
    first = queue.claim_next()
    batch.BatchRun(first).speak()
    row = sample(voice)
    assert (row.state, row.attempts, row.failures) == (State.PENDING, 0, 0), "as if it had not begun"
    assert queue.claim_next().title == "Somebody's"


# ---------------------------------------------------------------------------------------------------------------------
# Who sees and hears them


def test_samples_are_not_among_what_one_made(page, user):
    row = spoken(ready(owner=user))
    for where in ("/", reverse("synthesis:list"), f"{reverse('synthesis:list')}?q=sample"):
        assert f"row-{row.pk}" not in page.get(where).text
    for name in ("detail", "progress", "check"):
        assert page.get(reverse(f"synthesis:{name}", args=[row.pk])).status_code == 404
    for name in ("delete", "another", "pick", "cancel", "retry"):
        assert page.post(reverse(f"synthesis:{name}", args=[row.pk])).status_code == 404


def test_who_may_use_a_voice_may_hear_its_sample(page, stranger):
    voice = ready(owner=stranger)
    audio = reverse("synthesis:audio", args=[spoken(voice).pk])
    assert page.get(audio).status_code == 404
    VoiceProfile.objects.update(visibility="shared")
    assert page.get(audio).status_code == 200
    VoiceProfile.objects.update(suspended_at=timezone.now())
    assert page.get(audio).status_code == 404
    page.logout()
    assert page.get(audio).status_code == 302


def test_lists_offer_it_and_cost_the_same(page, user, count_queries):
    row = spoken(ready(owner=user))
    audio = reverse("synthesis:audio", args=[row.pk])
    places = [reverse("voices:list"), reverse("voices:detail", args=[row.voice_id]), "/"]
    assert all(audio in page.get(where).text for where in places)
    costs = [count_queries(page, where) for where in places]
    for _ in range(4):
        spoken(ready(owner=user))
    assert [count_queries(page, where) for where in places] == costs
    Generation.objects.update(state=State.PENDING)
    assert not any("generations" in page.get(where).text and audio in page.get(where).text for where in places)


def test_a_suspended_voice_stops_all_that_is_done_with_it():
    voice = ready()
    Fitting.objects.update(state=State.PENDING)
    row = GenerationFactory(owner=voice.owner, voice=voice, running=True)
    unborn = GenerationFactory(owner=voice.owner, voice=voice, is_sample=True)
    SpeechExtension().on_suspend(voice)
    row.refresh_from_db()
    assert row.cancel_requested and Fitting.objects.get().state == State.CANCELLED
    assert not Generation.objects.filter(pk=unborn.pk).exists()
