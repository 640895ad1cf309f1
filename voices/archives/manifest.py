"""Read and validate the manifest of an untrusted archive of voices. Pure.

The models check the type, length and range of every field. `voices.archives.process` runs this in a sandbox.
"""

import json
import math
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from voices.languages import LANGUAGES, language_code
from voices.text.lengths import MAX_DESCRIPTION, MAX_NAME, MAX_TAG, MAX_TRANSCRIPT
from voicesite.texts import N_
from voicesite.web.names import clean_text

from .format import FORMAT, MANIFEST_NAME, MAX_CLIPS, MAX_VOICES, VERSION
from .zipfiles import ArchiveRejected, Zip

MAX_MANIFEST_BYTES = 8 * 2**20
MAX_TAGS, MAX_WORDS = 30, 2000  # of a voice; of a clip
MAX_WORD_CHARACTERS, MAX_SITE_CHARACTERS, MAX_FILE_NAME_CHARACTERS = 100, 200, 255
MAX_TEXT_CHARACTERS = 10_000  # of a consent, and of a description, which is cut to MAX_DESCRIPTION
MAX_NUMBER = 10**9
NO_NAME = N_("A voice without a name")
_FAULTS = {  # by pydantic's type of error; what follows the name of the field
    "missing": N_("is missing"),
    "string_type": N_("is not a text"),
    "string_too_long": N_("is longer than {max_length:,} characters"),
    "too_short": N_("is empty"),
    "too_long": N_("is not a list of {max_length:,} or fewer"),
}
_VOICEBOX_SAMPLES = "samples.json"


class _Problem(Exception):
    """Why one voice can't be imported, as a sentence for its owner."""


@dataclass(frozen=True)
class Bounds:
    """The limits of an archive."""

    total_bytes: int  # of all files, unpacked
    file_bytes: int  # of one file
    seconds: float  # of one recording


@dataclass(frozen=True)
class _Source:
    """The validation context of the models."""

    archive: Zip
    bounds: Bounds
    is_voicebox: bool = False  # which has neither checksums nor clips
    named: set[str] = field(default_factory=set)  # paths of files so far: each may be named once


# ---------------------------------------------------------------------------------------------------------------------
# The manifest


def _name(written: Any) -> str:
    return clean_text(written, MAX_NAME) or NO_NAME


def _language(written: str) -> str:
    with suppress(ValueError):
        return language_code(written) if written else ""
    raise _Problem(N_("Its language, “{written}”, isn’t supported on this site.").format(written=written))


def _moment(written: Any) -> str:
    """Return a time in ISO 8601, or "" if it is malformed."""
    with suppress(TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(written).isoformat() if len(written) < 50 else ""
    return ""


_Id = Annotated[str, Field(max_length=64)]
_Language = Annotated[str, Field(max_length=40), AfterValidator(_language)]
_description = partial(clean_text, max_characters=MAX_DESCRIPTION, multiline=True)
_Description = Annotated[str, Field(max_length=MAX_TEXT_CHARACTERS), AfterValidator(_description)]
_Tag = Annotated[str, BeforeValidator(partial(clean_text, max_characters=MAX_TAG))]
_Tags = Annotated[
    list[_Tag], Field(max_length=MAX_TAGS), AfterValidator(lambda tags: [*dict.fromkeys(filter(None, tags))])
]
_Number = Annotated[float, Field(ge=0, le=MAX_NUMBER)]
_Confidence = Annotated[_Number, AfterValidator(lambda number: min(number, 1.0))]
_WordText = Annotated[str, AfterValidator(partial(clean_text, max_characters=MAX_WORD_CHARACTERS))]
# As in Clip.words: text, start and end in seconds, confidence from 0 to 1. Not strict, since JSON has lists for tuples.
_Word = Annotated[tuple[_WordText, _Number, _Number, _Confidence], Strict(False)]


class _Entry(BaseModel):
    """An object of the manifest. Unknown fields are ignored, and types are not converted: "1" is no number."""

    model_config = ConfigDict(strict=True, frozen=True)

    @field_validator("*")
    @classmethod
    def _clean(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or info.field_name == "path":  # a path is only looked up
            return value
        multiline = info.field_name in ("description", "transcript", "wording")
        return clean_text(value, MAX_TEXT_CHARACTERS, multiline=multiline)


class File(_Entry):
    path: str
    bytes: int
    sha256: str = Field(pattern="^([0-9a-f]{64})?$")  # empty: of voicebox

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo[_Source]) -> Self:
        source = info.context
        member = source.archive.members.get(self.path)
        if member is None:
            raise _Problem(N_("One of its files is not in the archive."))
        if member.file_size > source.bounds.file_bytes:
            raise _Problem(
                N_("One of its files has more than {file_bytes} MB.").format(
                    file_bytes=f"{source.bounds.file_bytes / 2**20:.0f}"
                )
            )
        if self.path in source.named:
            raise _Problem(N_("One of its files is named twice."))
        if self.bytes != member.file_size or not (self.sha256 or source.is_voicebox):
            raise _Problem(N_("The manifest and the archive disagree on one of its files."))
        source.named.add(self.path)
        return self


class RecordingEntry(_Entry):
    id: _Id = ""
    name: str = Field("", max_length=MAX_FILE_NAME_CHARACTERS)
    original: File
    audio: File | None = None  # None: to be decoded from the original


class ClipEntry(_Entry):
    id: _Id = ""
    recording: _Id = ""
    start: _Number  # seconds of the recording
    end: _Number
    audio: File | None  # None: of voicebox, to be cut from the recording, whatever start and end are
    original_audio: File | None = Field(None, alias="plain_audio")
    language: _Language = ""
    transcript: str = Field("", max_length=MAX_TRANSCRIPT)
    words: list[_Word] = Field([], max_length=MAX_WORDS, fail_fast=True)

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo[_Source]) -> Self:
        source = info.context
        if not (self.audio or source.is_voicebox):
            raise _Problem(N_("One of its clips has no sound."))
        if self.audio and not self.start < self.end:
            raise _Problem(N_("One of its clips ends before it begins."))
        if self.end > source.bounds.seconds + 1:
            raise _Problem(
                N_("One of its clips ends after {seconds} s, the longest of a recording.").format(
                    seconds=f"{source.bounds.seconds:.0f}"
                )
            )
        return self


