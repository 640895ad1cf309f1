"""Import archives of voices: previewed first, then taken in as a whole or not at all."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from voices import audit
from voices.analysis.reference_audio import Measured
from voices.clips.service import delete_clip, uploads
from voices.models import Clip, Recording, Tag, VoiceImport, VoiceProfile
from voices.text.lengths import MAX_NAME
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State
from voicesite.limits import idempotency, quotas
from voicesite.models import ApiKey, User
from voicesite.resources import DISK_FULL, has_room
from voicesite.texts import N_
from voicesite.web.media import as_path
from voicesite.web.names import free_name, stored_name, upload_name

from .manifest import Bounds
from .process import Unpacked, preview, unpack
from .zipfiles import ArchiveRejected

MAX_PREVIEWS = 3  # unanswered archives of one person; the oldest beyond that are deleted
MAX_UNPACKED_RATIO = 2  # of the unpacked size that is allowed to the size of an upload


def bounds() -> Bounds:
    return Bounds(MAX_UNPACKED_RATIO * settings.IMPORT_MAX_BYTES, settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def receive(owner: User, path: Path, name: str, size: int) -> VoiceImport:
    """Preview the archive at `path`, an upload of `size` bytes, and store it until `owner` has chosen.

    Raises Rejected, and stores nothing then.
    """
    if settings.SPOKEN_CONSENT == "required" and not owner.is_staff:
        raise ArchiveRejected(
            "consent_required",
            _(
                "On this site speakers read a sentence aloud to agree, which an archive doesn’t show. Staff may import it."
            ),
        )
    if size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES / 2**20
        raise ArchiveRejected(
            "too_large",
            _("This archive is {size} MB; the limit is {most} MB.").format(
                size=f"{size / 2**20:.0f}", most=f"{most:.0f}"
            ),
        )
    if why := quotas.why_full(owner, size):
        raise ArchiveRejected("storage_full", why)
    if not has_room(size):
        raise ArchiveRejected("disk_full", DISK_FULL)
    with uploads.slot(owner.pk):
        contents = preview(path, bounds())
    received = VoiceImport(owner=owner, original_name=upload_name(name), preview=contents, bytes=size)
    try:
        with path.open("rb") as file:
            received.file.save("archive.zip", File(file), save=False)
        idempotency.begin_work()
        with transaction.atomic():
            if why := quotas.why_full(quotas.lock(owner.pk), size):
                raise ArchiveRejected("storage_full", why)
            received.save(force_insert=True)
    except Exception:
        received.file.delete(save=False)
        raise
    for old in _unanswered().filter(owner=owner).order_by("-created_at")[MAX_PREVIEWS:]:
        discard(old)
    return received


def receive_upload(owner: User, upload: UploadedFile) -> VoiceImport:
    """Preview and store an archive that was uploaded in a request, as `receive` does."""
    with as_path(upload) as path:
        return receive(owner, path, upload.name or "", upload.size or 0)


def _unanswered():
    return VoiceImport.objects.filter(Q(choices__isnull=True) | Q(state__in=(State.FAILED, State.CANCELLED)))


def discard(voice_import: VoiceImport) -> None:
    """Delete an import with its archive. A job that is running stops and leaves nothing behind."""
    with transaction.atomic():
        voice_import.delete()
        transaction.on_commit(lambda: voice_import.file.delete(save=False))


def discard_old(before: datetime) -> None:
    """Delete the imports that were neither confirmed nor retried since `before`."""
    for old in _unanswered().filter(Q(finished_at=None) | Q(finished_at__lt=before), created_at__lt=before):
        discard(old)


# ---------------------------------------------------------------------------------------------------------------------
# Choices


def proposals(voice_import: VoiceImport) -> list[tuple[str, VoiceProfile | None]]:
    """Return for each voice of the archive a free name, and the owner's voice that already has its name."""
    own = {voice.name: voice for voice in VoiceProfile.objects.filter(owner=voice_import.owner_id).only("name")}
    taken, proposed = set(own), []
    for voice in voice_import.preview["voices"]:
        name = free_name(voice["name"], taken, MAX_NAME)
        taken.add(name)
        proposed.append((name, own.get(voice["name"])))
    return proposed


