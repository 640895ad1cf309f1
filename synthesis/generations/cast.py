"""The cast of a dialogue: which voice speaks whose lines, as it is sent, remembered, and asked for."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from synthesis.models import CastMember, Generation
from synthesis.scripts.characters import clean
from synthesis.scripts.dialogue import MAX_NAME_CHARACTERS, MAX_SPEAKERS, find_speakers, key_of, speaking
from voices.models import VoiceProfile
from voicesite.models import User

FIELD_PREFIX = "cast:"  # of a page's fields: the name follows
READ_ALOUD = "-"  # the value of such a field for a name that is no speaker's
REMEMBERED_MEMBERS = 400  # the latest of a person, among which a name is looked for


class CastWidget(forms.Widget):
    """Takes a cast from what programs send, an object of voices by names, or from the fields of a page's panel.

    The value is what is written of a voice by each name; None for a name that is read aloud. A name of the panel for
    which nothing is chosen yet is left out.
    """

    def value_from_datadict(self, data, files, name) -> Any:
        if name in data:
            return data[name] or {}
        return {key: None if value == READ_ALOUD else value for key, value in fields_in(data).items() if value}


def fields_in(data: Mapping[str, str]) -> dict[str, str]:
    """Return what the fields of the panel say by name: the id of a voice, READ_ALOUD, or nothing yet."""
    return {key.removeprefix(FIELD_PREFIX): data[key] for key in data if key.startswith(FIELD_PREFIX)}


class CastField(forms.Field):
    """Voices by the names of speakers. Cleaned, it has the names as they are spelled, and each voice as it was written."""

    widget = CastWidget

    def to_python(self, value: Any) -> dict[str, str | None]:
        if not isinstance(value or {}, Mapping):
            raise forms.ValidationError(_("The cast is an object: a voice by the name of each speaker."))
        cast: dict[str, str | None] = {}
        keys: set[str] = set()
        for written, voice in (value or {}).items():
            name = clean_name(str(written))
            if not any(map(str.isalnum, name)):
                raise forms.ValidationError(_("“{name}” in the cast is not a name.").format(name=name or written))
            if len(name) > MAX_NAME_CHARACTERS:
                raise forms.ValidationError(
                    _("“{name}…” is too long: a name in the cast has at most {max_name_characters} characters.").format(
                        name=name[:MAX_NAME_CHARACTERS], max_name_characters=MAX_NAME_CHARACTERS
                    )
                )
            if key_of(name) in keys:
                raise forms.ValidationError(_("“{name}” is twice in the cast.").format(name=name))
            if not isinstance(voice, str | None):
                raise forms.ValidationError(_("{name}: write the id or the name of a voice.").format(name=name))
            keys.add(key_of(name))
            cast[name] = voice or None
        if len(cast) > MAX_SPEAKERS:
            raise forms.ValidationError(
                _("A cast has at most {max_speakers} names; this one has {count}.").format(
                    max_speakers=MAX_SPEAKERS, count=len(cast)
                )
            )
        return cast


def clean_name(written: str) -> str:
    """Return a name on one line, without the colon and the marks that stand around it in a text."""
    return " ".join(clean(written).split()).strip(" *_[]").rstrip(":： ").rstrip("*_]")


def names_of(words: Iterable[str]) -> str:
    """Return names in a sentence: “Anna, Ben and Cleo”."""
    return get_text_list(list(words), "and")


def without_voice(text: str, cast: Collection[str]) -> list[str]:
    """Return the names in a text that look like speakers' and are not in the cast."""
    known = set(map(key_of, cast))
    return [name for name in find_speakers(text) if key_of(name) not in known]


def member(name: str, voice: VoiceProfile | None) -> CastMember:
    """Return a member of a cast, unsaved; without a voice, a name that is read aloud."""
    return CastMember(name=name, voice=voice, voice_name=voice.name if voice else "")


def copied(generation: Generation) -> list[CastMember]:
    """Return the cast of `generation` for another, unsaved. Voices may have other names by now."""
    members = CastMember.named.filter(generation=generation).select_related("voice")
    return [
        CastMember(name=one.name, voice=one.voice, voice_name=one.voice.name if one.voice else one.voice_name)
        for one in members
    ]


def chosen_in(generation: Generation) -> dict[str, str]:
    """Return the cast of `generation` as fields of the panel have it."""
    members = CastMember.named.filter(generation=generation)
    return {one.name: str(one.voice_id or "") if one.voice_name else READ_ALOUD for one in members}


# ---------------------------------------------------------------------------------------------------------------------
# The panel of the studio


class Choice(NamedTuple):
    """A name in the panel."""

    name: str
    chosen: str  # id of a voice, READ_ALOUD, or empty while nothing is chosen


class Panel(NamedTuple):
    """The cast of a text, for `synthesis/studio/_cast.html`."""

    choices: list[Choice]
    absent: list[Choice]  # names that were chosen for, and are not in the text now: they may come back
    key: str  # the same while the panel offers the same

    @property
    def lacking(self) -> str:
        """Return the names for which nothing is chosen, in words."""
        return names_of(choice.name for choice in self.choices if not choice.chosen)


def panel(user: User, text: str, written: Mapping[str, str], voices: Collection[str]) -> Panel:
    """Return the panel for a text: who seems to speak in it, and what is chosen for each.

    written: what fields of the panel say by name. Whoever is not among them gets what `user` last gave that name.
    voices: ids of those that may be chosen.
    """
    chosen = {key_of(name): Choice(name, value) for name, value in written.items() if key_of(name)}
    found = {key_of(name): name for name in find_speakers(text)}
    decided = [choice.name for choice in chosen.values() if choice.chosen]
    found |= {key_of(name): name for name in speaking(text, decided) if key_of(name) not in found}
    found = dict(list(found.items())[:MAX_SPEAKERS])
    new = [key for key in found if key not in chosen]
    remembered = _remembered(user, new) if new else {}
    allowed = {*voices, READ_ALOUD}
    choices = []
    for key, name in found.items():
        value = chosen[key].chosen if key in chosen else remembered.get(key, "")
        choices.append(Choice(name, value if value in allowed else ""))
    absent = [choice for key, choice in chosen.items() if key not in found and choice.chosen in allowed]
    return Panel(choices, absent[: MAX_SPEAKERS - len(choices)], f"{crc32(str(list(found)).encode()):x}")


def _remembered(user: User, keys: Collection[str]) -> dict[str, str]:
    """Return what `user` last gave each name."""
    latest = (
        CastMember.named.filter(generation__owner=user).order_by("-pk").values_list("name", "voice_id", "voice_name")
    )
    found: dict[str, str] = {}
    for name, voice_id, voice_name in latest[:REMEMBERED_MEMBERS]:
        if (key := key_of(name)) in keys:
            found.setdefault(key, str(voice_id or "") if voice_name else READ_ALOUD)
    return found
