"""The built-in voices are there once the site has started, ready to speak, and stay as staff have left them."""

import hashlib
import json

import pytest
import soundfile
from django.core.management import call_command

from synthesis.builtin_voices import installing
from synthesis.builtin_voices.installing import FOLDER, VOICES
from synthesis.engines.base import Conditioning as EngineConditioning
from synthesis.engines.kokoro import data as kokoro_data
from synthesis.models import Conditioning, Fitting, Generation
from synthesis.speech.conditioning import condition
from synthesis.workers.fittings import request_fittings
from tests.factories import GenerationFactory, VoiceFactory
from voices.curation import service as curation
from voices.extensions import is_being_fitted
from voices.models import AuditEntry, Clip, Recording, VoiceProfile


@pytest.fixture
def there(db):
    installing.install()
    return {voice.preset: voice for voice in VoiceProfile.objects.select_related("clip__recording")}


def test_each_has_a_clip_that_every_engine_can_clone(there):
    assert list(there) and set(there) == {voice.preset for voice in VOICES}
    for voice in there.values():
        clip, recording = voice.clip, voice.clip.recording
        assert (voice.owner, clip.owner, recording.owner, clip.voice) == (None, None, None, voice)
        assert voice.is_shared and voice.is_usable and voice.language == clip.language
        with clip.audio.open() as file:
            assert hashlib.sha256(file.read()).hexdigest() == clip.sha256
            file.seek(0)
            sound = soundfile.info(file)
        assert (sound.samplerate, sound.channels, sound.subtype) == (24_000, 1, "PCM_16")
        assert sound.duration == pytest.approx(clip.seconds, abs=0.01) == recording.seconds
        assert 6 <= clip.seconds <= 10 and clip.usable_transcript and clip.grade == Clip.Grade.EXCELLENT


def test_what_comes_with_the_code_is_of_voices_that_kokoro_has():
    files = {file.stem for file in FOLDER.glob("*.flac")}
    assert files == set(json.loads((FOLDER / "voices.json").read_text())) == {voice.preset for voice in VOICES}
    assert files <= set(kokoro_data.voices()[0])


def test_what_staff_change_stays(there, staff):
    grace, emma = there["af_heart"], there["bf_emma"]
    curation.retire(staff, grace)
    curation.suspend(staff, emma, "Not here.")
    curation.correct(staff, emma, {"name": "Emily"})
    assert installing.install() == 0
    again = {voice.preset: voice for voice in VoiceProfile.objects.all()}
    assert len(again) == len(VOICES) and again["af_heart"].retired_at
    assert again["bf_emma"].suspended_at and again["bf_emma"].name == "Emily"


def test_only_what_is_missing_is_made(db):
    VoiceFactory(builtin=True, preset=VOICES[0].preset, name="As it is")
    assert installing.install() == len(VOICES) - 1
    assert VoiceProfile.objects.get(preset=VOICES[0].preset).name == "As it is"


def test_nothing_is_left_of_one_that_could_not_be_made(db, settings, monkeypatch):
    def fail(**fields):
        raise OSError("The disk is full.")

    monkeypatch.setattr(VoiceProfile.objects, "create", fail)
    with pytest.raises(OSError, match="full"):
        installing.install()
    assert not Recording.objects.exists() and not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_the_command_makes_them_unless_the_site_hides_them(db, settings):
    settings.BUILTIN_VOICES = False
    call_command("builtin_voices", verbosity=0)
    assert not VoiceProfile.objects.exists()
    settings.BUILTIN_VOICES = True
    call_command("builtin_voices", verbosity=0)
    assert VoiceProfile.objects.count() == len(VOICES)
    assert not AuditEntry.objects.exists(), "nobody did anything to anybody’s voice"


def test_no_engine_is_fitted_to_it(there):
    mine = VoiceFactory()
    request_fittings()
    assert [fitting.voice for fitting in Fitting.objects.all()] == [mine]
    assert not is_being_fitted(there["af_heart"])


class Host:
    """Conditions what it is asked to, and remembers that."""

    def __init__(self):
        self.asked = []

    def condition(self, reference, beat):
        self.asked.append(reference)
        return EngineConditioning(b"made")


def test_an_engine_is_told_which_voice_it_is(there):
    host = Host()
    grace = there["af_heart"]
    condition(grace, "fake", "tone", host, lambda: None)
    condition(grace, "fake", "tone", host, lambda: None)
    (asked,) = host.asked
    assert (asked.preset, asked.language, asked.transcript) == ("af_heart", "en-us", grace.clip.transcript)
    other = VoiceFactory(clip__sha256=grace.clip.sha256)
    condition(other, "fake", "tone", host, lambda: None)
    assert host.asked[-1].preset == ""
    keys = set(Conditioning.objects.values_list("key", flat=True))
    assert len(keys) == 2, "the same sound is not the same voice"


def test_anybody_may_speak_with_it(there, user):
    generation = GenerationFactory(owner=user, voice=there["af_heart"])
    assert Generation.objects.visible_to(user).get() == generation
