"""Voice profiles, the recordings and clips they are cloned from, and the jobs, reports and audit log about them."""

import uuid
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from voices.text.lengths import MAX_AUDIT_DETAIL, MAX_DESCRIPTION, MAX_NAME, MAX_REASON, MAX_TAG, MAX_TRANSCRIPT
from voices.text.transcript_fit import mismatch
from voicesite.jobs.job import ENDED, Job, JobQuerySet
from voicesite.models import User

from .languages import LANGUAGES

CONSENT_WORDING = (
    "The person who speaks in this recording is me, or has agreed that their voice is cloned on this site "
    "and knows what it will be used for."
)
DOUBTFUL_CONFIDENCE = 0.5  # of a transcriber: below it, the page marks a word for review


def upload_path(row: "Recording | Clip | TranscriptionRequest | VoiceImport", filename: str) -> str:
    """Return the name that a file of `row` is stored under, in a folder of that row."""
    return f"{row.folder}/{row.pk}/{filename}"


class Recording(models.Model):
    """An upload, as received and decoded. Clips are excerpts of it."""

    folder: ClassVar = "recordings"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recordings")
    original = models.FileField(upload_to=upload_path, help_text="The upload as received")
    original_name = models.CharField(max_length=255, blank=True)
    audio = models.FileField(upload_to=upload_path, help_text="All of it: 24 kHz mono 16-bit FLAC")
    seconds = models.FloatField()
    peaks = models.JSONField(default=list, help_text="The waveform for the page: integers 0 to 100")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.original_name or str(self.pk)


class ClipQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return clips that `user` may hear: their own and those of shared voices; staff, those of all voices."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self.filter(Q(owner=user) | Q(voice__isnull=False))
        shared = Q(voice__visibility=VoiceProfile.Visibility.SHARED, voice__suspended_at=None)
        return self.filter(Q(owner=user) | shared)

    def drafts(self) -> Self:
        """Return clips without a voice."""
        return self.filter(voice=None)


class Clip(models.Model):
    """An excerpt of a recording as reference audio, with its transcript.

    The audio of a clip is immutable: cutting or denoising it again makes another clip in its place, so whatever was
    derived from a clip is deleted with it. The transcript may change, and is part of every cache key.

    A clip is stored before its form is valid, so that nobody has to upload twice. The sweeper deletes drafts (clips
    without a voice) after a day, and a recording with its last clip.
    """

    class Grade(models.IntegerChoices):
        POOR = 1, "Poor"
        FAIR = 2, "Fair"
        GOOD = 3, "Good"
        EXCELLENT = 4, "Excellent"

    folder: ClassVar = "clips"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="clips")
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="clips")
    voice = models.ForeignKey("VoiceProfile", null=True, blank=True, on_delete=models.CASCADE, related_name="clips")
    start = models.FloatField(default=0.0, help_text="Seconds of the recording at which it begins")
    end = models.FloatField(help_text="Seconds of the recording at which it ends")
    rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of a proposed excerpt, the best is 1")

    audio = models.FileField(upload_to=upload_path, help_text="Reference audio: 24 kHz mono 16-bit WAV")
    sha256 = models.CharField(max_length=64, help_text="Of the reference audio's file")
    original_audio = models.FileField(upload_to=upload_path, blank=True, help_text="The same before denoising")

    seconds = models.FloatField()
    speech_seconds = models.FloatField()
    snr_db = models.FloatField("signal to noise (dB)")
    clipping = models.FloatField(help_text="Share of clipped samples in the upload, 0 to 1")
    loudness = models.FloatField("loudness (dBFS)", help_text="RMS of the speech in the upload")
    quality = models.JSONField(default=dict, help_text="What else was measured, by name: see voices.analysis.quality")
    grade = models.PositiveSmallIntegerField(choices=Grade, null=True, blank=True)
    peaks = models.JSONField(default=list, help_text="The waveform for the page: integers 0 to 100")
    advice = models.JSONField(default=list, help_text="What the measures say, in words: [level, text] pairs")

    language = models.CharField(max_length=8, choices=LANGUAGES, blank=True, help_text="What is spoken in it")
    transcript = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_TRANSCRIPT)])
    words = models.JSONField(
        default=list, help_text="Of the transcript: [text, start, end, confidence], in seconds of the recording, 0 to 1"
    )
    recognized_text = models.TextField(blank=True, help_text="What a transcriber last heard in it")

    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClipQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sha256"])]  # to find voices with the same recording

    def __str__(self) -> str:
        return f"{self.start:.1f}–{self.end:.1f} s of {self.recording_id}"

    @property
    def mismatch(self) -> str:
        """Why the transcript does not fit the audio, in words; empty if it does."""
        return mismatch(self.transcript, self.speech_seconds, self.language, self.recognized_text)

    @property
    def usable_transcript(self) -> str:
        """The transcript, or "" if it does not fit the audio: an engine would then speak the surplus words."""
        return "" if self.mismatch else self.transcript

    @property
    def doubtful_words(self) -> list[str]:
        """The words that the page marks for review."""
        return [text.strip() for text, _, _, confidence in self.words if confidence < DOUBTFUL_CONFIDENCE]

    @property
    def is_being_transcribed(self) -> bool:
        return hasattr(self, "transcription") and self.transcription.is_active


