"""How many requests somebody may make in a time: counted exactly, however many processes answer them.

1. A time is a minute of the clock, or as many of them as a limit says, counted from 1970. Each counted request raises
   one number by one atomic statement, INCR in Redis where the site has it, else an upsert of one row, and gets that
   number back: it passes if the number is within the limit. So of more requests at once than a limit allows, exactly as
   many pass as it allows.
2. A clock that is late counts towards the later minute that another has begun, so that none begins twice.
3. Counts only grow within a minute. So a process that has seen one beyond the limit refuses the others of that minute
   without counting: requests in vain cost nearly nothing.
4. A poll of something that moves is not counted: it costs no write. Its answer shows the count that this process knows.

Blocks of counts leased to each process would save writes, and not be exact. On SQLite a count costs a tenth of a
millisecond; docs/deployment.md has the figures.
"""

import functools
import ipaddress
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from voicesite import logs
from voicesite.models import ApiKey, RequestCount, User
from voicesite.resources import unless_refused
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds
WRONG_KEYS = 30  # a minute from one address
REDIS_PATIENCE = 1.0  # seconds

_seen: dict[str, tuple[int, int]] = {}  # the minute and the count that this process last saw, by asker


@dataclass(frozen=True)
class Limit:
    """A limit on the requests of somebody in `window` seconds, a number of minutes; `policy` names it in headers."""

    policy: str
    asker: str
    most: int
    window: int = WINDOW


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with a limit: how many requests they have made, and in how many seconds that begins anew."""

    limit: Limit
    made: int
    reset: int

    @property
    def left(self) -> int:
        return max(self.limit.most - self.made, 0)

    @property
    def is_refused(self) -> bool:
        return self.made > self.limit.most


def most_of(person: User) -> int:
    """Return how many requests a minute a person may make; 0: any number."""
    own = person.requests_per_minute
    return settings.REQUESTS_PER_MINUTE if own is None else own


def limits_of(person: User, key: ApiKey | None = None) -> list[Limit]:
    """Return the limits on requests of a person: that of the key first, if it has one of its own."""
    limits = []
    if key and key.requests_per_minute:
        limits.append(Limit("key", f"key:{key.pk}", key.requests_per_minute))
    if most := most_of(person):
        limits.append(Limit("default", f"person:{person.pk}", most))
    return limits


def admit(request: HttpRequest, person: User, key: ApiKey | None = None, *, is_poll: bool = False) -> None:
    """Count a request of the API, whose answer gets its headers by `set_headers`. Raises Rejected beyond a limit.

    Call it where the caller is authenticated, in a thread: from a coroutine by `sync_to_async`, with the look-up of the
    key that comes before it. It keeps nothing but in the request.
    """
    logs.bind(person=person.pk, key=key.pk if key else None)
    standings = []
    is_again = "is_again" in getattr(request, "scope", ())  # the same request, whose body is here by now
    for limit in limits_of(person, key):
        standing = look(limit) if is_poll or is_again else count(limit)
        standings.append(standing)
        request.standings = standings  # type: ignore[attr-defined]
        if not is_poll:
            _refuse_beyond(standing)


def admit_without_key(person: User) -> None:
    """Count a request that came by a protocol which knows neither keys nor headers. Raises Rejected beyond the limit."""
    for limit in limits_of(person):
        _refuse_beyond(count(limit))


def _refuse_beyond(standing: Standing) -> None:
    if standing.is_refused:
        whose = _("this key") if standing.limit.policy == "key" else "you"
        words = _("Too many requests: {whose} may make {most} a minute. Try again in {reset} s.").format(
            whose=whose, most=thousands(standing.limit.most), reset=standing.reset
        )
        raise Rejected("rate_limited", words, retry=standing.reset)


def refuse_guesses(address: str) -> None:
    """Count a wrong key that came from an address. Raises Rejected when it sends too many of them.

    Right keys of that address still work: behind a proxy or a router, many people may have it in common.
    """
    with suppress(ValueError):
        parsed = ipaddress.ip_address(address)
        if parsed.version == 6:  # whoever has one has 2^64 of them
            address = str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    standing = count(Limit("keys", f"address:{address}"[:80], WRONG_KEYS))
    if standing.is_refused:
        words = _("Too many wrong API keys came from your address. Try again in {reset} s.").format(
            reset=standing.reset
        )
        raise Rejected("rate_limited", words, retry=standing.reset)


def set_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say in the answer to a request that `admit` has seen which limits there are, and where the caller stands.

    As structured fields, by the IETF's draft “RateLimit header fields for HTTP”.
    """
    standings: Sequence[Standing] = getattr(request, "standings", ())
    if standings:
        response["RateLimit-Policy"] = ", ".join(
            f'"{one.limit.policy}";q={one.limit.most};w={WINDOW}' for one in standings
        )
        response["RateLimit"] = ", ".join(f'"{one.limit.policy}";r={one.left};t={one.reset}' for one in standings)


