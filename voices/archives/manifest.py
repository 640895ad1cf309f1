"""Read what an archive of voices says is in it, with suspicion. Pure.

Anybody can have made an archive: what its manifest says is checked in type, length and range, and is only ever taken
for words. `voices.archives.process` runs this in a sandbox.
"""

import json
import math
import re
from contextlib import suppress
from datetime import datetime
from pathlib import PurePath
from typing import Any

from voices.languages import language_code
from voices.text.lengths import MAX_DESCRIPTION, MAX_NAME, MAX_TAG, MAX_TRANSCRIPT
from voicesite.web.names import clean_text

from .format import (
    FORMAT,
    MANIFEST_NAME,
    MAX_CLIPS,
    MAX_VOICES,
    VERSION,
    Bounds,
    ClipEntry,
    Consent,
    Contents,
    File,
    RecordingEntry,
    VoiceEntry,
)
from .zipfiles import ArchiveRejected, Zip

MAX_MANIFEST_BYTES = 8 * 2**20
MAX_TAGS, MAX_WORDS = 30, 2000  # of a voice; of a clip
MAX_ID_CHARACTERS, MAX_LANGUAGE_CHARACTERS, MAX_WORD_CHARACTERS = 64, 40, 100
MAX_PERSON_CHARACTERS, MAX_SITE_CHARACTERS, MAX_FILE_NAME_CHARACTERS, MAX_PATH_CHARACTERS = 150, 200, 255, 300
MAX_TEXT_CHARACTERS = 10_000  # of a description, of which less is kept, and of a consent
MAX_NUMBER = 10**9  # of seconds or anything else
_VOICEBOX_SAMPLES = "samples.json"
_NO_NAME = "A voice without a name"


class _Problem(Exception):
    """Why one voice can't be taken in, in words."""


def read(archive: Zip, bounds: Bounds) -> Contents:
    """Return what is in an archive of this format, or of voicebox. Raises ArchiveRejected."""
    if MANIFEST_NAME not in archive.members:
        raise ArchiveRejected("no_manifest", "This zip holds no voices: manifest.json is missing in it.")
    manifest = _json(archive, MANIFEST_NAME)
    if "format" in manifest:
        contents = _read_ours(manifest, archive, bounds)
    elif _VOICEBOX_SAMPLES in archive.members and "profile" in manifest:
        contents = _read_voicebox(manifest, archive, bounds)
    else:
        raise ArchiveRejected("foreign", "This zip was made by another program, in a format that is not known here.")
    if not contents.voices:
        raise ArchiveRejected("no_voices", "There is no voice in this archive.")
    if all(entry.problem for entry in contents.voices):
        first = contents.voices[0]
        raise ArchiveRejected("no_voices", f"No voice of this archive can be taken in. {first.name}: {first.problem}")
    return contents


def _json(archive: Zip, name: str) -> dict:
    """Return a JSON object, in which no key is there twice and no number is absurd. Raises ArchiveRejected."""

    def once(pairs: list[tuple[str, Any]]) -> dict:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("A key is there twice.")
        return found

    def number(written: str) -> float:
        if len(written) > 30 or not math.isfinite(value := float(written)):
            raise ValueError("A number is too large.")
        return value

    def integer(written: str) -> int:
        if len(written) > 18:
            raise ValueError("A number is too large.")
        return int(written)

    content = archive.read(name, MAX_MANIFEST_BYTES)
    try:
        found = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_float=number,
            parse_int=integer,
            parse_constant=number,
        )
    except (ValueError, RecursionError, MemoryError):
        raise ArchiveRejected("manifest", f"{name} in this archive can’t be read. Export it again.") from None
    if not isinstance(found, dict):
        raise ArchiveRejected("manifest", f"{name} in this archive does not say what it should. Export it again.")
    return found


def _read_ours(manifest: dict, archive: Zip, bounds: Bounds) -> Contents:
    said, version = manifest["format"], manifest.get("version")
    if said != FORMAT:
        raise ArchiveRejected("foreign", "This zip was made by another program, in a format that is not known here.")
    if type(version) is not int or version < 1:
        raise ArchiveRejected("manifest", "This archive does not say which version of the format it has.")
    if version > VERSION:
        raise ArchiveRejected(
            "version",
            f"This archive has version {version} of the format, and this site reads up to {VERSION}. "
            "Update this site, or export it for an older one.",
        )
    voices = manifest.get("voices")
    if not isinstance(voices, list):
        raise ArchiveRejected("manifest", "The manifest of this archive lists no voices. Export it again.")
    if len(voices) > MAX_VOICES:
        raise ArchiveRejected("too_many", f"This archive has more than {MAX_VOICES} voices. Split it into several.")
    by = manifest.get("made_by")
    made_by = clean_text(by.get("site"), MAX_SITE_CHARACTERS) if isinstance(by, dict) else ""
    used: set[str] = set()
    entries = [_voice(said, archive, bounds, used) for said in voices]
    return Contents("voicesite", _moment(manifest.get("made_at")), made_by, entries)


