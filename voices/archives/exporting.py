"""Export voices as an archive that is written while it is sent, with a few chunks in memory."""

from contextlib import ExitStack
from functools import partial
from pathlib import PurePath

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.forms import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from voices import audit
from voices.models import Clip, Recording, VoiceProfile, open_to_staff
from voicesite.models import User
from voicesite.texts import N_
from voicesite.web.admission import Places, Stream

from .format import MAX_VOICES, Archive, Part, folder
from .zipfiles import ArchiveRejected

exports = Places(ArchiveRejected, N_("You are downloading other archives. Wait for one of them, or end it."), 4)


def exportable_by(user: User) -> QuerySet[VoiceProfile]:
    """Return the voices that `user` may export: their own unless suspended; staff, also those that are open to them."""
    if user.is_staff:
        return VoiceProfile.objects.filter(Q(owner=user) | open_to_staff(), preset="")
    return VoiceProfile.objects.editable_by(user).filter(suspended_at=None)


class Export(Stream):
    """An archive as the content of a streaming response; it holds a place until it is closed.

    Raises ArchiveRejected if `person` has too many open, the archive would be too large, or a file is gone.
    """

    def __init__(self, person: User, voices: QuerySet[VoiceProfile], site: str):
        clips = Clip.objects.select_related("recording").order_by("created_at", "pk")
        found = voices.select_related("consent_by").prefetch_related("tags", Prefetch("clips", clips)).order_by("name")
        if len(found) > MAX_VOICES:
            raise ArchiveRejected(
                "too_many",
                _("One archive holds {max_voices} voices at most. Choose fewer.").format(max_voices=MAX_VOICES),
            )
        parts: list[Part] = []
        entries = [_entry(voice, folder(number, voice.name), parts) for number, voice in enumerate(found, start=1)]
        self.archive = Archive(entries, parts, timezone.now(), site, f"Voicesite {settings.VERSION}")
        self.length = len(self.archive)
        with ExitStack() as held:
            held.enter_context(exports.place(person.pk))
            audit.record_each(person, found, "exported")
            super().__init__(self.archive, held.pop_all())


def _entry(voice: VoiceProfile, folder: str, parts: list[Part]) -> dict:
    """Return a voice's entry in the manifest, and add its files to `parts`."""

    def add_part(stem: str, file: FieldFile) -> dict:
        stored = str(file.name)
        try:
            part = Part(f"{folder}/{stem}{PurePath(stored).suffix}", file.size, partial(file.storage.open, stored))
        except FileNotFoundError:
            raise ArchiveRejected(
                "gone", _("A file of {name} is gone: leave this voice out.").format(name=voice.name)
            ) from None
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
