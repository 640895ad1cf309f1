"""Pages of the library by key: what is older than the last that was shown, whatever came or went meanwhile.

The key of a row is what the list is ordered by: its measure, where it is ordered by one, its time and its id. As an address
carries it: `0.93_1764000000000000_3f5c…`.
"""

from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from synthesis.models import Generation
from voicesite.people.requests import as_uuid
from voicesite.web.moments import from_microseconds, to_microseconds


class Key(NamedTuple):
    measure: float | None
    created_at: datetime
    pk: UUID

    @classmethod
    def of(cls, row: Generation, measure: str) -> Self:
        return cls(getattr(row, measure.lstrip("-")) if measure else None, row.created_at, row.pk)

    @classmethod
    def read(cls, written: str, measure: str) -> Self | None:
        """Return the key that an address carries for a list in that order; None if it is not one."""
        number, _, rest = written.partition("_")
        moment, _, pk = rest.partition("_")
        found = as_uuid(pk)
        if not found or not (moment.isascii() and moment.isdecimal()) or len(moment) > 16:
            return None
        try:
            value = float(number) if measure else None
        except ValueError:
            return None
        if value is not None and not abs(value) < 1e9:  # nan too
            return None
        return cls(value, from_microseconds(int(moment)), found)

    def __str__(self) -> str:
        number = "" if self.measure is None else repr(self.measure)
        return f"{number}_{to_microseconds(self.created_at)}_{self.pk}"


def after(rows: QuerySet[Generation], measure: str, key: Key | None) -> QuerySet[Generation]:
    """Return the rows after a key, in their order: by `measure`, as of `ORDER_FIELDS`, else the newest first."""
    rows = rows.order_by(*filter(None, [measure]), "-created_at", "-pk")
    if key is None:
        return rows
    later = Q(created_at__lt=key.created_at) | Q(created_at=key.created_at, pk__lt=key.pk)
    if not measure:
        return rows.filter(later, created_at__lte=key.created_at)  # the second is what an index is used for
    name = measure.lstrip("-")
    beyond = f"{name}__{'lt' if measure.startswith('-') else 'gt'}"
    return rows.filter(Q(**{beyond: key.measure}) | Q(**{name: key.measure}) & later)
