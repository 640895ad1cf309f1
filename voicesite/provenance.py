"""What a file says of itself once it has left the site: that it is AI-generated speech, from where, of when.

The tags are RIFF INFO chunks of the WAV file (Multimedia Programming Interface and Data Specifications 1.0, 1991),
which players show and ffprobe reads. They are no proof: who wants to can take them out.
"""

from dataclasses import dataclass
from datetime import datetime

import soundfile
from django.conf import settings

AI_GENERATED = "AI-generated speech"


@dataclass(frozen=True)
class Provenance:
    title: str
    voice: str
    at: datetime

    def write(self, file: soundfile.SoundFile) -> None:
        """Tag a file that is open for writing and has no samples yet: the tags come before the sound."""
        file.title = _line(self.title)
        file.artist = _line(f"{self.voice} ({AI_GENERATED})")
        file.comment = f"{AI_GENERATED}, made with Voicesite on {settings.SITE_NAME}"
        file.software = f"Voicesite {settings.VERSION}"
        file.date = self.at.date().isoformat()


def _line(words: str) -> str:
    """INFO strings are of one line, and end at a zero."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
