"""Generations, their segments, what engines derive from a voice, the jobs of these, and the state of workers."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from voices.languages import LANGUAGES
from voices.models import Clip, VoiceProfile
from voices.text.lengths import MAX_NAME
from voices.text.pronunciation import Pronunciation
from voicesite.jobs.job import ENDED, RUNNING, Job, JobQuerySet, State
from voicesite.models import User

from .pronunciations.models import PronunciationEntry

MAX_SEED = 2**31 - 1


class GenerationQuerySet(JobQuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return generations that `user` may see, hear and delete: their own, without samples of voices and of words."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user, is_sample=False, pronounces=None)

    def audible_by(self, user: User | AnonymousUser) -> Self:
        """Return generations that `user` may hear: their own and samples of visible voices; staff, all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(Q(owner=user) | Q(is_sample=True, voice__in=VoiceProfile.objects.visible_to(user)))

    def picked(self) -> Self:
        """Return the picked take of each text, annotated with `take_count`."""
        takes = Generation.objects.filter(take_group=OuterRef("take_group")).order_by().values("take_group")
        counted = Subquery(takes.annotate(n=Count("pk")).values("n"))
        return self.filter(is_picked=True).annotate(take_count=counted)

    def claimable(self) -> Self:
        """Return rows that a worker may claim, without those whose model is being downloaded."""
        return super().claimable().filter(~self.awaits_model())

    @staticmethod
    def awaits_model() -> Exists:
        """Return the condition that a generation's model is being downloaded."""
        return Exists(Download.objects.active().filter(engine=OuterRef("engine"), model=OuterRef("model")))


def _audio_path(generation: "Generation", filename: str) -> str:
    return f"generations/{generation.pk}/{filename}"


class Generation(Job):
    """A text, spoken in a voice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="generations")
    voice = models.ForeignKey(VoiceProfile, null=True, on_delete=models.SET_NULL, related_name="generations")
    voice_name = models.CharField(max_length=MAX_NAME, help_text="Kept when the voice is deleted")
    title = models.CharField(max_length=80)
    text = models.TextField()
    language = models.CharField(max_length=8, choices=LANGUAGES)
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    speed = models.FloatField(default=1.0)
    seed = models.PositiveIntegerField()
    take_group = models.UUIDField(default=uuid.uuid4, help_text="Takes of one text have it in common")
    is_picked = models.BooleanField(default=True, help_text="Whether it stands for its takes in the library")
    is_task = models.BooleanField(default=True, help_text="Whether programs see it as a task: until they delete that")
    is_sample = models.BooleanField(default=False, help_text="The sentence that a voice is auditioned with")
    pronounces = models.ForeignKey(
        PronunciationEntry,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="trials",
        help_text="The entry of a dictionary that it was made to hear",
    )

    audio = models.FileField(upload_to=_audio_path, max_length=200, blank=True)
    seconds = models.FloatField("seconds of audio", null=True, blank=True)
    compute_seconds = models.FloatField("seconds of compute", null=True, blank=True)
    first_audio_seconds = models.FloatField("seconds to first audio", null=True, blank=True)
    peaks = models.JSONField(default=list, blank=True)
    similarity = models.FloatField(null=True, blank=True, help_text="Speaker similarity to the reference, -1 to 1")
    word_error_rate = models.FloatField(null=True, blank=True, help_text="Of what was heard in it, 0: every word")
    recognized_text = models.TextField(blank=True, help_text="What a transcriber heard in it")
    differences = models.JSONField(default=list, blank=True, help_text="Where that differs: voices.text.word_errors")
    eta_seconds = models.FloatField(null=True, blank=True, editable=False, help_text="Left to do, as last estimated")
    engine_started_at = models.DateTimeField(null=True, blank=True, editable=False)
    engine_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = GenerationQuerySet.as_manager()
    cluster: ClassVar = "synthesis"

    take_count: int = 1  # where a page shows it: see `picked`
    number: int | None = None  # among its takes, where a page counts them
    position: int | None = None  # how many go before it; a page that shows it asks the queue

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["owner", "-created_at"]),
            models.Index(fields=["owner", "-started_at"]),
            models.Index(fields=["-created_at"]),
            # Not partial (active rows only): SQLite does not match a query's parameters with such a condition.
            models.Index(fields=["state", "lease_expires_at"]),
            models.Index(fields=["owner", "state"]),
            models.Index(fields=["owner", "voice", "-created_at"]),
            # For a few of one owner's rows by key: without it, SQLite scans all of the owner's.
            models.Index(fields=["owner", "id"]),
            models.Index(fields=["take_group"]),
            # For the library, ordered by similarity or accuracy.
            models.Index(fields=["owner", "-similarity"]),
            models.Index(fields=["owner", "word_error_rate"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.COMPLETED) | (~Q(audio="") & Q(seconds__isnull=False)),
                name="generation_completed_has_audio",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=RUNNING) | Q(claim_token__isnull=False), name="generation_running_has_claim"
            ),
            models.UniqueConstraint(
                fields=["take_group"], condition=Q(is_picked=True), name="generation_one_take_picked"
            ),
            models.UniqueConstraint(fields=["voice"], condition=Q(is_sample=True), name="generation_one_sample"),
        ]

    def __str__(self) -> str:
        return self.title

    def on_restart(self) -> dict:
        return {"eta_seconds": None}

    @property
    def is_being_evaluated(self) -> bool:
        """Return whether its evaluation is pending or running."""
        check = getattr(self, "evaluation", None)
        return check is not None and check.is_active

    def dictionary(self) -> list[Pronunciation]:
        """Return the pronunciations for its text, as of `for_text`: the one that it was made to hear goes first."""
        heard = [self.pronounces.pronunciation()] if self.pronounces else []
        return heard + PronunciationEntry.objects.for_text(self.owner, self.language)

    def retry(self) -> bool:
        """Retry as any job does; return False also if its voice was deleted, suspended or retired."""
        return self.voice is not None and self.voice.is_usable and super().retry()


def _segment_path(segment: "Segment", filename: str) -> str:
    return f"generations/{segment.generation_id}/segments/{filename}"


class Segment(models.Model):
    """One utterance of a generation. An attempt resumes from the segments that earlier ones finished."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField()
    text = models.TextField(help_text="As it is written")
    spoken = models.TextField(blank=True, help_text="As the engine gets it: see synthesis.scripts")
    pause = models.FloatField(default=0.0, help_text="Seconds of silence after it")
    pause_before = models.FloatField(default=0.0, help_text="Seconds of silence before the first")
    audio = models.FileField(upload_to=_segment_path, max_length=200, blank=True)
    seconds = models.FloatField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Takes that went wrong: each has its own seed")
    voice_key = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the conditioning it was spoken with: a text has one voice"
    )

    class Meta:
        ordering = ["generation", "index"]
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="segment_index_unique")]

    def __str__(self) -> str:
        return f"{self.generation_id} #{self.index}"


