"""Keep what a person writes in the studio as they write it, and give it back when the studio opens.

Windows may write at once, on several devices. A save says which version it is based on: if another window has saved
since, nothing is changed, and the person is asked. What a window itself saved before is no other's, though its answer
may have been lost, and so is a save of what is there already.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from synthesis.models import Draft
from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.people.requests import as_uuid

LIMIT_FACTOR = 2  # a draft may be so many times as long as a text, to be shortened later
MAX_FIELDS = 300  # beside the text and the voice, such as the voices of a cast
MAX_FIELD_CHARACTERS = 300  # of a field's name, and of its value
NOT_OF_THE_FORM = ("csrfmiddlewaretoken", "text", "voice", "owner", "version")


class Saved(NamedTuple):
    """What became of a save."""

    draft: Draft  # as it is kept now
    is_conflict: bool  # another window has saved since, and nothing was changed


def most_characters() -> int:
    """Return how many characters of a text are kept."""
    return LIMIT_FACTOR * settings.TEXT_LIMIT


def draft_of(user: User) -> Draft | None:
    return Draft.objects.filter(owner=user).first()


def save(user: User, sent: Mapping[str, str]) -> Saved:
    """Keep the studio's form as it was sent, with the `version` that it is based on and the `window` it was written in.

    A voice that `user` may not use is not kept. The text has at most `most_characters()`.
    """
    text = clean(sent.get("text", ""))
    key = as_uuid(sent.get("voice"))
    voice = VoiceProfile.objects.usable_by(user).filter(pk=key).first() if key else None
    fields = {
        clean(name)[:MAX_FIELD_CHARACTERS]: clean(value)[:MAX_FIELD_CHARACTERS]
        for name, value in list(sent.items())[:MAX_FIELDS]
        if name not in NOT_OF_THE_FORM
    }
    with transaction.atomic():
        Draft.objects.get_or_create(owner=user)
        draft = Draft.objects.select_for_update().get(owner=user)
        is_same = (draft.text, draft.voice_id, form_fields(draft)) == (
            text,
            voice and voice.pk,
            _without_window(fields),
        )
        is_own = draft.fields.get("window") == fields.get("window", "")
        is_current = not draft.version or sent.get("version") == str(draft.version)
        if not (is_same or is_own or is_current):
            return Saved(draft, is_conflict=True)
        if not is_same:
            draft.text, draft.voice, draft.fields, draft.version = text, voice, fields, draft.version + 1
            draft.save()
    return Saved(draft, is_conflict=False)


def keep_spoken(user: User, sent: Mapping[str, Any]) -> None:
    """Keep the form as it was sent to be spoken by a page without a script, which saves at no other time."""
    draft = draft_of(user)
    save(user, {**sent, "version": str(draft.version if draft else 0)})


def initial_of(draft: Draft) -> dict:
    """Return the initial values of the studio's form."""
    return {**form_fields(draft), "text": draft.text, "voice": draft.voice_id}


def as_sent(draft: Draft) -> dict[str, str]:
    """Return all fields of the studio's form as a draft holds them."""
    return form_fields(draft) | {"text": draft.text, "voice": str(draft.voice_id or "")}


def form_fields(draft: Draft) -> dict[str, str]:
    """Return the fields of a form that a draft holds beside its text and voice."""
    return _without_window(draft.fields)


def _without_window(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name != "window"}


def clean(text: str) -> str:
    """Return a text as it is kept: without characters of code 0, which no database takes, and with plain line ends."""
    return text.replace("\x00", "").replace("\r\n", "\n")
