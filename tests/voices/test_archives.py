"""Voices leave the site as an archive and come in as one."""

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from synthesis import worker
from tests import FIXTURES
from voices import importing
from voices.clips import cut, give, store_recording
from voices.models import CONSENT, AuditEntry, Clip, Tag, VoiceImport, VoiceProfile
from voicesite.jobs import State


def make_voice(owner, name="Jane", fixture="english_austen_1.wav") -> VoiceProfile:
    """A voice with everything that an archive can hold: two clips, tags, words."""
    clip = store_recording(owner, FIXTURES / fixture, fixture)
    voice = VoiceProfile(owner=owner, name=name, description="Warm,\nslow.", language="en-gb", clip=clip)
    voice.consent(owner)
    voice.save()
    words = [["It", 0.2, 0.4, 0.99], ["is", 0.4, 0.6, 0.31]]
    Clip.objects.filter(pk=clip.pk).update(voice=voice, language="en-gb", transcript="It is", words=words)
    give(cut(clip.recording, 1.0, 5.0), voice)
    voice.tags.set([Tag.objects.get_or_create(name=tag)[0] for tag in ("story", "warm")])
    return voice


def contents(voice: VoiceProfile) -> dict:
    """All of a voice that moves with it, in comparable form."""
    voice = VoiceProfile.objects.get(pk=voice.pk)
    clips = voice.clips.select_related("recording").order_by("start", "end")
    told = ("start", "end", "seconds", "sha256", "language", "transcript", "words")
    return {
        "description": voice.description,
        "language": voice.language,
        "tags": sorted(tag.name for tag in voice.tags.all()),
        "clips": [{name: getattr(clip, name) for name in told} for clip in clips],
        "audio": [clip.audio.read() for clip in clips],
        "recordings": [(clip.recording.original.read(), clip.recording.audio.read()) for clip in clips],
        "names": [clip.recording.original_name for clip in clips],
        "shown": voice.clip.sha256,
    }


def export(client, *voices) -> bytes:
    response = client.get(reverse("voices:export"), {"voice": [voice.pk for voice in voices]})
    assert response.status_code == 200
    archive = b"".join(response.streaming_content)
    assert len(archive) == int(response["Content-Length"])
    return archive


def send(client, archive: bytes, name="voices.zip"):
    return client.post(reverse("voices:import"), {"archive": SimpleUploadedFile(name, archive, "application/zip")})


def answers(*choices, consent="on") -> dict:
    data = {"consent": consent} if consent else {}
    for number, (act, name) in enumerate(choices):
        data |= {f"{number}-act": act, f"{number}-name": name}
    return data


def bring(client, archive: bytes, *choices) -> VoiceImport:
    """Send an archive, answer, and let a worker do it."""
    page = send(client, archive).url
    assert client.post(page, answers(*choices)).status_code == 302
    return work()


def work() -> VoiceImport:
    """Let a worker do the import that waits."""
    job = VoiceImport.objects.claimable().get()
    assert job.claim()
    worker.run(job, importing.take_in)
    job.refresh_from_db()
    return job


def media(settings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_voice_comes_back_as_it_left(page, client, user, stranger):
    voice = make_voice(user)
    before = contents(voice)
    archive = export(page, voice)
    client.force_login(stranger)
    done = bring(client, archive, ("new", "Jane"))
    assert (done.state, done.file.name, done.error, done.stage) == (State.COMPLETED, "", "", "")
    copy = VoiceProfile.objects.get(owner=stranger)
    assert contents(copy) == before
    assert copy.pk != voice.pk and copy.clip.owner == copy.clip.recording.owner == stranger
    assert copy.consent_by == stranger and copy.consent_wording.startswith(CONSENT)
    assert "ada confirmed" in copy.consent_wording, "the record of the archive is kept in words"
    assert [clip.speech_seconds > 1 for clip in copy.clips.all()] == [True, True]
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", "actor__username"))
    assert acts == [("exported", "ada"), ("imported", "eve")]
    shown = client.get(reverse("voices:import_detail", args=[done.pk])).text
    assert reverse("voices:detail", args=[copy.pk]) in shown
