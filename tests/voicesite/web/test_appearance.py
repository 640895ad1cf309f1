"""Light or dark: a browser's choice, which each page of it comes in."""

import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user")]
ROOT = re.compile(r'<html lang="en" dir="ltr"\s*(?:data-theme="(\w+)")?\s*>')


def shown(response) -> str | None:
    return ROOT.search(response.content.decode())[1]


@pytest.mark.parametrize("path", ["/account/login/", "/licences/"])
def test_a_page_comes_in_the_theme_that_was_chosen(client, path):
    assert shown(client.get(path)) is None
    response = client.post("/appearance/", {"theme": "dark", "next": path})
    assert (response.status_code, response["Location"]) == (302, path)
    assert shown(client.get(path)) == "dark"
    client.post("/appearance/", {"theme": "light", "next": path})
    assert shown(client.get(path)) == "light"
    client.post("/appearance/", {"theme": "", "next": path})
    assert shown(client.get(path)) is None


def test_a_script_needs_no_page(client):
    response = client.post("/appearance/", {"theme": "dark"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (204, b"")
    assert client.cookies["voicesite_theme"].value == "dark"


def test_a_theme_that_does_not_exist_is_refused(client):
    response = client.post("/appearance/", {"theme": "pink"})
    assert response.status_code == 400 and "voicesite_theme" not in client.cookies


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client, there):
    assert client.post("/appearance/", {"theme": "dark", "next": there})["Location"] == "/"


def test_a_cookie_of_nonsense_is_no_theme(client):
    client.cookies["voicesite_theme"] = '"><script>'
    assert shown(client.get("/account/login/")) is None


def test_reading_changes_nothing(client):
    assert client.get("/appearance/").status_code == 405
