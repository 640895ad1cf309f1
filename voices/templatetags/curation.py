"""Counts of what waits for staff, for the index page of the admin."""

from django import template

from voices.models import Report, VoiceProfile

register = template.Library()


@register.simple_tag
def waiting_for_staff() -> dict[str, int]:
    """Return how many voices wait for a review, and how many reports for an answer, in 2 queries."""
    return {
        "to_review": VoiceProfile.objects.to_review().count(),
        "reports": Report.objects.filter(closed_at=None).count(),
    }