def confirm(voice_import: VoiceImport, choices: list[dict], key: ApiKey | None = None) -> bool:
    """Queue the import with `choices`, for each voice an `act` ("new", "replace", "skip") and a `name`.

    With it the owner confirms the speakers' consent. key: with which a program asked for it. Returns False if the import
    is already running or done. Raises Rejected beyond a limit of its owner.
    """
    row = VoiceImport.objects.filter(pk=voice_import.pk)
    with transaction.atomic():
        if row.filter(state=State.PENDING, choices__isnull=True).exists():
            ring("default")
        elif not voice_import.retry():
            return False
        row.update(choices=choices, api_key=key)
        quotas.check(voice_import.owner_id, key)
    return True


# ---------------------------------------------------------------------------------------------------------------------
# The job


class _Attempt:
    """One attempt at an import: files are written at once, rows only in `commit`."""

    def __init__(self, voice_import: VoiceImport):
        self.job = voice_import
        self.files: list[FieldFile] = []
        self.recordings: list[Recording] = []
        self.voices: list[tuple[dict, dict[int, Clip]]] = []  # details, and the clips by index

    def add(self, unpacked: Unpacked) -> None:
        details, files, owner = unpacked.details, unpacked.files, self.job.owner_id
        match unpacked.kind:
            case "voice":
                self.voices.append((details, {}))
            case "recording":
                recording = Recording(
                    owner_id=owner,
                    original_name=details["name"],
                    seconds=details["seconds"],
                    peaks=details["peaks"],
                    bytes=len(files["original"]) + len(files["audio"]),
                )
                self._save(recording.original, stored_name("original", details["name"]), files["original"])
                kind = "flac" if files["audio"].startswith(b"fLaC") else "wav"
                self._save(recording.audio, f"recording.{kind}", files["audio"])
                self.recordings.append(recording)
            case "clip":
                clip = Clip(
                    owner_id=owner,
                    recording=self.recordings[-1],
                    sha256=hashlib.sha256(files["audio"]).hexdigest(),
                    bytes=len(files["audio"]) + len(files.get("plain_audio", b"")),
                    **{name: details[name] for name in ("start", "end", "language", "transcript", "words")},
                    **asdict(Measured(**details["measured"])),  # no other fields, whatever the sandbox sends
                )
                self._save(clip.audio, "reference.wav", files["audio"])
                if "plain_audio" in files:
                    self._save(clip.original_audio, "plain.wav", files["plain_audio"])
                self.voices[-1][1][details["number"]] = clip

    def _save(self, file: FieldFile, name: str, content: bytes) -> None:
        file.save(name, ContentFile(content), save=False)
        self.files.append(file)

    def commit(self) -> None:
        """Write all rows and complete the job in one transaction.

        Raises Lost if the job was cancelled or another attempt holds it, ArchiveRejected if a name was taken meanwhile.
        Nothing is changed then.
        """
        choices, archive = self.job.choices or [], self.job.file
        with transaction.atomic():
            self.job.finish(State.COMPLETED)
            Recording.objects.bulk_create(self.recordings)
            all_clips = [clip for _, clips in self.voices for clip in clips.values()]
            Clip.objects.bulk_create(all_clips)
            results = [self._write(details, clips, choices[details["number"]]) for details, clips in self.voices]
            VoiceImport.objects.filter(pk=self.job.pk).update(result=results, file="", bytes=0)
            added = sum(one.bytes for one in self.recordings) + sum(clip.bytes for clip in all_clips)
            if why := quotas.why_full(quotas.lock(self.job.owner_id), added, are_there=True):
                raise ArchiveRejected("storage_full", why)
            transaction.on_commit(lambda: archive.storage.delete(str(archive.name)), robust=True)
            ring("default")

    def _write(self, details: dict, clips: dict[int, Clip], choice: dict) -> dict:
        """Write a voice as a new one, or over the one that it replaces, whose generations stay."""
        owner, voice = self.job.owner, None
        if choice["act"] == "replace":
            voice = owner.voices.select_for_update().filter(name=choice["name"]).first()
        voice = voice or VoiceProfile(owner=owner)
        is_new = voice._state.adding
        voice.name, voice.description, voice.language = choice["name"], details["description"], details["language"]
        voice.clip = clips[details["shown"]]
        voice.consent(owner)
        voice.consent_wording += f"\n\n{_consent_in_words(details['consent'], self.job.preview)}"
        try:
            with transaction.atomic():
                voice.save()
        except IntegrityError:
            raise ArchiveRejected(
                "name_taken",
                _("You now have another voice called {name}. Choose another name.").format(name=voice.name),
            ) from None
        new = [clip.pk for clip in clips.values()]
        Clip.objects.filter(pk__in=new).update(voice=voice)
        for old in Clip.objects.filter(voice=voice).exclude(pk__in=new):
            delete_clip(old)
        voice.tags.set([Tag.objects.get_or_create(name=name)[0] for name in details["tags"]])
        for clip in clips.values():
            if not clip.transcript:
                transcription.enqueue(clip, clip.language or voice.language)
        detail = _("from {original_name}").format(original_name=self.job.original_name) + (
            "" if is_new else _(", in place of what it was")
        )
        audit.record(owner, voice, "imported", detail)
        return {"pk": str(voice.pk), "name": voice.name, "replaced": not is_new}

    def undo(self) -> None:
        for file in self.files:
            file.storage.delete(str(file.name))


