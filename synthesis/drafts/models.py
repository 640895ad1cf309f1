"""What a person is writing in the studio, before it is spoken."""

from django.conf import settings
from django.db import models

from voices.models import VoiceProfile


class Draft(models.Model):
    """The studio's form as a person left it, kept as they type."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="studio_draft")
    text = models.TextField(blank=True)
    voice = models.ForeignKey(VoiceProfile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    fields = models.JSONField(default=dict, help_text="The other fields of the form, as they were sent")
    version = models.PositiveIntegerField(
        default=0, help_text="Counts what was saved, so that no window undoes another"
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Draft of {self.owner_id}"
