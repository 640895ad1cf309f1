"""Things are kept as long as the site has it, as staff have it for one person, and shorter where they want."""

from datetime import timedelta

import pytest
import soundfile
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.models import Draft, Generation, ListeningLink
from synthesis.workers import retention, sweeper
from synthesis.workers.retention import delete_old_drafts, delete_old_speech
from tests.factories import ClipFactory, GenerationFactory, SegmentFactory, UserFactory, VoiceFactory, wav
from tests.voicesite.privacy.things import everything_of
from voices import audit
from voices.clips.retention import delete_old_uploads
from voices.models import AuditEntry, Clip, ExcerptSearch, Recording
from voicesite.models import KeepingRule, User
from voicesite.privacy import keeping

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/account/privacy/"


def ago(days: float):
    return timezone.now() - timedelta(days=days)


def speech(owner, days: float, **fields) -> Generation:
    return GenerationFactory(owner=owner, **{"completed": True, "finished_at": ago(days)} | fields)


def keep(settings, **days: int) -> None:
    settings.KEEP_DAYS = settings.KEEP_DAYS | days


def sweep() -> None:
    """Let the sweeper do all there is to do."""
    for _ in range(100):
        if not retention.turn():
            return
    raise AssertionError("the sweeper never ends")


def left() -> set:
    return set(Generation.objects.values_list("pk", flat=True))


def test_all_is_kept_for_ever_by_default(settings, user):
    assert set(settings.KEEP_DAYS.values()) == {0} and settings.KEEP_LOG_DAYS == 0
    everything_of(user)
    KeepingRule.objects.all().delete()
    speech(user, 10_000)
    Draft.objects.update(updated_at=ago(10_000))
    Recording.objects.update(created_at=ago(10_000))
    AuditEntry.objects.update(at=ago(10_000))
    assert retention.turn() == 0


@pytest.mark.parametrize(
    ("site", "own", "staff", "days"),
    [
        (0, None, None, 0),
        (30, None, None, 30),
        (30, 7, None, 7),
        (30, 90, None, 30),  # the site's became shorter since it was chosen
        (0, 7, None, 7),
        (30, None, 90, 90),
        (30, 60, 90, 60),
        (30, None, 0, 0),  # staff let this person keep things for ever
        (30, 7, 0, 7),
        (0, None, 5, 5),
    ],
)
def test_which_rule_counts(settings, user, stranger, site, own, staff, days):
    keep(settings, speech=site)
    keeping.set_for(user, keeping.Kind.SPEECH, own_days=own)
    keeping.set_for(user, keeping.Kind.SPEECH, staff_days=staff)
    assert keeping.days_of("speech", own, staff) == days
    kept = keeping.of_person(user)[0]
    assert (kept.kind, kept.days) == ("speech", days)
    young, old = speech(user, (days or 10_000) - 0.5), speech(user, (days or 10_000) + 0.5)
    of_another = speech(stranger, (site or 10_000) - 0.5)
    sweep()
    assert left() == {young.pk, of_another.pk} | (set() if days else {old.pk})


def test_speech_goes_with_all_its_files(settings, user):
    keep(settings, speech=7)
    old, young = speech(user, 8), speech(user, 6)
    SegmentFactory(generation=old, take=True)
    names = [old.audio.name, old.segments.get().take.audio.name]
    assert delete_old_speech() == 1 and left() == {young.pk}
    assert not any(map(default_storage.exists, names)) and default_storage.exists(young.audio.name)
    assert sweeper.delete_leftovers(timedelta(0)) == 0


def test_what_is_in_use_stays(settings, user):
    keep(settings, speech=7)
    favourite = speech(user, 30, is_favourite=True)
    linked, unlinked = speech(user, 30), speech(user, 30)
    link = ListeningLink.objects.create(generation=linked, expires_at=timezone.now() + timedelta(days=1))
    ListeningLink.objects.create(generation=unlinked, expires_at=ago(1))
    changed = speech(user, 30, completed=False, running=True, audio="whole.wav", seconds=1.0)
    sample = speech(user, 30, is_sample=True)
    sweep()
    assert left() == {favourite.pk, linked.pk, changed.pk, sample.pk}
    ListeningLink.objects.filter(pk=link.pk).update(ended_at=timezone.now())
    sweep()
    assert linked.pk not in left()


def test_of_several_takes_a_young_one_stands_for_the_text_then(settings, user):
    keep(settings, speech=7)
    old = speech(user, 8)
    young = speech(user, 1, voice=old.voice, take_group=old.take_group, is_picked=False)
    failed = speech(user, 8, completed=False, failed=True)
    sweep()
    assert left() == {young.pk} and failed.pk not in left()
    assert Generation.objects.get().is_picked


