"""What staff do with one or more voices: the actions of the admin list, which are also buttons on a voice's page.

A button posts what the list's form would, the action and the voice, and the URL to go to `next`. An act with a form first
answers with a page that shows it (templates/admin/voices/act.html) and posts the same again with `words=1`.
`voices.curation` does the work and writes the audit log.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.archives.exporting import exportable_by
from voices.archives.views import archive_response
from voices.curation import service as curation
from voices.curation import tags, transfer
from voices.curation.forms import CollectionForm, KeepForm, ReasonForm, TagsForm, TransferForm
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.admin_site import next_url
from voicesite.web.rejection import Rejected

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_CHOSEN_VOICES = 500  # per request: each voice is a transaction of its own
MAX_NAMED_VOICES = 5  # in a message


@dataclass(frozen=True)
class Act:
    """Something staff do with voices. In `unchanged` the voices are "they"; in `about`, which is for one voice, "it"."""

    label: "str | _StrPromise"  # of its button and menu entry; its form's heading continues it with the voices
    function: Callable[..., bool]  # takes the actor, the voice and the form's value; False if it changed nothing
    done: "str | _StrPromise"
    unchanged: "str | _StrPromise"  # why it changed nothing
    has_button: Callable[[VoiceProfile], bool] = lambda voice: False  # whether the page of a voice offers it
    form: type[forms.Form] | None = None
    about: "str | _StrPromise" = ""  # shown above the form


ACTS = {
    "approve": Act(
        gettext_lazy("Share with everyone"),
        curation.approve,
        gettext_lazy("Shared with everyone"),
        gettext_lazy(
            "Only voices whose owners asked to share them can be shared, and none that is suspended or retired."
        ),
        lambda voice: bool(voice.share_requested_at) and voice.is_usable,
    ),
    "refuse": Act(
        gettext_lazy("Decline to share"),
        curation.refuse_sharing,
        gettext_lazy("Not shared"),
        gettext_lazy("Their owners have not asked to share them."),
        lambda voice: bool(voice.share_requested_at),
        ReasonForm,
        gettext_lazy("It stays private. Its owner may change it and ask again."),
    ),
    "unshare": Act(
        gettext_lazy("Make private"),
        curation.unshare,
        gettext_lazy("Private now"),
        gettext_lazy("They were already private, or are built in."),
        lambda voice: voice.is_shared and not voice.is_builtin,
    ),
    "suspend": Act(
        gettext_lazy("Suspend"),
        curation.suspend,
        gettext_lazy("Suspended"),
        gettext_lazy("They were already suspended."),
        lambda voice: not voice.suspended_at,
        ReasonForm,
        gettext_lazy("Nobody can use it, including its owner, and anything it is speaking stops."),
    ),
    "lift": Act(
        gettext_lazy("Lift the suspension"),
        curation.lift_suspension,
        gettext_lazy("No longer suspended"),
        gettext_lazy("They were not suspended."),
        lambda voice: bool(voice.suspended_at),
    ),
    "retire": Act(
        gettext_lazy("Retire"),
        curation.retire,
        gettext_lazy("Retired"),
        gettext_lazy("They were already retired."),
        lambda voice: not voice.retired_at,
    ),
    "bring_back": Act(
        gettext_lazy("Reinstate"),
        curation.bring_back,
        gettext_lazy("Reinstated"),
        gettext_lazy("They were not retired."),
        lambda voice: bool(voice.retired_at),
    ),
    "transfer": Act(
        gettext_lazy("Transfer to someone else"),
        transfer.transfer,
        gettext_lazy("Transferred"),
        gettext_lazy("They already belong to this person."),
        lambda voice: not voice.is_builtin,
        TransferForm,
        gettext_lazy(
            "Its recordings go along. The record of the speaker’s consent stays as it is, and so does what was spoken. "
            "Where the new owner has a voice of the same name, this one gets a number behind its name."
        ),
    ),
    "collect": Act(
        gettext_lazy("Add to a collection"),
        curation.add_to_collection,
        gettext_lazy("Added to the collection"),
        gettext_lazy("They were already in it."),
        lambda voice: True,
        CollectionForm,
    ),
    "take_out": Act(
        gettext_lazy("Remove from a collection"),
        curation.remove_from_collection,
        gettext_lazy("Removed from the collection"),
        gettext_lazy("They were not in it."),
        form=CollectionForm,
    ),
    "add_tags": Act(
        gettext_lazy("Add tags"),
        tags.add_tags,
        gettext_lazy("Tagged"),
        gettext_lazy("They already had these tags."),
        form=TagsForm,
    ),
    "remove_tags": Act(
        gettext_lazy("Remove tags"),
        tags.remove_tags,
        gettext_lazy("Tags removed"),
        gettext_lazy("They had none of these tags."),
        form=TagsForm,
    ),
}


def buttons(voice: VoiceProfile) -> list[tuple[str, Act]]:
    """Return the (name, act) pairs for which the page of a voice has a button."""
    return [(name, act) for name, act in ACTS.items() if act.has_button(voice)]


def _action(name: str, act: Act):
    """Return the admin action of an act."""

    @admin.action(description=format_lazy("{} …", act.label) if act.form else act.label, permissions=["change"])
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
            messages.warning(
                request, _("Unchanged: {names}. {why}").format(names=names_of(unchanged), why=act.unchanged)
            )
        return redirect(next_url(request))

    run.__name__ = name
    return run


@admin.action(description=gettext_lazy("Merge duplicates …"), permissions=["change"])
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
        messages.success(request, _("Merged {names} into {keep}.").format(names=names_of(others), keep=keep))
        return redirect(next_url(request))
    about = _(
        "The recordings, tags, collections, open reports and all that was spoken with the others go over to the one that "
        "stays; the others are deleted. The records of their consents stay in the audit log."
    )
    languages = {voice.get_language_display() for voice in voices}
    warnings = (
        [_("They speak different languages: {languages}.").format(languages=", ".join(sorted(languages)))]
        if len(languages) > 1
        else []
    )
    return form_page(model_admin, request, "merge", voices, form, _("Merge"), about, warnings)


@admin.action(description=gettext_lazy("Export as an archive"), permissions=["view"])
def export(model_admin, request: Request, chosen) -> HttpResponseBase:
    voices = _selected_voices(chosen)
    exportable = exportable_by(request.user).filter(pk__in=[voice.pk for voice in voices])
    if exportable.count() < len(voices):
        raise Rejected("private", _("Some of them are private: their owners export these. Choose others."))
    return archive_response(request, exportable)


ADMIN_ACTIONS = [*(_action(name, act) for name, act in ACTS.items()), merge, export]


def names_of(voices: Iterable[VoiceProfile]) -> str:
    """Return the first MAX_NAMED_VOICES names, and how many more there are."""
    names = [voice.name for voice in voices]
    shown, more = ", ".join(names[:MAX_NAMED_VOICES]), len(names) - MAX_NAMED_VOICES
    return _("{names} and {more} more").format(names=shown, more=more) if more > 0 else shown


def _selected_voices(chosen) -> list[VoiceProfile]:
    """Return the voices of an action's queryset, by name. Raises Rejected if they are too many or gone."""
    voices = VoiceProfile.objects.filter(pk__in=chosen.order_by().values("pk")[: MAX_CHOSEN_VOICES + 1])
    found = list(voices.select_related("owner", "clip").defer("clip__peaks", "clip__words"))
    if len(found) > MAX_CHOSEN_VOICES:
        message = _("Choose {most} voices at most: narrow the list, then do the rest.").format(most=MAX_CHOSEN_VOICES)
        raise Rejected("too_many", message)
    if not found:
        raise Rejected("gone", _("The voices you chose have been deleted."))
    return found


def form_page(model_admin, request, name, chosen, form, label, about, warnings=(), what="") -> HttpResponse:
    """Render the form of an act on `chosen`, called `what` in the heading; with status 422 if the form has errors."""
    what = what or (chosen[0].name if len(chosen) == 1 else _("{count} voices").format(count=len(chosen)))
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
        "next": next_url(request),
    }
    return TemplateResponse(request, "admin/voices/act.html", context, status=422 if form.is_bound else 200)
