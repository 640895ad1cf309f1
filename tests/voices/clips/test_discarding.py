"""A voice, or a clip of one, that its owner deleted: gone at once for everyone, back by one press, deleted a minute later."""

import html

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from synthesis.generations import takes
from synthesis.models import CastMember, Evaluation, Fitting, Generation
from synthesis.protocols import mcp_tools, wyoming_info
from synthesis.sharing import service as sharing
from synthesis.workers import discarded
from synthesis.workers.fittings import request_fittings, voices_to_fit
from tests.factories import (
    ClipFactory,
    FittingFactory,
    GenerationFactory,
    SegmentFactory,
    UserFactory,
    VoiceFactory,
    wav,
)
from tests.undoing import button, later
from voices.clips import discarding
from voices.curation import service as curation
from voices.curation import tags, transfer
from voices.models import (
    AuditEntry,
    Clip,
    Collection,
    Recording,
    Report,
    SpokenConsent,
    Tag,
    Transcription,
    VoiceProfile,
)
from voices.personal_data import VoiceData
from voicesite.jobs.job import Lost, State
from voicesite.models import Delivery, Webhook
from voicesite.people import keys
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def a_minute(settings):
    settings.UNDO_SECONDS = 60


@pytest.fixture
def voice(user):
    voice = FittingFactory(voice__owner=user, voice__name="Grand <b>mother</b>", state=State.COMPLETED).voice
    Fitting.objects.update(as_of=voice.updated_at)
    return voice


def of(name, thing):
    return reverse(f"voices:{name}", args=[thing.pk])


def heard_by_programs(page, user) -> set[str]:
    """The keys of all voices that programs are told of, by each of the ways."""
    request = type("Request", (), {"user": user})
    told = async_to_sync(mcp_tools.list_voices)(request, mcp_tools.NothingIn()).data["voices"]
    shown = {"Authorization": f"Bearer {keys.issue(user, f'{timezone.now()}', ['speak', 'voices'])[1]}"}
    told += page.get("/api/voices", headers=shown).json()["results"]
    told += page.get("/v1/audio/voices", headers=shown).json()["data"]
    return {voice["id"] for voice in told} | {str(voice.pk) for voice in wyoming_info._voices(user)}


# ---------------------------------------------------------------------------------------------------------------------
# A voice


def test_a_voice_is_gone_at_once_and_back_by_one_press(page, user, voice):
    page.post(of("favourite", voice), {"on": "1"})
    voice.clip.bytes = 100
    voice.clip.save()
    spoken = GenerationFactory(owner=user, voice=voice, completed=True)
    sample = GenerationFactory(owner=user, voice=voice, completed=True, is_sample=True)
    link = sharing.share(spoken)
    before = page.get(f"/api/voices/{voice.pk}").json()
    answer = page.post(of("delete", voice), follow=True)
    assert answer.request["PATH_INFO"] == reverse("voices:list")
    assert "Deleted “Grand <b>mother</b>” and its recordings" in html.unescape(answer.text)
    assert "<b>mother" not in answer.text and "What it spoke stays" in answer.text
    clip, recording = f"/api/clips/{voice.clip_id}", f"/api/recordings/{voice.clip.recording_id}"
    gone = [
        *(of(name, voice) for name in ("detail", "edit", "add_clip", "face")),
        *(of(name, voice.clip) for name in ("clip", "clip_audio", "transcription")),
        of("recording_audio", voice.clip.recording),
        reverse("synthesis:audio", args=[sample.pk]),
        *(f"/api/voices/{voice.pk}{rest}" for rest in ("", "/audio", "/clips", "/fitting", "/export")),
        *(clip, f"{clip}/audio", recording, f"{recording}/audio"),
    ]
    for where in gone:
        assert page.get(where).status_code == 404, where
    assert page.get(f"/listen/{link.token}/").status_code == 404
    assert heard_by_programs(page, user) == set()
    for where in ("/", "/voices/picker", reverse("voices:export"), "/voices/?whose=mine"):
        assert str(voice.pk) not in page.get(where).text.replace(of("face", voice), ""), where
    assert page.get("/api/usage").json()["stored_bytes"] == 0
    assert page.get(f"/api/generations/{spoken.pk}/audio").status_code == 200, "what it spoke stays"
    refused = page.post("/api/generations", {"voice": "Grandmother", "text": "Hi."}, content_type="application/json")
    assert refused.status_code == 422
    assert page.post(reverse("synthesis:another", args=[spoken.pk])).status_code != 500
    assert Generation.objects.filter(is_sample=False).count() == 1
    assert default_storage.exists(voice.clip.audio.name)

    back = page.post(button(answer), {"next": "/voices/?whose=mine"}, follow=True)
    assert "“Grand <b>mother</b>” is back." in html.unescape(back.text)
    assert back.request["QUERY_STRING"] == "whose=mine" and str(voice.pk) in back.text
    for where in gone:
        assert page.get(where).status_code in (200, 286), where
    assert page.get(f"/listen/{link.token}/").status_code == 200
    assert heard_by_programs(page, user) == {str(voice.pk)}
    assert page.get(f"/api/voices/{voice.pk}").json() == before
    assert voice.favoured_by.get() == user
    assert not voices_to_fit().exists(), "what was learnt of it is still so"
    acts = AuditEntry.objects.filter(voice=voice).exclude(act="exported").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["link_made", "deleted", "undeleted"]


