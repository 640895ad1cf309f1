"""Measure the faces of voices from before there were faces."""

from collections.abc import Callable

import numpy as np
import soundfile
from django.db.models import QuerySet

from voices.analysis import face
from voices.models import Clip
from voices.transcription.listener_process import transcription_process
from voicesite.modelhost.protocol import ModelError

AT_ONCE = 10  # clips; a second or so


def clips_without_face() -> QuerySet[Clip]:
    """Return the clips of voices whose traits were never measured."""
    return Clip.objects.filter(face__isnull=True, voice__isnull=False)


def measure(beat: Callable[[], None]) -> int:
    """Measure the traits of some clips; return of how many. What can't be heard keeps a neutral face."""
    measured = 0
    for clip in clips_without_face().only("audio")[:AT_ONCE]:
        traits: list[int] = []
        try:
            traits = face.traits_of(transcription_process.embed(*_read(clip), beat))
        except ModelError as error:
            if not error.permanent:
                break
        except (OSError, soundfile.SoundFileError):
            pass
        measured += Clip.objects.filter(pk=clip.pk, face__isnull=True).update(face=traits)
    return measured


def _read(clip: Clip) -> tuple[np.ndarray, int]:
    with clip.audio.open() as file:
        return soundfile.read(file, dtype="float32")
