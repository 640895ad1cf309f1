"""The segments of a generation, the takes of each, and the changes that can be undone."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from voices.models import Clip, VoiceProfile
from voices.text.lengths import MAX_NAME

from .generations import Generation

MAX_SEGMENT_TAKES = 20


class SegmentQuerySet(models.QuerySet):
    def in_text(self) -> Self:
        """Return the segments that make up a text now, in order: without those that a change has replaced."""
        return self.filter(index__isnull=False).order_by("index")

    def unspoken(self) -> Self:
        return self.in_text().exclude(state=Segment.State.COMPLETED)


class Segment(models.Model):
    """One utterance of a generation's text, and the take of it that is heard.

    An attempt resumes from the segments that earlier ones finished, and a changed sentence is one that is not finished.
    Its last take is heard until the new one is there.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        GENERATING = "generating", _("Being spoken")
        COMPLETED = "completed", _("Ready")

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField(
        null=True, blank=True, help_text="Its place in the text; empty once a change has replaced it"
    )
    text = models.TextField(help_text="As it is written, without marks")
    spoken = models.TextField(blank=True, help_text="As the engine gets it: see synthesis.scripts")
    speaker = models.CharField(max_length=MAX_NAME, blank=True, help_text="Whose line it is, in a dialogue")
    voice = models.ForeignKey(
        VoiceProfile,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty once the voice is deleted",
    )
    pause = models.FloatField(default=0.0, help_text="Seconds of silence after it")
    pause_before = models.FloatField(default=0.0, help_text="Seconds of silence before the first")
    starts_paragraph = models.BooleanField(default=False, help_text="Whether it begins a new line in the text")
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    take = models.ForeignKey(
        "SegmentTake", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="That is heard"
    )
    parts = models.JSONField(
        default=list, blank=True, help_text="Files with its beginning while it is spoken: [name, samples] each"
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="Attempts at it so far: each has its own seed")
    revision = models.PositiveIntegerField(
        default=0, help_text="Counts changes of what is to be spoken: what was made for an earlier one is dropped"
    )
    changed_at = models.DateTimeField(auto_now=True, help_text="When anything of it last changed")

    objects: ClassVar = SegmentQuerySet.as_manager()

    start: float | None  # seconds from the beginning of the whole, where a list shows it: synthesis.segments.listing

    class Meta:
        ordering = ["generation", "index"]
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="segment_index_unique")]
        indexes = [models.Index(fields=["generation", "changed_at"])]

    def __str__(self) -> str:
        return f"{self.generation_id} #{self.index}"

    @property
    def number(self) -> int:
        """Its place in the text, from 1."""
        return (self.index or 0) + 1


def _take_path(take: "SegmentTake", filename: str) -> str:
    return f"generations/{take.segment.generation_id}/segments/{filename}"


class SegmentTake(models.Model):
    """A segment as it was spoken once: with these words, in this voice, levelled. Its file is never changed."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="takes")
    number = models.PositiveSmallIntegerField(help_text="Among the takes of the segment, from 1")
    text = models.TextField()
    spoken = models.TextField()
    voice = models.ForeignKey(VoiceProfile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    voice_key = models.CharField(max_length=64, help_text="SHA-256 of the conditioning it was spoken with")
    seed = models.PositiveBigIntegerField()
    audio = models.FileField(upload_to=_take_path, max_length=200, help_text="FLAC, 24 kHz mono")
    seconds = models.FloatField(help_text="Exactly: a number of samples divided by their rate")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of its file")
    words = models.JSONField(
        null=True, blank=True, help_text="Recognized in it, as voices.text.alignment.Word; null while nobody listened"
    )
    is_marked = models.BooleanField(default=False, help_text="Whether those don't match its text")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["segment", "number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_take_number_unique")]

    def __str__(self) -> str:
        return f"{self.segment_id} take {self.number}"


class SegmentEdit(models.Model):
    """A change of a generation's segments, with what it takes to undo it."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="edits")
    what = models.CharField(max_length=100, help_text="In words, as in “Sentence 3: other words”")
    before = models.JSONField(help_text="See synthesis.segments.editing")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["generation", "-pk"]

    def __str__(self) -> str:
        return self.what


class GenerationVoice(models.Model):
    """A voice as the engine speaks a generation with it, the same throughout, however the voice changes meanwhile.

    It is deleted with the voice, and with the clip that it was derived from.
    """

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="voices")
    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="+")
    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="+")
    payload = models.BinaryField(help_text="safetensors")
    loudness = models.FloatField(null=True, help_text="LUFS of its speech as the engine gives it; all get one gain")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "voice"], name="generation_voice_unique")]

    def __str__(self) -> str:
        return f"{self.voice_id} in {self.generation_id}"
