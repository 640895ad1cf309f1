"""The table of what a person's programs mean by names of voices."""

from django.conf import settings
from django.db import models

from voices.models import VoiceProfile
from voices.text.lengths import MAX_NAME


class VoiceAlias(models.Model):
    """The voice that a person has chosen for a name; for the empty one, the voice of all names without a choice."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME, blank=True, help_text="In lower case")
    voice = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="voice_alias_unique_for_owner")]

    def __str__(self) -> str:
        return self.name or "every other name"
