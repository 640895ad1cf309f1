"""The part of the account page about usage."""

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from voicesite.modelhost.weights import in_words
from voicesite.people.requests import Request
from voicesite.wording import translated

from . import quotas, rates


def account_section(request: Request) -> str:
    """Return what a person uses and may, in words, with a meter for each quota."""
    used = quotas.usage(request.user)
    speech, stored = quotas.in_minutes(used.speech_seconds_today), in_words(used.stored_bytes)
    parts = [f"{in_words(size)} {translated(what)}" for what, size in used.stored.items() if size]
    waiting = ""
    if used.speech_seconds_reserved:
        reserved = quotas.in_minutes(used.speech_seconds_reserved)
        waiting = _(", and about {time} waiting or being made").format(time=reserved)
    if used.speech_seconds_limit:
        limit = quotas.in_minutes(used.speech_seconds_limit)
        speech = _("{used} of {limit}").format(used=speech, limit=limit)
    if used.stored_bytes_limit:
        stored = _("{used} of {limit}").format(used=stored, limit=in_words(used.stored_bytes_limit))
    if parts:
        stored += f": {', '.join(parts)}"
    words = {"speech": speech, "waiting": waiting, "stored": stored, "renewal": quotas.renewal()}
    context = {"usage": used, "requests_limit": rates.most_of(request.user), **words}
    return render_to_string("accounts/_usage.html", context)
