"""What a file says of itself once it has left the site: that it is AI-generated speech, from where, of when.

The tags are RIFF INFO chunks of a WAV file (Multimedia Programming Interface and Data Specifications 1.0, 1991), ID3 or
Vorbis comments of others; players show them, and ffprobe reads them. They are no proof: who wants to can take them out.
"""

from dataclasses import dataclass
from datetime import datetime

import soundfile
from django.conf import settings

from .names import one_line

AI_GENERATED = "AI-generated speech"


@dataclass(frozen=True)
class Tags:
    """What is written, each in a line."""

    title: str
    artist: str
    comment: str
    software: str
    date: str  # as in 2026-11-25

    def write(self, file: soundfile.SoundFile) -> None:
        """Tag a WAV file that is open for writing and has no samples yet: the tags come before the sound."""
        for name, text in vars(self).items():
            setattr(file, name, text)

    def as_dict(self) -> dict[str, str]:
        """As FFmpeg calls them."""
        return {
            "title": self.title,
            "artist": self.artist,
            "comment": self.comment,
            "encoded_by": self.software,
            "date": self.date,
        }


def tags(title: str, voice: str, at: datetime) -> Tags:
    """Return the tags of speech that was made in `voice`: each in one line, without the zero that would end it."""
    return Tags(
        title=one_line(title),
        artist=one_line(f"{voice} ({AI_GENERATED})"),
        comment=f"{AI_GENERATED}, made with Voicesite on {settings.SITE_NAME}",
        software=f"Voicesite {settings.VERSION}",
        date=at.date().isoformat(),
    )
