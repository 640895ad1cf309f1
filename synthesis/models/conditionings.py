"""What engines derive from voices, and the jobs that fit an engine to a voice."""

from typing import ClassVar

from django.db import models

from voices.models import Clip, VoiceProfile
from voicesite.hooks import events
from voicesite.jobs.job import Job, State


class Conditioning(models.Model):
    """An engine's conditioning of a voice, cached under a hash of everything that it depends on."""

    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="conditionings")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    key = models.CharField(max_length=64, help_text="SHA-256 of clip, transcript, engine and model")
    payload = models.BinaryField(help_text="safetensors")
    similarity = models.FloatField(null=True, help_text="Speaker similarity that the engine measured, -1 to 1")
    loudness = models.FloatField(null=True, help_text="LUFS of speech with it as the engine gives it, as last measured")
    refined = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["voice", "engine", "model"], name="conditioning_unique")]

    def __str__(self) -> str:
        return f"{self.voice_id} for {self.engine}"


class Fitting(Job):
    """The job of fitting an engine to a voice: one shot at once, then a refinement that replaces it."""

    needs: ClassVar = ("disk", "memory")
    voice = models.OneToOneField(VoiceProfile, on_delete=models.CASCADE, related_name="fitting")
    # A replaced clip is deleted, and takes the fitting made from it along: a new one is made for the new clip.
    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="+")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    as_of = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The voice's last change when this was its best clip"
    )

    def on_end(self, state: State) -> None:
        """Tell its owner that the voice is ready: also unrefined it speaks, but not while it is suspended or retired."""
        usable = VoiceProfile.objects.filter(pk=self.voice_id, suspended_at=None, retired_at=None)
        for owner in usable.values_list("owner", flat=True):
            events.send(owner, "voice.ready", self.voice_id)

    @property
    def similarity(self) -> float | None:
        """Speaker similarity of the fitted voice to its recording, -1 to 1. One query."""
        mine = self.voice.conditionings.filter(engine=self.engine, model=self.model)
        return mine.values_list("similarity", flat=True).first()

    def __str__(self) -> str:
        return f"Fitting of {self.voice_id}"