def test_a_turn_is_bounded(settings, user, django_assert_max_num_queries):
    keep(settings, speech=7, drafts=7, uploads=7)
    for _ in range(retention.PORTION + 3):
        speech(user, 30)
    with django_assert_max_num_queries(90):
        assert delete_old_speech() == retention.PORTION
    assert Generation.objects.count() == 3


def test_rules_of_many_cost_few_queries(settings, django_assert_num_queries):
    keep(settings, speech=30)
    for person in UserFactory.create_batch(20):
        keeping.set_for(person, keeping.Kind.SPEECH, own_days=7)
    with django_assert_num_queries(2):
        assert delete_old_speech() == 0


def test_a_draft_goes(settings, user, stranger):
    keep(settings, drafts=30)
    keeping.set_for(user, keeping.Kind.DRAFTS, own_days=1)
    for person in (user, stranger):
        Draft.objects.create(owner=person, text="Not said yet")
    Draft.objects.update(updated_at=ago(2))
    assert delete_old_drafts() == 1
    assert Draft.objects.get().owner == stranger


def test_a_draft_that_went_is_no_obstacle_to_writing_on(client, settings, user):
    keep(settings, drafts=1)
    client.force_login(user)
    written = {"owner": user.pk, "text": "Once", "version": 0, "window": "a"}
    assert client.post("/draft", written).json() == {"version": 1}
    Draft.objects.update(updated_at=ago(2))
    sweep()
    assert not Draft.objects.exists()
    assert client.post("/draft", written | {"text": "Once more", "version": 1}).json() == {"version": 1}
    assert Draft.objects.get().text == "Once more"


def recorded(owner, days: float, seconds: float = 2.0) -> Recording:
    """A recording of which one voice is made, of its second half second, and another clip of its last."""
    voice = VoiceFactory(owner=owner)
    recording = voice.clip.recording
    sound = wav(seconds, form="FLAC")
    recording.audio.delete(save=False)
    recording.audio.save("recording.flac", ContentFile(sound), save=False)
    recording.created_at, recording.seconds, recording.bytes = ago(days), seconds, 2 * len(sound)
    recording.save()
    Clip.objects.filter(pk=voice.clip_id).update(start=0.5, end=1.0)
    ClipFactory(owner=owner, recording=recording, voice=voice, start=1.5, end=2.0)
    return recording


def test_of_a_recording_only_the_excerpts_stay(settings, user):
    keep(settings, uploads=30)
    old, young = recorded(user, 31), recorded(user, 29)
    gone = {old.original.name, old.audio.name}
    with old.audio.open() as file:
        before, rate = soundfile.read(file)
    assert delete_old_uploads() == 1 == Recording.objects.exclude(trimmed_at=None).count()
    old.refresh_from_db()
    assert old.trimmed_at and old.original.name == old.audio.name and old.bytes == old.audio.size
    assert not any(map(default_storage.exists, gone)) and default_storage.exists(young.original.name)
    with old.audio.open() as file:
        after, _ = soundfile.read(file)
    assert len(after) == len(before)
    half = rate // 2
    for number, is_kept in enumerate((False, True, False, True)):
        part, was = (wave[number * half : (number + 1) * half] for wave in (after, before))
        assert (abs(part - was).max() < 1e-3) if is_kept else not part.any()
    assert old.peaks[0] == 0 and max(old.peaks) == 100
    assert delete_old_uploads() == 0
    assert sweeper.delete_leftovers(timedelta(0)) == 0
    assert all(default_storage.exists(clip.audio.name) for clip in Clip.objects.all())


def test_one_that_is_being_searched_waits(settings, user):
    keep(settings, uploads=30)
    old = recorded(user, 31)
    search = ExcerptSearch.objects.create(recording=old)
    assert delete_old_uploads() == 0
    search.request_cancel()
    assert delete_old_uploads() == 1


def test_one_whose_sound_is_damaged_is_no_obstacle(settings, user):
    keep(settings, uploads=30)
    gone, good = recorded(user, 40), recorded(user, 31)
    default_storage.delete(gone.audio.name)
    original = gone.original.name
    sweep()
    assert Recording.objects.filter(trimmed_at=None).count() == 0
    assert not default_storage.exists(original) and default_storage.exists(Recording.objects.get(pk=good.pk).audio.name)


