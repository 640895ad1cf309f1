"""Voice profiles, the recordings and clips they are cloned from, and the jobs, reports and audit log about them."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.text.lengths import MAX_AUDIT_DETAIL, MAX_DESCRIPTION, MAX_NAME, MAX_REASON, MAX_TAG, MAX_TRANSCRIPT
from voices.text.transcript_fit import mismatch
from voicesite.deleted import Deletable, UndeletedManager
from voicesite.hooks import events
from voicesite.jobs.job import ENDED, Job, JobQuerySet, State
from voicesite.limits import quotas
from voicesite.models import ApiKey, User
from voicesite.texts import N_
from voicesite.wording import lazily, translated

from .languages import LANGUAGES

CONSENT_WORDING = N_(
    "The person who speaks in this recording is me, or has agreed that their voice is cloned on this site "
    "and knows what it will be used for."
)
# What others do with a voice that its owner is told, by the name of the act in the audit log.
NEWS = {
    "shared": N_("Staff shared it with everyone"),
    "share_refused": N_("Staff did not share it"),
    "unshared": N_("Staff made it private"),
    "suspended": N_("Staff suspended it"),
    "suspension_lifted": N_("Staff lifted the suspension"),
    "retired": N_("Staff retired it"),
    "brought_back": N_("Staff brought it back"),
    "transferred": N_("It was given to you"),
}
DOUBTFUL_CONFIDENCE = 0.5  # of a transcriber: below it, the page marks a word for review


def upload_path(row: "Recording | Clip | TranscriptionRequest | VoiceImport", filename: str) -> str:
    """Return the name that a file of `row` is stored under, in a folder of that row."""
    return f"{row.folder}/{row.pk}/{filename}"


def open_to_staff(voice: str = "", *, if_shared: bool = True) -> Q:
    """Return the condition that staff may look into a voice that is not theirs; `voice` is the path to it, as in "voice__".

    Those that await their decision, asked to be shared or reported, and (`if_shared`) those that everyone hears or heard;
    where STAFF_ACCESS is "all", every voice. None that its owner has just deleted.
    """
    there = Q(**{f"{voice}pk__isnull": False, f"{voice}deleted_at": None})
    if settings.STAFF_ACCESS == "all":
        return there
    reports = Report.objects.filter(voice=OuterRef(f"{voice}pk"), closed_at=None)
    condition = Q(**{f"{voice}share_requested_at__isnull": False}) | Q(Exists(reports))
    if if_shared:
        condition |= Q(**{f"{voice}visibility": VoiceProfile.Visibility.SHARED})
    return there & condition


class RecordingQuerySet(models.QuerySet):
    def kept(self) -> Self:
        """Return recordings but those whose clips were all deleted a moment ago, and may come back."""
        clips = Clip.everything.filter(recording=OuterRef("pk"))
        return self.filter(Exists(clips.filter(deleted_at=None)) | ~Exists(clips))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return recordings of which `user` may hear the whole: their own; staff, those of voices that they judge.

        Of a shared voice only the clips are shared.
        """
        if not user.is_authenticated:
            return self.none()
        audible = Q(owner=user)
        if user.is_staff:
            audible |= open_to_staff("clips__voice__", if_shared=False)
        return self.kept().filter(audible).distinct()


class Recording(models.Model):
    """An upload, as received and decoded. Clips are excerpts of it."""

    folder: ClassVar = "recordings"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Nobody's, of a built-in voice.
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="recordings")
    original = models.FileField(upload_to=upload_path, help_text="The upload as received")
    original_name = models.CharField(max_length=255, blank=True)
    audio = models.FileField(upload_to=upload_path, help_text="All of it: 24 kHz mono 16-bit FLAC")
    seconds = models.FloatField()
    peaks = models.JSONField(default=list, help_text="The waveform for the page: integers 0 to 100")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of its files")
    created_at = models.DateTimeField(auto_now_add=True)
    trimmed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When all but the excerpts was deleted: voices.clips.retention"
    )

    objects = RecordingQuerySet.as_manager()

    def __str__(self) -> str:
        return self.original_name or str(self.pk)


class ClipQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return clips that `user` may hear: their own and those of shared voices; staff, those of voices open to them."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self.filter(Q(owner=user) | open_to_staff("voice__"))
        return self.filter(Q(owner=user) | for_everyone("voice__"))

    def drafts(self) -> Self:
        """Return clips without a voice."""
        return self.filter(voice=None)


