"""What staff saw and heard of a person's private things, as that person is told."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from voices.models import AuditEntry
from voicesite.people.requests import Request

SHOWN = 5  # on the account page
PAGE_SIZE = 50


def account_section(request: Request) -> str:
    """Return the part of the account page that says what staff may see, and what they last looked at. One query."""
    latest = list(AuditEntry.objects.looks_at(request.user)[: SHOWN + 1])
    context = {"looks": latest[:SHOWN], "are_more": len(latest) > SHOWN, "staff_access": settings.STAFF_ACCESS}
    return render_to_string("voices/looks/_looks_of_account.html", context)


@require_safe
def looks(request: Request) -> HttpResponse:
    """Show all of them."""
    page = Paginator(AuditEntry.objects.looks_at(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "voices/looks/looks.html", {"page": page, "looks": page, "staff_access": settings.STAFF_ACCESS}
    )
