"""Samples: a sentence that each voice is auditioned with, spoken again when the voice changes."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.urls import reverse

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.models import Generation
from voices.languages import best_match
from voices.models import VoiceProfile
from voicesite.jobs.job import ENDED, State

from . import takes

# Of about three seconds, and about nothing. First person, without saying whether a man or a woman speaks.
SENTENCE_BY_LANGUAGE = {
    "en-us": "This is how I sound when I read a few words aloud.",
    "en-gb": "This is how I sound when I read a few words aloud.",
    "es": "Así suena mi voz cuando leo unas palabras en voz alta.",
    "fr": "Voici ma voix, quand je lis quelques mots à voix haute.",
    "it": "Ecco la mia voce, quando leggo qualche parola ad alta voce.",
    "pt-br": "Assim soa a minha voz quando leio algumas palavras em voz alta.",
    "hi": "यह मेरी आवाज़ है, और आप इसे इस वाक्य में सुन सकते हैं।",
    "de": "So klingt meine Stimme, wenn ich ein paar Worte vorlese.",
    "ja": "これが私の声です。短い文を読むと、こう聞こえます。",
    "ko": "제 목소리는 이렇게 들립니다. 짧은 문장을 읽어 보겠습니다.",
    "pt": "Assim soa a minha voz quando leio algumas palavras em voz alta.",
    "ru": "Так звучит мой голос, когда я читаю вслух несколько слов.",
    "zh": "这就是我的声音，读一句短短的话，就是这样。",
}
SAMPLE_PRIORITY = -10  # any requested text goes first: see synthesis.queue.order
SAMPLE_SEED = 0  # a sample of the same voice sounds the same
FITTING_SHARE = 0.8  # of the time from a new voice to its sample


def with_sample(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices`, each with `sample`, the key of its finished sample; None if there is none yet."""
    spoken = Q(generations__is_sample=True, generations__state=State.COMPLETED)
    return voices.annotate(spoken=FilteredRelation("generations", condition=spoken), sample=F("spoken__pk"))


def sample_address(voice: VoiceProfile) -> str:
    """Return where a voice of `with_sample` is heard; empty while its sample is being made.

    The recording of a built-in voice is the voice.
    """
    if voice.is_builtin:
        return reverse("voices:clip_audio", args=[voice.clip_id])
    sample = getattr(voice, "sample", None)
    return reverse("synthesis:audio", args=[sample]) if sample else ""


def with_samples(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices`, each with its fitting and with `made_sample`, its sample in any state or None, for `audition`."""
    made = FilteredRelation("generations", condition=Q(generations__is_sample=True))
    return voices.annotate(made_sample=made).select_related("fitting", "made_sample")  # type: ignore[misc]  # which knows no relation that is annotated


@dataclass(frozen=True)
class Audition:
    """How a voice can be heard: by its finished sample, or how far that is. With neither, only its recording is heard."""

    sample: Generation | None = None
    percent: int | None = None

    @property
    def is_preparing(self) -> bool:
        return self.percent is not None


def audition(voice: VoiceProfile) -> Audition:
    """Return how a voice of `with_samples` can be heard. The recording of a built-in voice is the voice."""
    if voice.is_builtin:
        return Audition()
    sample: Generation | None = getattr(voice, "made_sample", None)  # Django sets none where there is none
    if sample and sample.state == State.COMPLETED:
        return Audition(sample)
    if not voice.is_usable or (sample and not sample.is_active):
        return Audition()
    fitting = getattr(voice, "fitting", None)
    if fitting is None or fitting.is_active:
        return Audition(percent=round(FITTING_SHARE * fitting.progress) if fitting else 0)
    if not sample and not _can_speak():
        return Audition()
    done = sample.progress / 100 if sample else 0
    return Audition(percent=round(100 * (FITTING_SHARE + (1 - FITTING_SHARE) * done)))


def _can_speak() -> bool:
    try:
        return bool(engine_choice.current())
    except EngineError:
        return False


def voices_without_sample() -> QuerySet[VoiceProfile]:
    """Return usable voices whose sample is missing or older than their last change."""
    fresh = Generation.objects.filter(
        is_sample=True,
        voice=OuterRef("pk"),
        created_at__gte=OuterRef("updated_at"),
        created_at__gt=OuterRef("fitting__finished_at"),
    )
    ready = VoiceProfile.objects.filter(fitting__state__in=ENDED, fitting__as_of=F("updated_at"))
    return ready.filter(~Exists(fresh), suspended_at=None, retired_at=None)


def orphaned_samples() -> QuerySet[Generation]:
    """Return samples whose voice was deleted."""
    return Generation.objects.filter(is_sample=True, voice=None)


def enqueue() -> int:
    """Enqueue the missing samples, in place of outdated ones, and delete those of deleted voices. Returns how many."""
    for orphan in orphaned_samples():
        takes.delete(orphan)
    try:
        option = engine_choice.current()
    except EngineError:
        return 0
    fields = {"priority": SAMPLE_PRIORITY, "seed": SAMPLE_SEED, "is_sample": True}
    enqueued = 0
    for voice in voices_without_sample().select_related("fitting")[:20]:
        language = best_match(voice.language, list(option.languages))
        sample = takes.first(voice, SENTENCE_BY_LANGUAGE[language], option, language, owner_id=voice.owner_id, **fields)
        with suppress(IntegrityError), transaction.atomic():  # it may be deleted, or another asks at this moment
            for old in Generation.objects.filter(is_sample=True, voice=voice):
                takes.delete(old)
            sample.save(force_insert=True)
            _date(sample, voice)
            enqueued += 1
    return enqueued


def _date(sample: Generation, voice: VoiceProfile) -> None:
    """Let a sample be younger than what it is made of, also where the clock was put back since: else it never is fresh."""
    assert voice.fitting.finished_at, "the fittings of such voices have ended"
    earliest = max(voice.updated_at, voice.fitting.finished_at + timedelta(microseconds=1))
    if sample.created_at < earliest:
        Generation.objects.filter(pk=sample.pk).update(created_at=earliest)
