"""What other apps add to voices, which know none of them.

An app adds an instance of its subclass of Extension to `extensions` when it is ready. Its templates go into the places
that pages of voices leave open by `{% slot %}`.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import QuerySet

from voices.models import VoiceProfile
from voicesite.jobs.job import Job
from voicesite.models import User


class Extension:
    """What one app adds. A method named on_… is called within the transaction of what it is named after."""

    slots: ClassVar[Mapping[str, str]] = {}  # the template for each slot that the app fills

    def prepare(self, voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
        """Return `voices`, joined with all that `jobs` and the templates read of each."""
        return voices

    def jobs(self, voice: VoiceProfile) -> list[Job | None]:
        """Return the jobs that a new or changed voice needs; None for one that no worker has made yet."""
        return []

    def on_suspend(self, voice: VoiceProfile) -> None:
        """Stop all that is being made with a voice."""

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        """Give `to` what goes along with a voice."""

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        """Let what belongs to `voice`, which is deleted next, belong to `kept`."""


extensions: list[Extension] = []


def prepared(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices` with all that extensions show of each, in the same query."""
    for extension in extensions:
        voices = extension.prepare(voices)
    return voices


def jobs_of(voice: VoiceProfile) -> list[Job | None]:
    """Return the jobs of all extensions, as `Extension.jobs` does."""
    return [job for extension in extensions for job in extension.jobs(voice)]


def is_being_fitted(voice: VoiceProfile) -> bool:
    """Return whether a job of an extension is at work on a voice, or will be."""
    return any(job is None or job.is_active for job in jobs_of(voice))