def _voice(said: Any, archive: Zip, bounds: Bounds, used: set[str]) -> VoiceEntry:
    name = clean_text(said.get("name"), MAX_NAME) if isinstance(said, dict) else ""
    name = name or _NO_NAME
    try:
        voice = _Section(said, archive, bounds, used)
        language = voice.language("language")
        sections = voice.sections("recordings")
        recordings = [
            RecordingEntry(part.file("original"), part.maybe_file("audio"), part.text("name", MAX_FILE_NAME_CHARACTERS))
            for part in sections
        ]
        ids = [part.text("id", MAX_ID_CHARACTERS) for part in sections]
        if len(set(ids)) < len(ids):
            raise _Problem("Two of its recordings have the same id.")
        sections = voice.sections("clips")
        clips = [_clip(part, ids, bounds) for part in sections]
        clip_ids = [part.text("id", MAX_ID_CHARACTERS) for part in sections]
        shown = voice.text("clip", MAX_ID_CHARACTERS)
        description = voice.text("description", MAX_TEXT_CHARACTERS, multiline=True)
        tags = [clean_text(tag, MAX_TAG) for tag in voice.items("tags", MAX_TAGS)]
        return VoiceEntry(
            name,
            clean_text(description, MAX_DESCRIPTION, multiline=True),
            language,
            list(dict.fromkeys(filter(None, tags))),
            _consent(voice),
            recordings,
            clips,
            clip_ids.index(shown) if shown in clip_ids else 0,
            voice.bytes + sum(part.bytes for part in voice.parts),
        )
    except _Problem as problem:
        return VoiceEntry(name, problem=str(problem))


def _clip(clip: "_Section", recording_ids: list[str], bounds: Bounds) -> ClipEntry:
    recording = clip.text("recording", MAX_ID_CHARACTERS)
    if recording not in recording_ids:
        raise _Problem("One of its clips names a recording that is not there.")
    start, end = clip.number("start", bounds.seconds + 1), clip.number("end", bounds.seconds + 1)
    if not start < end:
        raise _Problem("One of its clips ends before it begins.")
    audio = clip.file("audio")
    words = [_word(word) for word in clip.items("words", MAX_WORDS)]
    language = clip.language("language") if clip.text("language", MAX_LANGUAGE_CHARACTERS) else ""
    transcript = clip.text("transcript", MAX_TRANSCRIPT, multiline=True)
    original_audio = clip.maybe_file("plain_audio")
    return ClipEntry(recording_ids.index(recording), start, end, audio, original_audio, language, transcript, words)


def _word(said: Any) -> list:
    """Return a word as in Clip.words: its text, start and end in seconds, confidence from 0 to 1."""
    match said:
        case [str(text), *numbers] if len(numbers) == 3 and all(
            type(number) in (int, float) and 0 <= number <= MAX_NUMBER for number in numbers
        ):
            start, end, confidence = map(float, numbers)
            return [clean_text(text, MAX_WORD_CHARACTERS), start, end, min(confidence, 1.0)]
    raise _Problem("The words of one of its clips are not written as they should be.")


def _consent(voice: "_Section") -> Consent | None:
    if voice.fields.get("consent") is None:
        return None
    consent = voice.section("consent")
    wording = consent.text("wording", MAX_TEXT_CHARACTERS, multiline=True)
    return Consent(wording, _moment(consent.fields.get("at")), consent.text("by", MAX_PERSON_CHARACTERS))


