"""Webhooks, and what is delivered to them."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from voicesite.jobs.job import ENDED, Job, JobQuerySet, State

from .signing import new_secret

MAX_URL = 2000  # characters
MAX_DESCRIPTION = 200
ANSWER_BYTES = 1024  # of an answer that are kept


class WebhookQuerySet(models.QuerySet):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the webhooks of `user`, newest first."""
        return self.filter(owner=user.pk) if user.is_authenticated else self.none()

    def editable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.visible_to(user)


class Webhook(models.Model):
    """An address at which a program of somebody's is told what happens to their things."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField("address", max_length=MAX_URL)
    description = models.CharField(max_length=MAX_DESCRIPTION, blank=True, help_text="What it’s for.")
    events = models.JSONField(default=list, help_text="Of voicesite.hooks.events: what it is told")
    secret = models.CharField(max_length=80, default=new_secret, editable=False)
    previous_secret = models.CharField(max_length=80, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=200, blank=True, help_text="Why the site turned it off, in words")
    failing_since = models.DateTimeField(null=True, blank=True, editable=False, help_text="Null after a success")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Webhook {str(self.pk)[:8]}"  # not its address, which may be a secret

    @property
    def secrets(self) -> list[str]:
        """The secrets that are valid now: a replaced one for a while beside the new one."""
        until = self.previous_secret_until
        return [self.secret, *([self.previous_secret] if until and until > timezone.now() else [])]


class DeliveryQuerySet(JobQuerySet):
    def claimable(self) -> Self:
        """Return rows that are due. While one of a person's is on its way, their others wait.

        So receivers that don't answer hold up only what their own person is told. What was never tried is due whatever the
        clock says: it may have been put back since.
        """
        # Without a join: PostgreSQL looks again at a row that another claim has changed only if the UPDATE names it alone.
        of_person = Delivery.objects.alive().filter(webhook__owner__webhooks=OuterRef("webhook"))
        is_due = Q(failures=0) | Q(not_before__lte=timezone.now())
        return super().claimable().filter(~Exists(of_person), is_due)


class Delivery(Job):
    """The job of telling a webhook of an event. Its key is the `webhook-id`, the same in each try.

    It holds no copy of what happened to: `subject` names that, and it is read when the event is sent.
    """

    needs: ClassVar = ()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    subject = models.CharField(max_length=40, blank=True, help_text="The key of what it happened to")
    not_before = models.DateTimeField(default=timezone.now, help_text="When it is tried, or tried again")
    status_code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer")
    answer = models.CharField(max_length=ANSWER_BYTES, blank=True, help_text="How that began")

    objects: ClassVar = DeliveryQuerySet.as_manager()
    may_retry: ClassVar = ENDED  # a completed one too: a receiver may have lost it

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "not_before"]),
            models.Index(fields=["webhook", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event} {str(self.pk)[:8]}"

    @property
    def tries(self) -> int:
        """How often it was sent since it was made or repeated, without tries whose worker died."""
        return self.failures + (self.state == State.COMPLETED)

    @property
    def next_try_at(self) -> datetime | None:
        return self.not_before if self.state == State.PENDING else None

    def on_restart(self) -> dict:
        return {"not_before": timezone.now(), "status_code": None, "answer": ""}
