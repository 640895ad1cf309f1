"""Test what pages say of links for others."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template

from voicesite.templatetags import links


@pytest.fixture
def shown(rf, settings, monkeypatch):
    """Return a function that renders a template for a visitor who calls the site by a name."""
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(links, "network_urls", lambda scheme: [f"{scheme}://192.168.1.5:8000"])
    monkeypatch.setattr(links, "command_for_network", lambda: "make run HTTPS=self")

    def shown(template: str, user=None, called="127.0.0.1:8000") -> str:
        request = rf.get("/", headers={"host": called})
        request.user = user or AnonymousUser()
        html = Template("{% load links %}" + template).render(Context({"request": request}))
        return re.sub(r"\s+", " ", html).strip()

    return shown


def test_staff_read_how_others_reach_the_site(shown, staff):
    said = shown("{% only_here 'These links open' %}", staff)
    assert "These links open only on this computer." in said and 'value="make run HTTPS=self"' in said
    assert "begin with <b>https://192.168.1.5:8000</b>" in said


def test_others_are_told_who_can_change_it_and_nothing_of_the_machine(shown, user):
    said = shown("{% only_here %}", user)
    assert "This link opens only on this computer." in said and "Whoever runs Voicesite here" in said
    assert "make run" not in said and "192.168" not in said


def test_a_site_that_listens_everywhere_is_told_its_address(shown, staff, settings):
    settings.HOST = "0.0.0.0"
    said = shown("{% only_here %}", staff, called="localhost:8080")
    assert "VOICESITE_URL" in said and "make run" not in said


def test_a_site_that_others_reach_says_nothing(shown, staff):
    assert shown("{% only_here %}", staff, called="192.168.1.5:8000") == ""


def test_what_is_copied_has_a_field_a_button_and_a_code_for_phones(shown):
    html = shown('{% copied "one" "https://a.example/join/x/" "the link for" "Bo" qr=True %}')
    assert 'id="one"' in html and 'value="https://a.example/join/x/"' in html
    assert 'aria-label="The link for Bo"' in html and 'data-copies="one"' in html
    assert 'role="img" aria-label="QR code of the link for Bo"' in html
    assert 'aria-label="The' not in shown('{% copied "one" "x" "the key" spoken=False %}')
    assert "<svg" not in shown('{% copied "one" "http://127.0.0.1:8000/join/x/" "the link" qr=True %}')


def test_a_code_is_black_on_white_without_inline_style():
    svg = links.qr_code("https://a.example/join/x/", "<b>")
    assert 'fill="#fff"' in svg and 'stroke="#000"' in svg and "style=" not in svg
    assert 'aria-label="&lt;b&gt;"' in svg
