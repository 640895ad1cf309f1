"""Samples: a sentence that each voice is auditioned with, spoken again when the voice changes."""

from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

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


def with_sample(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices`, each with `sample`, the key of its finished sample; None if there is none yet."""
    spoken = Q(generations__is_sample=True, generations__state=State.COMPLETED)
    return voices.annotate(spoken=FilteredRelation("generations", condition=spoken), sample=F("spoken__pk"))


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
    for voice in voices_without_sample()[:20]:
        language = best_match(voice.language, list(option.languages))
        sample = takes.first(voice, SENTENCE_BY_LANGUAGE[language], option, language, owner_id=voice.owner_id, **fields)
        with suppress(IntegrityError), transaction.atomic():  # it may be deleted, or another asks at this moment
            for old in Generation.objects.filter(is_sample=True, voice=voice):
                takes.delete(old)
            sample.save(force_insert=True)
            enqueued += 1
    return enqueued
