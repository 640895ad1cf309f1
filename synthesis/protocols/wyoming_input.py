"""What arrives at the Wyoming server in pieces: a text to speak, and a recording to write down."""

import asyncio
import json
import tempfile
import wave
from pathlib import Path

from django.conf import settings
from wyoming.audio import AudioChunk, AudioFormat
from wyoming.event import Event
from wyoming.tts import SynthesizeVoice

from synthesis.scripts.sentences import sentences
from voices.clips.service import limits
from voices.intake import process as intake
from voicesite.temporary import PREFIX
from voicesite.web.rejection import Rejected

MAX_TEXT = 10_000  # characters of one text


def without_halves(event: Event | None) -> Event | None:
    """Return an event with “?” for each half of an emoji: nothing that repeats one can be sent or kept."""
    if event:
        header = json.dumps([event.type, event.data], ensure_ascii=False).encode(errors="replace")
        event.type, event.data = json.loads(header)
    return event


class Text:
    """A text to speak, which may arrive in pieces: what there is of whole sentences is spoken together.

    patience: seconds to wait for the next piece.
    """

    def __init__(self, voice: SynthesizeVoice | None, *, is_streamed: bool = False, patience: float = 60.0):
        self.voice, self.is_streamed, self.patience = voice, is_streamed, patience
        self.length, self.rest, self.is_whole = 0, "", False
        self.news = asyncio.Event()

    def add(self, piece: str) -> None:
        """Raises Rejected if the text grows too long."""
        self.length += len(piece)
        if self.length > MAX_TEXT:
            raise Rejected("too_long", f"A text has {MAX_TEXT:,} characters at most here. Split it.")
        self.rest += piece
        self.news.set()

    def end(self) -> None:
        self.is_whole = True
        self.news.set()

    async def part(self, language: str) -> str:
        """Return what to speak next, once there is any; empty at the end. Raises Rejected where the rest does not come."""
        while not (part := self._take(language)) and not self.is_whole:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), self.patience)
            except TimeoutError:
                raise Rejected("timeout", "The rest of the text did not come.") from None
        return part

    def _take(self, language: str) -> str:
        """Take all but the last sentence, which what comes next may continue; nothing where there are no words in it."""
        end = len(self.rest)
        if not self.is_whole:
            line = self.rest.rfind("\n") + 1
            spans = sentences(self.rest[line:], language)
            end = line + (spans[-2].end if len(spans) > 1 else 0)
        part = self.rest[:end]
        if not any(map(str.isalnum, part)):
            return ""
        self.rest = self.rest[end:]
        return part


class Recording:
    """Sound of any rate, in a temporary file."""

    def __init__(self, sound: AudioFormat):
        self.form = (sound.rate, sound.width, sound.channels)
        if not (4000 <= sound.rate <= 192_000 and 1 <= sound.width <= 4 and 1 <= sound.channels <= 8):
            raise Rejected("bad_request", f"This sound can’t be read: {self.form} (Hz, bytes, channels).")
        self.bytes = 0
        self.file = tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=".wav")  # noqa: SIM115
        self.wav = wave.open(self.file, "wb")  # noqa: SIM115
        self.wav.setframerate(sound.rate)
        self.wav.setsampwidth(sound.width)
        self.wav.setnchannels(sound.channels)

    @property
    def seconds(self) -> float:
        rate, width, channels = self.form
        return self.bytes / (rate * width * channels)

    def add(self, chunk: AudioChunk) -> None:
        """Raises Rejected."""
        if (chunk.rate, chunk.width, chunk.channels) != self.form:
            raise Rejected("bad_request", "The sound changes its format while it is sent.")
        self.bytes += len(chunk.audio)
        if self.seconds > settings.CLIP_MAX_SECONDS or self.bytes > settings.CLIP_MAX_BYTES:
            raise Rejected("too_large", f"A recording may last {settings.CLIP_MAX_SECONDS} s. Send less.")
        self.wav.writeframes(chunk.audio)

    def taken_down(self) -> intake.Decoded:
        """Return it decoded, to be transcribed. Raises AudioRejected. Blocks, in a thread."""
        self.wav.close()
        self.file.flush()
        return intake.take_down(Path(self.file.name), limits())

    def close(self) -> None:
        self.wav.close()  # which writes its header, so before the file
        self.file.close()