def _read_voicebox(manifest: dict, archive: Zip, bounds: Bounds) -> Contents:
    """Return what is in a profile that voicebox exported: one voice, its samples and what is said in each.

    It records no consent.
    """
    samples = _json(archive, _VOICEBOX_SAMPLES)
    profile = manifest["profile"] if isinstance(manifest["profile"], dict) else {}
    name = clean_text(profile.get("name"), MAX_NAME) or _NO_NAME
    try:
        voice = _Section(profile, archive, bounds, set())
        if not 1 <= len(samples) <= MAX_CLIPS:
            raise _Problem(f"It has {len(samples)} samples: 1 to {MAX_CLIPS} can be taken in.")
        language = voice.language("language") if "language" in profile else "en-us"
        recordings, clips = [], []
        for number, (sample, said) in enumerate(samples.items()):
            path = f"samples/{sample}"
            voice.bytes += _file_bytes(archive, path, bounds)
            transcript = clean_text(said, MAX_TRANSCRIPT + 1, multiline=True)
            if len(transcript) > MAX_TRANSCRIPT:
                raise _Problem(f"The transcript of one of its samples is longer than {MAX_TRANSCRIPT:,} characters.")
            recordings.append(
                RecordingEntry(File(path), None, clean_text(PurePath(sample).name, MAX_FILE_NAME_CHARACTERS))
            )
            clips.append(ClipEntry(number, 0.0, 0.0, None, None, language, transcript, []))
        description = clean_text(profile.get("description"), MAX_DESCRIPTION, multiline=True)
        entry = VoiceEntry(name, description, language, [], None, recordings, clips, 0, voice.bytes)
    except _Problem as problem:
        entry = VoiceEntry(name, problem=str(problem))
    return Contents("voicebox", "", "", [entry])


def _file_bytes(archive: Zip, path: str, bounds: Bounds) -> int:
    """Return the size of a file of the archive. Raises _Problem where it is not there or too large."""
    member = archive.members.get(path)
    if member is None:
        raise _Problem("One of its files is not in the archive.")
    if member.file_size > bounds.file_bytes:
        raise _Problem(f"One of its files has more than {bounds.file_bytes / 2**20:.0f} MB.")
    return member.file_size


class _Section:
    """An object of the manifest, read field by field. Raises _Problem for what is not as it should be.

    `used` are the paths that the manifest named so far: one file is not two.
    """

    def __init__(self, said: Any, archive: Zip, bounds: Bounds, used: set[str]):
        if not isinstance(said, dict):
            raise _Problem("It is not described as it should be.")
        self.fields, self._archive, self._bounds, self._used = said, archive, bounds, used
        self.bytes = 0
        self.parts: list[_Section] = []

    def text(self, name: str, max_characters: int, *, multiline: bool = False) -> str:
        written = self.fields.get(name, "")
        if not isinstance(written, str):
            raise _Problem(f"Its “{name}” is not a text.")
        if len(written) > max_characters:
            raise _Problem(f"Its “{name}” is longer than {max_characters:,} characters.")
        return clean_text(written, max_characters, multiline=multiline)

    def number(self, name: str, largest: float) -> float:
        value: Any = self.fields.get(name)
        if type(value) not in (int, float) or not 0 <= value <= largest:
            raise _Problem(f"Its “{name}” is not a number of 0 to {largest:.0f}.")
        return float(value)

    def items(self, name: str, max_items: int) -> list:
        found = self.fields.get(name, [])
        if not isinstance(found, list) or len(found) > max_items:
            raise _Problem(f"Its “{name}” is not a list of {max_items:,} or fewer.")
        return found

    def section(self, name: str) -> "_Section":
        return self._section(self.fields.get(name))

    def sections(self, name: str) -> "list[_Section]":
        found = [self._section(said) for said in self.items(name, MAX_CLIPS)]
        if not found:
            raise _Problem(f"It has no {name}.")
        return found

    def _section(self, said: Any) -> "_Section":
        self.parts.append(_Section(said, self._archive, self._bounds, self._used))
        return self.parts[-1]

    def language(self, name: str) -> str:
        written = self.text(name, MAX_LANGUAGE_CHARACTERS)
        with suppress(ValueError):
            return language_code(written)
        raise _Problem(f"Its language, “{written}”, is not one that this site knows.")

    def maybe_file(self, name: str) -> File | None:
        return None if self.fields.get(name) is None else self.file(name)

    def file(self, name: str) -> File:
        """Return a file, which nothing else in the manifest names too."""
        section = self.section(name)
        path, digest = section.text("path", MAX_PATH_CHARACTERS), section.text("sha256", 64)
        size = _file_bytes(self._archive, path, self._bounds)
        if path in self._used:
            raise _Problem("One of its files is named twice.")
        if not re.fullmatch("[0-9a-f]{64}", digest) or section.fields.get("bytes") != size:
            raise _Problem("The manifest and the archive disagree on one of its files.")
        self._used.add(path)
        self.bytes += size
        return File(path, digest)


def _moment(written: Any) -> str:
    """Return a point in time in ISO 8601; "" if it is none."""
    with suppress(TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(written).isoformat() if len(written) < 50 else ""
    return ""
