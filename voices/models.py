"""Who speaks: voice profiles and the clips they are cloned from."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from voicesite.models import User

from .languages import LANGUAGES
from .pairs import misfit

CONSENT = (
    "The person who speaks in this recording is me, or has agreed that their voice is cloned on this site "
    "and knows what it will be used for."
)


def _upload_path(clip: "Clip", filename: str) -> str:
    return f"clips/{clip.pk}/{filename}"


class ClipQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Clips that `user` may hear: their own and those of shared voices; staff, those of all voices."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self.filter(Q(owner=user) | Q(voice__isnull=False))
        return self.filter(Q(owner=user) | Q(voice__visibility=VoiceProfile.Visibility.SHARED))

    def drafts(self) -> Self:
        """Uploads that no voice uses (yet)."""
        return self.filter(voice=None)


class Clip(models.Model):
    """A recording as it was received, and the reference audio made of it.

    It is stored before the form around it is valid, so that nobody has to send a recording twice; one that no voice
    took within a day is swept away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="clips")
    original = models.FileField(upload_to=_upload_path, help_text="The upload as received")
    original_name = models.CharField(max_length=255, blank=True)
    audio = models.FileField(upload_to=_upload_path, help_text="Reference audio: 24 kHz mono 16-bit WAV")
    sha256 = models.CharField(max_length=64, help_text="Of the reference audio's file")
    seconds = models.FloatField()
    speech_seconds = models.FloatField()
    snr_db = models.FloatField("signal to noise (dB)")
    clipping = models.FloatField(help_text="Share of clipped samples in the upload, 0 to 1")
    loudness = models.FloatField("loudness (dBFS)", help_text="RMS of the speech in the upload")
    peaks = models.JSONField(default=list, help_text="The waveform for the page: integers 0 to 100")
    advice = models.JSONField(default=list, help_text="What the measures say, in words: [level, text] pairs")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClipQuerySet.as_manager()

    def __str__(self) -> str:
        return self.original_name or str(self.pk)


class VoiceQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Voices that `user` may use: their own and the shared ones."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user) | Q(visibility=VoiceProfile.Visibility.SHARED))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Voices that `user` may change or delete: their own. Staff act on others' through the admin."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class VoiceProfile(models.Model):
    """A voice that can be made to speak."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", "Private"
        SHARED = "shared", "Shared with everyone on this site"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="voices")
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(500)])
    language = models.CharField(max_length=8, choices=LANGUAGES, help_text="What is spoken in the recording")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    clip = models.OneToOneField(Clip, on_delete=models.RESTRICT, related_name="voice")
    transcript = models.TextField(blank=True, validators=[MaxLengthValidator(2000)])

    consent_wording = models.TextField(editable=False)
    consent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    consent_at = models.DateTimeField(default=timezone.now, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="voice_name_unique_for_owner",
                violation_error_message="You already have a voice of this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_being_fitted(self) -> bool:
        """Whether an engine is at work on it, or soon: a new voice has no fitting until a worker makes one."""
        fitting = getattr(self, "fitting", None)
        return fitting is None or fitting.is_moving

    @property
    def transcript_misfit(self) -> str:
        """Why the transcript can't be what is said in the recording, in words; empty when it can."""
        return misfit(self.transcript, self.clip.speech_seconds, self.language)

    @property
    def usable_transcript(self) -> str:
        """The transcript, where it fits the recording: an engine that is given another one speaks the rest of it."""
        return "" if self.transcript_misfit else self.transcript

    @property
    def is_shared(self) -> bool:
        return self.visibility == self.Visibility.SHARED
