"""The voice picker of the studio: the voices that a person can choose, in sections, found by what they type."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from synthesis.generations.samples import with_sample
from synthesis.models import Generation
from voices.languages import LANGUAGES
from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.people.requests import Request

RECENT = 5
LATEST = 60  # generations among which the recent voices are looked for
MOST = 40  # voices of a section; others are found by what is typed


class Section(NamedTuple):
    name: str
    title: str
    voices: list[VoiceProfile]
    has_more: bool


@require_GET
def picker(request: Request) -> HttpResponse:
    """Show the voices that match `q`, each once, in the first of the sections that it belongs to."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    return render(request, "synthesis/studio/_voices.html", {"sections": sections(request.user, words), "words": words})


def sections(user: User, words: str) -> list[Section]:
    """Return the sections that have voices. At most six queries, however many voices there are."""
    found = _matching(user, words)
    recent = [] if words else _recent(user)
    rest = found.exclude(favoured_by=user).exclude(pk__in=recent)
    others = rest.exclude(owner=user)
    by_use = {key: place for place, key in enumerate(recent)}
    every = (
        ("favourites", _("Favourites"), found.filter(favoured_by=user)),
        ("recent", _("Recent"), found.filter(pk__in=recent).exclude(favoured_by=user)),
        ("mine", _("Yours"), rest.filter(owner=user)),
        ("shared", _("Shared"), others.filter(preset="")),
        ("builtin", _("Built in"), others.exclude(preset="")),
    )
    shown = []
    for name, title, voices in every:
        some = list(voices[: MOST + 1])
        if name == "recent":
            some.sort(key=lambda voice: by_use[voice.pk])
        if some:
            shown.append(Section(name, title, some[:MOST], len(some) > MOST))
    return shown


def _matching(user: User, words: str) -> QuerySet[VoiceProfile]:
    """Return the voices with all `words` in their names, descriptions, tags or languages."""
    favoured = VoiceProfile.favoured_by.through.objects.filter(voiceprofile=OuterRef("pk"), user=user)
    found = with_sample(VoiceProfile.objects.usable_by(user)).select_related("clip").defer(*_UNSHOWN)
    for word in words.split()[:8]:
        tagged = VoiceProfile.tags.through.objects.filter(voiceprofile=OuterRef("pk"), tag__name__icontains=word)
        languages = [code for code, name in LANGUAGES.items() if word.casefold() in name.casefold()]
        found = found.filter(
            Q(name__icontains=word) | Q(description__icontains=word) | Q(language__in=languages) | Exists(tagged)
        )
    return found.annotate(is_favourite=Exists(favoured)).order_by("name", "pk")


_UNSHOWN = tuple(f"clip__{name}" for name in ("peaks", "words", "quality", "advice", "transcript", "recognized_text"))


def _recent(user: User) -> list:
    """Return the keys of the voices that the person spoke with last, the latest first."""
    spoken = Generation.objects.filter(owner=user, is_sample=False, pronounces=None, voice__isnull=False)
    latest = spoken.order_by("-created_at").values_list("voice_id", flat=True)[:LATEST]
    return list(dict.fromkeys(latest))[:RECENT]
