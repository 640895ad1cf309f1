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
def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
