"""Import a CSV file into a dictionary: say first what would be new, changed and refused, then do it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from voices.languages import LANGUAGES_AND_ACCENTS
from voicesite.models import User
from voicesite.web.rejection import Rejected

from .csv_files import Row
from .models import PronunciationEntry
from .service import MAX_ENTRIES

_LANGUAGE_CODES = {"": "", "every language": ""} | {code: code for code in LANGUAGES_AND_ACCENTS}
_LANGUAGE_CODES |= {name.lower(): code for code, name in LANGUAGES_AND_ACCENTS.items()}
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
            raise Rejected("conflict", "The dictionary changed at this moment. Try again.") from None


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
            problem = f"It is on line {lines[place]} too."
            result.refused.append(Refused(row.line, row.word, problem))
            continue
        lines[place] = row.line
        before = existing.get(place)
        if before is None and len(result.new) >= room:
            problem = f"A dictionary has room for {MAX_ENTRIES:,} words."
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
    language = _LANGUAGE_CODES.get(row.language.lower().replace("_", "-"))
    match_case = _TRUTHS.get(row.match_case.lower())
    if language is None:
        raise ValidationError({"language": f"“{row.language[:40]}” is no language of this site."})
    if match_case is None:
        raise ValidationError({"match_case": f"It is yes or no, not “{row.match_case[:40]}”."})
    entry = PronunciationEntry(owner=owner, word=row.word, said=row.said, language=language, match_case=match_case)
    entry.clean_fields(exclude=["owner"])  # which would be a query for each
    entry.clean()
    return entry
