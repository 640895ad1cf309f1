"""What an archive of voices says is in it, read with suspicion. Pure.

An archive that comes in was made by anybody: what its manifest says is checked in type, length and range, and is only
ever taken for words. `voices.archives.process` runs this in a process of its own.
"""

import json
import math
import re
from contextlib import suppress
from datetime import datetime
from pathlib import PurePath
from typing import Any

from voices.languages import language_code

from .format import (
    CLIPS,
    CONSENT,
    DESCRIPTION,
    FORMAT,
    MANIFEST,
    MANIFEST_BYTES,
    NAME,
    NEVER,
    TAG,
    TAGS,
    TRANSCRIPT,
    VERSION,
    VOICEBOX,
    VOICES,
    WORD,
    WORDS,
    Bounds,
    ClipEntry,
    Consent,
    Contents,
    File,
    RecordingEntry,
    VoiceEntry,
    clean,
)
from .zipfiles import ArchiveRejected, Zip


class _Problem(Exception):
    """Why one voice can't be taken in, in words."""


def read(archive: Zip, bounds: Bounds) -> Contents:
    """What is in an archive of this format, or of voicebox. Raises ArchiveRejected."""
    if MANIFEST not in archive.members:
        raise ArchiveRejected("no_manifest", "This zip holds no voices: manifest.json is missing in it.")
    manifest = _json(archive, MANIFEST)
    if "format" in manifest:
        contents = _read_ours(manifest, archive, bounds)
    elif VOICEBOX in archive.members and "profile" in manifest:
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
    """A JSON object, in which nothing is said twice and no number is absurd."""

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

    content = archive.read(name, MANIFEST_BYTES)
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
    if len(voices) > VOICES:
        raise ArchiveRejected("too_many", f"This archive has more than {VOICES} voices. Split it into several.")
    by = manifest.get("made_by")
    made_by = clean(by.get("site"), 200) if isinstance(by, dict) else ""
    used: set[str] = set()
    entries = [_voice(told, archive, bounds, used) for told in voices]
    return Contents("voicesite", _moment(manifest.get("made_at")), made_by, entries)


def _voice(told: Any, archive: Zip, bounds: Bounds, used: set[str]) -> VoiceEntry:
    name = clean(told.get("name"), NAME) if isinstance(told, dict) else ""
    name = name or "A voice without a name"
    try:
        voice = _Told(told, archive, bounds, used)
        language = voice.language("language")
        entries = voice.parts("recordings", CLIPS, needed=True)
        recordings = [
            RecordingEntry(recording.file("original"), recording.maybe_file("audio"), recording.text("name", 255))
            for recording in entries
        ]
        keys = [recording.text("id", 64) for recording in entries]
        if len(set(keys)) < len(keys):
            raise _Problem("Two of its recordings have the same id.")
        entries = voice.parts("clips", CLIPS, needed=True)
        clips = [_clip(clip, keys, bounds) for clip in entries]
        shown = [clip.text("id", 64) for clip in entries]
        return VoiceEntry(
            name,
            clean(voice.text("description", 10_000, lines=True), DESCRIPTION, lines=True),
            language,
            list(dict.fromkeys(filter(None, (clean(tag, TAG) for tag in voice.items("tags", TAGS))))),
            _consent(voice),
            recordings,
            clips,
            shown.index(voice.text("clip", 64)) if voice.text("clip", 64) in shown else 0,
            voice.bytes + sum(part.bytes for part in voice.children),
        )
    except _Problem as problem:
        return VoiceEntry(name, problem=str(problem))


def _clip(clip: "_Told", recordings: list[str], bounds: Bounds) -> ClipEntry:
    recording = clip.text("recording", 64)
    if recording not in recordings:
        raise _Problem("One of its clips names a recording that is not there.")
    start, end = clip.number("start", bounds.seconds + 1), clip.number("end", bounds.seconds + 1)
    if not start < end:
        raise _Problem("One of its clips ends before it begins.")
    audio = clip.file("audio")
    words = []
    for word in clip.items("words", WORDS):
        match word:
            case [str(text), *numbers] if len(numbers) == 3 and all(
                type(number) in (int, float) and 0 <= number <= NEVER for number in numbers
            ):
                words.append([clean(text, WORD), *map(float, numbers[:2]), min(float(numbers[2]), 1.0)])
            case _:
                raise _Problem("The words of one of its clips are not written as they should be.")
    language = clip.language("language") if clip.text("language", 40) else ""
    transcript = clip.text("transcript", TRANSCRIPT, lines=True)
    return ClipEntry(
        recordings.index(recording), start, end, audio, clip.maybe_file("plain_audio"), language, transcript, words
    )


def _consent(voice: "_Told") -> Consent | None:
    if voice.told.get("consent") is None:
        return None
    consent = voice.part("consent")
    return Consent(
        consent.text("wording", CONSENT, lines=True), _moment(consent.told.get("at")), consent.text("by", 150)
    )


