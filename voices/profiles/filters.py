"""Which voices a list shows: what a person chose above it, and may choose."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from voices.languages import LANGUAGES
from voices.models import Clip, Collection, Tag, VoiceProfile
from voicesite.models import User

MAX_OFFERED_TAGS = 200  # that are offered; any other one is found by the search


@dataclass
class VoiceFilters:
    """What was chosen, as the page shows it again, and what there is to choose from."""

    chosen: dict[str, str]
    options: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return any(self.chosen.values())

    @property
    def selects(self) -> list[dict[str, Any]]:
        """The menus that have more than one thing to choose: name, words, what is chosen, options."""
        words = {
            "whose": "Everyone’s",
            "language": "Every language",
            "tag": "Every tag",
            "collection": "Every collection",
            "grade": "Any quality",
        }
        return [
            {"name": name, "all": words[name], "chosen": self.chosen[name], "options": options}
            for name, options in self.options.items()
            if options
        ]


def filter_voices(
    voices: QuerySet[VoiceProfile], user: User, asked: QueryDict
) -> tuple[QuerySet[VoiceProfile], VoiceFilters]:
    """The ones of `voices` that are asked for, and what is offered. What makes no sense asks for nothing. 3 queries."""
    names = ("q", "whose", "language", "tag", "collection", "grade")
    chosen = {name: asked.get(name, "").replace("\x00", "").strip()[:200] for name in names}
    filters = VoiceFilters(chosen)
    seen = voices.order_by()
    # Names, as they are few: of the clips' rows, each with a waveform, none is read for them.
    known = sorted(set(seen.values_list("language", flat=True).distinct()), key=lambda code: LANGUAGES.get(code, code))
    tags = Tag.objects.filter(Exists(seen.filter(tags=OuterRef("pk"))))[:MAX_OFFERED_TAGS]
    collections = Collection.objects.filter(Exists(seen.filter(collections=OuterRef("pk"))))
    filters.options = {
        "whose": [("mine", "Mine"), ("shared", "Shared by others")],
        "language": [(code, LANGUAGES.get(code, code)) for code in known] if len(known) > 1 else [],
        "tag": [(tag.name, tag.name) for tag in tags],
        "collection": [(str(one.pk), one.name) for one in collections],
        "grade": [(str(grade.value), f"{grade.label} or better") for grade in reversed(Clip.Grade) if grade > 1],
    }
    if words := chosen["q"]:
        tagged = Exists(
            VoiceProfile.tags.through.objects.filter(voiceprofile=OuterRef("pk"), tag__name__icontains=words)
        )
        voices = voices.filter(Q(name__icontains=words) | Q(description__icontains=words) | tagged)
    if chosen["whose"] == "mine":
        voices = voices.filter(owner=user)
    elif chosen["whose"] == "shared":
        voices = voices.exclude(owner=user)
    if chosen["language"]:
        voices = voices.filter(language=chosen["language"])
    if chosen["tag"]:
        voices = voices.filter(tags__name=chosen["tag"])
    if chosen["collection"].isascii() and chosen["collection"].isdigit():
        voices = voices.filter(collections=int(chosen["collection"][:9]))
    if chosen["grade"] in {str(grade) for grade in Clip.Grade.values}:
        voices = voices.filter(clip__grade__gte=int(chosen["grade"]))
    return voices, filters
