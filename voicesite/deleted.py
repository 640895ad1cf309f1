"""Deletion that can be undone: a row that is marked as deleted is gone for everyone, and a minute later really deleted.

1. `objects` of a `Deletable` model has no row that is marked. So whatever asks it (pages, the API, workers, counts, quotas)
   sees none, and a worker that holds one has lost it. `everything` has them all.
2. What one press deleted has one moment as its mark, by which its owner can bring it back (`voicesite.web.undo`).
3. The sweeper deletes what has been marked for UNDO_SECONDS, with its files. The mark is in the row: whatever is killed or
   restarted meanwhile changes nothing. Until then it can be undone, however late the sweeper is.

Rows that point at a marked one still have it: their queries ask for `deleted_at` where that matters.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class UndeletedManager(models.Manager):
    """The rows that are not marked: `UndeletedManager.from_queryset(…)()` is the first manager of a model."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(deleted_at=None)


class Deletable(models.Model):
    deleted_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_index=True, help_text="By its owner, who may undo that for a minute"
    )

    class Meta:
        abstract = True


def can_undo() -> bool:
    """Return whether deletion can be undone here at all."""
    return settings.UNDO_SECONDS > 0


def due() -> datetime:
    """Return before when something was marked that is to be deleted now."""
    return timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