def _consent_in_words(consent: dict | None, preview: dict) -> str:
    """Return the consent that the archive records, as a paragraph."""
    origin = "voicebox" if preview["kind"] == "voicebox" else preview["made_by"] or _("another site")
    if consent is None:
        return _("It came with an archive of {origin}, without a record.").format(origin=origin)
    who = (consent["by"] or "someone") + " confirmed" + (f" on {consent['at'][:10]}" if consent["at"] else "")
    return _("It came with an archive of {origin}, whose record says that {who}: “{consent}”").format(
        origin=origin, who=who, consent=consent["wording"]
    )


def take_in(voice_import: VoiceImport, heartbeat: Callable[..., None]) -> None:
    """Run the job of an import: write all files of the chosen voices, then all rows in one transaction.

    1. Before the transaction no row names the files. A failed attempt deletes them, and the sweeper those of a killed one.
    2. The transaction begins by completing the job, in an UPDATE conditional on the fencing token. So an attempt that
       was cancelled or overtaken writes nothing, and of two only one does.
    3. If the connection is lost during the transaction, it may have been committed: the files stay, and the sweeper
       deletes those that no row names.
    """
    chosen = [number for number, choice in enumerate(voice_import.choices or []) if choice["act"] != "skip"]
    attempt = _Attempt(voice_import)
    try:
        heartbeat(state=State.GENERATING, stage=N_("Opening the archive"), progress=0)
        with as_path(voice_import.file) as path:
            for unpacked in unpack(path, bounds(), chosen, heartbeat):
                attempt.add(unpacked)
                details, _clips = attempt.voices[-1]
                heartbeat(
                    stage=_("Importing {name}").format(name=details["name"])[:200],
                    progress=round(95 * unpacked.done),
                )
        attempt.commit()
    except ArchiveRejected as rejected:
        attempt.undo()
        voice_import.finish(
            State.FAILED, error=_("{message} Nothing was imported.").format(message=rejected.message)[:500], stage=""
        )
    except DatabaseError:
        raise
    except BaseException:
        attempt.undo()
        raise