def test_a_minute_later_it_is_deleted_with_its_files(page, user, voice, django_capture_on_commit_callbacks):
    spoken, stays = GenerationFactory(owner=user, voice=voice, completed=True), VoiceFactory(owner=user)
    earlier = ClipFactory(owner=user, voice=voice)
    discarding.discard_clip(earlier)
    answer = page.post(of("delete", voice), follow=True)
    assert discarded.turn() == 0, "not yet"
    later(VoiceProfile)
    later(Clip)
    with django_capture_on_commit_callbacks(execute=True):
        assert discarded.turn() == 1
    assert list(VoiceProfile.everything.all()) == [stays]
    assert list(Clip.everything.all()) == [stays.clip] and list(Recording.objects.all()) == [stays.clip.recording]
    spoken.refresh_from_db()
    assert spoken.voice is None and spoken.voice_name == voice.name
    for clip in (voice.clip, earlier):
        assert not default_storage.exists(clip.audio.name) and not default_storage.exists(clip.recording.audio.name)
    assert "It is too late to undo this" in page.post(button(answer), follow=True).text
    assert discarded.turn() == 0


def test_what_it_speaks_stops_for_all_and_goes_on_when_it_is_back(user, voice):
    VoiceProfile.objects.update(visibility="shared")
    other = UserFactory()
    Webhook.objects.create(owner=other, url="https://8.8.8.8/hook", events=["generation.cancelled"])
    running = GenerationFactory(owner=other, voice=voice, running=True)
    SegmentFactory(generation=running, take=True)
    waiting = GenerationFactory(owner=user, voice=voice)
    dialogue = GenerationFactory(owner=other)
    CastMember.objects.create(generation=dialogue, name="Ann", voice=voice, voice_name=voice.name)
    given_up = GenerationFactory(owner=user, voice=voice, cancelled=True)
    unrelated = GenerationFactory(owner=user)
    done = GenerationFactory(owner=other, voice=voice, completed=True)
    check = Evaluation.objects.create(generation=done)
    moment = curation.discard(user, voice)
    with pytest.raises(Lost):
        running.advance(progress=60)
    assert list(Generation.objects.claimable()) == [unrelated]
    for stopped in (running, waiting, dialogue):
        stopped.refresh_from_db()
        assert (stopped.state, stopped.error) == (State.CANCELLED, "Its voice was deleted.")
    assert not stopped.retry(), "there is no voice for it"
    assert Delivery.objects.count() == 2
    assert curation.restore(user, moment) == voice
    states = dict(Generation.objects.values_list("pk", "state"))
    assert {states[one.pk] for one in (running, waiting, dialogue)} == {State.PENDING}
    assert states[given_up.pk] == State.CANCELLED and states[done.pk] == State.COMPLETED
    assert running.segments.get().state == "completed", "what was spoken of it need not be spoken again"
    check.refresh_from_db()
    assert check.state == State.PENDING


