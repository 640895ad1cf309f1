"""Archives of voices that people send: looked into, then taken in as a whole or not at all."""

import hashlib
from collections.abc import Callable
from copy import copy
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile

from voices import audit
from voices.clips.service import delete_clip, uploads
from voices.models import Clip, Recording, Tag, VoiceImport, VoiceProfile
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State
from voicesite.models import User
from voicesite.web.media import as_path

from .format import NAME, Bounds, clean
from .process import Unpacked, look, unpack
from .zipfiles import ArchiveRejected

MAX_PREVIEWS = 3  # archives of one person that wait for an answer: of more, the oldest go
UNPACKED = 2  # an archive may unpack to so many times what it may have itself


def bounds() -> Bounds:
    return Bounds(UNPACKED * settings.IMPORT_MAX_BYTES, settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def receive(owner: User, path: Path, name: str, size: int) -> VoiceImport:
    """Look into the archive at `path`, of which `size` bytes were sent, and keep it until `owner` says what to do.

    Raises Rejected; nothing is kept then.
    """
    if size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES / 2**20
        raise ArchiveRejected("too_large", f"This archive has {size / 2**20:.0f} MB; {most:.0f} MB is the most.")
    with uploads.slot(owner.pk):
        preview = look(path, bounds())
    received = VoiceImport(owner=owner, original_name=clean(Path(name.replace("\\", "/")).name, 255), preview=preview)
    try:
        with path.open("rb") as file:
            received.file.save("archive.zip", File(file), save=False)
        received.save(force_insert=True)
    except Exception:
        received.file.delete(save=False)
        raise
    for old in _unanswered().filter(owner=owner).order_by("-created_at")[MAX_PREVIEWS:]:
        discard(old)
    return received


def receive_upload(owner: User, upload: UploadedFile) -> VoiceImport:
    """As `receive`, of what a page was sent."""
    if not hasattr(upload, "temporary_file_path"):
        raise TypeError("Uploads of archives are kept in files.")
    upload.flush()
    return receive(owner, Path(upload.temporary_file_path()), upload.name or "", upload.size or 0)


def _unanswered():
    return VoiceImport.objects.filter(Q(choices__isnull=True) | Q(state__in=(State.FAILED, State.CANCELLED)))


def discard(voice_import: VoiceImport) -> None:
    """Delete an archive that was sent, and what is known of it. A job at work on it stops, and leaves nothing."""
    file = voice_import.file
    with transaction.atomic():
        voice_import.delete()
        if file.name:
            transaction.on_commit(lambda: file.storage.delete(str(file.name)))


def discard_old(before: datetime) -> None:
    """Delete the archives that nobody answered, or tried again, since `before`."""
    for old in _unanswered().filter(Q(finished_at=None) | Q(finished_at__lt=before), created_at__lt=before):
        discard(old)


# ---------------------------------------------------------------------------------------------------------------------
# What to do with each voice


def proposals(voice_import: VoiceImport) -> list[tuple[str, VoiceProfile | None]]:
    """For each voice of the archive a name that is free, and the voice of its owner that has its name now."""
    mine = {voice.name: voice for voice in VoiceProfile.objects.filter(owner=voice_import.owner_id).only("name")}
    taken, proposed = set(mine), []
    for voice in voice_import.preview["voices"]:
        name, number = voice["name"], 2
        while name in taken:
            name = f"{voice['name'][: NAME - 6]} ({number})"
            number += 1
        taken.add(name)
        proposed.append((name, mine.get(voice["name"])))
    return proposed


def confirm(voice_import: VoiceImport, choices: list[dict]) -> bool:
    """Let the voices be taken in as `choices` say: for each an `act` ("new", "replace", "skip") and a `name`.

    By it the owner confirms the speakers' consent. False when that is under way or done already.
    """
    row = VoiceImport.objects.filter(pk=voice_import.pk)
    with transaction.atomic():
        if row.filter(state=State.PENDING, choices__isnull=True).exists() or voice_import.retry():
            row.update(choices=choices)
            ring("default")
            return True
    return False


# ---------------------------------------------------------------------------------------------------------------------
# Taking in


class _Attempt:
    """One attempt at an import. Its files have names of their own; no row names them before all are there."""

    def __init__(self, voice_import: VoiceImport):
        self.job = voice_import
        self.files: list[FieldFile] = []
        self.recordings: list[Recording] = []
        self.voices: list[tuple[dict, dict[int, Clip]]] = []  # what the archive says of a voice, and its clips by place

    def add(self, unpacked: Unpacked) -> None:
        told, files, owner = unpacked.told, unpacked.files, self.job.owner_id
        match unpacked.kind:
            case "voice":
                self.voices.append((told, {}))
            case "recording":
                recording = Recording(
                    owner_id=owner, original_name=told["name"], seconds=told["seconds"], peaks=told["peaks"]
                )
                suffix = "".join(c for c in Path(told["name"]).suffix.lower() if c.isascii() and c.isalnum())[:8]
                self._save(recording.original, f"original.{suffix}" if suffix else "original", files["original"])
                kind = "flac" if files["audio"].startswith(b"fLaC") else "wav"
                self._save(recording.audio, f"recording.{kind}", files["audio"])
                self.recordings.append(recording)
            case "clip":
                clip = Clip(
                    owner_id=owner,
                    recording=self.recordings[-1],
                    sha256=hashlib.sha256(files["audio"]).hexdigest(),
                    **{name: told[name] for name in ("start", "end", "language", "transcript", "words")},
                    **told["measured"],
                )
                self._save(clip.audio, "reference.wav", files["audio"])
                if "plain_audio" in files:
                    self._save(clip.original_audio, "plain.wav", files["plain_audio"])
                self.voices[-1][1][told["number"]] = clip

    def _save(self, file: FieldFile, name: str, content: bytes) -> None:
        file.save(name, ContentFile(content), save=False)
        self.files.append(file)

    def commit(self) -> None:
        """All rows at once, with the end of the job: as long as this attempt holds it, and nobody cancelled.

        Raises Lost; ArchiveRejected where a name was taken meanwhile. Nothing was changed then.
        """
        choices, archive = self.job.choices or [], self.job.file
        with transaction.atomic():
            copy(self.job).finish(State.COMPLETED)  # the job itself must know its token still if this is undone
            Recording.objects.bulk_create(self.recordings)
            Clip.objects.bulk_create([clip for _, clips in self.voices for clip in clips.values()])
            results = [self._write(told, clips, choices[told["number"]]) for told, clips in self.voices]
            VoiceImport.objects.filter(pk=self.job.pk).update(result=results, file="")
            transaction.on_commit(lambda: archive.storage.delete(str(archive.name)), robust=True)
            ring("default")

    def _write(self, told: dict, clips: dict[int, Clip], choice: dict) -> dict:
        """Write a voice: over the one that it replaces, so that what that spoke stays its own, or a new one."""
        owner, voice = self.job.owner, None
        if choice["act"] == "replace":
            voice = owner.voices.select_for_update().filter(name=choice["name"]).first()
        voice = voice or VoiceProfile(owner=owner)
        is_new = voice._state.adding
        voice.name, voice.description, voice.language = choice["name"], told["description"], told["language"]
        voice.clip = clips[told["shown"]]
        voice.consent(owner)
        voice.consent_wording += f"\n\n{_in_words(told['consent'], self.job.preview)}"
        try:
            with transaction.atomic():
                voice.save()
        except IntegrityError:
            raise ArchiveRejected(
                "name_taken", f"You have another voice of the name {voice.name} by now. Choose another name."
            ) from None
        new = [clip.pk for clip in clips.values()]
        Clip.objects.filter(pk__in=new).update(voice=voice)
        for old in Clip.objects.filter(voice=voice).exclude(pk__in=new):
            delete_clip(old)
        voice.tags.set([Tag.objects.get_or_create(name=name)[0] for name in told["tags"]])
        for clip in clips.values():
            if not clip.transcript:
                transcription.enqueue(clip, clip.language or voice.language)
        detail = f"from {self.job.original_name}" + ("" if is_new else ", in place of what it was")
        audit.record(owner, voice, "imported", detail)
        return {"pk": str(voice.pk), "name": voice.name, "replaced": not is_new}

    def undo(self) -> None:
        for file in self.files:
            file.storage.delete(str(file.name))


def _in_words(consent: dict | None, preview: dict) -> str:
    """The archive's own record of the consent, as a paragraph."""
    origin = f"an archive of {preview['made_by'] or 'another site'}"
    if consent is None:
        return (
            f"It came with {'an archive of voicebox' if preview['kind'] == 'voicebox' else origin}, without a record."
        )
    when = f" on {consent['at'][:10]}" if consent["at"] else ""
    return f"It came with {origin}, whose record says that {consent['by'] or 'somebody'} confirmed{when}: " + (
        f"“{consent['wording']}”"
    )


def take_in(voice_import: VoiceImport, heartbeat: Callable[..., None]) -> None:
    """Take in the voices that were chosen: the work of the job. Files first, then all rows in one transaction.

    1. The files of an attempt have names that no row knows. Whatever ends it before the transaction, also a kill, ends
       it as if it had never been: it deletes them, or the sweeper does.
    2. The transaction begins with the end of the job, one UPDATE that names the attempt's token. So a cancelled or
       overtaken attempt writes nothing, and of two one only.
    3. When the database is lost during the transaction, nobody knows whether it was committed: the files stay. If no
       row names them, they are swept away.
    """
    chosen = [number for number, choice in enumerate(voice_import.choices or []) if choice["act"] != "skip"]
    attempt = _Attempt(voice_import)
    name = ""
    try:
        heartbeat(state=State.GENERATING, stage="Opening the archive", progress=0)
        with as_path(voice_import.file) as path:
            for unpacked in unpack(path, bounds(), chosen, heartbeat):
                attempt.add(unpacked)
                if unpacked.kind == "voice":
                    name = unpacked.told["name"]
                heartbeat(stage=f"Taking in {name}"[:200], progress=round(95 * unpacked.done))
        attempt.commit()
    except ArchiveRejected as rejected:
        attempt.undo()
        voice_import.finish(State.FAILED, error=f"{rejected.message} Nothing was taken in."[:500], stage="")
    except DatabaseError:
        raise
    except BaseException:
        attempt.undo()
        raise
