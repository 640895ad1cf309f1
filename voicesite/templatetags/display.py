"""Filters that format waveforms, durations and percentages."""

from django import template
from django.utils import timezone

from voicesite.jobs.job import Job

register = template.Library()


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
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


@register.filter
def roughly(seconds: float) -> str:
    """Format an estimate in words, as precisely as one is: 5 seconds, 40 seconds, 12 minutes, 1 hour 20 minutes."""
    if seconds < 90:
        step = 1 if seconds < 10 else 5 if seconds < 30 else 10
        return _counted(max(round(seconds / step) * step, 1), "second")
    minutes = round(seconds / 60)
    minutes = minutes if minutes < 20 else 5 * round(seconds / 300) if minutes < 60 else 10 * round(seconds / 600)
    hours, rest = divmod(minutes, 60)
    if hours >= 10:
        return _counted(round(seconds / 3600), "hour")
    return " ".join(_counted(number, unit) for number, unit in ((hours, "hour"), (rest, "minute")) if number)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