def test_what_somebody_gave_up_meanwhile_or_may_not_have_stays_ended(user, voice):
    gone, *others = GenerationFactory.create_batch(3, owner=user, voice=voice)
    moment = curation.discard(user, voice)
    takes.discard(gone)
    user.work_at_once = 1
    user.save()
    assert curation.restore(user, moment) == voice
    states = Generation.objects.filter(pk__in=[one.pk for one in others]).values_list("state", flat=True)
    assert sorted(states) == [State.CANCELLED, State.PENDING], "no more than they may have at once"
    assert Generation.everything.get(pk=gone.pk).state == State.CANCELLED


def test_a_name_is_free_at_once_and_who_comes_back_gets_the_next(page, user, voice):
    answer = page.post(of("delete", voice), follow=True)
    VoiceFactory(owner=user, name=voice.name)
    back = html.unescape(page.post(button(answer), follow=True).text)
    assert f"“{voice.name}” is back as “{voice.name} (2)”: you have another voice of its name by now." in back
    assert set(user.voices.values_list("name", flat=True)) == {voice.name, f"{voice.name} (2)"}


def test_a_program_deletes_by_the_same_mechanism(page, voice):
    assert page.delete(f"/api/voices/{voice.pk}").status_code == 204
    assert page.delete(f"/api/voices/{voice.pk}").status_code == 404
    assert VoiceProfile.everything.get().deleted_at


def test_where_nothing_can_be_undone_it_is_deleted_at_once(page, voice, settings, django_capture_on_commit_callbacks):
    settings.UNDO_SECONDS = 0
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(of("delete", voice), follow=True)
    assert "/undo/" not in answer.text and not VoiceProfile.everything.exists()
    assert not default_storage.exists(voice.clip.audio.name)


def test_only_its_owner_may_delete_it_and_undo_that(page, client, voice, stranger, staff):
    assert page.get(of("delete", voice)).status_code == 405
    address = button(page.post(of("delete", voice), follow=True))
    for other in (stranger, staff):
        client.force_login(other)
        assert "too late" in client.post(address, follow=True).text
    assert not VoiceProfile.objects.exists()


def test_staff_see_nothing_of_it(client, user, staff, voice):
    VoiceProfile.objects.update(share_requested_at=timezone.now())
    Report.objects.create(voice=voice, reporter=staff, reason="Mine.")
    collection, tag = Collection.objects.create(name="Radio"), Tag.objects.create(name="warm")
    collection.voices.add(voice)
    tag.voices.add(voice)
    consent = SpokenConsent.objects.create(
        owner=user, voice=voice, expires_at=timezone.now(), audio=ContentFile(wav(), "consent.flac")
    )
    moment = curation.discard(user, voice)
    client.force_login(staff)
    for where in ("voices_voiceprofile", "voices_report", "voices_collection", "voices_tag", "voices_auditentry"):
        shown = client.get(reverse(f"admin:{where}_changelist"))
        assert shown.status_code == 200 and str(voice.pk) not in shown.text, where
        assert "1 voice" not in shown.text, where
    assert not Report.objects.open().exists()
    for where in (of("recording_audio", voice.clip.recording), of("clip_audio", voice.clip)):
        assert client.get(where).status_code == 404, where
    assert client.get(reverse("voices:spoken_audio", args=[consent.pk])).status_code == 404
    tags.merge_tags(staff, Tag.objects.create(name="soft"), [tag])
    curation.restore(user, moment)
    assert Report.objects.open().count() == 1 and collection.voices.get() == voice
    assert [str(tag) for tag in voice.tags.all()] == ["soft"], "as the tag is called by now"


