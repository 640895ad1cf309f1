"""What is kept of a person with voices: recordings, clips, consents, and what others did with them."""

from collections.abc import Iterator
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voices.archives import importing
from voices.audit import record
from voices.clips.service import delete_clip, delete_voice
from voices.consent import service as consents
from voices.models import (
    AuditEntry,
    Clip,
    Recording,
    Report,
    SpokenConsent,
    TranscriptionRequest,
    VoiceImport,
    VoiceProfile,
)
from voicesite.models import User
from voicesite.privacy.personal_data import Document, PersonalData, Sound, as_dict
from voicesite.web.names import slug

_WAVES = ("peaks",)  # pictures of a sound that is there itself


class VoiceData(PersonalData):
    contents: ClassVar = {
        "voices/": "your voices, each with its consent, its clips and their transcripts",
        "favourite-voices.json": "the names of the voices that you marked as favourites",
        "recordings/": "what you sent to make voices of, as you sent it and as it was decoded, and spoken consents",
        "reports.json": "what you reported, and what staff answered",
        "log.json": "what you did with voices, and what others did with yours: staff, too",
    }

    def collect(self, person: User) -> Iterator[Document | Sound]:
        clips = Clip.objects.order_by("created_at", "pk")
        voices = person.voices.prefetch_related("tags", Prefetch("clips", clips)).order_by("created_at")
        for number, voice in enumerate(voices, start=1):
            folder = f"voices/{number:03}-{slug(voice.name[:60]) or 'voice'}"
            documents = []
            for place, clip in enumerate(voice.clips.all(), start=1):
                documents.append(as_dict(clip, "owner", "voice", *_WAVES) | {"sound": f"clip-{place}.wav"})
                yield from _sounds(folder, {f"clip-{place}": clip.audio, f"clip-{place}-plain": clip.original_audio})
            tags = [tag.name for tag in voice.tags.all()]
            document = as_dict(voice, "owner", "preset", "news") | {"tags": tags, "clips": documents}
            yield Document(f"{folder}/voice.json", document)
        favourites = VoiceProfile.objects.visible_to(person).filter(favoured_by=person).values_list("name", flat=True)
        yield Document("favourite-voices.json", {"names": list(favourites)})
        recordings = Recording.objects.kept().filter(owner=person).prefetch_related(Prefetch("clips", clips.drafts()))
        for recording in recordings.order_by("created_at").iterator(chunk_size=100):
            folder = f"recordings/{recording.pk}"
            drafts = [as_dict(clip, "owner", *_WAVES) for clip in recording.clips.all()]
            yield Document(f"{folder}/recording.json", as_dict(recording, "owner", *_WAVES) | {"drafts": drafts})
            yield from _sounds(folder, {"as-sent": recording.original, "decoded": recording.audio})
            for draft in recording.clips.all():
                yield from _sounds(folder, {f"draft-{draft.pk}": draft.audio})
        for request in TranscriptionRequest.objects.filter(owner=person):
            yield Document(f"recordings/transcription-{request.pk}.json", as_dict(request, "owner", "api_key"))
        for archive in VoiceImport.objects.filter(owner=person):
            yield Document(f"recordings/import-{archive.pk}.json", as_dict(archive, "owner", "api_key"))
            yield from _sounds("recordings", {f"import-{archive.pk}": archive.file})
        for spoken in SpokenConsent.objects.filter(owner=person, voice__deleted_at=None):
            yield Document(f"recordings/consent-{spoken.pk}.json", as_dict(spoken, "owner", "asker", "envelope"))
            yield from _sounds("recordings", {f"consent-{spoken.pk}": spoken.audio})
        reports = Report.objects.filter(reporter=person).select_related("voice")
        answered = ("against", "closed_by", "reporter", "is_news")
        yield Document("reports.json", [as_dict(one, *answered) | {"voice": one.voice.name} for one in reports])
        entries = AuditEntry.objects.filter(Q(actor=person) | Q(whose=person) | Q(voice__owner=person)).distinct()
        yield Document("log.json", [as_dict(entry, "id", "actor", "whose") for entry in entries.order_by("at")])

    def goes(self, person: User) -> list[str]:
        voices = list(person.voices.values_list("visibility", flat=True))
        shared = voices.count(VoiceProfile.Visibility.SHARED)
        words = ngettext(
            "{count} voice with recordings, clips, transcripts and consents",
            "{count} voices with recordings, clips, transcripts and consents",
            len(voices),
        ).format(count=len(voices))
        if not shared:
            return [words]
        return [
            _("{voices}; {shared} of them shared, with which nobody can speak any more").format(
                voices=words, shared=shared
            )
        ]

    def stays(self, person: User) -> list[str]:
        return [
            _("voices that you gave to somebody else, with your name in the record of the consent"),
            _("what you reported about voices of others, without your name"),
            _(
                "the audit log: a line with your name for each of your voices that was made, shared, reported or "
                "deleted, so that what was done with somebody’s voice can be found out later. Staff read it; no sound or "
                "text is in it"
            ),
        ]

    def stop(self, person: User) -> None:
        for jobs in (TranscriptionRequest, SpokenConsent, VoiceImport):
            for job in jobs.objects.active().filter(owner=person):
                job.request_cancel()

    def delete_some(self, person: User, most: int) -> int:
        if archives := list(VoiceImport.objects.filter(owner=person)[:most]):
            for archive in archives:
                importing.discard(archive)
            return len(archives)
        if requests := list(TranscriptionRequest.objects.filter(owner=person)[:most]):
            with transaction.atomic():
                for request in requests:
                    request.delete()
                    transaction.on_commit(partial(default_storage.delete, str(request.audio.name)))
            return len(requests)
        if spoken := list(SpokenConsent.objects.filter(owner=person, voice=None)[:most]):
            for consent in spoken:
                consents.delete(consent)
            return len(spoken)
        if voices := list(VoiceProfile.everything.filter(owner=person)[:most]):
            for voice in voices:
                with transaction.atomic():
                    record(None, voice, "deleted", f"with its owner’s account; {voice.consent_record}")
                    delete_voice(voice)
            return len(voices)
        if clips := list(Clip.everything.filter(owner=person)[:most]):
            for clip in clips:
                delete_clip(clip)
            return len(clips)
        return _delete_recordings(list(person.recordings.all()[:most]))


def _delete_recordings(recordings: list[Recording]) -> int:
    """Delete recordings without a clip: something went wrong while they came in."""
    with transaction.atomic():
        for recording in recordings:
            recording.delete()
            for file in filter(None, (recording.original, recording.audio)):
                transaction.on_commit(partial(default_storage.delete, str(file.name)))
    return len(recordings)


def _sounds(folder: str, files: dict) -> Iterator[Sound]:
    for stem, file in files.items():
        if file:
            yield Sound(f"{folder}/{stem}{PurePath(str(file.name)).suffix}", file)
