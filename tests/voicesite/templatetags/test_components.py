import html
from datetime import timedelta

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone

from synthesis.models import Generation
from voicesite.jobs.job import State

ROW = "5b7f9d0a-2a43-4f7f-9d26-0a4b8f0c1d2e"


def rendered(source: str, **context) -> str:
    return Template("{% load components %}" + source).render(Context(context))


class Wishes(forms.Form):
    name = forms.CharField(help_text="As it is <em>written</em>.")
    note = forms.CharField(required=False, label="A note")


@pytest.mark.parametrize("here, shown", [("studio", '<a aria-current="page">'), ("list", "<a >"), (None, "<a >")])
def test_an_attribute_depends_on_a_condition(here, shown):
    assert rendered('<a {% attr aria-current="page" if here == "studio" %}>', here=here) == shown


def test_an_attribute_has_any_value():
    assert rendered("{% attr title=name|upper if name %}", name='"ada"') == 'title="&quot;ADA&quot;"'


def test_conditions_are_those_of_if():
    source = '{% attr disabled if a and not b or c in "xyz" %}'
    assert rendered(source, a=True, b=False) == "disabled"
    assert rendered(source, a=True, b=True, c="y") == "disabled"
    assert rendered(source, a=False, b=True, c="a") == ""


@pytest.mark.parametrize("source", ["{% attr %}", "{% attr disabled %}", "{% attr disabled if %}", "{% attr if a %}"])
def test_an_attribute_wants_a_name_and_a_condition(source):
    with pytest.raises(TemplateSyntaxError):
        rendered(source)


def test_a_part_polls_while_something_goes_on():
    source = "{% poll 'synthesis:progress' row going=going %}"
    polling = f'hx-get="/generations/{ROW}/progress" hx-trigger="every 1s" hx-swap="outerHTML"'
    assert rendered(source, row=ROW, going=True) == polling
    assert rendered(source, row=ROW, going=False) == ""
    assert 'hx-trigger="every 2s"' in rendered("{% poll 'synthesis:progress' row seconds=2 %}", row=ROW)


def test_a_list_polls_for_the_rows_that_it_watches():
    polling = 'hx-get="/generations/live" hx-include="[name=watched]" hx-trigger="every 1s" hx-swap="none"'
    assert rendered("{% poll 'synthesis:live' rows=True %}") == polling


def test_a_field_is_what_django_would_render_around_a_control():
    form = Wishes({"name": ""})
    for name in ("name", "note"):
        by_hand = rendered("{% field field %}{{ field }}{% endfield %}", field=form[name])
        assert by_hand.split() == form[name].as_field_group().split()
    shown = rendered("{% field field alert=True %}<input>{% endfield %}", field=form["name"])
    assert '<label for="id_name">' in shown and "<input>" in shown and "<em>written</em>" in shown
    assert 'class="field has-error"' in shown and 'id="id_name_error" role="alert"' in shown


def test_a_field_can_have_a_label_of_its_own():
    note = Wishes()["note"]
    assert "A note" in (plain := rendered("{% field note %}-{% endfield %}", note=note)) and "optional" in plain
    source = "{% field note label=label optional=False %}-{% endfield %}"
    other = rendered(source, note=note, label="To <you>")
    assert "To &lt;you&gt;" in other and "A note" not in other and "optional" not in other


@pytest.mark.parametrize(
    "facts, stage",
    [
        ({}, "Waiting for paint"),
        ({"stage": "Tried again"}, "Tried again"),
        ({"state": State.GENERATING}, "Painting"),
        ({"state": State.GENERATING, "stage": "Sentence 1 & 2"}, "Sentence 1 & 2"),
        ({"state": State.GENERATING, "stage": "Sentence 1", "cancel_requested": True}, "Stopping"),
        (
            {"state": State.GENERATING, "lease_expires_at": timezone.now() - timedelta(hours=1)},
            "Interrupted; continues in a moment",
        ),
    ],
)
def test_progress_says_the_stage_of_a_job(facts, stage):
    job = Generation(progress=40, **facts)
    source = '{% progress job "Painting" what waiting="Waiting for paint" working="Painting" stopping="Stopping" %}'
    shown = rendered(source, job=job, what="<Ada>")
    assert f'<p class="stage" data-announce="{html.escape(stage)}">{html.escape(stage)}</p>' in shown
    assert f'id="generation-bar-{job.pk}"' in shown and 'aria-label="Painting &lt;Ada&gt;"' in shown


@pytest.mark.parametrize("state", [State.PENDING, State.GENERATING, State.PROCESSING])
def test_progress_at_work_is_announced_in_other_words(state):
    job = Generation(state=state, stage="Part 3 of 12")
    shown = rendered('{% progress job announce="Begun" %}', job=job)
    assert ('data-announce="Begun">Part 3 of 12<' in shown) == (state != State.PENDING)


def test_a_form_posts_by_htmx_where_that_runs():
    where = f"/generations/{ROW}/cancel"
    posting = f'method="post" action="{where}" hx-post="{where}" hx-'
    assert rendered("{% post 'synthesis:cancel' row %}", row=ROW) == posting + 'swap="none"'
    target = rendered("{% post 'synthesis:cancel' row target='#progress' %}", row=ROW)
    assert target == posting + 'target="#progress" hx-swap="outerHTML"'


def test_a_player_has_the_waveform_of_what_it_plays():
    shown = rendered("{% player take '/a.wav' 'take' 2 %}", take=Generation(peaks=[100, 0], seconds=75.2))
    assert 'src="/a.wav" aria-label="take 2"' in shown and "0 0 4 100" in shown and "1:15" in shown


def test_an_icon_is_drawn_in_the_page():
    shown = rendered('{% icon "play" %}')
    assert shown.startswith("<svg") and shown.count("<path") == 2 and 'aria-hidden="true"' in shown