class Consent(_Entry):
    wording: str = Field("", max_length=MAX_TEXT_CHARACTERS)
    at: Annotated[str, BeforeValidator(_moment)] = ""  # ISO 8601
    by: str = Field("", max_length=150)


class VoiceEntry(_Entry):
    name: Annotated[str, BeforeValidator(_name)] = NO_NAME
    description: _Description = ""
    language: Annotated[_Language, Field(min_length=1)]
    tags: _Tags = []
    consent: Consent | None = None
    clip: _Id = ""  # the main one
    recordings: list[RecordingEntry] = Field(min_length=1, max_length=MAX_CLIPS, fail_fast=True)
    clips: list[ClipEntry] = Field(min_length=1, max_length=MAX_CLIPS, fail_fast=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [recording.id for recording in self.recordings]
        if len(set(ids)) < len(ids):
            raise _Problem(N_("Two of its recordings have the same id."))
        if not {clip.recording for clip in self.clips} <= set(ids):
            raise _Problem(N_("One of its clips names a recording that is not there."))
        return self

    @property
    def shown(self) -> int:
        """The index of its main clip."""
        ids = [clip.id for clip in self.clips]
        return ids.index(self.clip) if self.clip in ids else 0

    def preview(self) -> dict:
        recorded = [file for recording in self.recordings for file in (recording.original, recording.audio)]
        cut = [file for clip in self.clips for file in (clip.audio, clip.original_audio)]
        return self.model_dump(include={"name", "description", "language", "tags", "consent"}) | {
            "clips": len(self.clips),
            "seconds": round(sum(clip.end - clip.start for clip in self.clips), 1),
            "bytes": sum(file.bytes for file in recorded + cut if file),
            "spoken": LANGUAGES.get(self.language, ""),
        }


@dataclass(frozen=True)
class Contents:
    """The voices of an archive, as its manifest describes them."""

    kind: str  # "voicesite" or "voicebox"
    made_at: str
    made_by: str
    voices: list[tuple[VoiceEntry, str]]  # each with why it can't be imported, or ""; such an entry has only a name

    def preview(self) -> dict:
        """Return what its owner is shown to choose by, as JSON: each voice without its files and words."""
        return vars(self) | {"voices": [entry.preview() | {"problem": problem} for entry, problem in self.voices]}


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def read(archive: Zip, bounds: Bounds) -> Contents:
    """Return the contents of an archive of this site's format, or of voicebox. Raises ArchiveRejected."""
    if MANIFEST_NAME not in archive.members:
        raise ArchiveRejected("no_manifest", N_("This zip file contains no voices: manifest.json is missing."))
    manifest = _json(archive, MANIFEST_NAME)
    if manifest.get("format") == FORMAT:
        contents = _read_ours(manifest, _Source(archive, bounds))
    elif "format" not in manifest and _VOICEBOX_SAMPLES in archive.members and "profile" in manifest:
        contents = _read_voicebox(manifest["profile"], archive, bounds)
    else:
        raise ArchiveRejected(
            "foreign", N_("This zip file was made by another program, in a format this site can’t read.")
        )
    if not contents.voices:
        raise ArchiveRejected("no_voices", N_("This archive contains no voices."))
    if all(problem for _, problem in contents.voices):
        first, problem = contents.voices[0]
        raise ArchiveRejected(
            "no_voices",
            N_("No voice of this archive can be imported. {name}: {problem}").format(name=first.name, problem=problem),
        )
    return contents


def _json(archive: Zip, name: str) -> dict:
    """Parse a member as a JSON object, without duplicate keys and absurdly large numbers. Raises ArchiveRejected."""

    def unique(pairs: list[tuple[str, Any]]) -> dict:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("Duplicate key")
        return found

    def number(written: str, kind: type[float] = float, max_characters: int = 30) -> float:
        if len(written) > max_characters or not math.isfinite(value := kind(written)):
            raise ValueError("Number too large")
        return value

    content = archive.read(name, MAX_MANIFEST_BYTES)
    try:
        found = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=unique,
            parse_float=number,
            parse_int=partial(number, kind=int, max_characters=18),
            parse_constant=number,
        )
    except (ValueError, RecursionError, MemoryError):
        raise ArchiveRejected(
            "manifest", N_("{name} in this archive can’t be read. Export it again.").format(name=name)
        ) from None
    if not isinstance(found, dict):
        raise ArchiveRejected(
            "manifest", N_("{name} in this archive does not say what it should. Export it again.").format(name=name)
        )
    return found


