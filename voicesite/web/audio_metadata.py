"""Provenance metadata of downloaded audio: that it is AI-generated speech, from which site, and its date.

A WAV file has it as RIFF INFO chunks (Multimedia Programming Interface and Data Specifications 1.0, 1991), others as ID3
tags or Vorbis comments; players show it, and ffprobe reads it. It proves nothing, since it can be removed.
"""

from dataclasses import dataclass
from datetime import datetime

import soundfile
from django.conf import settings

from .names import one_line

AI_GENERATED = "AI-generated speech"


@dataclass(frozen=True)
class Tags:
    """Metadata fields, each a single line."""

    title: str
    artist: str
    comment: str
    software: str
    date: str  # as in 2026-11-25

    def write(self, file: soundfile.SoundFile) -> None:
        """Tag a WAV file that is open for writing and has no samples yet: the chunk precedes the samples."""
        for name, text in vars(self).items():
            setattr(file, name, text)

    def as_dict(self) -> dict[str, str]:
        """Return the fields by FFmpeg's names."""
        return {"encoded_by" if name == "software" else name: text for name, text in vars(self).items()}


def anonymous_tags(at: datetime) -> Tags:
    """Return the tags of speech for people who are told neither its text, nor its voice, nor whose site it is from."""
    comment = f"{AI_GENERATED}, made with Voicesite"
    return Tags(AI_GENERATED, AI_GENERATED, comment, f"Voicesite {settings.VERSION}", at.date().isoformat())


def tags(title: str, voice: str, at: datetime) -> Tags:
    """Return the tags of speech that was made in `voice`: each in one line, without the zero that would end it."""
    return Tags(
        title=one_line(title),
        artist=one_line(f"{voice} ({AI_GENERATED})"),
        comment=f"{AI_GENERATED}, made with Voicesite on {settings.SITE_NAME}",
        software=f"Voicesite {settings.VERSION}",
        date=at.date().isoformat(),
    )
