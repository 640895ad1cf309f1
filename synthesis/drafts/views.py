"""Saving the studio's form while it is written. The page's script calls this; see static/draft.js."""

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voicesite.people.requests import Request
from voicesite.wording import thousands

from . import saving


@require_POST
def save(request: Request) -> JsonResponse:
    """Keep the form. 409 with what is kept where another window has saved since, 413 if the text is too long to keep.

    403 if the form was written by another person than is signed in now: the same browser, another account.
    """
    if request.POST.get("owner") != str(request.user.pk):
        return JsonResponse({"error": _("Someone else is signed in here now.")}, status=403)
    characters = len(saving.clean(request.POST.get("text", "")))
    if characters > saving.most_characters():
        words = _("This text has {characters} characters, too many to keep: the limit is {most_characters}.").format(
            characters=thousands(characters), most_characters=thousands(saving.most_characters())
        )
        return JsonResponse({"error": words}, status=413)
    draft, is_conflict = saving.save(request.user, request.POST.dict())
    kept: dict = {"version": draft.version}
    if is_conflict:
        kept["fields"] = saving.as_sent(draft)
    return JsonResponse(kept, status=409 if is_conflict else 200)
