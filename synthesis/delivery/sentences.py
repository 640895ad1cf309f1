"""The sentences of finished speech as files of their own, in a zip archive that is written while it is sent."""

import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import soundfile
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.models import Generation, Segment, SegmentTake
from synthesis.segments.timeline import RATE, samples_in
from synthesis.speech.files import read_take
from voices.archives.zipfiles import Writer, archive_bytes
from voicesite.models import User
from voicesite.web.admission import Places, Stream
from voicesite.web.audio_metadata import AI_GENERATED, tags
from voicesite.web.names import slug
from voicesite.web.rejection import Rejected

FORMATS = ("flac", "wav")
NAME_CHARACTERS = 40  # of a sentence, in the name of its file
TITLE_CHARACTERS = 100  # … and in its tags
README_NAME = "README.txt"
_README = """{title}

{ai_generated}, made with Voicesite on {site}, in the voice {voice}.

Each sentence is a file, numbered in the order of the text, without the pauses between them.
"""

sending = Places(Rejected, _("You are downloading other archives. Wait for one of them, or end it."), 4)


class Sentences(Stream):
    """An archive of the takes that are heard, as the content of a streaming response: a sentence at a time is in memory.

    It holds a place until it is closed. Raises Rejected where sentences are gone or not yet there, or the places are taken.
    """

    def __init__(self, person: User, generation: Generation, audio_format: str):
        segments = list(generation.segments.in_text().select_related("take"))
        if not segments:
            raise Rejected("not_found", _("The sentences of this speech are no longer stored."))
        if not all(segment.take for segment in segments):
            raise Rejected("conflict", _("Some sentences haven’t been spoken yet. Try again when it’s ready."))
        readme = _README.format(
            title=generation.title, ai_generated=AI_GENERATED, site=settings.SITE_NAME, voice=generation.voice_name
        ).encode()
        members = [(README_NAME, len(readme))]
        for number, segment in enumerate(segments, 1):
            assert segment.take
            size = segment.take.bytes if audio_format == "flac" else _wav_bytes(generation, segment.take)
            members.append((_name(number, segment, audio_format), size))
        self.length = archive_bytes(members)
        with ExitStack() as held:
            held.enter_context(sending.place(person.pk))
            super().__init__(_archive(generation, segments, members, readme, audio_format), held.pop_all())


def _archive(
    generation: Generation, segments: list[Segment], members: list[tuple[str, int]], readme: bytes, audio_format: str
) -> Iterator[bytes]:
    writer = Writer(timezone.now())
    yield writer.member_header(README_NAME, len(readme), zlib.crc32(readme)) + readme
    for segment, (name, size) in zip(segments, members[1:], strict=True):
        assert segment.take
        take = segment.take
        data = _flac(take) if audio_format == "flac" else _wav(generation, take, read_take(take))
        if len(data) != size:
            raise OSError(f"{name} has {len(data)} bytes, not {size}.")
        yield writer.member_header(name, size, zlib.crc32(data)) + data
    yield writer.directory()


def _name(number: int, segment: Segment, audio_format: str) -> str:
    """Return a name in the order of the text, as of `0001-the-ferry-left.flac`."""
    words = slug(segment.text)
    if len(words) > NAME_CHARACTERS:
        words = words[: NAME_CHARACTERS + 1].rpartition("-")[0] or words[:NAME_CHARACTERS]
    return f"{number:04}{'-' if words else ''}{words}.{audio_format}"


def _flac(take: SegmentTake) -> bytes:
    with take.audio.open("rb") as file:
        return file.read()


def _wav(generation: Generation, take: SegmentTake, samples: np.ndarray) -> bytes:
    """Return samples, float32 (samples,), as WAV with the tags of a take."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", RATE, 1, format="WAV", subtype="PCM_16") as file:
        tags(take.text[:TITLE_CHARACTERS], generation.voice_name, take.created_at).write(file)
        file.write(samples)
    return buffer.getvalue()


def _wav_bytes(generation: Generation, take: SegmentTake) -> int:
    return len(_wav(generation, take, np.zeros(0, np.float32))) + 2 * samples_in(take.seconds)
