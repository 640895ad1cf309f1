"""Filters that format waveforms, durations, moments and percentages."""

import re

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join, json_script
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voicesite import wording
from voicesite.jobs.job import Job
from voicesite.web import moments

register = template.Library()

register.filter("when", moments.when)
register.filter("day", moments.day)
register.filter("day_heading", moments.day_heading)
register.filter("local_date", timezone.localdate)


@register.simple_tag(takes_context=True)
def marked(context: template.Context, text: str) -> str:
    """Return a text as HTML in which the words that a page looked for, its `q`, are marked, whatever their case."""
    words = context.get("q")
    if not words:
        return conditional_escape(text)
    parts = re.split(f"({re.escape(words)})", text, flags=re.IGNORECASE)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if n % 2 else part,) for n, part in enumerate(parts))
    )


@register.simple_tag
def moments_in_words() -> str:
    """Return what static/times.js says moments by, as a block of JSON."""
    return json_script(moments.words(), "moments")


@register.filter
def wave(peaks: list[int]) -> str:
    """Return the waveform as an SVG path in a box of 2 × len(peaks) by 100, mirrored about its middle."""
    bars = (max(peak, 3) / 2 for peak in peaks)
    return "".join(f"M{2 * x + 1} {50 - bar:g}V{50 + bar:g}" for x, bar in enumerate(bars))


@register.filter
def wave_width(peaks: list[int]) -> int:
    return 2 * len(peaks)


@register.filter
def clock(seconds: float | None) -> str:
    """Format seconds as minutes and seconds: 75.2 as 1:15."""
    whole = round(seconds or 0)
    return f"{whole // 60}:{whole % 60:02}"


@register.filter
def elapsed(job: Job) -> str:
    """Return how long ago a job was requested or, once it has ended, how long it took from the request."""
    end = job.finished_at or timezone.now()
    return duration((end - job.created_at).total_seconds())


@register.filter
def duration(seconds: float | None) -> str:
    """Format seconds: 4.2 s, 48 s, 3 min 5 s."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{wording.decimal(seconds)} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


@register.filter
def roughly(seconds: float, brief: bool = False) -> str:
    """Format an estimate, as precisely as one is: 5 seconds, 40 seconds, 12 minutes, 1 hour 20 minutes; or 5 s, 1 h 20 min."""
    if seconds < 90:
        step = 1 if seconds < 10 else 5 if seconds < 30 else 10
        return _seconds(max(round(seconds / step) * step, 1), brief)
    minutes = round(seconds / 60)
    minutes = minutes if minutes < 20 else 5 * round(seconds / 300) if minutes < 60 else 10 * round(seconds / 600)
    hours, rest = divmod(minutes, 60)
    if hours >= 10:
        return _hours(round(seconds / 3600), brief)
    return " ".join(said(number, brief) for number, said in ((hours, _hours), (rest, _minutes)) if number)


def _seconds(number: int, brief: bool) -> str:
    return f"{number} s" if brief else ngettext("{number} second", "{number} seconds", number).format(number=number)


def _minutes(number: int, brief: bool) -> str:
    return f"{number} min" if brief else ngettext("{number} minute", "{number} minutes", number).format(number=number)


def _hours(number: int, brief: bool) -> str:
    return f"{number} h" if brief else ngettext("{number} hour", "{number} hours", number).format(number=number)


@register.filter
def about(seconds: float) -> str:
    """Format an estimate briefly: about 5 s, about 12 min, about 1 h 20 min."""
    return _("about {time}").format(time=roughly(seconds, brief=True))


@register.filter
def left(seconds: float | None) -> str:
    """Format the time that a job still takes: about 8 s left; nothing where it is not known."""
    return _("{time} left").format(time=about(seconds)) if seconds else ""


# Numbers for people. A bare {{ number }} has no separators in any language: it is for machines.
register.filter("thousands", wording.thousands)
register.filter("decimal", wording.decimal)
register.filter("percent", wording.percent)
register.filter("hundredths", lambda number: wording.percent(number / 100))
register.filter("translated", wording.translated)


BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}  # in this order
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac": "Mac",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Return what a browser says that it is, in words: Firefox on Linux."""
    name = next((name for sign, name in BROWSERS.items() if f"{sign}/" in user_agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    if name and system:
        return _("{browser} on {system}").format(browser=name, system=system)
    return name or system or user_agent[:60] or _("A program")