class Clip(Deletable):
    """An excerpt of a recording as reference audio, with its transcript.

    The audio of a clip is immutable: cutting or denoising it again makes another clip in its place, so whatever was
    derived from a clip is deleted with it. The transcript may change, and is part of every cache key.

    A clip is stored before its form is valid, so that nobody has to upload twice. The sweeper deletes drafts (clips
    without a voice) after a day, and a recording with its last clip.
    """

    class Grade(models.IntegerChoices):
        POOR = 1, gettext_lazy("Poor")
        FAIR = 2, gettext_lazy("Fair")
        GOOD = 3, gettext_lazy("Good")
        EXCELLENT = 4, gettext_lazy("Excellent")

    folder: ClassVar = "clips"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="clips")  # as of its recording
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="clips")
    voice = models.ForeignKey("VoiceProfile", null=True, blank=True, on_delete=models.CASCADE, related_name="clips")
    start = models.FloatField(default=0.0, help_text="Seconds of the recording at which it begins")
    end = models.FloatField(help_text="Seconds of the recording at which it ends")
    rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of a proposed excerpt, the best is 1")

    audio = models.FileField(upload_to=upload_path, help_text="Reference audio: 24 kHz mono 16-bit WAV")
    sha256 = models.CharField(max_length=64, help_text="Of the reference audio's file")
    original_audio = models.FileField(upload_to=upload_path, blank=True, help_text="The same before denoising")
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of its files")
    was_main = models.BooleanField(
        default=False, editable=False, help_text="Of its voice, when it was deleted: it is again if it is brought back"
    )

    seconds = models.FloatField()
    speech_seconds = models.FloatField()
    snr_db = models.FloatField("signal to noise (dB)")
    clipping = models.FloatField(help_text="Share of clipped samples in the upload, 0 to 1")
    loudness = models.FloatField("loudness (dBFS)", help_text="RMS of the speech in the upload")
    quality = models.JSONField(default=dict, help_text="What else was measured, by name: see voices.analysis.quality")
    grade = models.PositiveSmallIntegerField(choices=Grade, null=True, blank=True)
    peaks = models.JSONField(default=list, help_text="The waveform for the page: integers 0 to 100")
    advice = models.JSONField(default=list, help_text="What the measures say: [level, text, remedy]")
    face = models.JSONField(
        null=True, editable=False, help_text="Of what a face is drawn: voices.analysis.face; null until it is measured"
    )

    language = models.CharField(max_length=8, choices=lazily(LANGUAGES), blank=True, help_text="What is spoken in it")
    transcript = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_TRANSCRIPT)])
    words = models.JSONField(
        default=list, help_text="Of the transcript: [text, start, end, confidence], in seconds of the recording, 0 to 1"
    )
    recognized_text = models.TextField(blank=True, help_text="What a transcriber last heard in it")

    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = UndeletedManager.from_queryset(ClipQuerySet)()
    everything: ClassVar = ClipQuerySet.as_manager()

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

    needs: ClassVar = ("disk", "memory")
    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="search")

    class Meta(Job.Meta):
        verbose_name_plural = "excerpt searches"

    def __str__(self) -> str:
        return f"Search of {self.recording_id}"


class Transcription(Job):
    """The job of transcribing a clip."""

    needs: ClassVar = ("memory",)
    clip = models.OneToOneField(Clip, on_delete=models.CASCADE, related_name="transcription")
    transcriber = models.CharField(max_length=20, blank=True, help_text="A name in voices.transcription.transcribers")
    language = models.CharField(max_length=8, blank=True, help_text="What is spoken; empty: to be found out")
    replaces = models.TextField(blank=True, help_text="The transcript when it was asked for: a newer one stays")

    may_retry: ClassVar = ENDED  # a completed one too: people may want another transcript

    def on_end(self, state: State) -> None:
        if state == State.COMPLETED:
            events.send(self.clip.owner_id, "transcription.completed", self.clip_id)

    def __str__(self) -> str:
        return f"Transcription of {self.clip_id}"


