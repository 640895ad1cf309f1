"""Views to share and retire one's own voices, and to report other people's."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from voices.models import Report, VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import service as curation
from .forms import ReportForm

# What owners may do with a voice: the function, and the message after it.
OWNER_ACTS = {
    "ask": (curation.request_sharing, gettext_lazy("Sent for review. The answer will appear here.")),
    "withdraw": (curation.withdraw_request, gettext_lazy("Request cancelled.")),
    "unshare": (curation.unshare, gettext_lazy("No longer shared: only you can use it.")),
    "retire": (
        curation.retire,
        gettext_lazy("Retired. Existing speech stays; no new speech until you bring it back."),
    ),
    "bring_back": (curation.bring_back, gettext_lazy("The voice is back.")),
}


@require_POST
def act(request: Request, pk, name: str) -> HttpResponse:
    """Do the act called `name` in OWNER_ACTS with one's own voice."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    function, message = OWNER_ACTS[name]
    if not function(request.user, voice):
        messages.info(request, _("Nothing to do: this is how it is now."))
    elif name == "ask" and voice.is_shared:
        messages.success(request, _("Shared with everyone here."))
    else:
        messages.success(request, message)
    return redirect("voices:detail", pk)


@require_POST
def seen(request: Request, pk: int) -> HttpResponse:
    """Hide the answer to one's report, which has been read."""
    Report.objects.unseen_by(request.user).filter(pk=pk).update(is_news=False)
    return redirect("voices:list")


@require_http_methods(["GET", "POST"])
def report(request: Request, pk) -> HttpResponse:
    """Report somebody else's voice to staff."""
    others = VoiceProfile.objects.visible_to(request.user).filter(preset="").exclude(owner=request.user)
    voice = get_object_or_404(others, pk=pk)
    form = ReportForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            if curation.report(request.user, voice, form.cleaned_data["reason"]):
                messages.success(
                    request, _("Thank you. Staff will look into it; you’ll see their answer on this page.")
                )
            else:
                messages.info(request, _("You have already reported it. Staff will look into it."))
            return redirect("voices:detail", pk)
        except Rejected as rejected:
            form.add_error(None, translated(rejected.message))
    context = {"voice": voice, "form": form}
    return render(request, "voices/curation/report.html", context, status=422 if form.errors else 200)
