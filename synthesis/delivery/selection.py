"""Several generations as files of one zip archive, which is written while it is sent."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.models import Generation, Rendition
from voices.archives.zipfiles import Writer, archive_bytes
from voicesite.models import User
from voicesite.web.admission import Stream
from voicesite.web.media import file_name
from voicesite.web.rejection import Rejected

from . import renditions
from .encoding import FILE_FORMATS
from .sentences import sending

FORMATS = (*FILE_FORMATS, "wav")  # MP3 first
MAX_SELECTED = 50
BLOCK_BYTES = 2**16
SHORT_SECONDS = renditions.SHORT_SECONDS  # of speech, in all, that a request encodes itself


class Selection(Stream):
    """The archive as the content of a streaming response: a block of a file at a time is in memory.

    It holds a place until it is closed. Raises NotReady while a file is being made, and Rejected where one can't be, the
    archive would be too large, or the places are taken.
    """

    def __init__(self, person: User, generations: Sequence[Generation], audio_format: str):
        with ExitStack() as held:
            held.enter_context(sending.place(person.pk))
            files = [_file(person, generation, audio_format) for generation in _in_turn(generations, audio_format)]
            members = [
                (f"{number:02}-{file_name(generation.voice_name, generation.title, extension=audio_format)}", file)
                for number, (generation, file) in enumerate(zip(generations, files, strict=True), 1)
            ]
            try:
                self.length = archive_bytes([(name, file.size) for name, file in members])
            except FileNotFoundError:
                raise Rejected("not_found", _("The audio of one of these texts is missing: deselect it.")) from None
            super().__init__(_archive(members), held.pop_all())


def _in_turn(generations: Sequence[Generation], audio_format: str) -> Sequence[Generation]:
    """Let workers make files that take too long for a request, all of them at once, before the first is waited for.

    Raises NotReady if there is anything to wait for.
    """
    if audio_format == "wav":
        return generations
    made = {
        row.generation_id: row
        for row in Rendition.objects.filter(generation__in=generations, audio_format=audio_format)
    }
    missing = [one for one in generations if one.pk not in made or not renditions.is_ready(made[one.pk], one)]
    if sum(one.seconds or 0 for one in missing) > SHORT_SECONDS:
        raise renditions.NotReady([renditions.enqueue(one, audio_format) for one in missing][0])
    return generations


def _file(person: User, generation: Generation, audio_format: str) -> FieldFile:
    return generation.audio if audio_format == "wav" else renditions.ready(person, generation, audio_format).file


def _archive(members: list[tuple[str, FieldFile]]) -> Iterator[bytes]:
    """Yield the archive. Each file is read twice, as its checksum comes before it."""
    writer = Writer(timezone.localtime())
    for name, file in members:
        crc = 0
        for block in _blocks(file):
            crc = zlib.crc32(block, crc)
        yield writer.member_header(name, file.size, crc)
        yield from _blocks(file)
    yield writer.directory()


def _blocks(file: FieldFile) -> Iterator[bytes]:
    with file.storage.open(str(file.name)) as opened:
        yield from opened.chunks(BLOCK_BYTES)
