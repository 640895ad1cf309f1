"""What a person took with them, and how long their things are kept."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from voicesite.jobs.job import Job, JobQuerySet, State


class TakeoutQuerySet(JobQuerySet):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return those of `user`: nobody else's, staff or not."""
        return self.filter(owner=user.pk) if user.is_authenticated else self.none()


def _path(takeout: "Takeout", filename: str) -> str:
    return f"{takeout.folder}/{takeout.pk}/{filename}"


class Takeout(Job):
    """The job of packing everything that is a person's, and the zip file that came of it, until it expires."""

    folder: ClassVar = "takeouts"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="takeouts")
    file = models.FileField(upload_to=_path, max_length=200, blank=True)
    bytes = models.PositiveBigIntegerField(default=0, help_text="Of the file")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When the file is deleted; empty until there is one"
    )

    objects: ClassVar = TakeoutQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Takeout {str(self.pk)[:8]}"

    @property
    def is_here(self) -> bool:
        """Whether it may be downloaded now."""
        return self.state == State.COMPLETED and self.expires_at is not None and self.expires_at > timezone.now()


class KeepingRule(models.Model):
    """For how many days one kind of a person's things is kept, where that is not as the site has it."""

    class Kind(models.TextChoices):
        SPEECH = "speech", gettext_lazy("Speech")
        UPLOADS = "uploads", gettext_lazy("Original recordings")
        DRAFTS = "drafts", gettext_lazy("Draft in the studio")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="keeping_rules")
    kind = models.CharField(max_length=12, choices=Kind)
    own_days = models.PositiveIntegerField("their own choice", null=True, blank=True)
    staff_days = models.PositiveIntegerField(
        "days", null=True, blank=True, help_text="In place of the site’s. Empty: as the site has it; 0: for ever"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="keeping_rule_unique")]
        # The sweeper asks for the people of each choice.
        indexes = [models.Index(fields=["kind", "own_days", "staff_days"])]

    def __str__(self) -> str:
        return self.get_kind_display()