class ExcerptSearch(Job):
    """The job of finding the best excerpts of a long recording: each becomes a draft clip with a rank."""

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="search")

    def __str__(self) -> str:
        return f"Search of {self.recording_id}"


class Transcription(Job):
    """The job of transcribing a clip."""

    clip = models.OneToOneField(Clip, on_delete=models.CASCADE, related_name="transcription")
    transcriber = models.CharField(max_length=20, blank=True, help_text="A name in voices.transcription.transcribers")
    language = models.CharField(max_length=8, blank=True, help_text="What is spoken; empty: to be found out")
    replaces = models.TextField(blank=True, help_text="The transcript when it was asked for: a newer one stays")

    may_retry: ClassVar = ENDED  # a completed one too: people may want another transcript

    def __str__(self) -> str:
        return f"Transcription of {self.clip_id}"


class TranscriptionRequest(Job):
    """The job of transcribing a recording for an API request that waits for it; deleted afterwards."""

    folder: ClassVar = "transcription_requests"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="transcription_requests")
    audio = models.FileField(upload_to=upload_path, help_text="All of it: 24 kHz mono 16-bit FLAC")
    seconds = models.FloatField()
    language = models.CharField(max_length=8, blank=True, help_text="What is spoken; empty: to be found out")
    text = models.TextField(blank=True, help_text="What was heard")
    words = models.JSONField(default=list, help_text="As of a clip, in seconds of the recording")

    def __str__(self) -> str:
        return f"Transcription request {self.pk}"


