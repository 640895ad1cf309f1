"""What a person may have: work at once, seconds of speech a day, bytes stored.

1. What is used of a day is counted in a UsageDay, in the transaction that completes the work: a job completes once, so
   it counts once, whatever is killed or repeated.
2. What is asked for and not done has its estimate in its own row: it is reserved while the row is active, and no longer.
3. `check` runs at the end of the transaction that asks for work. It takes the person's row first, so that those who ask
   at once come one after another, each seeing what the others reserved: texts cannot pass a quota together.
4. What is uploaded has the bytes in its row. They are checked twice: before it is decoded, and with the person's row
   taken in the transaction that stores it, so that uploads cannot pass the limit together either.
5. `check` reads what is reserved before what is used: work that is completed in between counts in both, never in neither.

A day's quota is refused by 429 and `Retry-After`: it renews, and programs know that from OpenAI's `insufficient_quota`. Full
storage is a 403: waiting does not help, so that no program should ask again.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from voicesite.modelhost.weights import in_words
from voicesite.models import ApiKey, UsageDay, User
from voicesite.texts import N_
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

WARN_AT = 0.8  # of a quota
BYTES_A_SECOND = 72_000  # of speech: 48 kB as a WAV file, and about half as much for its sentences

_WAIT = N_("Wait until one of them is done, or cancel one.")


@dataclass(frozen=True)
class Source:
    """What an app makes for people, which it adds to `sources` in `AppConfig.ready`."""

    _: KW_ONLY
    what: str  # it stores, in words
    active: Callable[[], Iterable[QuerySet]]  # jobs asked for that have not ended, with `owner` and `api_key`
    stored: Callable[[User], int]  # bytes
    reserves: str = ""  # the field of those jobs with the seconds of speech that they are estimated to become


sources: list[Source] = []


@dataclass(frozen=True)
class Usage:
    """What a person uses now, and may; a limit is None where there is none."""

    speech_seconds_today: float
    speech_seconds_reserved: float  # of what is waiting or being made
    speech_seconds_limit: int | None
    stored: dict[str, int]  # bytes of each source, by what it stores
    stored_bytes_limit: int | None
    work_active: int
    work_limit: int | None
    renews_at: datetime  # when the day ends

    @property
    def speech_used(self) -> float:
        """The seconds of the day's quota that are used or reserved."""
        return self.speech_seconds_today + self.speech_seconds_reserved

    @property
    def stored_bytes(self) -> int:
        return sum(self.stored.values())

    @property
    def warnings(self) -> list[str]:
        """What comes to an end, in words; none below WARN_AT of a quota."""
        warnings = []
        if (limit := self.speech_seconds_limit) and self.speech_used >= WARN_AT * limit:
            used = _("{used} of {limit}").format(used=in_minutes(min(self.speech_used, limit)), limit=in_minutes(limit))
            warnings.append(
                _("Today’s speech is nearly used up: {used}. {renewal}").format(used=used, renewal=renewal())
            )
            if self.speech_used >= limit:
                warnings[-1] = _("Today’s speech is used up: {time}. {renewal}").format(
                    time=in_minutes(limit), renewal=renewal()
                )
        if (limit := self.stored_bytes_limit) and self.stored_bytes >= WARN_AT * limit:
            used = _("{used} of {limit}").format(used=in_words(self.stored_bytes), limit=in_words(limit))
            words = _("Your storage is nearly full: {used}. Delete speech or voices that you no longer need.")
            if self.stored_bytes >= limit:
                words = _("Your storage is full: {used}. Delete speech or voices that you no longer need.")
            warnings.append(words.format(used=used))
        return warnings


def renewal() -> str:
    return _("It renews at midnight ({time_zone}).").format(time_zone=settings.TIME_ZONE)


def in_minutes(seconds: float) -> str:
    """Return a length of speech in words, as in “45 s” or “12 min”."""
    return f"{seconds:.0f} s" if seconds < 120 else _("{seconds} min").format(seconds=f"{seconds / 60:.0f}")


