"""What says of a file that it was made here: certificates that have signed, and digests of what was delivered."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class SigningCertificate(models.Model):
    """A certificate with which this site has signed. Files stay known when another takes its place.

    In the database, so that every machine of a site knows those of the others, and a backup has them.
    """

    fingerprint = models.CharField(max_length=64, unique=True, help_text="SHA-256, in hexadecimal")
    chain = models.TextField(help_text="It and those of its issuers, as PEM")
    first_used_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.fingerprint[:16]


class MadeSound(models.Model):
    """A sound that was made here, as one file or stream holds it: neither its text nor its voice.

    It outlives the speech, which may have left the site before it was deleted. Two people may have made the same sound.
    """

    digest = models.CharField(max_length=64, db_index=True, help_text="As of voicesite.provenance.digest")
    made_at = models.DateTimeField()
    model = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    speech = models.UUIDField(null=True, help_text="The key of what it was made for, which may be gone")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "speech"], name="made_sound_unique")]

    def __str__(self) -> str:
        return self.digest[:16]
