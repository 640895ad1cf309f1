"""Find the voice that somebody means by an id or a name."""

from collections.abc import Iterable

from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.people.requests import as_uuid

NO_SUCH_VOICE = "There is no such voice that may speak for you."
SEVERAL_VOICES = "Several voices have this name: send the id of one."


def by_id_or_name(voices: Iterable[VoiceProfile], written: str, user: User) -> list[VoiceProfile]:
    """Return those of `voices` with that id or name: the same case first, and the user's own before others'."""
    voices = list(voices)
    key = as_uuid(written)
    if key and (by_id := [voice for voice in voices if voice.pk == key]):
        return by_id
    named = [voice for voice in voices if voice.name == written]
    named = named or [voice for voice in voices if voice.name.casefold() == written.casefold()]
    return [voice for voice in named if voice.owner_id == user.pk] or named
