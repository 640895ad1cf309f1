"""Generations, their cast, their evaluation, and the downloads that they wait for."""

import uuid
from collections.abc import Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from synthesis.pronunciations.models import PronunciationEntry
from synthesis.scripts.characters import is_cjk
from voices.languages import LANGUAGES
from voices.models import Report, VoiceProfile, open_to_staff
from voices.text.lengths import MAX_NAME
from voices.text.pronunciation import Pronunciation
from voicesite.deleted import Deletable, UndeletedManager
from voicesite.hooks import events
from voicesite.jobs.job import ENDED, RUNNING, Job, JobQuerySet, State
from voicesite.limits import quotas
from voicesite.models import ApiKey, User
from voicesite.prepared import Given
from voicesite.wording import lazily

from .library import Folder, TextTag

MAX_SEED = 2**31 - 1
MAX_TITLE = 80  # characters
MAX_INSTRUCTIONS = 4096  # characters, as OpenAI takes
# Seconds of speech, of scripts with and without letters: an estimate that needs no query, in every request for speech.
SECONDS_A_CHARACTER, SECONDS_A_SIGN = 0.07, 0.25
_MOST_LOOKED_AT = 2000  # characters of a text


class GenerationQuerySet(JobQuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return generations that `user` may see, hear and delete: their own, without samples of voices and of words."""
        if not user.is_authenticated:
            return self.none()
        return self.asked_for_by(user)

    def asked_for_by(self, owner: User | Given) -> Self:
        """Return what a person asked for, without samples of voices and of words."""
        return self.filter(owner=owner, is_sample=False, pronounces=None)

    def audible_by(self, user: User | AnonymousUser) -> Self:
        """Return generations that `user` may hear: their own and samples of visible voices; staff, what is open to them.

        To staff that is samples of voices that they may look into, and what its owner spoke with a reported one; where
        STAFF_ACCESS is "all", everything.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_staff and settings.STAFF_ACCESS == "all":
            return self
        audible = Q(owner=user) | Q(is_sample=True, voice__in=VoiceProfile.objects.visible_to(user))
        if user.is_staff:
            audible |= Q(is_sample=True, voice__in=VoiceProfile.objects.filter(open_to_staff()))
            audible |= Q(owner=F("voice__owner"), voice__in=Report.objects.open().values("voice"))
        return self.filter(audible)

    def picked(self) -> Self:
        """Return the picked take of each text with its evaluation, folder and tags, annotated with `take_count`."""
        takes = Generation.objects.filter(take_group=OuterRef("take_group")).order_by().values("take_group")
        counted = Subquery(takes.annotate(n=Count("pk")).values("n"))
        picked = self.filter(is_picked=True).select_related("evaluation", "folder").prefetch_related("tags")
        return picked.annotate(take_count=counted)

    def claimable(self) -> Self:
        """Return rows that a worker may claim, without those whose model is being downloaded."""
        return super().claimable().filter(~self.awaits_model())

    @staticmethod
    def awaits_model() -> Exists:
        """Return the condition that a generation's model is being downloaded."""
        return Exists(Download.objects.active().filter(engine=OuterRef("engine"), model=OuterRef("model")))


def _audio_path(generation: "Generation", filename: str) -> str:
    return f"generations/{generation.pk}/{filename}"


class Generation(Deletable, Job):
    """A text, spoken in a voice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="generations")
    voice = models.ForeignKey(VoiceProfile, null=True, on_delete=models.SET_NULL, related_name="generations")
    voice_name = models.CharField(max_length=MAX_NAME, help_text="Kept when the voice is deleted")
    title = models.CharField(max_length=MAX_TITLE)
    text = models.TextField()
    language = models.CharField(max_length=8, choices=lazily(LANGUAGES))
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    speed = models.FloatField(default=1.0)
    instructions = models.TextField(blank=True, help_text="How to speak it, for an engine that takes such words")
    seed = models.PositiveIntegerField()
    take_group = models.UUIDField(default=uuid.uuid4, help_text="Takes of one text have it in common")
    is_picked = models.BooleanField(default=True, help_text="Whether it stands for its takes in the library")
    is_favourite = models.BooleanField(default=False, help_text="All takes of a text have it in common, as their title")
    folder = models.ForeignKey(
        Folder,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="generations",
        help_text="All takes of a text have it in common",
    )
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
    api_key = models.ForeignKey(
        ApiKey, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )  # with which it was asked for
    reserved_seconds = models.FloatField(
        default=0.0,
        editable=False,
        help_text="Of speech, as estimated: they count for its owner's quota while it is active",
    )
    respoken_seconds = models.FloatField(
        default=0.0, editable=False, help_text="Of sentences that were spoken since it was last completed"
    )
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="Counts changes of its segments")
    eta_seconds = models.FloatField(null=True, blank=True, editable=False, help_text="Left to do, as last estimated")
    time_share = models.FloatField(
        default=0.0, editable=False, help_text="Of the time that its work takes, 0 to 1, as estimated; it only grows"
    )
    engine_started_at = models.DateTimeField(null=True, blank=True, editable=False)
    engine_finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = UndeletedManager.from_queryset(GenerationQuerySet)()  # type: ignore[assignment]
    everything: ClassVar = GenerationQuerySet.as_manager()
    cluster: ClassVar = "synthesis"

    take_count: int = 1  # where a page shows it: see `picked`
    place: int = 0  # of what is looked for in its text, where a page shows that
    excerpt: str = ""  # of the text, around it
    number: int | None = None  # among its takes, where a page counts them
    first_is_spoken: bool = False  # where a page lets one listen while it is made
    position: int | None = None  # how many go before it; a page that shows it asks the queue, as of these two
    begins_in: float | None = None  # seconds, as estimated
    ready_in: float | None = None
    cast_members: Sequence["CastMember"] = ()  # of a new row: saved with it
    tag_names: Sequence[str] = ()  # likewise

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
                fields=["take_group"], condition=Q(is_picked=True, deleted_at=None), name="generation_one_take_picked"
            ),
            models.UniqueConstraint(fields=["voice"], condition=Q(is_sample=True), name="generation_one_sample"),
        ]

    def __str__(self) -> str:
        return f"Speech {str(self.pk)[:8]}"  # not the title, which is text: the administration names rows so, in many places

    @property
    def log_ids(self) -> dict:
        return {**super().log_ids, "generation": self.pk, "key": self.api_key_id}

    def submit(self) -> None:
        """Save a new row with its cast and tags and ring, in one transaction. Raises Rejected beyond a limit of its owner."""
        self.reserved_seconds = self.expected_seconds()
        with transaction.atomic():
            super().submit()
            for member in self.cast_members:
                member.generation = self
            CastMember.named.bulk_create(self.cast_members)
            TextTag.objects.bulk_create(TextTag(generation=self, name=name) for name in self.tag_names)
            self._check_limits()

    def expected_seconds(self) -> float:
        """Estimate the seconds of speech that are to be made of its text, or of what is changed in it. Samples are free."""
        if self.is_sample:
            return 0.0
        text = "\n".join(self.segments.unspoken().values_list("text", flat=True)) if self.is_heard else self.text
        beginning = text[:_MOST_LOOKED_AT]
        dense = sum(map(is_cjk, beginning)) / max(len(beginning), 1)
        each = dense * SECONDS_A_SIGN + (1 - dense) * SECONDS_A_CHARACTER
        return round(len(text) * each / self.speed, 3)

    def _check_limits(self) -> None:
        if not self.is_sample:
            quotas.check(self.owner_id, self.api_key, speaks=self.reserved_seconds > 0)

    def on_end(self, state: State) -> None:
        if not self.is_sample and self.pronounces_id is None:
            events.send(self.owner_id, f"generation.{state}", self.pk)

    def on_pending(self) -> dict:
        return {"eta_seconds": None}

    def on_restart(self) -> dict:
        return {"eta_seconds": None, "time_share": 0.0, "reserved_seconds": self.expected_seconds()}

    @property
    def bar(self) -> float:
        """It goes as time does, and `progress` as the stages do."""
        return round(100 * self.time_share, 1) if self.is_active else self.progress

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
        """Make it pending again if it has ended: its segments were changed, in the same transaction.

        Raises Rejected beyond a limit of its owner.
        """
        if self.restart(ENDED):
            self._check_limits()

    def retry(self) -> bool:
        """Retry as any job does; return False also if a voice of it was deleted, suspended or retired.

        Raises Rejected beyond a limit of its owner.
        """
        voices = [self.voice, *(member.voice for member in self.cast.select_related("voice"))]
        if not all(voice is not None and voice.is_usable for voice in voices):
            return False
        with transaction.atomic():
            again = super().retry()
            if again:
                self._check_limits()
        return again


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

    needs: ClassVar = ("memory",)
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