class TranscriptionRequest(Job):
    """The job of transcribing a recording for an API request that waits for it; deleted afterwards."""

    needs: ClassVar = ("memory",)
    folder: ClassVar = "transcription_requests"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="transcription_requests")
    api_key = models.ForeignKey(
        ApiKey, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )  # with which it was asked for
    audio = models.FileField(upload_to=upload_path, help_text="All of it: 24 kHz mono 16-bit FLAC")
    seconds = models.FloatField()
    language = models.CharField(max_length=8, blank=True, help_text="What is spoken; empty: to be found out")
    text = models.TextField(blank=True, help_text="What was heard")
    knows_no_language = models.BooleanField(default=False, help_text="It failed, as nothing here knows what is spoken")
    words = models.JSONField(default=list, help_text="As of a clip, in seconds of the recording")

    def __str__(self) -> str:
        return f"Transcription request {self.pk}"

    def submit(self) -> None:
        """Save a new row and ring, as of any job. Raises Rejected beyond a limit of its owner."""
        with transaction.atomic():
            super().submit()
            quotas.check(self.owner_id, self.api_key)

    def on_pending(self) -> dict:
        return {"text": ""}  # what was heard so far: the next attempt begins anew


class Tag(models.Model):
    """A keyword to find voices by."""

    name = models.CharField(max_length=MAX_TAG, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def for_everyone(voice: str = "") -> Q:
    """Return which voices everyone may see and hear: shared and not suspended. `voice` is the lookup of the voice."""
    where = {f"{voice}visibility": VoiceProfile.Visibility.SHARED, f"{voice}suspended_at": None}
    return Q(**where) if settings.BUILTIN_VOICES else Q(**where, **{f"{voice}preset": ""})


class VoiceQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return voices that `user` may see and hear: their own, built-in ones, and shared ones; no suspended ones."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user) | for_everyone())

    def usable_by(self, user: User | AnonymousUser) -> Self:
        """Return visible voices that may speak: neither suspended nor retired."""
        return self.visible_to(user).filter(suspended_at=None, retired_at=None)

    def usable_by_everyone(self) -> Self:
        """Return voices that any person on the site may speak with: shared and built-in ones."""
        return self.filter(for_everyone(), retired_at=None)

    def read_by(self, staff: User) -> Self:
        """Return voices with `is_open`: whether `staff` may look into it, hear its recordings and read what is said."""
        return self.annotate(is_open=Case(When(Q(owner=staff) | open_to_staff(), then=True), default=False))

    def to_review(self) -> Self:
        """Return voices whose owners request to share them with everyone."""
        return self.filter(share_requested_at__isnull=False, suspended_at=None)

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """Return voices that `user` may change or delete: their own. Staff use the admin for all others."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class VoiceProfile(Deletable):
    """A voice: cloned, with its owner, visibility and consent; or built in, which nobody owns and everyone may use.

    A built-in voice is a preset of an engine, which speaks with it as it is. The clip is that preset speaking, so that
    other engines can clone it, and people can hear it at once.
    """

    class Visibility(models.TextChoices):
        PRIVATE = "private", gettext_lazy("Private")
        SHARED = "shared", gettext_lazy("Shared with everyone on this site")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="voices")
    preset = models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        help_text="What an engine calls this built-in voice; empty for clones",
    )
    name = models.CharField(max_length=MAX_NAME)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_DESCRIPTION)])
    language = models.CharField(max_length=8, choices=lazily(LANGUAGES), help_text="What is spoken in the recording")
    tags = models.ManyToManyField(Tag, blank=True, related_name="voices")
    favoured_by = models.ManyToManyField(User, blank=True, editable=False, related_name="favourite_voices")
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
    news = models.CharField(
        max_length=40, blank=True, editable=False, help_text="What staff last did with it, until its owner has seen it"
    )

    consent_wording = models.TextField(editable=False)
    consent_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    consent_name = models.CharField(max_length=150, blank=True, editable=False, help_text="Kept when they have left")
    consent_at = models.DateTimeField(default=timezone.now, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar = UndeletedManager.from_queryset(VoiceQuerySet)()
    everything: ClassVar = VoiceQuerySet.as_manager()

    is_open: bool = False  # to the member of staff who reads it: see `read_by`
    former_name: str = ""  # of one that was brought back under another: voices.clips.discarding

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(deleted_at=None),
                name="voice_name_unique_for_owner",
                violation_error_message=gettext_lazy("You already have a voice of this name."),
            ),
            models.UniqueConstraint(fields=["preset"], condition=~Q(preset=""), name="voice_preset_unique"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, preset="") | Q(owner__isnull=True) & ~Q(preset=""),
                name="voice_owned_or_built_in",
            ),
        ]
        indexes = [models.Index(fields=["share_requested_at"])]

    def __str__(self) -> str:
        return self.name

    def consent(self, person: User) -> tuple[str, ...]:
        """Record that `person` confirms the speaker's consent now; return the names of the fields it sets, unsaved.

        Wording, as that person has read it, time and name are copied: later changes of CONSENT_WORDING, the owner or the person don't alter them.
        """
        self.consent_wording, self.consent_at = _(CONSENT_WORDING), timezone.now()
        self.consent_by, self.consent_name = person, person.username
        return "consent_wording", "consent_at", "consent_by", "consent_name"

    @property
    def consented(self) -> str:
        """The name of who confirmed the consent."""
        return self.consent_name or (self.consent_by.username if self.consent_by else _("someone who has left"))

    @property
    def consent_record(self) -> str:
        """The consent in one line, for audit entries that outlive the voice."""
        if self.is_builtin:
            return self.consent_wording
        return f"consent confirmed by {self.consented}, {self.consent_at:%Y-%m-%d %H:%M %Z}: {self.consent_wording}"

    @property
    def is_builtin(self) -> bool:
        return bool(self.preset)

    @property
    def is_shared(self) -> bool:
        return self.visibility == self.Visibility.SHARED

    @property
    def news_in_words(self) -> str:
        return translated(NEWS.get(self.news, ""))

    @property
    def is_public(self) -> bool:
        """Whether everyone here hears it."""
        return self.is_shared and self.suspended_at is None and self.deleted_at is None

    @property
    def is_usable(self) -> bool:
        return self.suspended_at is None and self.retired_at is None and self.deleted_at is None


class SpokenConsentQuerySet(JobQuerySet):
    def claimable(self) -> Self:
        """Return what may be claimed of any job, without sentences that nobody has read yet."""
        return super().claimable().exclude(audio="")

    def active(self) -> Self:
        return super().active().exclude(audio="")


class SpokenConsent(Job):
    """A sentence that a speaker reads aloud to agree, and the **job** of listening to the recording of it.

    It is for the one browser session or key that asked for it, for a few minutes, once: `voice` is what it was used for.
    """

    folder: ClassVar = "consents"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="spoken_consents")
    asker = models.CharField(max_length=64, help_text="SHA-256 of the session or key that asked for the sentence")
    language = models.CharField(max_length=8, choices=lazily(LANGUAGES))
    sentence = models.CharField(max_length=300)
    words = models.JSONField(default=list, help_text="Of the sentence, those by chance")
    expires_at = models.DateTimeField()

    recording = models.ForeignKey(
        Recording, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Whose voice it is compared with"
    )
    audio = models.FileField(upload_to=upload_path, blank=True, help_text="All of it: 24 kHz mono 16-bit FLAC")
    seconds = models.FloatField(default=0.0)
    bytes = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, db_index=True, help_text="Of the sound as it was sent")
    envelope = models.JSONField(default=list, help_text="As of voices.consent.listening")

    heard = models.TextField(blank=True, help_text="What a transcriber heard in it")
    words_heard = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the words by chance")
    similarity = models.FloatField(null=True, blank=True, help_text="Of the speakers, -1 to 1")
    problem = models.CharField(max_length=300, blank=True, help_text="Why it does not count, for its owner")
    voice = models.ForeignKey(
        "VoiceProfile", null=True, on_delete=models.CASCADE, related_name="spoken_consents", editable=False
    )

    objects: ClassVar = SpokenConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Spoken consent {self.pk}"

    @property
    def is_good(self) -> bool:
        """Whether the words were heard, in the voice of the clip."""
        return self.state == State.COMPLETED and not self.problem

    @property
    def is_under_way(self) -> bool:
        return self.is_active and bool(self.audio)


class Collection(models.Model):
    """A group of voices that staff put together, such as for a project."""

    name = models.CharField(max_length=MAX_NAME, unique=True)
    description = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_DESCRIPTION)])
    voices = models.ManyToManyField(VoiceProfile, blank=True, related_name="collections")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReportManager(models.Manager):
    """The reports of voices that are there: one goes, and comes back, with its voice."""

    def get_queryset(self) -> models.QuerySet:
        # No join: of two who answer a report at once, the database lets one's UPDATE through.
        return super().get_queryset().filter(Exists(VoiceProfile.objects.filter(pk=OuterRef("voice"))))


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Return reports without an answer."""
        return self.filter(closed_at=None)

    def answerable_by(self, staff: User) -> Self:
        """Return open reports that `staff` may answer: one against them only where all staff are whom it is against."""
        others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=OuterRef("voice__owner"))
        others = others.exclude(pk=Coalesce(OuterRef("against"), 0))
        return self.open().exclude(_against(staff), Exists(others))

    def unseen_by(self, user: User) -> Self:
        """Return the answered reports of `user` whose answers they have not seen."""
        return self.filter(reporter=user, is_news=True).select_related("voice")

    def read_by(self, user: User) -> Self:
        """Return reports with `reporter_name`, which is None for `user` where a report is against them."""
        named = Case(When(_against(user), then=None), default=F("reporter__username"))
        return self.annotate(reporter_name=named)


