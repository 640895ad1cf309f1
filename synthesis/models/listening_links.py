"""Links by which people without an account listen to speech."""

import secrets
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .generations import Generation

MAX_LINK_TITLE = 80
LINK_TITLE = "Something to listen to"  # says nothing of the text


def _token() -> str:
    return secrets.token_urlsafe(24)  # 192 bits, and letters that every address may have


class ListeningLinkQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Return those that have neither ended nor expired, nor gone with what they lead to."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now(), generation__deleted_at=None)


class ListeningLink(models.Model):
    """A secret address at which anybody hears a generation, until it expires or somebody ends it.

    The token is kept as it is, as that of an invitation is: its owner must see the address again, and whoever reads the
    database has the sound anyway. Whether a link that is active opens is decided by synthesis.sharing.service.
    """

    class Ending(models.TextChoices):
        OWNER = "owner", _("turned off by its owner")
        STAFF = "staff", _("turned off by staff")
        VOICE = "voice", _("turned off, as its voice was suspended")

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="links")
    token = models.CharField(max_length=64, unique=True, default=_token, editable=False)
    title = models.CharField(max_length=MAX_LINK_TITLE, default=LINK_TITLE, help_text="What listeners see")
    show_text = models.BooleanField("shows the text", default=False)
    show_voice = models.BooleanField("names the voice", default=False)
    may_download = models.BooleanField("may be downloaded", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=Ending, blank=True)
    listens = models.PositiveIntegerField(default=0, help_text="How often it was begun; by whom is not kept")

    objects: ClassVar = ListeningLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"]), models.Index(fields=["expires_at"])]
        constraints = [
            models.UniqueConstraint(fields=["generation"], condition=Q(ended_at=None), name="listening_link_one_active")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()
