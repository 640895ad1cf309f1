"""Generations, their cast, their evaluation, and the downloads that they wait for."""

import uuid
from collections.abc import Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from synthesis.pronunciations.models import PronunciationEntry
from voices.languages import LANGUAGES
from voices.models import VoiceProfile
from voices.text.lengths import MAX_NAME
from voices.text.pronunciation import Pronunciation
from voicesite.jobs.job import ENDED, RUNNING, Job, JobQuerySet, State
from voicesite.models import User

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
    loudness = models.FloatField(null=True, blank=True, help_text="Integrated, in LUFS (ITU-R BS.1770)")
    true_peak = models.FloatField(null=True, blank=True, help_text="dBTP (ITU-R BS.1770)")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of its file")
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="Counts changes of its segments")
    eta_seconds = models.FloatField(null=True, blank=True, editable=False, help_text="Left to do, as last estimated")
    engine_started_at = models.DateTimeField(null=True, blank=True, editable=False)
    engine_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = GenerationQuerySet.as_manager()
    cluster: ClassVar = "synthesis"

    take_count: int = 1  # where a page shows it: see `picked`
    number: int | None = None  # among its takes, where a page counts them
    first_is_spoken: bool = False  # where a page lets one listen while it is made
    position: int | None = None  # how many go before it; a page that shows it asks the queue
    cast_members: Sequence["CastMember"] = ()  # of a new row: saved with it

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

    def submit(self) -> None:
        """Save a new row with its cast and ring, in one transaction."""
        with transaction.atomic():
            super().submit()
            for member in self.cast_members:
                member.generation = self
            CastMember.named.bulk_create(self.cast_members)

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

    @property
    def is_heard(self) -> bool:
        """Return whether there is a whole to hear: the last one, while a change of it is spoken."""
        return bool(self.audio)

    def reopen(self) -> None:
        """Make it pending again if it has ended: its segments were changed, in the same transaction."""
        self.restart(ENDED)

    def retry(self) -> bool:
        """Retry as any job does; return False also if a voice of it was deleted, suspended or retired."""
        voices = [self.voice, *(member.voice for member in self.cast.select_related("voice"))]
        return all(voice is not None and voice.is_usable for voice in voices) and super().retry()


class SpeakerManager(models.Manager):
    """The members of casts that speak, without the names that are read aloud."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().exclude(voice_name="")


class CastMember(models.Model):
    """Who speaks in a dialogue: a name at the beginning of its lines, and the voice of these.

    A name that somebody said is no speaker's (“Note: …”) is kept too, without a voice and without a voice's name, so that
    nobody is asked about it again. `generation.cast` is without those: they are read aloud, as they are written.
    """

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="cast")
    name = models.CharField(max_length=MAX_NAME, help_text="As it is written in the text")
    voice = models.ForeignKey(VoiceProfile, null=True, on_delete=models.SET_NULL, related_name="+")
    voice_name = models.CharField(max_length=MAX_NAME, blank=True, help_text="Kept when the voice is deleted")

    objects: ClassVar = SpeakerManager()
    named: ClassVar = models.Manager()  # also those that are read aloud

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["generation", "name"], name="cast_member_unique")]

    def __str__(self) -> str:
        return f"{self.name}: {self.voice_name}"


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
