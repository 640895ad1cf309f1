"""The filters of the library as chips: each says what it lets through, and is taken away by one press."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from synthesis.models import Folder
from voices.languages import LANGUAGES
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.wording import translated


class Chip(NamedTuple):
    words: str
    without: str  # the query of the list without it


def chips(chosen: Mapping[str, str], voices: Iterable[VoiceProfile], folders: Iterable[Folder]) -> list[Chip]:
    """Return a chip for each filter that applies; the order of the list is none."""
    names = {str(voice.pk): voice.name for voice in voices} | {str(folder.pk): folder.name for folder in folders}
    words = {
        "q": lambda value: f"“{value}”",
        "state": lambda value: _("In progress") if value == "moving" else State(value).label,
        "starred": lambda value: _("Starred"),
        "voice": lambda value: names.get(value, _("A voice")),
        "language": lambda value: translated(LANGUAGES[value]),
        "folder": lambda value: _("No folder") if value == "none" else names.get(value, _("A folder")),
        "tag": lambda value: f"#{value}",
        "since": lambda value: _("From %(day)s") % {"day": _day(value)},
        "until": lambda value: _("Until %(day)s") % {"day": _day(value)},
    }
    return [
        Chip(str(say(chosen[name])), query({**chosen, name: ""})) for name, say in words.items() if chosen.get(name)
    ]


def query(chosen: Mapping[str, str]) -> str:
    """Return the query of a list with these filters, without empty ones: “?…”; or “?” for all of it."""
    return "?" + urlencode({name: value for name, value in chosen.items() if value})


def _day(written: str) -> str:
    found = parse_date(written)
    return date_format(found, "j M Y") if found else ""
