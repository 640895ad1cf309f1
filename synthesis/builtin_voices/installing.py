"""Put the built-in voices into the site: rows without an owner, with a clip that comes with the code."""

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import soundfile
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from voices.models import Clip, Recording, VoiceProfile

FOLDER = Path(__file__).parent / "clips"  # made by scripts/make_builtin_voices.py
PROVENANCE = "A built-in voice of Kokoro. Nobody was cloned."


class BuiltinVoice(NamedTuple):
    preset: str  # what Kokoro calls it
    name: str
    language: str
    description: str


# Of each accent a woman's and a man's voice: of those that Kokoro's authors grade best, with its own names where those are
# names of people.
VOICES = (
    BuiltinVoice("af_heart", "Grace", "en-us", "A woman with a warm, even voice."),
    BuiltinVoice("am_michael", "Michael", "en-us", "A man with a deep, steady voice."),
    BuiltinVoice("bf_emma", "Emma", "en-gb", "A woman with a brisk, clear voice."),
    BuiltinVoice("bm_george", "George", "en-gb", "A man with an unhurried voice."),
    BuiltinVoice("ef_dora", "Dora", "es", "A woman with a calm voice."),
    BuiltinVoice("em_alex", "Alex", "es", "A man with a relaxed voice."),
)


def install() -> int:
    """Make the built-in voices that are missing; return how many.

    One that is there stays as staff have left it, renamed, retired or suspended.
    """
    measures = json.loads((FOLDER / "voices.json").read_text())
    there = set(VoiceProfile.objects.exclude(preset="").values_list("preset", flat=True))
    missing = [voice for voice in VOICES if voice.preset not in there]
    for voice in missing:
        with suppress(IntegrityError), transaction.atomic():  # another machine of the site makes it at this moment
            _make(voice, measures[voice.preset])
    return len(missing)


def _make(voice: BuiltinVoice, measured: dict) -> None:
    flac = (FOLDER / f"{voice.preset}.flac").read_bytes()
    wav = _as_wav(flac)
    name, seconds = f"{voice.preset}.flac", measured["seconds"]
    recording = Recording(original_name=name, seconds=seconds, peaks=measured["peaks"])
    clip = Clip(
        recording=recording,
        end=seconds,
        sha256=hashlib.sha256(wav).hexdigest(),
        language=voice.language,
        recognized_text=measured["transcript"],
        **measured,
    )
    files = (
        (recording.original, name, flac),
        (recording.audio, "recording.flac", flac),
        (clip.audio, "reference.wav", wav),
    )
    try:
        for file, file_name, content in files:
            file.save(file_name, ContentFile(content), save=False)
        recording.save(force_insert=True)
        clip.save(force_insert=True)
        made = VoiceProfile.objects.create(
            **voice._asdict(),
            clip=clip,
            visibility=VoiceProfile.Visibility.SHARED,
            consent_wording=PROVENANCE,
            consent_at=timezone.now(),
        )
        Clip.objects.filter(pk=clip.pk).update(voice=made)
    except Exception:
        for file, *_ in files:
            file.delete(save=False)
        raise


def _as_wav(flac: bytes) -> bytes:
    """Return a FLAC file as 16-bit WAV."""
    samples, rate = soundfile.read(io.BytesIO(flac), dtype="int16")
    wav = io.BytesIO()
    soundfile.write(wav, samples, rate, format="WAV", subtype="PCM_16")
    return wav.getvalue()
