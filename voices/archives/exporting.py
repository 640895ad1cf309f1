"""Export voices as an archive that is written while it is sent, with a few chunks in memory."""

from contextlib import ExitStack
from functools import partial
from pathlib import PurePath

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.db.models.fields.files import FieldFile
from django.forms import model_to_dict
from django.utils import timezone

from voices import audit
from voices.models import Clip, Recording, VoiceProfile
from voicesite.models import User
from voicesite.web.admission import Admission, Stream

from .format import MAX_VOICES, Archive, Part, folder
from .zipfiles import ArchiveRejected

exports = Admission(
    ArchiveRejected,
    "Other archives are being sent at this moment. Try again when one of them has arrived.",
    share=3,
    per_person=2,
)


def exportable_by(user: User) -> QuerySet[VoiceProfile]:
    """Return the voices that `user` may export: their own unless suspended; all for staff."""
    if user.is_staff:
        return VoiceProfile.objects.all()
    return VoiceProfile.objects.editable_by(user).filter(suspended_at=None)


class Export(Stream):
    """An archive as the content of a streaming response; it holds an admission slot until it is closed.

    Raises ArchiveRejected if `person` has too many open, the archive would be too large, or a file is gone.
    """

    def __init__(self, person: User, voices: QuerySet[VoiceProfile], site: str):
        clips = Clip.objects.select_related("recording").order_by("created_at", "pk")
        found = voices.select_related("consent_by").prefetch_related("tags", Prefetch("clips", clips)).order_by("name")
        if len(found) > MAX_VOICES:
            raise ArchiveRejected("too_many", f"One archive holds {MAX_VOICES} voices at most. Choose fewer.")
        parts: list[Part] = []
        entries = [_entry(voice, folder(number, voice.name), parts) for number, voice in enumerate(found, start=1)]
        self.archive = Archive(entries, parts, timezone.now(), site, f"Voicesite {settings.VERSION}")
        self.length = len(self.archive)
        with ExitStack() as slot:
            slot.enter_context(exports.slot(person.pk))
            audit.record_each(person, found, "exported")
            super().__init__(self.archive, slot.pop_all())


def _entry(voice: VoiceProfile, folder: str, parts: list[Part]) -> dict:
    """Return a voice's entry in the manifest, and add its files to `parts`."""

    def add_part(stem: str, file: FieldFile) -> dict:
        stored = str(file.name)
        try:
            part = Part(f"{folder}/{stem}{PurePath(stored).suffix}", file.size, partial(file.storage.open, stored))
        except FileNotFoundError:
            raise ArchiveRejected("gone", f"A file of {voice.name} is gone: leave this voice out.") from None
        parts.append(part)
        return part.entry

    recordings: dict[Recording, dict] = {}
    clips = []
    for number, clip in enumerate(voice.clips.all(), start=1):
        recording = clip.recording
        if recording not in recordings:
            place = f"recording-{len(recordings) + 1}"
            recordings[recording] = {
                "id": str(recording.pk),
                "name": recording.original_name,
                "seconds": recording.seconds,
                "received_at": recording.created_at.isoformat(),
                "original": add_part(f"{place}/original", recording.original),
                "audio": add_part(f"{place}/audio", recording.audio),
            }
        clips.append(
            {
                "id": str(clip.pk),
                "recording": str(recording.pk),
                "audio": add_part(f"clip-{number}", clip.audio),
                "plain_audio": add_part(f"clip-{number}-plain", clip.original_audio) if clip.original_audio else None,
                "measures": clip.quality | model_to_dict(clip, ["speech_seconds", "snr_db", "clipping", "loudness"]),
                **model_to_dict(clip, ["start", "end", "seconds", "language", "transcript", "words", "grade"]),
            }
        )
    return {
        "id": str(voice.pk),
        **model_to_dict(voice, ["name", "description", "language"]),
        "tags": [tag.name for tag in voice.tags.all()],
        "made_at": voice.created_at.isoformat(),
        "consent": {"wording": voice.consent_wording, "at": voice.consent_at.isoformat(), "by": voice.consented},
        "clip": str(voice.clip_id),
        "clips": clips,
        "recordings": list(recordings.values()),
    }