def today() -> date:
    """Return the day by the site's TIME_ZONE, whatever zone a browser is in."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def renews_at() -> datetime:
    """Return when the day ends."""
    return datetime.combine(today() + timedelta(days=1), time.min, timezone.get_default_timezone())


def usage(person: User) -> Usage:
    """Return what a person uses now."""
    reserved, active, _ = _asked_for(person)
    return Usage(
        round(_spoken_today(person), 3),
        round(reserved, 3),
        speech_limit(person),
        {source.what: source.stored(person) for source in sources},
        storage_limit(person),
        active,
        _own_or(person.work_at_once, settings.WORK_AT_ONCE),
        renews_at(),
    )


def warnings(person: User) -> list[str]:
    """Return what comes to an end for a person, in words. No query where they have no quota."""
    has_quota = speech_limit(person) is not None or storage_limit(person) is not None
    return usage(person).warnings if has_quota else []


def speech_limit(person: User) -> int | None:
    """Return how many seconds of speech a day a person may make; None: any number, as staff may."""
    return None if person.is_staff else _own_or(person.speech_seconds_a_day, settings.SPEECH_SECONDS_A_DAY)


def storage_limit(person: User) -> int | None:
    """Return how many bytes a person may store; None: any number, as staff may."""
    own = None if person.stored_megabytes is None else person.stored_megabytes * 1_000_000
    return None if person.is_staff else _own_or(own, settings.STORED_MAX_BYTES)


def _own_or(own: int | None, of_site: int) -> int | None:
    return (of_site if own is None else own) or None


def stored_bytes(person: User) -> int:
    return sum(source.stored(person) for source in sources)


def count_speech(person: int, seconds: float) -> None:
    """Count seconds of speech that a person, by primary key, was made; call it in the transaction that completes them."""
    of_today = UsageDay.objects.filter(person_id=person, day=today())
    more = {"speech_seconds": F("speech_seconds") + seconds}
    if of_today.update(**more):
        return
    try:
        with transaction.atomic():
            UsageDay.objects.create(person_id=person, day=today(), speech_seconds=seconds)
    except IntegrityError:  # another was first
        of_today.update(**more)


def lock(person: int) -> User:
    """Take the row of a person until the transaction ends: who adds something at the same time sees it, or comes first."""
    # Not a lock that rows with this owner wait for: they hold one by their foreign key, and would wait for each other.
    return User.objects.select_for_update(no_key=True).get(pk=person)


def check(person: int, key: ApiKey | None = None, *, speaks: bool = False) -> None:
    """Raise Rejected if what a person, by primary key, has asked for is beyond a limit; the transaction is then undone.

    Call it last in the transaction that has added it. key: with which it was asked for. speaks: whether it is speech.
    """
    owner = lock(person)
    reserved, active, of_key = _asked_for(owner, key)
    most = _own_or(owner.work_at_once, settings.WORK_AT_ONCE)
    if most and active > most:
        raise Rejected(
            "too_much_at_once",
            _("You have {most} things in the works, which is the limit. {wait}").format(
                most=thousands(most), wait=_(_WAIT)
            ),
        )
    if key and key.work_at_once and of_key > key.work_at_once:
        words = _("This key has {work_at_once} things in the works, which is its limit. {wait}").format(
            work_at_once=thousands(key.work_at_once), wait=_(_WAIT)
        )
        raise Rejected("too_much_at_once", words)
    if speaks and (limit := speech_limit(owner)) is not None:
        left = limit - _spoken_today(owner) - reserved
        if left < 0:
            raise Rejected("quota_exceeded", _beyond_quota(limit), retry=_seconds_until_renewal())
    if speaks and (why := why_full(owner, math.ceil(reserved * BYTES_A_SECOND))):
        raise Rejected("storage_full", why)


def _beyond_quota(limit: int) -> str:
    return _(
        "This is more speech than you have left today: you may make {time} a day, counting what is waiting. {renewal}"
    ).format(time=in_minutes(limit), renewal=renewal())


def _seconds_until_renewal() -> int:
    return max(math.ceil((renews_at() - timezone.now()).total_seconds()), 1)


def why_full(person: User, more: int, *, are_there: bool = False) -> str:
    """Return why a person can't store `more` bytes, in words; empty if they can.

    It is exact in a transaction that has their `lock`, and a guess otherwise, which saves the work of what is refused.
    are_there: whether the transaction has added them already.
    """
    limit = storage_limit(person)
    if limit is None:
        return ""
    stored = stored_bytes(person) - (more if are_there else 0)
    if stored + more <= limit:
        return ""
    return _(
        "There is no room for this: you store {stored}, and may store {limit}. Delete speech or voices "
        "that you no longer need."
    ).format(stored=in_words(stored), limit=in_words(limit))


def _asked_for(person: User, key: ApiKey | None = None) -> tuple[float, int, int]:
    """Return the seconds of speech that are reserved, how many jobs have not ended, and how many of those are of a key."""
    reserved, active, of_key = 0.0, 0, 0
    for source in sources:
        for jobs in source.active():
            sums: dict = {"all": Count("pk"), "of_key": Count("pk", filter=Q(api_key=key))}
            if source.reserves:
                sums["seconds"] = Sum(source.reserves)
            found = jobs.filter(owner=person).aggregate(**sums)
            reserved += found.get("seconds") or 0.0
            active += found["all"]
            of_key += found["of_key"]
    return reserved, active, of_key


def _spoken_today(person: User) -> float:
    return UsageDay.objects.filter(person=person, day=today()).values_list("speech_seconds", flat=True).first() or 0.0