def _read_ours(manifest: dict, source: _Source) -> Contents:
    version, voices, made_by = manifest.get("version"), manifest.get("voices"), manifest.get("made_by")
    if type(version) is not int or version < 1:
        raise ArchiveRejected("manifest", N_("This archive doesn’t say which format version it uses."))
    if version > VERSION:
        raise ArchiveRejected(
            "version",
            N_(
                "This archive has version {version} of the format, and this site reads up to {newest}. Update "
                "this site, or export it for an older one."
            ).format(version=version, newest=VERSION),
        )
    if not isinstance(voices, list):
        raise ArchiveRejected("manifest", N_("The manifest of this archive lists no voices. Export it again."))
    if len(voices) > MAX_VOICES:
        raise ArchiveRejected(
            "too_many",
            N_("This archive has more than {max_voices} voices. Split it into several.").format(max_voices=MAX_VOICES),
        )
    site = clean_text(made_by.get("site"), MAX_SITE_CHARACTERS) if isinstance(made_by, dict) else ""
    entries = [_voice(voice, source) for voice in voices]
    return Contents("voicesite", _moment(manifest.get("made_at")), site, entries)


def _voice(entry: Any, source: _Source) -> tuple[VoiceEntry, str]:
    """Validate a voice; return it, and why it can't be imported or ""."""
    try:
        return VoiceEntry.model_validate(entry, context=source), ""
    except _Problem as raised:
        problem = str(raised)
    except ValidationError as raised:
        error = raised.errors(include_url=False, include_input=False)[0]
        field_name = next((step for step in reversed(error["loc"]) if isinstance(step, str)), "description")
        fault = _FAULTS.get(error["type"], "is not written as it should be").format(**error.get("ctx", {}))
        problem = N_("Its “{field_name}” {fault}.").format(field_name=field_name, fault=fault)
    name = _name(entry.get("name") if isinstance(entry, dict) else None)
    return VoiceEntry.model_construct(name=name, language="", recordings=[], clips=[]), problem


def _read_voicebox(profile: Any, archive: Zip, bounds: Bounds) -> Contents:
    """Return the contents of a profile exported by voicebox: one voice, its samples and their transcripts.

    It has no consent and no checksums. Each sample becomes a recording, of which `voices.archives.process` cuts a clip.
    """
    profile = profile if isinstance(profile, dict) else {}
    language, recordings, clips = profile.get("language", "en-us"), [], []
    for number, (sample, transcript) in enumerate(_json(archive, _VOICEBOX_SAMPLES).items()):
        path, name = f"samples/{sample}", clean_text(PurePath(sample).name, MAX_FILE_NAME_CHARACTERS)
        size = archive.members[path].file_size if path in archive.members else 0
        original = {"path": path, "bytes": size, "sha256": ""}
        recordings.append({"id": str(number), "name": name, "original": original})
        clip = {"recording": str(number), "start": 0, "end": 0, "audio": None}
        clips.append(clip | {"language": language, "transcript": transcript or ""})
    voice = {
        "name": profile.get("name"),
        "description": _description(profile.get("description")),
        "language": language,
        "recordings": recordings,
        "clips": clips,
    }
    return Contents("voicebox", "", "", [_voice(voice, _Source(archive, bounds, is_voicebox=True))])
