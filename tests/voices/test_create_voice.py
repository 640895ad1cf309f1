import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from tests import FIXTURES
from tests.factories import FittingFactory, VoiceFactory
from voices.management.commands import create_voice
from voices.models import CONSENT_WORDING, Clip, Transcription, VoiceProfile
from voicesite.jobs.job import State

CLIP = FIXTURES / "english_austen_short.wav"


def create(clip=CLIP, user="ada", name="Jane", language="en", **options) -> str:
    out = io.StringIO()
    call_command("create_voice", str(clip), user=user, name=name, language=language, stdout=out, **options)
    return out.getvalue()


@pytest.mark.own_process
def test_a_voice_is_made_as_on_the_page(user):
    said = create(transcript="He was not an ill disposed young man.", description="Calm")
    voice = VoiceProfile.objects.get()
    assert (voice.owner, voice.name, voice.language) == (user, "Jane", "en-us")
    assert (voice.clip.transcript, voice.description) == ("He was not an ill disposed young man.", "Calm")
    assert (voice.consent_wording, voice.consent_by) == (CONSENT_WORDING, user)
    assert voice.clip.recording.original.read() == CLIP.read_bytes() and voice.clip.recording.original_name == CLIP.name
    assert f"Jane can speak: {voice.pk}" in said
    assert "6 s or more is much better" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"user": "nobody"}, "nobody called nobody"),
        ({"language": "xx"}, "xx"),
        ({"clip": "/nowhere/at/all.wav"}, "/nowhere/at/all.wav"),
        ({"clip": FIXTURES}, "directory"),
        ({"clip": FIXTURES / "README.md"}, "not a recording"),
        ({"clip": "/dev/null"}, "empty"),
        ({"name": "Taken"}, "already have a voice of this name"),
        ({"name": "x" * 81}, "80 characters"),
        ({"name": "  "}, "required"),
    ],
)
def test_what_is_wrong_is_said(user, changes, words):
    VoiceFactory(owner=user, name="Taken")
    with pytest.raises(CommandError, match=words):
        create(**changes)
    assert VoiceProfile.objects.count() == 1


def test_what_is_too_large_is_not_read(user, tmp_path):
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(20 * 2**30)  # a hole: it takes no room
    with pytest.raises(CommandError, match="This file is 20480 MB; the limit is 50 MB"):
        create(huge)


def test_wait_lasts_until_the_voice_is_refined(user, monkeypatch):
    waited = []

    def sleep(seconds):
        """Meanwhile the workers go on."""
        waited.append(seconds)
        voice = VoiceProfile.objects.get()
        if len(waited) == 1:
            FittingFactory(voice=voice, clip=voice.clip)
        else:
            voice.fitting.state = State.COMPLETED
            voice.fitting.save()
            Transcription.objects.update(state=State.COMPLETED)

    monkeypatch.setattr(create_voice, "time", SimpleNamespace(sleep=sleep))
    assert create(wait=True).endswith("\nReady\n")
    assert len(waited) == 2


def test_wait_lasts_until_the_recording_is_written_down(user, monkeypatch):
    def sleep(seconds):
        voice = VoiceProfile.objects.get()
        FittingFactory(voice=voice, clip=voice.clip, state=State.COMPLETED)
        assert Transcription.objects.get().language == "en-us"
        Transcription.objects.update(state=State.COMPLETED)
        Clip.objects.update(transcript="He was not an ill disposed young man.")

    monkeypatch.setattr(create_voice, "time", SimpleNamespace(sleep=sleep))
    assert create(wait=True).endswith("  “He was not an ill disposed young man.”\nReady\n")


def test_wait_says_why_nothing_was_written_down(user, monkeypatch):
    def sleep(seconds):
        voice = VoiceProfile.objects.get()
        FittingFactory(voice=voice, clip=voice.clip, state=State.COMPLETED)
        Transcription.objects.update(state=State.FAILED, error="No words were understood.")

    monkeypatch.setattr(create_voice, "time", SimpleNamespace(sleep=sleep))
    assert create(wait=True).endswith("No words were understood.\nReady\n")


def test_wait_says_why_it_failed(user, monkeypatch):
    def sleep(seconds):
        voice = VoiceProfile.objects.get()
        FittingFactory(voice=voice, clip=voice.clip, state=State.FAILED, error="The model is damaged.")
        Transcription.objects.update(state=State.COMPLETED)

    monkeypatch.setattr(create_voice, "time", SimpleNamespace(sleep=sleep))
    with pytest.raises(CommandError, match="The model is damaged"):
        create(wait=True)
