"""What speech adds to voices: parts of their pages, and what becomes of their generations when a voice changes."""

from typing import ClassVar

from django.db.models import QuerySet

from synthesis.generations import takes
from synthesis.generations.samples import with_sample
from synthesis.models import Evaluation, Fitting, Generation
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
        active = Generation.objects.active().filter(voice=voice)
        active.update(error="Staff suspended its voice.")
        evaluations = Evaluation.objects.active().filter(generation__voice=voice)
        for job in (*active, *Fitting.objects.active().filter(voice=voice), *evaluations):
            job.request_cancel()

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        Generation.objects.filter(voice=voice, is_sample=True).update(owner=to)

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        Generation.objects.filter(voice=voice, is_sample=False).update(voice=kept, voice_name=kept.name)
