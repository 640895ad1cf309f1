"""What staff do with one or more voices: the actions of the admin list, which are also buttons on a voice's page.

A button posts what the list's form would, the action and the voice, and the URL to go to `next`. An act with a form first
answers with a page that shows it (templates/admin/voices/act.html) and posts the same again with `words=1`.
`voices.curation` does the work and writes the audit log.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from voices.archives.exporting import exportable_by
from voices.archives.views import archive_response
from voices.curation import service as curation
from voices.curation import tags, transfer
from voices.curation.forms import CollectionForm, KeepForm, ReasonForm, TagsForm, TransferForm
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected

MAX_CHOSEN_VOICES = 500  # per request: each voice is a transaction of its own
MAX_NAMED_VOICES = 5  # in a message


@dataclass(frozen=True)
class Act:
    """Something staff do with voices. In `unchanged` the voices are "they"; in `about`, which is for one voice, "it"."""

    label: str  # of its button and menu entry; its form's heading continues it with the voices
    function: Callable[..., bool]  # takes the actor, the voice and the form's value; False if it changed nothing
    done: str
    unchanged: str  # why it changed nothing
    has_button: Callable[[VoiceProfile], bool] = lambda voice: False  # whether the page of a voice offers it
    form: type[forms.Form] | None = None
    about: str = ""  # shown above the form


ACTS = {
    "approve": Act(
        "Share with everyone",
        curation.approve,
        "Shared with everyone",
        "Only voices whose owners ask for it are shared, and none that is suspended or retired.",
        lambda voice: bool(voice.share_requested_at) and voice.is_usable,
    ),
    "refuse": Act(
        "Refuse to share",
        curation.refuse_sharing,
        "Not shared",
        "Their owners do not ask to share them, or no longer do.",
        lambda voice: bool(voice.share_requested_at),
        ReasonForm,
        "It stays its owner’s alone. They may change it and ask again.",
    ),
    "unshare": Act(
        "Make private", curation.unshare, "Private now", "They were private already.", lambda voice: voice.is_shared
    ),
    "suspend": Act(
        "Suspend",
        curation.suspend,
        "Suspended",
        "They were suspended already.",
        lambda voice: not voice.suspended_at,
        ReasonForm,
        "Nobody can use it from this moment, its owner neither. What is being spoken with it stops.",
    ),
    "lift": Act(
        "Lift the suspension",
        curation.lift_suspension,
        "No longer suspended",
        "They were not suspended.",
        lambda voice: bool(voice.suspended_at),
    ),
    "retire": Act(
        "Retire", curation.retire, "Retired", "They were retired already.", lambda voice: not voice.retired_at
    ),
    "bring_back": Act(
        "Bring back",
        curation.bring_back,
        "Brought back",
        "They were not retired.",
        lambda voice: bool(voice.retired_at),
    ),
    "transfer": Act(
        "Transfer to somebody else",
        transfer.transfer,
        "Transferred",
        "They belong to this person already.",
        lambda voice: True,
        TransferForm,
        "Its recordings go along. The record of the speaker’s consent stays as it is, and so does what was spoken. "
        "Where the new owner has a voice of the same name, this one gets a number behind its name.",
    ),
    "collect": Act(
        "Put into a collection",
        curation.add_to_collection,
        "Put into the collection",
        "They were in it already.",
        lambda voice: True,
        CollectionForm,
    ),
    "take_out": Act(
        "Take out of a collection",
        curation.remove_from_collection,
        "Taken out of the collection",
        "They were not in it.",
        form=CollectionForm,
    ),
    "add_tags": Act("Add tags", tags.add_tags, "Tagged", "They had these tags already.", form=TagsForm),
    "remove_tags": Act("Remove tags", tags.remove_tags, "Tags removed", "They had none of these tags.", form=TagsForm),
}


def buttons(voice: VoiceProfile) -> list[tuple[str, Act]]:
    """Return the (name, act) pairs for which the page of a voice has a button."""
    return [(name, act) for name, act in ACTS.items() if act.has_button(voice)]


def _action(name: str, act: Act):
    """Return the admin action of an act."""

    @admin.action(description=f"{act.label} …" if act.form else act.label, permissions=["change"])
    def run(model_admin, request: Request, chosen) -> HttpResponse:
        voices = _selected_voices(chosen)
        values: list[Any] = []
        if act.form:
            form = act.form(request.POST if "words" in request.POST else None)
            if not form.is_valid():
                return form_page(model_admin, request, name, voices, form, act.label, act.about)
            values = list(form.cleaned_data.values())
        done: list[VoiceProfile] = []
        unchanged: list[VoiceProfile] = []
        for voice in voices:
            try:
                (done if act.function(request.user, voice, *values) else unchanged).append(voice)
            except Rejected as rejected:
                messages.error(request, rejected.message)
        if done:
            messages.success(request, f"{act.done}: {names_of(done)}.")
        if unchanged:
            messages.warning(request, f"Left as before: {names_of(unchanged)}. {act.unchanged}")
        return redirect(_next_url(request))

    run.__name__ = name
    return run


@admin.action(description="Merge duplicates …", permissions=["change"])
def merge(model_admin, request: Request, chosen) -> HttpResponse:
    """Merge voices of one owner into one of them, chosen on a form."""
    voices = _selected_voices(chosen)
    among = VoiceProfile.objects.filter(pk__in=[voice.pk for voice in voices])
    form = KeepForm(request.POST if "words" in request.POST else None, among=among)
    transfer.check_mergeable(voices)
    if form.is_valid():
        keep = form.cleaned_data["keep"]
        others = [voice for voice in voices if voice != keep]
        transfer.merge(request.user, keep, others)
        messages.success(request, f"{keep} took in {names_of(others)}.")
        return redirect(_next_url(request))
    about = (
        "The recordings, tags, collections, open reports and all that was spoken with the others go over to the one that "
        "stays; the others are deleted. The records of their consents stay in the audit log."
    )
    languages = {voice.get_language_display() for voice in voices}
    warnings = [f"They speak different languages: {', '.join(sorted(languages))}."] if len(languages) > 1 else []
    return form_page(model_admin, request, "merge", voices, form, "Merge", about, warnings)


@admin.action(description="Export as an archive", permissions=["view"])
def export(model_admin, request: Request, chosen) -> HttpResponseBase:
    voices = _selected_voices(chosen)
    return archive_response(request, exportable_by(request.user).filter(pk__in=[voice.pk for voice in voices]))


ADMIN_ACTIONS = [*(_action(name, act) for name, act in ACTS.items()), merge, export]


def names_of(voices: Iterable[VoiceProfile]) -> str:
    """Return the first MAX_NAMED_VOICES names, and how many more there are."""
    names = [voice.name for voice in voices]
    more = f" and {len(names) - MAX_NAMED_VOICES} more" if len(names) > MAX_NAMED_VOICES else ""
    return ", ".join(names[:MAX_NAMED_VOICES]) + more


def _selected_voices(chosen) -> list[VoiceProfile]:
    """Return the voices of an action's queryset, by name. Raises Rejected if they are too many or gone."""
    voices = VoiceProfile.objects.filter(pk__in=chosen.order_by().values("pk")[: MAX_CHOSEN_VOICES + 1])
    found = list(voices.select_related("owner", "clip").defer("clip__peaks", "clip__words"))
    if len(found) > MAX_CHOSEN_VOICES:
        message = f"Choose {MAX_CHOSEN_VOICES} voices at most: narrow the list, and go on with the rest then."
        raise Rejected("too_many", message)
    if not found:
        raise Rejected("gone", "What was chosen is no longer here.")
    return found


def form_page(model_admin, request, name, chosen, form, label, about, warnings=(), what="") -> HttpResponse:
    """Render the form of an act on `chosen`, called `what` in the heading; with status 422 if the form has errors."""
    what = what or (chosen[0].name if len(chosen) == 1 else f"{len(chosen)} voices")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"{label}: {what}",
        "label": label,
        "about": about,
        "warnings": warnings,
        "name": name,
        "chosen": chosen,
        "shown": chosen[:20],
        "form": form,
        "next": _next_url(request),
    }
    return TemplateResponse(request, "admin/voices/act.html", context, status=422 if form.is_bound else 200)


def _next_url(request: Request) -> str:
    """Return the URL to go to afterwards: the page with the button, or the list with its filters."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return url
    return request.get_full_path()
