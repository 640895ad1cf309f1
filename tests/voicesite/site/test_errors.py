"""What is refused before a view is asked: programs get the API's shape, people a page."""

import html
import re

import pytest
from allauth.core.ratelimit import respond_429
from django.core.exceptions import PermissionDenied
from django.test import Client

from voicesite.models import User
from voicesite.web.rejection import Rejected


def shape(response):
    error = response.json()["error"]
    assert error["message"]
    return response.status_code, set(error)


@pytest.mark.django_db
def test_an_unknown_host_is_told_in_the_shape_of_the_address(settings, user):
    settings.ALLOWED_HOSTS = ["voices.example.org"]
    client = Client(headers={"host": "evil.example"})
    assert shape(client.get("/api/voices")) == (400, {"code", "message"})
    assert shape(client.get("/v1/models")) == (400, {"message", "type", "param", "code"})
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 400 and "<h1>" in page.text


@pytest.mark.django_db
def test_a_forged_request_is_told_in_the_shape_that_is_wanted(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert shape(client.post("/api/openapi.json")) == (403, {"code", "message"})
    assert shape(client.post("/account/", headers={"accept": "application/json"})) == (403, {"code", "message"})
    page = client.post("/account/", headers={"accept": "text/html"})
    assert page.status_code == 403 and "what you sent was not taken" in page.text


def test_what_is_not_there_is_told_in_the_shape_that_is_wanted(page):
    assert shape(page.get("/nothing", headers={"accept": "application/json"})) == (404, {"code", "message"})
    assert "<h1>" in page.get("/nothing").text


def test_what_breaks_is_told_so_too(page, monkeypatch):
    def broken(*args):
        raise ZeroDivisionError

    monkeypatch.setattr("voicesite.people.views.account_page", broken)
    page.raise_request_exception = False
    assert shape(page.get("/account/", headers={"accept": "application/json"})) == (500, {"code", "message"})
    assert "<h1>" in page.get("/account/").text


# What went wrong while /account/ was asked for, from another page: the status, what is said of one's work, and the one thing to
# press, with where it leads.
FORM = "/voices/new/?from=list"
WRONG = {
    "forbidden": (PermissionDenied(), 403, "nothing was changed", "Go to the studio", "/"),
    "broken": (ZeroDivisionError(), 500, "What you had is safe", "Try again", FORM),
    "read_only": (Rejected("read_only"), 503, "What is here is safe", "Try again", FORM),
    "files": (Rejected("files_unreachable"), 503, "What is here is safe", "Try again", FORM),
    "database": (Rejected("database_unreachable"), 503, "What is here is safe", "Try again", FORM),
    "disk": (Rejected("disk_full"), 507, "What is here is safe", "Try again", FORM),
}


def told(response) -> tuple[str, list[tuple[str, str]]]:
    """What a page says went wrong, and what can be pressed there: where each leads, and its words."""
    (shown,) = re.findall(r"<main.*?</main>", response.text, re.DOTALL)
    links = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>\s*(.*?)\s*</a', shown, re.DOTALL)
    assert "<button" not in shown
    return html.unescape(" ".join(shown.split())), links


def send(page, **headers):
    return page.post("/account/", headers={"accept": "text/html", "referer": f"http://testserver{FORM}"} | headers)


@pytest.mark.parametrize("name", WRONG)
def test_a_page_says_what_went_wrong_what_became_of_it_and_one_thing_to_do(page, monkeypatch, name):
    error, status, words, button, leads = WRONG[name]

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("voicesite.people.views.account_page", fail)
    page.raise_request_exception = False
    answer = send(page)
    said, links = told(answer)
    assert answer.status_code == status and words in said and links == [(leads, button)]
    if button == "Try again":
        assert told(page.get("/account/?a=b", headers={"accept": "text/html"}))[1] == [("/account/?a=b", button)]
        elsewhere = send(page, referer="https://evil.example/x")
        assert told(elsewhere)[1] == [("/", button)], "nobody is led away from here"


def test_what_is_refused_before_a_view_says_so_too(page, user, settings, monkeypatch):
    missing = page.get("/nothing", headers={"accept": "text/html"})
    assert "was deleted" in told(missing)[0] and told(missing)[1] == [("/", "Go to the studio")]
    no_page = page.get("/undo/texts/1", headers={"accept": "text/html", "referer": f"http://testserver{FORM}"})
    assert no_page.status_code == 405 and no_page["Allow"] == "POST"
    assert "nothing was changed" in told(no_page)[0] and told(no_page)[1] == [(FORM, "Back")]
    monkeypatch.setattr("voicesite.people.views.account_page", lambda request, **kwargs: respond_429(request))
    often = send(page)
    assert (
        often.status_code == 429 and told(often)[1] == [("/account/", "Try again")] and "Nothing is lost" in often.text
    )
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    large = page.post("/", {"text": "x" * 200}, headers={"accept": "text/html", "referer": "http://testserver/"})
    assert large.status_code == 413 and told(large)[1] == [("/", "Back to the text")]
    assert "Your text is still where you wrote it" in told(large)[0]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    expired = send(strict)
    assert "copy it, then open the page anew" in told(expired)[0] and told(expired)[1] == [(FORM, "Open the page anew")]
    settings.ALLOWED_HOSTS = ["voices.example.org"]
    unread = page.get("/", headers={"accept": "text/html"})
    assert "nothing was changed" in told(unread)[0] and told(unread)[1] == [("/", "Back")]


def test_who_was_signed_out_while_writing_comes_back_to_the_form(client, user):
    """Not to the address of its button, which is no page."""
    answer = client.post("/account/", headers={"accept": "text/html", "referer": f"http://testserver{FORM}"})
    assert answer.status_code == 302 and answer.url == "/account/login/?next=/voices/new/%3Ffrom%3Dlist"
    assert "You were signed out, so that was not done." in client.get(answer.url).text
    assert User.objects.count() == 1