class Conditioning(models.Model):
    """An engine's conditioning of a voice, cached under a hash of everything that it depends on."""

    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="conditionings")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    key = models.CharField(max_length=64, help_text="SHA-256 of clip, transcript, engine and model")
    payload = models.BinaryField(help_text="safetensors")
    similarity = models.FloatField(null=True, help_text="Speaker similarity that the engine measured, -1 to 1")
    refined = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["voice", "engine", "model"], name="conditioning_unique")]

    def __str__(self) -> str:
        return f"{self.voice_id} for {self.engine}"


class Fitting(Job):
    """The job of fitting an engine to a voice: one shot at once, then a refinement that replaces it."""

    voice = models.OneToOneField(VoiceProfile, on_delete=models.CASCADE, related_name="fitting")
    # A replaced clip is deleted, and takes the fitting made from it along: a new one is made for the new clip.
    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="+")
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    as_of = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The voice's last change when this was its best clip"
    )

    @property
    def similarity(self) -> float | None:
        """Speaker similarity of the fitted voice to its recording, -1 to 1. One query."""
        mine = self.voice.conditionings.filter(engine=self.engine, model=self.model)
        return mine.values_list("similarity", flat=True).first()

    def __str__(self) -> str:
        return f"Fitting of {self.voice_id}"


class Evaluation(Job):
    """The job of scoring a generation: speaker similarity and word error rate."""

    generation = models.OneToOneField(Generation, on_delete=models.CASCADE, related_name="evaluation")

    def __str__(self) -> str:
        return f"Check of {self.generation_id}"


class Download(Job):
    """The job of downloading a model's weights. Generations that need the model wait for it."""

    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200, unique=True)
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    may_retry: ClassVar = ENDED  # a completed one too: its model may have been removed since

    def __str__(self) -> str:
        return f"Download of {self.model}"

    def inform(self) -> None:
        """Update the generations that wait for it; fail them when it ended without the model."""
        waiting = Generation.objects.filter(state=State.PENDING, engine=self.engine, model=self.model)
        reason = {
            State.FAILED: f"Its model could not be downloaded. {self.error}",
            State.CANCELLED: "The download of its model was cancelled.",
        }.get(State(self.state))
        if reason:
            waiting.close(State.FAILED, error=reason[:500])
        else:
            waiting.update(stage="" if self.state == State.COMPLETED else self.stage)

    def request_cancel(self) -> bool:
        """Cancel as any job. Generations that wait for it fail at once, or when its worker has stopped."""
        with transaction.atomic():  # in between, a worker could claim one of them, and enqueue the download again
            requested = super().request_cancel()
            if requested:
                self.refresh_from_db()
                self.inform()
        return requested


class LoadedModel(models.Model):
    """The model that a synthesis worker has loaded, as it last reported."""

    worker = models.CharField(max_length=200, unique=True, help_text="host:pid")
    engine = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="Empty while none is loaded")
    runs_on = models.CharField(max_length=100, blank=True, help_text="Device and number format")
    memory = models.BigIntegerField(default=0, help_text="Bytes that the engine holds, on the GPU too")
    memory_before = models.BigIntegerField(default=0, help_text="Bytes before the last load or unload")
    changed_at = models.DateTimeField(null=True, help_text="When a model was last loaded or unloaded")
    used_at = models.DateTimeField(null=True, help_text="When it last spoke")
    unload_requested = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.model or 'nothing'} on {self.worker}"


class Cluster(models.Model):
    """When a django-q2 cluster last answered a ring, by which the sweeper finds one that hangs."""

    name = models.CharField(max_length=20, help_text="synthesis or default")
    host = models.CharField(max_length=200)
    process_group = models.IntegerField(help_text="Of the cluster and all its processes")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When one of its workers last answered")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "host"], name="cluster_unique")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
