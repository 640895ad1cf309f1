"""The extension of voices by speech: parts of their pages, and the fate of their generations when a voice changes."""

from typing import ClassVar

from django.db.models import QuerySet

from synthesis.generations.samples import with_sample
from synthesis.models import Generation
from synthesis.workers.tasks import cancel_for_voice
from voices.extensions import Extension
from voices.models import VoiceProfile
from voicesite.jobs.job import Job
from voicesite.models import User


class Speech(Extension):
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
        cancel_for_voice(voice)

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        Generation.objects.filter(voice=voice, is_sample=True).update(owner=to)

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        Generation.objects.filter(voice=voice, is_sample=False).update(voice=kept, voice_name=kept.name)
