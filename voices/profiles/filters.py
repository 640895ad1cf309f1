"""The filters above a list of voices."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from voices.languages import LANGUAGES
from voices.models import Clip, Collection, Tag, VoiceProfile
from voicesite.models import User
from voicesite.wording import translated

MAX_TAG_OPTIONS = 200  # of a menu; any other tag is found by the search


class VoiceFilters:
    """What was chosen, which voices match, and what can be chosen. Values that make no sense are ignored."""

    def __init__(self, user: User, asked: QueryDict):
        self.voices, self.user = VoiceProfile.objects.visible_to(user), user
        names = ("q", "whose", "language", "tag", "collection", "grade")
        self.chosen = {name: asked.get(name, "").replace("\x00", "").strip()[:200] for name in names}

    @property
    def any(self) -> bool:
        return any(self.chosen.values())

    def matching(self) -> QuerySet[VoiceProfile]:
        """Return the voices that match everything chosen."""
        voices, chosen = self.voices, self.chosen
        if words := chosen["q"]:
            tagged = VoiceProfile.tags.through.objects.filter(voiceprofile=OuterRef("pk"), tag__name__icontains=words)
            voices = voices.filter(Q(name__icontains=words) | Q(description__icontains=words) | Exists(tagged))
        if chosen["whose"] == "mine":
            voices = voices.filter(owner=self.user)
        elif chosen["whose"] == "shared":
            voices = voices.filter(preset="").exclude(owner=self.user)
        elif chosen["whose"] == "builtin":
            voices = voices.exclude(preset="")
        if chosen["language"]:
            code = chosen["language"]
            voices = voices.filter(**{"language" if code in LANGUAGES else "language__startswith": code})
        if chosen["tag"]:
            voices = voices.filter(tags__name=chosen["tag"])
        if chosen["collection"].isascii() and chosen["collection"].isdigit():
            voices = voices.filter(collections=int(chosen["collection"][:9]))
        if chosen["grade"] in {str(grade) for grade in Clip.Grade.values}:
            voices = voices.filter(clip__grade__gte=int(chosen["grade"]))
        return voices

    @property
    def selects(self) -> list[dict[str, Any]]:
        """The menus that have options: name, label of no choice, chosen value, (value, label) of each. 3 queries."""
        seen = self.voices.order_by()
        codes = sorted(seen.values_list("language", flat=True).distinct(), key=lambda code: LANGUAGES.get(code, code))
        tags = Tag.objects.filter(Exists(seen.filter(tags=OuterRef("pk"))))[:MAX_TAG_OPTIONS]
        collections = Collection.objects.filter(Exists(seen.filter(collections=OuterRef("pk"))))
        menus: dict[str, tuple[str, list[tuple[str, str]]]] = {
            "whose": (
                _("Everyone’s"),
                [("mine", _("Mine")), ("shared", _("Shared by others")), ("builtin", _("Built in"))],
            ),
            "language": (
                _("All languages"),
                [(code, translated(LANGUAGES.get(code, code))) for code in codes if len(codes) > 1],
            ),
            "tag": (_("All tags"), [(tag.name, tag.name) for tag in tags]),
            "collection": (_("All collections"), [(str(each.pk), each.name) for each in collections]),
            "grade": (_("Any quality"), [(str(g.value), grade_words(g)) for g in reversed(Clip.Grade) if g > 1]),
        }
        return [
            {"name": name, "all": label, "chosen": self.chosen[name], "options": options}
            for name, (label, options) in menus.items()
            if options
        ]


def grade_words(grade: Clip.Grade) -> str:
    """Return what the voices of a grade or a better one are called."""
    return str(grade.label) if grade == Clip.Grade.EXCELLENT else _("{label} or better").format(label=grade.label)
