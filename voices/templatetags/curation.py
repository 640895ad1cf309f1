"""Counts of what waits for staff, for the menu and the administration."""

from django import template
from django.utils.translation import gettext as _

from voices.models import Report, VoiceProfile

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting_for_staff(context) -> dict[str, int | str]:
    """Return how many voices wait for a review, how many reports for an answer, `all`, and that in words. 2 queries a request.

    Reports that this member of staff may not answer are left out.
    """
    request = context["request"]
    if not hasattr(request, "waiting_for_staff"):
        to_review = VoiceProfile.objects.to_review().count()
        reports = Report.objects.answerable_by(request.user).count()
        both = to_review + reports
        request.waiting_for_staff = {
            "to_review": to_review,
            "reports": reports,
            "all": both,
            "to_decide": _(", {both} to decide").format(both=both) if both else "",  # continues the name of a link
        }
    return request.waiting_for_staff