def _read_voicebox(manifest: dict, archive: Zip, bounds: Bounds) -> Contents:
    """A profile that voicebox exported: one voice, its samples and what is said in each. It records no consent."""
    samples = _json(archive, VOICEBOX)
    profile = manifest["profile"] if isinstance(manifest["profile"], dict) else {}
    name = clean(profile.get("name"), NAME) or "A voice without a name"
    try:
        voice = _Told(profile, archive, bounds, set())
        if not 1 <= len(samples) <= CLIPS:
            raise _Problem(f"It has {len(samples)} samples: 1 to {CLIPS} can be taken in.")
        language = voice.language("language") if "language" in profile else "en-us"
        recordings, clips = [], []
        for number, (sample, said) in enumerate(samples.items()):
            file, size = _member(archive, f"samples/{sample}", bounds), archive.members[f"samples/{sample}"].size
            voice.bytes += size
            transcript = clean(said, TRANSCRIPT + 1, lines=True)
            if len(transcript) > TRANSCRIPT:
                raise _Problem(f"The transcript of one of its samples is longer than {TRANSCRIPT:,} characters.")
            recordings.append(RecordingEntry(file, None, clean(PurePath(sample).name, 255)))
            clips.append(ClipEntry(number, 0.0, 0.0, None, None, language, transcript, []))
        description = clean(profile.get("description"), DESCRIPTION, lines=True)
        entry = VoiceEntry(name, description, language, [], None, recordings, clips, 0, voice.bytes)
    except _Problem as problem:
        entry = VoiceEntry(name, problem=str(problem))
    return Contents("voicebox", "", "", [entry])


def _member(archive: Zip, path: str, bounds: Bounds) -> File:
    member = archive.members.get(path)
    if member is None:
        raise _Problem("One of its files is not in the archive.")
    if member.size > bounds.file:
        raise _Problem(f"One of its files has more than {bounds.file / 2**20:.0f} MB.")
    return File(path)


class _Told:
    """An object of the manifest, read field by field. Raises _Problem for what is not as it should be."""

    def __init__(self, told: Any, archive: Zip, bounds: Bounds, used: set[str]):
        if not isinstance(told, dict):
            raise _Problem("It is not described as it should be.")
        self.told, self._archive, self._bounds, self._used = told, archive, bounds, used
        self.bytes = 0
        self.children: list[_Told] = []

    def text(self, name: str, most: int, *, lines: bool = False) -> str:
        written = self.told.get(name, "")
        if not isinstance(written, str):
            raise _Problem(f"Its “{name}” is not a text.")
        if len(written) > most:
            raise _Problem(f"Its “{name}” is longer than {most:,} characters.")
        return clean(written, most, lines=lines)

    def number(self, name: str, most: float) -> float:
        value: Any = self.told.get(name)
        if type(value) not in (int, float) or not 0 <= value <= most:
            raise _Problem(f"Its “{name}” is not a number of 0 to {most:.0f}.")
        return float(value)

    def items(self, name: str, most: int) -> list:
        found = self.told.get(name, [])
        if not isinstance(found, list) or len(found) > most:
            raise _Problem(f"Its “{name}” is not a list of {most:,} or fewer.")
        return found

    def part(self, name: str) -> "_Told":
        return self._child(self.told.get(name))

    def parts(self, name: str, most: int, *, needed: bool = False) -> "list[_Told]":
        found = [self._child(told) for told in self.items(name, most)]
        if needed and not found:
            raise _Problem(f"It has no {name}.")
        return found

    def _child(self, told: Any) -> "_Told":
        self.children.append(_Told(told, self._archive, self._bounds, self._used))
        return self.children[-1]

    def language(self, name: str) -> str:
        written = self.text(name, 40)
        with suppress(ValueError):
            return language_code(written)
        raise _Problem(f"Its language, “{written}”, is not one that this site knows.")

    def maybe_file(self, name: str) -> File | None:
        return None if self.told.get(name) is None else self.file(name)

    def file(self, name: str) -> File:
        """A file, which nothing else in the archive names too."""
        told = self.part(name)
        path, digest = told.text("path", 300), told.text("sha256", 64)
        file = _member(self._archive, path, self._bounds)
        if path in self._used:
            raise _Problem("One of its files is named twice.")
        if not re.fullmatch("[0-9a-f]{64}", digest) or told.told.get("bytes") != self._archive.members[path].size:
            raise _Problem("The manifest and the archive disagree on one of its files.")
        self._used.add(path)
        self.bytes += self._archive.members[path].size
        return File(file.path, digest)


def _moment(written: Any) -> str:
    """A point in time in ISO 8601, or nothing."""
    with suppress(TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(written).isoformat() if len(written) < 50 else ""
    return ""
