"""Import a CSV file into a dictionary: say first what would be new, changed and refused, then do it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.languages import language_or_accent
from voicesite.models import User
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

from .csv_files import Row
from .models import PronunciationEntry
from .service import MAX_ENTRIES

_EVERY_LANGUAGE = ("", gettext_lazy("every language"))
_TRUTHS = {"": False} | dict.fromkeys(("no", "false", "0", "n"), False) | dict.fromkeys(("yes", "true", "1", "y"), True)


class Refused(NamedTuple):
    line: int  # of the file, from 1
    word: str
    problem: str  # in words


class Changed(NamedTuple):
    before: str  # how the word was said
    entry: PronunciationEntry  # as it will be


@dataclass
class Plan:
    """What the import of a file does to a dictionary."""

    owner: User | None  # None: the site
    new: list[PronunciationEntry] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: int = 0  # rows that are there already
    refused: list[Refused] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many entries it makes or changes."""
        return len(self.new) + len(self.changed)

    def apply(self) -> None:
        """Save what is new and changed, all of it or nothing. Raises Rejected if the dictionary changed meanwhile."""
        changed = [change.entry for change in self.changed]
        for entry in changed:
            entry.updated_at = timezone.now()
        try:
            with transaction.atomic():
                PronunciationEntry.objects.bulk_create(self.new, batch_size=500)
                PronunciationEntry.objects.bulk_update(changed, ["word", "said", "updated_at"], batch_size=100)
        except IntegrityError:
            raise Rejected("conflict", _("The dictionary has just changed. Try again.")) from None


def plan(owner: User | None, rows: list[Row]) -> Plan:
    """Return what importing `rows` does to the dictionary of `owner`, or of the site. One query; nothing is changed."""
    result = Plan(owner)
    existing = {(entry.language, entry.key): entry for entry in PronunciationEntry.objects.filter(owner=owner)}
    room = MAX_ENTRIES - len(existing)
    lines: dict[tuple[str, str], int] = {}
    for row in rows:
        try:
            entry = _entry(owner, row)
        except ValidationError as error:
            problem = " ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            result.refused.append(Refused(row.line, row.word[:80], problem))
            continue
        place = (entry.language, entry.key)
        if place in lines:
            problem = _("It is on line {lines} too.").format(lines=lines[place])
            result.refused.append(Refused(row.line, row.word, problem))
            continue
        lines[place] = row.line
        before = existing.get(place)
        if before is None and len(result.new) >= room:
            problem = _("A dictionary has room for {max_entries} words.").format(max_entries=thousands(MAX_ENTRIES))
            result.refused.append(Refused(row.line, row.word, problem))
        elif before is None:
            result.new.append(entry)
        elif (before.word, before.said) == (entry.word, entry.said):
            result.same += 1
        else:
            result.changed.append(Changed(before.said, before))
            before.word, before.said = entry.word, entry.said
    return result


def _entry(owner: User | None, row: Row) -> PronunciationEntry:
    """Return the entry of a row, unsaved. Raises ValidationError."""
    match_case = _TRUTHS.get(row.match_case.lower())
    try:
        language = "" if row.language.lower() in _EVERY_LANGUAGE else language_or_accent(row.language)
    except ValueError:
        raise ValidationError(
            {"language": _("“{language}” is not a language of this site.").format(language=row.language[:40])}
        ) from None
    if match_case is None:
        raise ValidationError(
            {"match_case": _("It is yes or no, not “{match_case}”.").format(match_case=row.match_case[:40])}
        )
    entry = PronunciationEntry(owner=owner, word=row.word, said=row.said, language=language, match_case=match_case)
    entry.clean_fields(exclude=["owner"])  # which would be a query for each
    entry.clean()
    return entry
