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

from voicesite.jobs.job import Job

register = template.Library()


class Playable(Protocol):
    peaks: list[int]
    seconds: float


# SVG paths in a box of 24 by 24, each with its class: site.css shows one of the two.
ICON_PATHS = {"play": [("icon-play", "M8 5.2v13.6L19 12z"), ("icon-pause", "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z")]}


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
    job: Job, *label: object, waiting: str = "Waiting", working: str = "", stopping: str = "Cancelling"
) -> dict[str, object]:
    """Show the stage of an active job in words, which screen readers announce, and a bar that `label` names.

    `waiting` and `working` replace the missing stage of a pending or running job, `stopping` that of a cancelled one.
    """
    if job.cancel_requested:
        stage = stopping
    elif job.is_interrupted:
        stage = "Interrupted; it goes on in a moment"
    else:
        stage = job.stage or (working if job.is_running and working else waiting)
    return {"job": job, "kind": job._meta.model_name, "label": " ".join(map(str, label)), "stage": stage}


@register.inclusion_tag("_player.html")
def player(
    sound: Playable, src: str, *label: object, id: str = "", timeline: str = "", preserve: bool = False
) -> dict[str, object]:
    """Show a player of the file at `src`, with the waveform of the generation or clip it belongs to.

    With an `id`, what is heard goes on when the player is replaced by one of the same id. Without `src`, it plays what there
    is of a sound that is being made: see static/live-sound.js for its `timeline`. `preserve`: replaced by no poll.
    """
    context = {
        "src": src,
        "peaks": sound.peaks,
        "seconds": sound.seconds,
        "label": " ".join(map(str, filter(None, label))),
    }
    return context | {"id": id, "timeline": timeline, "preserve": preserve}


@register.simple_tag
def icon(name: str) -> str:
    """Return an icon as inline SVG, which the style sheet can colour."""
    paths = format_html_join("", '<path class="{}" d="{}"/>', ICON_PATHS[name])
    return format_html('<svg viewBox="0 0 24 24" aria-hidden="true">{}</svg>', paths)