def test_what_is_kept_of_a_person_goes_with_them_also_in_that_minute(user, voice, django_capture_on_commit_callbacks):
    clip = ClipFactory(owner=user, voice=voice)
    discarding.discard_clip(clip)
    curation.discard(user, voice)
    names = [document.path for document in VoiceData().collect(user)]
    assert not [name for name in names if name.startswith(("voices/", "recordings/"))]
    with django_capture_on_commit_callbacks(execute=True):
        while VoiceData().delete_some(user, 10):
            pass
    assert not VoiceProfile.everything.exists() and not Clip.everything.exists() and not Recording.objects.exists()
    assert not default_storage.exists(clip.audio.name)


# ---------------------------------------------------------------------------------------------------------------------
# A clip


def test_a_clip_is_gone_at_once_and_back_as_the_main_one(page, user, voice):
    main, other = voice.clip, ClipFactory(owner=user, voice=voice)
    answer = page.post(of("delete_clip", main), follow=True)
    assert answer.request["PATH_INFO"] == of("detail", voice) and "Clip deleted." in answer.text
    voice.refresh_from_db()
    assert voice.clip == other and list(voice.clips.all()) == [other]
    gone = [of("clip", main), of("clip_audio", main), of("recording_audio", main.recording), f"/api/clips/{main.pk}"]
    for where in gone:
        assert page.get(where).status_code == 404, where
    request_fittings()
    assert Fitting.objects.get().clip == other
    assert "The clip is back." in page.post(button(answer), {"next": of("detail", voice)}, follow=True).text
    voice.refresh_from_db()
    assert voice.clip == main and set(voice.clips.all()) == {main, other}
    for where in gone:
        assert page.get(where).status_code == 200, where
    main.refresh_from_db()
    assert not main.was_main


def test_a_minute_later_the_clip_is_deleted_with_its_recording(page, user, voice, django_capture_on_commit_callbacks):
    clip, same = ClipFactory(owner=user, voice=voice), ClipFactory(owner=user, voice=voice)
    drafted = ClipFactory(owner=user, recording=same.recording)
    page.delete(f"/api/clips/{clip.pk}")
    page.delete(f"/api/clips/{same.pk}")
    assert discarded.turn() == 0
    later(Clip)
    with django_capture_on_commit_callbacks(execute=True):
        assert discarded.turn() == 2
    assert set(Clip.everything.all()) == {voice.clip, drafted}
    assert not default_storage.exists(clip.recording.audio.name)
    assert default_storage.exists(same.recording.audio.name), "a draft is still of it"


def test_a_draft_of_its_recording_is_deleted_and_the_clip_still_comes_back(page, user, voice):
    clip = ClipFactory(owner=user, voice=voice)
    drafted = ClipFactory(owner=user, recording=clip.recording)
    answer = page.post(of("delete_clip", clip), follow=True)
    assert page.delete(f"/api/clips/{drafted.pk}").status_code == 204
    assert "is back" in page.post(button(answer), follow=True).text
    assert default_storage.exists(clip.recording.audio.name) and default_storage.exists(clip.audio.name)


def test_what_was_being_transcribed_is_so_again(user, voice):
    clip = ClipFactory(owner=user, voice=voice)
    job = Transcription.objects.create(clip=clip, language="en-us")
    for discard, restore in (
        (lambda: discarding.discard_clip(clip), discarding.restore_clip),
        (lambda: curation.discard(user, voice), curation.restore),
    ):
        moment = discard()
        job.refresh_from_db()
        assert job.state == State.CANCELLED
        restore(user, moment)
        job.refresh_from_db()
        assert job.state == State.PENDING and not job.cancel_requested


def test_a_clip_comes_back_to_whom_its_voice_was_given_and_not_without_it(user, stranger, staff, voice):
    clip = ClipFactory(owner=user, voice=voice)
    moment = discarding.discard_clip(clip)
    transfer.transfer(staff, voice, stranger)
    assert discarding.restore_clip(user, moment) is None
    voice.refresh_from_db()
    of_voice = curation.discard(stranger, voice)
    with pytest.raises(Rejected, match="Bring that back first"):
        discarding.restore_clip(stranger, moment)
    curation.restore(stranger, of_voice)
    assert voice.clips.count() == 1, "it was deleted by itself"
    assert discarding.restore_clip(stranger, moment) == clip
    clip.refresh_from_db()
    assert clip.owner == clip.recording.owner == stranger
