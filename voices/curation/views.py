"""Views to share and retire one's own voices, and to report other people's."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected

from . import service as curation
from .forms import ReportForm

# What owners may do with a voice: the function, and the message after it.
OWNER_ACTS = {
    "ask": (curation.request_sharing, "Staff will listen to it, and answer here."),
    "withdraw": (curation.withdraw_request, "You no longer ask to share it."),
    "unshare": (curation.unshare, "It is yours alone again."),
    "retire": (
        curation.retire,
        "It is retired: what it spoke stays, and it speaks nothing new until you bring it back.",
    ),
    "bring_back": (curation.bring_back, "It is back."),
}


@require_POST
def act(request: Request, pk, name: str) -> HttpResponse:
    """Do the act called `name` in OWNER_ACTS with one's own voice."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    function, message = OWNER_ACTS[name]
    if not function(request.user, voice):
        messages.info(request, "Nothing was to be done: here is how it stands now.")
    elif name == "ask" and voice.is_shared:
        messages.success(request, "It is shared with everyone here.")
    else:
        messages.success(request, message)
    return redirect("voices:detail", pk)


@require_http_methods(["GET", "POST"])
def report(request: Request, pk) -> HttpResponse:
    """Report somebody else's voice to staff."""
    voice = get_object_or_404(VoiceProfile.objects.visible_to(request.user).exclude(owner=request.user), pk=pk)
    form = ReportForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            if curation.report(request.user, voice, form.cleaned_data["reason"]):
                messages.success(request, "Thank you. Staff will look at it, and their answer will be on this page.")
            else:
                messages.info(request, "You have reported it already. Staff will look at it.")
            return redirect("voices:detail", pk)
        except Rejected as rejected:
            form.add_error(None, rejected.message)
    context = {"voice": voice, "form": form}
    return render(request, "voices/curation/report.html", context, status=422 if form.errors else 200)