def look(limit: Limit) -> Standing:
    """Return the standing that this process last saw, without counting: others may have counted since."""
    minute, reset = _now(limit.window)
    seen, made = _seen.get(limit.asker, (minute, 0))
    return Standing(limit, made if seen >= minute else 0, reset)


def count(limit: Limit) -> Standing:
    """Count one request, and return where its asker stands then."""
    standing = look(limit)
    if standing.made > limit.most:
        return standing
    if any(seen < _now()[0] for seen, _ in list(_seen.values())[:1]):
        _seen.clear()
    minute, reset = _now(limit.window)
    counted = _seen.get(limit.asker, (minute, 0))
    with unless_refused():
        if settings.REDIS_URL:
            counted = _count_in_redis(limit.asker, minute, 2 * limit.window)
        else:
            counted = _count_in_database(limit.asker, minute)
    _seen[limit.asker] = counted
    return Standing(limit, counted[1], reset)


def uncount(limit: Limit) -> None:
    """Take back one request that was counted, where it turned out to be none of those that are limited."""
    minute, _ = _now(limit.window)
    _seen.pop(limit.asker, None)
    if settings.REDIS_URL:
        with suppress(redis.RedisError):
            _redis(settings.REDIS_URL).decr(_redis_name(limit.asker, minute))
    else:
        rows = RequestCount.objects.filter(asker=limit.asker, minute=minute, requests__gt=0)
        rows.update(requests=F("requests") - 1)


def _now(window: int = WINDOW) -> tuple[int, int]:
    """Return the last minute of the running window, and in how many seconds it ends."""
    now = time.time()
    return int(now // window + 1) * window // WINDOW - 1, window - int(now % window)


# The same on SQLite and PostgreSQL. The ORM has no upsert that computes, and none that returns.
_UPSERT = """
    INSERT INTO {table} (asker, minute, requests) VALUES (%s, %s, 1)
    ON CONFLICT (asker) DO UPDATE SET
        requests = CASE WHEN {table}.minute >= excluded.minute THEN {table}.requests + 1 ELSE 1 END,
        minute = CASE WHEN {table}.minute >= excluded.minute THEN {table}.minute ELSE excluded.minute END
    RETURNING minute, requests
"""


def _count_in_database(asker: str, minute: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT.format(table=RequestCount._meta.db_table), [asker, minute])
        return cursor.fetchall()[0]  # all: SQLite commits once there is nothing left to fetch


def _redis_name(asker: str, minute: int) -> str:
    return f"voicesite:requests:{asker}:{minute}"


def _count_in_redis(asker: str, minute: int, seconds: int) -> tuple[int, int]:
    """Count in Redis, which forgets it after some seconds. While it does not answer, nobody is refused: a limit is not worth an outage."""
    name = _redis_name(asker, minute)
    try:
        pipeline = _redis(settings.REDIS_URL).pipeline(transaction=True)
        pipeline.incr(name)
        pipeline.expire(name, seconds)
        made, _ = pipeline.execute()
    except redis.RedisError as error:
        logger.warning("Requests are not counted: Redis does not answer (%s)", error)
        return minute, 0
    return minute, made


@functools.cache
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=REDIS_PATIENCE, socket_connect_timeout=REDIS_PATIENCE)


def forget_old() -> None:
    """Delete the counts of minutes that are over."""
    RequestCount.objects.filter(minute__lt=_now()[0] - 1).delete()