def _against(user: User) -> Q:
    """Return the condition that a report is against `user`: the voice is theirs, or was when it was reported."""
    return Q(voice__owner=user) | Q(against=user)


class Report(models.Model):
    """A complaint about a voice, which staff answer. Whom it is against never learns who reported, staff or not."""

    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="reports")
    against = models.ForeignKey(
        User,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        help_text="Who owned the voice when it was reported: giving it away opens nothing",
    )
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(validators=[MaxLengthValidator(1000)])
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    answer = models.CharField(max_length=MAX_REASON, blank=True, help_text="What staff did about it")
    is_news = models.BooleanField(default=False, editable=False, help_text="Its reporter has not seen the answer")

    objects: ClassVar = ReportManager.from_queryset(ReportQuerySet)()

    reporter_name: str | None = None  # for the one who reads it: see `read_by`

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["closed_at", "-created_at"]), models.Index(fields=["reporter", "is_news"])]
        constraints = [
            models.UniqueConstraint(
                fields=["voice", "reporter"], condition=Q(closed_at=None), name="report_open_once_for_reporter"
            )
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"

    def is_against(self, user: User) -> bool:
        return user.pk in (self.voice.owner_id, self.against_id)

    @property
    def reported_by(self) -> str:
        """Who reported it, in words for the one who reads it: see `read_by`."""
        if self.reporter_id is None:
            return _("someone without an account")
        return self.reporter_name or _("Hidden, as the voice is yours")


class AuditQuerySet(models.QuerySet):
    def looks_at(self, user: User) -> Self:
        """Return what staff saw, heard and took along of the private things of `user`, newest first."""
        looks = self.filter(whose=user, act__in=("looked", "listened", "exported"))
        # Not Q(actor=user) alone: of somebody who has left, no actor is known.
        return looks.exclude(actor__isnull=False, actor=user)


class AuditEntry(models.Model):
    """An append-only record of an act on a voice, kept after the voice and the actor are deleted."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="Kept when the person has left")
    voice = models.ForeignKey(VoiceProfile, null=True, on_delete=models.SET_NULL, related_name="audit")
    voice_name = models.CharField(max_length=MAX_NAME, help_text="Kept when the voice is deleted")
    whose = models.ForeignKey(
        User,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who owned at that time what it is about",
    )
    act = models.CharField(max_length=40, help_text="One of voices.audit.ACTS")
    detail = models.CharField(max_length=MAX_AUDIT_DETAIL, blank=True)
    why = models.CharField(max_length=200, blank=True, help_text="Why staff could look at something private")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["-at"]),
            models.Index(fields=["voice", "-at"]),
            models.Index(fields=["whose", "-at"]),
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
    api_key = models.ForeignKey(
        ApiKey, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )  # with which it was asked for
    file = models.FileField(upload_to=upload_path)
    bytes = models.PositiveBigIntegerField(default=0, editable=False, help_text="Of the archive; 0 once it is taken in")
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


class Mail(Job):
    """The job of sending a mail about a voice; deleted some time after it has ended."""

    needs: ClassVar = ()
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200)
    text = models.TextField()

    def __str__(self) -> str:
        return f"Mail {self.pk}"
