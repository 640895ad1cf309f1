"""Tags for components of pages: conditional attributes, polling, form fields, progress bars, players and icons."""

from typing import Protocol

from django import template
from django.forms import BoundField
from django.template.base import Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import IfNode, TemplateIfParser
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from voicesite.jobs.job import Job, State

register = template.Library()


class Playable(Protocol):
    peaks: list[int]
    seconds: float


# SVG paths in a box of 24 by 24, each with its class: site.css shows one of the two of "play".
ICON_PATHS = {
    "play": [("icon-play", "M8 5.2v13.6L19 12z"), ("icon-pause", "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z")],
    "star": [("icon-star", "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1.1 5.9L12 16.9l-5.3 2.8 1.1-5.9L3.5 9.7l5.9-.8z")],
    "share": [("icon-share", "M12 2.6l5 5-1.4 1.4L13 6.4V15h-2V6.4L8.4 9 7 7.6zM5 11h3v2H7v6.5h10V13h-1v-2h3v10.5H5z")],
    "remove": [("", "M6.4 5L12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z")],
    "queue": [("", "M3 5h18v2H3zM3 11h11v2H3zM3 17h11v2H3zM16 11l5 4-5 4z")],
    "lines": [("", "M4 5h16v2H4zM4 11h16v2H4zM4 17h9v2H4z")],
    "previous": [("", "M6 6h2.2v12H6zM9.5 12L18 6v12z")],
    "next": [("", "M15.8 6H18v12h-2.2zM6 6l8.5 6L6 18z")],
    "download": [("", "M11 4h2v8.2l3-3 1.4 1.4-5.4 5.4-5.4-5.4L8 9.2l3 3zM5 18h14v2H5z")],
    "up": [("", "M12 8.5l6.5 6.5-1.4 1.4-5.1-5.1-5.1 5.1L5.5 15z")],
    "ai": [("", "M11 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2zM19 14l1 3 3 1-3 1-1 3-1-3-3-1 3-1z")],
}


@register.tag
def attr(parser: template.base.Parser, token: template.base.Token) -> IfNode:
    """Write an attribute if a condition, as of `{% if %}`, holds.

    {% attr disabled if job.cancel_requested %}, {% attr aria-current="page" if here == "studio" %}
    """
    _, *words = token.split_contents()
    if words[1:2] != ["if"] or len(words) < 3:
        raise template.TemplateSyntaxError("Write {% attr name if condition %} or {% attr name=value if condition %}.")
    name, equals, value = words[0].partition("=")
    written: list[Node] = [TextNode(name)]
    if equals:
        written = [TextNode(f'{name}="'), VariableNode(parser.compile_filter(value)), TextNode('"')]
    return IfNode([(TemplateIfParser(parser, words[2:]).parse(), NodeList(written))])


@register.simple_tag
def poll(view: str, *args, going: bool = True, seconds: int = 1, rows: bool = False, also: str = "") -> str:
    """Return the attributes that make htmx poll `view`, while work is `going` on.

    The response replaces the element or, with `rows`, those rows of a list whose keys are in fields named `watched`, by
    out-of-band swaps. The view responds by `voicesite.web.polling`. `also` names an event of the page that makes htmx ask
    too, even while nothing goes on.
    """
    events = ([f"every {seconds}s"] if going else []) + ([f"{also} from:body"] if also else [])
    if not events:
        return ""
    include, swap = (SafeString(' hx-include="[name=watched]"'), "none") if rows else ("", "outerHTML")
    html = 'hx-get="{}"{} hx-trigger="{}" hx-swap="{}"'
    return format_html(html, reverse(view, args=args), include, ", ".join(events), swap)


