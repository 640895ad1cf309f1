"""Folders and tags of the library: made, renamed and deleted, and given to one text or to several."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from synthesis.generations import arranging
from synthesis.generations.folders import GONE, FolderForm, PlaceForm
from synthesis.models import Folder
from voices.curation.tags import TagsField
from voicesite.people.requests import Request, as_uuid
from voicesite.web import undo

from .listening import mine
from .selection import back, selected_texts


@require_POST
def make_folder(request: Request) -> HttpResponse:
    """Make a folder, and show it."""
    return _saved(request, Folder(owner=request.user))


@require_POST
def rename_folder(request: Request, pk) -> HttpResponse:
    return _saved(request, _folder(request, pk))


@require_POST
def delete_folder(request: Request, pk) -> HttpResponse:
    """Delete a folder; its texts stay, in none."""
    folder = _folder(request, pk)
    words = _("Deleted the folder “%(name)s”. Its texts are still here.") % {"name": folder.name}
    undo.tell(request, words, "folder", arranging.discard(folder))
    return redirect("synthesis:list")


@require_POST
def arrange(request: Request, pk) -> HttpResponse:
    """Put a text into a folder, and give it tags."""
    generation = mine(request, pk)
    form = PlaceForm(request.POST, user=request.user)
    if form.is_valid():
        form.save(generation)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _first_problem(form))
    return redirect("synthesis:detail", pk)


@require_POST
def move_selected(request: Request) -> HttpResponse:
    """Put the selected texts into the folder that `folder` names, or into none."""
    key = request.POST.get("folder", "")
    pk = as_uuid(key)
    folder = Folder.objects.visible_to(request.user).filter(pk=pk).first() if pk else None
    if key and folder is None:
        messages.error(request, str(GONE))
        return back(request)
    if not (texts := selected_texts(request)):
        messages.error(request, _("Select what to move first."))
        return back(request)
    arranging.move(texts, folder)
    count = len(texts)
    if folder:
        words = ngettext("%(count)d text is in “%(name)s” now.", "%(count)d texts are in “%(name)s” now.", count)
        messages.success(request, words % {"count": count, "name": folder.name})
    else:
        words = ngettext("%(count)d text is in no folder now.", "%(count)d texts are in no folder now.", count)
        messages.success(request, words % {"count": count})
    return back(request)


@require_POST
def tag_selected(request: Request) -> HttpResponse:
    """Give the selected texts the tags that `tags` names, or take them away where `remove` is pressed."""
    names = TagsField(required=True)
    names.error_messages["required"] = _("Write a tag first.")
    try:
        tags = names.clean(request.POST.get("tags", "").replace("\x00", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return back(request)
    if not (texts := selected_texts(request)):
        messages.error(request, _("Select what to tag first."))
        return back(request)
    if "remove" in request.POST:
        arranging.remove_tags(texts, tags)
        messages.success(request, _("Removed: %(tags)s.") % {"tags": ", ".join(tags)})
    elif full := arranging.add_tags(texts, tags):
        words = ngettext(
            "%(full)d text has as many tags as it can have. Remove one there first.",
            "%(full)d texts have as many tags as they can have. Remove one there first.",
            full,
        )
        messages.error(request, words % {"full": full})
    else:
        messages.success(request, _("Tagged: %(tags)s.") % {"tags": ", ".join(tags)})
    return back(request)


def _folder(request: Request, pk) -> Folder:
    return get_object_or_404(Folder.objects.visible_to(request.user), pk=pk)


def _saved(request: Request, folder: Folder) -> HttpResponse:
    """Save a folder as it was sent and show it; where it can't be, say why on the page that it came from."""
    is_new = folder._state.adding
    form = FolderForm(request.POST, instance=folder)
    if form.is_valid() and form.save():
        return redirect(f"{reverse('synthesis:list')}?folder={folder.pk}")
    messages.error(request, _first_problem(form))
    address = reverse("synthesis:list")
    return redirect(address if is_new else f"{address}?folder={folder.pk}")


def _first_problem(form: BaseForm) -> str:
    return next(str(words) for problems in form.errors.values() for words in problems)
