"""What waits for staff, for the first page of the administration."""

from django import template

from voices.models import Report, VoiceProfile

register = template.Library()


@register.simple_tag
def waiting_for_staff() -> dict[str, int]:
    """How many voices ask to be shared, and how many reports have no answer yet. 2 queries."""
    return {
        "to_review": VoiceProfile.objects.to_review().count(),
        "reports": Report.objects.filter(closed_at=None).count(),
    }