def test_a_clip_that_was_cut_meanwhile_is_not_silenced(settings, user, monkeypatch):
    keep(settings, uploads=30)
    old = recorded(user, 31)
    write = retention.delete_old_uploads.__globals__["_write"]

    def cut_meanwhile(recording, excerpts):
        kept = write(recording, excerpts)
        if len(excerpts) == 2:
            ClipFactory(owner=user, recording=recording, start=0.0, end=0.5)
        return kept

    monkeypatch.setitem(retention.delete_old_uploads.__globals__, "_write", cut_meanwhile)
    assert delete_old_uploads() == 0
    old.refresh_from_db()
    assert old.trimmed_at is None and default_storage.exists(old.original.name)
    assert delete_old_uploads() == 1
    old.refresh_from_db()
    assert soundfile.read(old.audio.path)[0][:12000].any()


def test_the_voice_of_a_shortened_recording_can_still_be_exported(client, settings, user):
    keep(settings, uploads=30)
    recording = recorded(user, 31)
    sweep()
    client.force_login(user)
    voice = user.voices.get()
    exported = client.post("/voices/export/", {"voice": voice.pk})
    assert len(b"".join(exported.streaming_content)) == int(exported["Content-Length"])
    heard = client.get(f"/voices/recordings/{recording.pk}/audio")
    assert heard.status_code == 200 and "excerpts" in heard["ETag"]


def test_the_log_goes_but_for_what_a_voice_is_here_by(settings, user, staff):
    settings.KEEP_LOG_DAYS = 90
    voice, gone = VoiceFactory(owner=user), VoiceFactory(owner=user)
    for act in ("made", "shared"):
        audit.record(user, voice, act)
        audit.record(user, gone, act)
    gone.delete()
    AuditEntry.objects.update(at=ago(91))
    audit.record(staff, voice, "suspended")
    assert audit.delete_old() == 3
    assert set(AuditEntry.objects.values_list("voice_name", "act")) == {(voice.name, "made"), (voice.name, "suspended")}


def test_nothing_of_nobody_is_touched(settings):
    """Built-in voices have recordings that nobody owns."""
    keep(settings, uploads=1, speech=1)
    builtin = VoiceFactory(builtin=True)
    Recording.objects.update(created_at=ago(10), owner=None)
    assert retention.turn() == 0 and builtin.clip.audio.storage.exists(builtin.clip.audio.name)


# ---------------------------------------------------------------------------------------------------------------------
# Choosing


def test_a_person_chooses_less_than_the_site_has(client, settings, user):
    keep(settings, speech=30)
    client.force_login(user)
    assert "This site keeps it for 30 days" in client.get(PAGE).text
    refused = client.post(f"{PAGE}keeping/", {"speech": 31, "uploads": "", "drafts": 0})
    assert refused.status_code == 422 and "Choose 30 days or fewer." in refused.text
    assert not KeepingRule.objects.exists()
    assert client.post(f"{PAGE}keeping/", {"speech": 7, "uploads": "", "drafts": 365}).status_code == 302
    assert set(KeepingRule.objects.values_list("person", "kind", "own_days")) == {
        (user.pk, "speech", 7),
        (user.pk, "drafts", 365),
    }
    assert "kept for 7 days" in client.get("/account/").text
    client.post(f"{PAGE}keeping/", {"speech": "", "uploads": "", "drafts": ""})
    assert {kept.own for kept in keeping.of_person(user)} == {None}


@pytest.mark.parametrize("written", ["-1", "0", "x", "1.5", "99999999999999999999"])
def test_a_number_that_is_none_is_refused(client, user, written):
    client.force_login(user)
    assert client.post(f"{PAGE}keeping/", {"speech": written}).status_code == 422
    assert not KeepingRule.objects.exists()


def test_staff_set_another_bound_for_one_person(client, settings, staff, user):
    keep(settings, speech=30)
    keeping.set_for(user, keeping.Kind.SPEECH, own_days=7)
    client.force_login(staff)
    page = f"/admin/voicesite/user/{user.pk}/change/"
    assert "They chose 7." in client.get(page).text
    fields = {"username": user.username, "is_active": "on", "keep_speech": 90, "keep_uploads": 0}
    assert client.post(page, fields).status_code == 302
    speech, uploads, drafts = keeping.of_person(user)
    assert (speech.own, speech.staff, speech.days) == (7, 90, 7) and (uploads.staff, drafts.staff) == (0, None)


def test_kinds_have_a_setting_and_words(settings):
    assert set(settings.KEEP_DAYS) == set(keeping.Kind) == set(keeping.WORDS)
    assert KeepingRule in apps.get_models() and User._meta.get_field("leaves_at")
