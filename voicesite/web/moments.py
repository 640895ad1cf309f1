"""Moments as people read them: in their language, and the time zone that their browser tells by a cookie (static/times.js)."""

import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from babel.dates import get_month_names
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from voicesite.wording import locale

COOKIE_NAME = "timezone"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_LATEST = 2**53  # microseconds: in the year 2255, which every database and every time zone takes


class TimeZoneMiddleware:
    """Activate the time zone of the browser; without one, or with one that nobody knows, that of the site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE_NAME, "")
        with timezone.override(zoneinfo.ZoneInfo(name) if name in _zones() else None):
            return self.get_response(request)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())  # which looks through a thousand files


def when(moment: datetime | None) -> str:
    """Return a moment as a <time> element: “2 min ago” within the day, then “25 Nov, 16:45”. Nothing for None."""
    return _element("when", moment, _ago(moment) or _date_and_time(moment)) if moment else ""


def day(moment: datetime | None) -> str:
    """Return the day of a moment as a <time> element: “25 Nov 2026”. Nothing for None."""
    return _element("day", moment, _day(moment)) if moment else ""


def written(moment: datetime) -> str:
    """Return the whole of a moment, for a mail: “25 Nov 2026, 16:45 CET”."""
    return f"{_with_clock(_day(moment), moment)} {timezone.localtime(moment):%Z}"


def words() -> dict[str, object]:
    """Return how moments are said in the reader's language, with places for what changes: for static/times.js too."""
    return {
        "now": _("just now"),
        "minutes": _("{number} min ago"),
        "hours": _("{number} h ago"),
        "date": _("{day} {month}"),
        "date_with_year": _("{day} {month} {year}"),
        "moment": _("{date}, {time}"),
        "months": list(get_month_names("abbreviated", locale=locale()).values()),
    }


def to_microseconds(moment: datetime) -> int:
    """Return a moment as an address carries it: in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(number: int) -> datetime:
    """Return the moment that an address carries; the latest that a calendar has, for a larger number."""
    return _EPOCH + min(number, _LATEST) * _MICROSECOND


def day_heading(moment: datetime) -> str:
    """Return the day of a moment as a list is headed by it: “Today”, “Yesterday”, “Monday 24 November”."""
    local, today = timezone.localdate(moment), timezone.localdate()
    if local == today:
        return _("Today")
    if local == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(local, "l j F" if local.year == today.year else "l j F Y")


def _element(shown: str, moment: datetime, words: str) -> str:
    """Return the element; static/times.js finds it by `data-shown`, and keeps it true while the page is open."""
    html = '<time datetime="{}" data-shown="{}" title="{}">{}</time>'
    return format_html(html, moment.isoformat(timespec="seconds"), shown, _with_clock(_day(moment), moment), words)


def _ago(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    if not 0 <= seconds < 24 * 3600:
        return ""
    minutes = int(seconds // 60)
    if not minutes:
        return _("just now")
    if minutes < 60:
        return _("{number} min ago").format(number=minutes)
    return _("{number} h ago").format(number=minutes // 60)


def _date_and_time(moment: datetime) -> str:
    is_this_year = timezone.localtime(moment).year == timezone.localtime().year
    return _with_clock(_day(moment, with_year=not is_this_year), moment)


def _day(moment: datetime, *, with_year: bool = True) -> str:
    local = timezone.localtime(moment)
    month = get_month_names("abbreviated", locale=locale())[local.month]
    words = _("{day} {month} {year}") if with_year else _("{day} {month}")
    return words.format(day=local.day, month=month, year=local.year)


def _with_clock(date: str, moment: datetime) -> str:
    return _("{date}, {time}").format(date=date, time=f"{timezone.localtime(moment):%H:%M}")
