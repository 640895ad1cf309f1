"""Moments, said in the reader's own time zone: on pages, in the administration, and with names that nobody knows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Generation
from tests.factories import GenerationFactory
from voicesite.web import moments

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "just now"),
        (NOW - timedelta(seconds=59), "just now"),
        (NOW - timedelta(minutes=2, seconds=50), "2 min ago"),
        (NOW - timedelta(minutes=59), "59 min ago"),
        (NOW - timedelta(hours=5, minutes=59), "5 h ago"),
        (NOW - timedelta(days=1), "25 Nov, 00:30"),
        (datetime(2026, 1, 1, 3, 5, tzinfo=UTC), "1 Jan, 04:05"),
        (datetime(2025, 12, 31, 23, 5, tzinfo=UTC), "1 Jan, 00:05"),
        (datetime(2025, 12, 31, 22, 5, tzinfo=UTC), "31 Dec 2025, 23:05"),
        (NOW + timedelta(days=14), "10 Dec, 00:30"),
        (None, ""),
    ],
)
def test_a_moment_is_near_or_has_a_date(moment, words):
    with timezone.override("Europe/Madrid"):
        shown = moments.when(moment)
    assert (f">{words}</time>" in shown) if words else shown == ""


def test_a_moment_carries_what_a_script_needs_to_say_it_again():
    shown = moments.when(NOW - timedelta(days=2))
    assert 'datetime="2026-11-23T23:30:00+00:00"' in shown and 'title="23 Nov 2026, 23:30"' in shown
    with timezone.override("Pacific/Auckland"):
        assert moments.day(NOW) == (
            '<time datetime="2026-11-25T23:30:00+00:00" data-shown="day" title="26 Nov 2026, 12:30">26 Nov 2026</time>'
        )


@pytest.fixture
def two_days_old(user):
    made = GenerationFactory(owner=user, completed=True)
    Generation.objects.update(created_at=NOW - timedelta(days=2))
    return made


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Madrid", "24 Nov, 00:30"),
        ("Asia/Calcutta", "24 Nov, 05:00"),  # the name that browsers give India's
        ("America/Los_Angeles", "23 Nov, 15:30"),
        ("Nowhere/Atlantis", "23 Nov, 23:30"),
        ("../../../etc/passwd", "23 Nov, 23:30"),
        ("\x00é", "23 Nov, 23:30"),
        ("", "23 Nov, 23:30"),
    ],
)
def test_pages_are_in_the_time_zone_of_the_browser(page, two_days_old, zone, words):
    page.cookies[moments.COOKIE_NAME] = zone
    for where in (reverse("synthesis:list"), reverse("synthesis:detail", args=[two_days_old.pk])):
        assert f">{words}</time>" in page.get(where).text
    assert timezone.get_current_timezone_name() == "UTC", "the next request of this thread is another person's"


def test_the_administration_too(client, staff, two_days_old):
    client.force_login(staff)
    client.cookies[moments.COOKIE_NAME] = "Europe/Madrid"
    people = client.get("/admin/voicesite/user/").text
    assert ">just now</time>" in people and ">24 Nov, 00:30</time>" in client.get("/admin/synthesis/generation/").text
    assert "24 Nov 2026, 00:30" in client.get(f"/admin/synthesis/generation/{two_days_old.pk}/change/").text
    assert client.get("/admin/synthesis/generation/?o=11").status_code == 200, "and can be sorted"


def test_no_template_formats_moments_by_itself():
    templates = Path(__file__).resolve().parents[3] / "templates"
    assert not [file for file in templates.rglob("*.*") if "|date:" in file.read_text()]
