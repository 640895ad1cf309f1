"""Which voice a program means by what it writes."""

import re

from django.db import transaction

from synthesis.generations.voice_names import by_id_or_name
from synthesis.models import VoiceAlias
from voices.models import VoiceProfile
from voicesite.models import User

# The voices that OpenAI's speech models have, of which programs offer some or all.
OPENAI_NAMES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
MAX_ALIASES = 200  # of one person

# Kokoro's: a letter for the language, one for the gender, a name. Of two that are blended, the first speaks.
_KOKORO_NAME = re.compile(r"[abefhijpz][fm](_\w+)?|af")
_BLEND = re.compile(r"\s*(?:\+|-(?=[abefhijpz][fm]_))\s*")
_WEIGHT = re.compile(r"\s*\([\d.]+\)$")


class Meaning:
    """What the programs of a person mean by names of voices. Only voices that the person may use are ever meant."""

    def __init__(self, user: User):
        self.user = user
        self.voices = list(VoiceProfile.objects.usable_by(user).order_by("created_at", "pk"))
        by_key = {voice.pk: voice for voice in self.voices}
        aliases = VoiceAlias.objects.filter(owner=user)
        self.chosen = {alias.name: by_key[alias.voice_id] for alias in aliases if alias.voice_id in by_key}

    @property
    def default(self) -> VoiceProfile | None:
        """The voice of names without a choice: the one that is chosen for them, or else `fallback`."""
        return self.chosen.get("") or self.fallback

    @property
    def fallback(self) -> VoiceProfile | None:
        """The person's own first voice, else a built-in one, else the one that was shared first.

        Not the one that spoke last: a program would change its voice whenever another program speaks.
        """
        order = sorted(self.voices, key=lambda voice: (voice.owner_id != self.user.pk, not voice.preset, voice.preset))
        return next(iter(order), None)

    def voice(self, written: str) -> VoiceProfile | None:
        """Return the voice that is meant; None where it is none, or where several have this name.

        The person's choice goes first, then voices of that id or name, then what an engine calls a built-in voice; any
        other name of OpenAI's or Kokoro's, and none at all, is the default.
        """
        name = written.strip()
        key = name.casefold()
        if not name:
            return self.default
        if key in self.chosen:
            return self.chosen[key]
        if named := by_id_or_name(self.voices, name, self.user):
            return named[0] if len(named) == 1 else None
        first = _WEIGHT.sub("", _BLEND.split(name, maxsplit=1)[0])
        if first != name:
            return self.voice(first) if first else None
        preset = next((voice for voice in self.voices if voice.preset and voice.preset == key), None)
        return preset or (self.default if key in OPENAI_NAMES or _KOKORO_NAME.fullmatch(key) else None)


def choose(user: User, chosen: dict[str, str]) -> None:
    """Replace what the person has chosen: ids of voices that they may use, by name in lower case; empty for none."""
    aliases = [VoiceAlias(owner=user, name=name, voice_id=voice) for name, voice in chosen.items() if voice]
    with transaction.atomic():
        VoiceAlias.objects.filter(owner=user).delete()
        VoiceAlias.objects.bulk_create(aliases)
