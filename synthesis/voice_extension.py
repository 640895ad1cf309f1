"""What speech adds to voices: parts of their pages, and what becomes of their generations when a voice changes."""

from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from synthesis.generations import takes
from synthesis.generations.samples import with_sample
from synthesis.models import CastMember, Draft, Evaluation, Fitting, Generation, GenerationVoice, Segment, SegmentTake
from voices.extensions import Extension
from voices.models import VoiceProfile
from voicesite.jobs.job import Job
from voicesite.models import User


class SpeechExtension(Extension):
    slots: ClassVar = {
        "list": "synthesis/voices/_watch.html",
        "card": "synthesis/voices/_card.html",
        "actions": "synthesis/voices/_actions.html",
        "clip": "synthesis/voices/_clip.html",
        "page": "synthesis/voices/_likeness.html",
        "transcript": "synthesis/voices/_transcript.html",
        "delete": "synthesis/voices/_delete.html",
        "listen": "synthesis/voices/_listen.html",
    }

    def prepare(self, voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
        return with_sample(voices).select_related("fitting")

    def jobs(self, voice: VoiceProfile) -> list[Job | None]:
        return [getattr(voice, "fitting", None)]

    def on_suspend(self, voice: VoiceProfile) -> None:
        for sample in Generation.objects.active().filter(voice=voice, is_sample=True):
            takes.delete(sample)  # another is made when the voice may speak again
        spoken_by_it = Generation.objects.filter(
            Q(voice=voice)
            | Exists(CastMember.objects.filter(generation=OuterRef("pk"), voice=voice))
            | Exists(Segment.objects.unspoken().filter(generation=OuterRef("pk"), voice=voice))
        )
        active = spoken_by_it.active()
        active.update(error="Staff suspended its voice.")
        evaluations = Evaluation.objects.active().filter(generation__in=spoken_by_it)
        for job in (*active, *Fitting.objects.active().filter(voice=voice), *evaluations):
            job.request_cancel()

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        Generation.objects.filter(voice=voice, is_sample=True).update(owner=to)

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        Generation.objects.filter(voice=voice, is_sample=False).update(voice=kept, voice_name=kept.name)
        CastMember.objects.filter(voice=voice).update(voice=kept, voice_name=kept.name)
        for model in (Segment, SegmentTake, Draft):
            model.objects.filter(voice=voice).update(voice=kept)
        # A generation in which both speak has what the engine derived from each: that of the one that stays goes on.
        both = GenerationVoice.objects.filter(voice=kept).values("generation")
        GenerationVoice.objects.filter(voice=voice).exclude(generation__in=both).update(voice=kept)
