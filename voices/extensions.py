"""The extension points by which other apps add to voices, without this app importing them.

An app appends an instance of its subclass of Extension to `extensions` in `AppConfig.ready`. Its templates fill the
`{% slot %}` tags of this app's pages.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db.models import QuerySet

from voices.models import VoiceProfile
from voicesite.jobs.job import Job
from voicesite.models import User


class Extension:
    """The hooks of one app. Methods named on_… run in the transaction of the event."""

    slots: ClassVar[Mapping[str, str]] = {}  # the template for each slot that the app fills

    def prepare(self, voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
        """Return `voices` joined with what `jobs` and the templates read, so that neither queries for each voice."""
        return voices

    def jobs(self, voice: VoiceProfile) -> list[Job | None]:
        """Return the jobs that a new or changed voice needs; None for one that no worker has created yet."""
        return []

    def on_suspend(self, voice: VoiceProfile) -> None:
        """Cancel the jobs that use a voice."""

    def on_discard(self, voice: VoiceProfile, moment: datetime) -> None:
        """Stop the jobs that use a voice, as its owner deletes it for a minute in which they can bring it back."""

    def on_restore(self, voice: VoiceProfile, moment: datetime) -> None:
        """Go on with what was stopped as a voice was deleted at that moment: it is there again."""

    def on_transfer(self, voice: VoiceProfile, to: User) -> None:
        """Transfer to `to` what belongs to the owner of a voice."""

    def on_merge(self, voice: VoiceProfile, kept: VoiceProfile) -> None:
        """Move to `kept` what belongs to `voice`, which is deleted next."""


extensions: list[Extension] = []


def prepared(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices` prepared by all extensions."""
    for extension in extensions:
        voices = extension.prepare(voices)
    return voices


def jobs_of(voice: VoiceProfile) -> list[Job | None]:
    """Return the jobs of all extensions, as `Extension.jobs` does."""
    return [job for extension in extensions for job in extension.jobs(voice)]


def is_being_fitted(voice: VoiceProfile) -> bool:
    """Return whether a job of an extension is active, or will be created."""
    return any(job is None or job.is_active for job in jobs_of(voice))