class Tag(models.Model):
    """A keyword to find voices by."""

    name = models.CharField(max_length=MAX_TAG, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VoiceQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return voices that `user` may see and hear: their own, and shared ones that are not suspended."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user) | Q(visibility=VoiceProfile.Visibility.SHARED, suspended_at=None))

    def usable_by(self, user: User | AnonymousUser) -> Self:
        """Return visible voices that may speak: neither suspended nor retired."""
        return self.visible_to(user).filter(suspended_at=None, retired_at=None)

    def to_review(self) -> Self:
        """Return voices whose owners request to share them with everyone."""
        return self.filter(share_requested_at__isnull=False, suspended_at=None)

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Return voices that `user` may change or delete: their own. Staff use the admin for others'."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class VoiceProfile(models.Model):
    """A cloned voice, with its owner, visibility and consent."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", "Private"
        SHARED = "shared", "Shared with everyone on this site"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voices")
    name = models.CharField(max_length=MAX_NAME)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_DESCRIPTION)])
    language = models.CharField(max_length=8, choices=LANGUAGES, help_text="What is spoken in the recording")
    tags = models.ManyToManyField(Tag, blank=True, related_name="voices")
    # The clip that pages show. All are in `clips`, of which each engine uses the best that it accepts.
    clip = models.OneToOneField(Clip, on_delete=models.RESTRICT, related_name="+")

    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    share_requested_at = models.DateTimeField(null=True, blank=True, help_text="Its owner asked; nobody answered yet")
    share_refusal = models.CharField(
        max_length=MAX_REASON, blank=True, help_text="Why it was not shared, for its owner"
    )
    suspended_at = models.DateTimeField(null=True, blank=True, help_text="Nobody may use it")
    suspension = models.CharField(max_length=MAX_REASON, blank=True, help_text="Why it is suspended, for its owner")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="What it spoke stays; it speaks nothing new")

    consent_wording = models.TextField(editable=False)
    consent_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    consent_name = models.CharField(max_length=150, blank=True, editable=False, help_text="Kept when they have left")
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
        indexes = [models.Index(fields=["share_requested_at"])]

    def __str__(self) -> str:
        return self.name

    def consent(self, person: User) -> tuple[str, ...]:
        """Record that `person` confirms the speaker's consent now; return the names of the fields it sets, unsaved.

        Wording, time and name are copied: later changes of CONSENT_WORDING, the owner or the person don't alter them.
        """
        self.consent_wording, self.consent_at = CONSENT_WORDING, timezone.now()
        self.consent_by, self.consent_name = person, person.username
        return "consent_wording", "consent_at", "consent_by", "consent_name"

    @property
    def consented(self) -> str:
        """The name of who confirmed the consent."""
        return self.consent_name or (self.consent_by.username if self.consent_by else "someone who has left")

    @property
    def consent_record(self) -> str:
        """The consent in one line, for audit entries that outlive the voice."""
        return f"consent confirmed by {self.consented}, {self.consent_at:%Y-%m-%d %H:%M %Z}: {self.consent_wording}"

    @property
    def is_shared(self) -> bool:
        return self.visibility == self.Visibility.SHARED

    @property
    def is_usable(self) -> bool:
        return self.suspended_at is None and self.retired_at is None


class Collection(models.Model):
    """A group of voices that staff put together, such as for a project."""

    name = models.CharField(max_length=MAX_NAME, unique=True)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_DESCRIPTION)])
    voices = models.ManyToManyField(VoiceProfile, blank=True, related_name="collections")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """A complaint about a voice, which staff answer."""

    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(validators=[MaxLengthValidator(1000)])
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    answer = models.CharField(max_length=MAX_REASON, blank=True, help_text="What staff did about it")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["closed_at", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "reporter"], condition=Q(closed_at=None), name="report_open_once_for_reporter"
            )
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"


class AuditEntry(models.Model):
    """An append-only record of an act on a voice, kept after the voice and the actor are deleted."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="Kept when the person has left")
    voice = models.ForeignKey(VoiceProfile, null=True, on_delete=models.SET_NULL, related_name="audit")
    voice_name = models.CharField(max_length=MAX_NAME, help_text="Kept when the voice is deleted")
    act = models.CharField(max_length=40, help_text="One of voices.audit.ACTS")
    detail = models.CharField(max_length=MAX_AUDIT_DETAIL, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["-at"]),
            models.Index(fields=["voice", "-at"]),
            models.Index(fields=["act", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.voice_name}"

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("The audit log is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The audit log stays.")


class VoiceImportQuerySet(JobQuerySet):
    def claimable(self) -> Self:
        """Return what may be claimed of any job, without imports that their owners have not confirmed yet."""
        return super().claimable().filter(choices__isnull=False)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the imports of `user`."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class VoiceImport(Job):
    """The import of an uploaded archive: previewed at once, and done after its owner has chosen how."""

    folder: ClassVar = "imports"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="voice_imports")
    file = models.FileField(upload_to=upload_path)
    original_name = models.CharField(max_length=255, blank=True)
    preview = models.JSONField(default=dict, help_text="What is inside, as voices.archives.format read it")
    choices = models.JSONField(null=True, blank=True, help_text="What to do with each voice; null until confirmed")
    result = models.JSONField(default=list, help_text="The voices that came of it: their keys and names")

    objects: ClassVar = VoiceImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.original_name or str(self.pk)

    @property
    def is_answerable(self) -> bool:
        """Whether its owner may choose what to do with each voice: before the first attempt, and after a failed one."""
        return self.choices is None or self.state in self.may_retry

    @property
    def is_under_way(self) -> bool:
        return self.is_active and self.choices is not None
