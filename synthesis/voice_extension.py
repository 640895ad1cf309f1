"""What speech adds to voices: parts of their pages, and what becomes of their generations when a voice changes."""

from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from synthesis.generations import takes
from synthesis.generations.samples import with_samples
from synthesis.models import (
    CastMember,
    Draft,
    Evaluation,
    Fitting,
    Generation,
    GenerationQuerySet,
    GenerationVoice,
    Segment,
    SegmentTake,
    VoiceAlias,
)
from synthesis.sharing import service as sharing
from voices.extensions import Extension
from voices.models import VoiceProfile
from voicesite.jobs.job import Job, State
from voicesite.models import User
from voicesite.texts import N_
from voicesite.web.rejection import Rejected


class SpeechExtension(Extension):
    slots: ClassVar = {
        "list": "synthesis/voices/_watch.html",
        "card": "synthesis/voices/_card.html",
        "actions": "synthesis/voices/_actions.html",
        "hear": "synthesis/voices/_hear.html",
        "clip": "synthesis/voices/_clip.html",
        "page": "synthesis/voices/_likeness.html",
        "transcript": "synthesis/voices/_transcript.html",
        "listen": "synthesis/voices/_listen.html",
    }

    def prepare(self, voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
        return with_samples(voices)

    def jobs(self, voice: VoiceProfile) -> list[Job | None]:
        return [] if voice.is_builtin else [getattr(voice, "fitting", None)]

    def on_suspend(self, voice: VoiceProfile) -> None:
        _stop_sample(voice)
        spoken_by_it = _spoken_by(voice)
        active = spoken_by_it.active()
        active.update(error=N_("Staff suspended its voice."))
        evaluations = Evaluation.objects.active().filter(generation__in=spoken_by_it)
        for job in (*active, *Fitting.objects.active().filter(voice=voice), *evaluations):
            job.request_cancel()
        sharing.end_all_of(voice)

    def on_discard(self, voice: VoiceProfile, moment: datetime) -> None:
        _stop_sample(voice)
        Generation.objects.filter(voice=voice, is_sample=True).update(deleted_at=moment)
        Fitting.objects.active().filter(voice=voice).delete()  # which stops it: a voice that comes back gets another
        ended: dict = {"cancel_requested": True, "finished_at": moment}  # by which `on_restore` finds what goes on
        spoken_by_it = _spoken_by(voice)
        Evaluation.objects.active().filter(generation__in=spoken_by_it).close(State.CANCELLED, **ended)
        spoken_by_it.active().close(State.CANCELLED, **ended, error=N_("Its voice was deleted."))

    def on_restore(self, voice: VoiceProfile, moment: datetime) -> None:
        Generation.everything.filter(voice=voice, is_sample=True, deleted_at=moment).update(deleted_at=None)
        spoken_by_it = _spoken_by(voice)
        stopped = {"state": State.CANCELLED, "finished_at": moment}
        checks = Evaluation.objects.filter(generation__in=spoken_by_it, **stopped)
        for job in (*spoken_by_it.filter(**stopped), *checks):
            with suppress(Rejected), transaction.atomic():  # beyond a limit of whoever asked for it, it stays cancelled
                job.retry()

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        Generation.objects.filter(voice=voice, is_sample=True).update(owner=to)

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        Generation.objects.filter(voice=voice, is_sample=False).update(voice=kept, voice_name=kept.name)
        CastMember.objects.filter(voice=voice).update(voice=kept, voice_name=kept.name)
        for model in (Segment, SegmentTake, Draft, VoiceAlias):
            model.objects.filter(voice=voice).update(voice=kept)
        # A generation in which both speak has what the engine derived from each: that of the one that stays goes on.
        both = GenerationVoice.objects.filter(voice=kept).values("generation")
        GenerationVoice.objects.filter(voice=voice).exclude(generation__in=both).update(voice=kept)


def _spoken_by(voice: VoiceProfile) -> GenerationQuerySet:
    """Return what a voice speaks in, or has still to speak."""
    return Generation.objects.filter(
        Q(voice=voice)
        | Exists(CastMember.objects.filter(generation=OuterRef("pk"), voice=voice))
        | Exists(Segment.objects.unspoken().filter(generation=OuterRef("pk"), voice=voice))
    )


def _stop_sample(voice: VoiceProfile) -> None:
    for sample in Generation.objects.active().filter(voice=voice, is_sample=True):
        takes.delete(sample)  # another is made when the voice may speak again
