"""The figures of the cockpit in words and shapes."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from voicesite.limits.quotas import in_minutes
from voicesite.modelhost.weights import in_words
from voicesite.models import User
from voicesite.templatetags.display import duration
from voicesite.web.plots import Bar, Bars, Plot, Shape, columns, line
from voicesite.wording import decimal, thousands

from .figures import Figures

REASONS = {
    "disk": gettext_lazy("The disk was full"),
    "memory": gettext_lazy("Too little memory"),
    "hung": gettext_lazy("The engine stopped responding"),
    "crashed": gettext_lazy("The engine crashed"),
    "model missing": gettext_lazy("The model couldn’t be downloaded"),
    "interrupted": gettext_lazy("It was interrupted"),
    "spoken badly": gettext_lazy("It couldn’t be spoken well"),
    "bug": gettext_lazy("An error of the site, which is logged"),
    "other": gettext_lazy("Other reasons"),
}


def plots(figures: Figures) -> list[Plot]:
    """Return the plots by day."""
    return [_texts(figures), _waits(figures)]


def bars(figures: Figures, staff: User) -> list[Bars]:
    """Return the tables with bars."""
    return [_factors(figures), _reasons(figures), _disk(figures), _people(figures, staff)]


def _texts(figures: Figures) -> Plot:
    done, failed = sum(figures.completed), sum(figures.failed)
    highest, lowest = max(figures.completed, default=0), max(figures.failed, default=0)
    scale = 96 / max(highest + lowest, 1)
    zero = 100 - lowest * scale - (2 if lowest else 0)
    summary = ngettext("%(done)s text spoken", "%(done)s texts spoken", done) % {"done": thousands(done)}
    if failed:
        summary += ", " + _("%(failed)s failed") % {"failed": thousands(failed)}
    return Plot(
        _("Texts a day"),
        f"{summary}.",
        [
            Shape("up", _("spoken"), columns(figures.completed, scale, zero)),
            Shape("down", _("failed (below the line)"), columns(figures.failed, scale, zero, down=True)),
        ],
        [_("Day"), _("spoken"), _("failed")],
        [
            (_day(day), thousands(done), thousands(failed))
            for day, done, failed in zip(figures.days, figures.completed, figures.failed, strict=True)
        ],
        thousands(highest),
        thousands(lowest) if lowest else "0",
        zero,
    )


def _waits(figures: Figures) -> Plot:
    known = [wait for wait in figures.waits if wait]
    longest = max((wait.late for wait in known), default=0.0)
    scale = 96 / max(longest, 0.1)
    summary = _("Nothing was spoken in these days.")
    if known:
        summary = _(
            "From asking to the beginning of the work. At worst, 1 in 20 texts of a day waited over %(late)s."
        ) % {"late": duration(longest)}
    return Plot(
        _("Waiting"),
        summary,
        [
            Shape("up-line", _("median"), line([wait and wait.median for wait in figures.waits], scale)),
            Shape("late-line", _("95th percentile"), line([wait and wait.late for wait in figures.waits], scale)),
        ],
        [_("Day"), _("median"), _("95th percentile")],
        [
            (_day(day), *((duration(wait.median), duration(wait.late)) if wait else ("–", "–")))
            for day, wait in zip(figures.days, figures.waits, strict=True)
        ],
        duration(longest),
    )


def _factors(figures: Figures) -> Bars:
    return Bars(
        _("Real-time factor"),
        _("Seconds of compute per second of audio: below 1 is faster than real time.")
        if figures.factors
        else _("Nothing was spoken in these days."),
        [_("Model"), _("Real-time factor")],
        _scaled(
            [
                Bar(one.model, decimal(one.factor, 2), one.factor, kind="up" if one.factor <= 1 else "late")
                for one in figures.factors
            ]
        ),
    )


def _reasons(figures: Figures) -> Bars:
    failed = reverse("admin:synthesis_generation_changelist") + "?state__exact=failed"
    return Bars(
        _("Failures"),
        "" if figures.reasons else _("Nothing failed in these days."),
        [_("Reason"), _("Texts")],
        _scaled([Bar(str(REASONS[why]), thousands(n), n, failed, "down") for why, n in figures.reasons]),
    )


def _disk(figures: Figures) -> Bars:
    kinds = [
        (_("Uploads"), figures.uploads),
        (_("Speech"), figures.speech),
        (_("Other formats"), figures.renditions),
        (_("Models"), figures.models),
    ]
    words = _("%(free)s of %(total)s are free on the disk.") % {
        "free": in_words(figures.free),
        "total": in_words(figures.total),
    }
    if settings.BUCKET:
        words += " " + _("Uploads and speech are in the bucket.")
    return Bars(
        _("Storage"), words, [_("Kind"), _("Size")], _scaled([Bar(name, in_words(size), size) for name, size in kinds])
    )


def _people(figures: Figures, staff: User) -> Bars:
    words = _("Of %(people)s, %(week)s had something spoken in the last 7 days, %(month)s in 30.") % {
        "people": ngettext("%(n)s person", "%(n)s people", figures.people) % {"n": thousands(figures.people)},
        "week": thousands(figures.active_in_week),
        "month": thousands(figures.active_in_month),
    }
    if figures.most:
        words += " " + _("Most this month:")
    may_see = staff.has_perm("voicesite.view_user")
    return Bars(
        _("People"),
        words,
        [_("Person"), _("Speech this month")],
        _scaled(
            [
                Bar(
                    one.name,
                    in_minutes(one.seconds),
                    one.seconds,
                    reverse("admin:voicesite_user_change", args=[one.pk]) if may_see else "",
                )
                for one in figures.most
            ]
        ),
    )


def _scaled(bars: Sequence[Bar]) -> list[Bar]:
    """Return bars whose values have become lengths."""
    longest = max((bar.length for bar in bars), default=0) or 1
    return [Bar(bar.name, bar.words, 100 * bar.length / longest, bar.address, bar.kind) for bar in bars]


def _day(day: date) -> str:
    return date_format(day, "j M")
