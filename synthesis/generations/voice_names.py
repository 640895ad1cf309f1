"""Find the voice that somebody means by an id or a name."""

from collections.abc import Iterable

from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.people.requests import as_uuid
from voicesite.texts import N_

NO_SUCH_VOICE = N_("There is no such voice, or it isn’t yours to use.")
SEVERAL_VOICES = N_("Several voices have this name. Send an id instead.")


def label(voice: VoiceProfile, user: User) -> str:
    """Return the name of a voice as menus show it to `user`: it says where it comes from, if it is not theirs."""
    if voice.owner_id == user.pk:
        return voice.name
    return f"{voice.name} ({'built in' if voice.is_builtin else 'shared'})"


def by_id_or_name(voices: Iterable[VoiceProfile], written: str, user: User) -> list[VoiceProfile]:
    """Return those of `voices` with that id or name: the same case first; the user's own, then shared, then built-in ones."""
    voices = list(voices)
    key = as_uuid(written)
    if key and (by_id := [voice for voice in voices if voice.pk == key]):
        return by_id
    named = [voice for voice in voices if voice.name == written]
    named = named or [voice for voice in voices if voice.name.casefold() == written.casefold()]
    mine = [voice for voice in named if voice.owner_id == user.pk]
    return mine or [voice for voice in named if not voice.is_builtin] or named
