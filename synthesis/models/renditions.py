"""Finished speech in other formats."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from voicesite.jobs.job import ENDED, Job

from .generations import Generation


def _rendition_path(rendition: "Rendition", filename: str) -> str:
    return f"generations/{rendition.generation_id}/renditions/{filename}"


class Rendition(Job):
    """The job of encoding a generation in another format, and the file that came of it: a cache."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="renditions")
    audio_format = models.CharField(max_length=8)
    source = models.CharField(max_length=200, blank=True, help_text="Name of the audio file that it was made from")
    file = models.FileField(upload_to=_rendition_path, max_length=200, blank=True)
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of its file")
    asked_at = models.DateTimeField(default=timezone.now, help_text="When somebody last asked for it, to a day")

    may_retry: ClassVar = ENDED  # a completed one too: its generation may have changed since

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "audio_format"], name="rendition_unique")]

    def __str__(self) -> str:
        return f"{self.audio_format} of {self.generation_id}"