@register.simple_tag
def follow() -> str:
    """Return the attributes of a form of filters, which the list `found` follows by htmx: see voicesite.web.filtering."""
    # Not on a change, which a search field tells once more when it is left: what was selected meanwhile would be gone.
    trigger = "input delay:300ms, submit"
    html = 'hx-get="" hx-target="#found" hx-swap="outerHTML" hx-sync="this:replace" hx-trigger="{}"'
    return format_html(html, trigger)


@register.simple_tag
def post(view: str, *args, target: str = "") -> str:
    """Return the attributes of a form that posts to `view`, by htmx where that runs.

    The response then replaces `target` or, without one, is swapped in out of band.
    """
    place = format_html('hx-target="{}" hx-swap="outerHTML"', target) if target else SafeString('hx-swap="none"')
    return format_html('method="post" action="{0}" hx-post="{0}" {1}', reverse(view, args=args), place)


@register.simple_block_tag
def field(content: str, field: BoundField, label: str = "", optional: bool = True, alert: bool = False) -> str:
    """Put the label, help text and errors of a form's field around a control that the template writes itself.

    `{{ form.name.as_field_group }}` uses the same template for Django's own controls. `label` replaces the field's own;
    `optional=False` drops the mark of an optional field; with `alert`, screen readers announce the errors.
    """
    context = {"field": field, "control": content, "label": label, "unmarked": not optional, "alert": alert}
    return render_to_string("django/forms/field.html", context)


@register.inclusion_tag("_progress.html")
def progress(
    job: Job,
    *label: object,
    waiting: str = "",
    working: str = "",
    stopping: str = "",
    starts: str = "",
    left: str = "",
    announce: str = "",
) -> dict[str, object]:
    """Show the stage of an active job in words, which screen readers announce, and a bar that `label` names.

    `waiting` and `working` replace the missing stage of a pending or running job, `stopping` that of a cancelled one.
    `starts` tells when a pending job begins, and `left` how long a running one takes, where that is known. While the job is
    at work, screen readers announce `announce` instead, once.
    """
    waiting = waiting or _("Waiting")
    if job.cancel_requested:
        stage = stopping or _("Cancelling")
    elif job.is_interrupted:
        stage = _("Interrupted; continues in a moment")
    else:
        stage = job.shown_stage or (job.is_running and working) or waiting
    works = job.state in (State.GENERATING, State.PROCESSING) and not job.cancel_requested and not job.is_interrupted
    words = {
        "label": _in_a_row(label),
        "stage": stage,
        "starts": starts if stage == waiting else "",
        "left": left,
        "announce": (works and announce) or stage,
    }
    return {"job": job, "kind": job._meta.model_name, **words}


@register.inclusion_tag("_player.html")
def player(
    sound: Playable,
    src: str,
    *label: object,
    id: str = "",
    timeline: str = "",
    preserve: bool = False,
    title: str = "",
    page: str = "",
    voice: str = "",
) -> dict[str, object]:
    """Show a player of the file at `src`, with the waveform of the generation or clip it belongs to.

    With an `id`, what is heard goes on when the player is replaced by one of the same id. Without `src`, it plays what there
    is of a sound that is being made: see static/live-sound.js for its `timeline`. `preserve`: replaced by no poll.
    With a `title`, it goes on in the player of the whole site, which names its `voice` and leads to its `page`.
    """
    context = {
        "src": src,
        "peaks": sound.peaks,
        "seconds": sound.seconds,
        "label": _in_a_row(label),
    }
    context |= {"title": title, "page": page, "voice": voice}
    return context | {"id": id, "timeline": timeline, "preserve": preserve}


def _in_a_row(words: tuple[object, ...]) -> SafeString:
    return format_html_join(" ", "{}", ((word,) for word in words if word))


@register.simple_tag
def icon(name: str) -> str:
    """Return an icon as inline SVG, which the style sheet can colour."""
    paths = format_html_join("", '<path class="{}" d="{}"/>', ICON_PATHS[name])
    return format_html('<svg viewBox="0 0 24 24" aria-hidden="true">{}</svg>', paths)
