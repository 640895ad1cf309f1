"""Test what links for others begin with."""

import re

import pytest
from django.core import mail

from tests.factories import UserFactory
from voicesite.address import links
from voicesite.models import Invitation


@pytest.fixture
def at_home(monkeypatch):
    """This machine has one address on a network."""
    monkeypatch.setattr(links, "lan_addresses", lambda: ["192.168.1.5"])


def url(rf, called: str, scheme="http") -> str:
    return links.absolute_url(rf.get("/", headers={"host": called}, secure=scheme == "https"), "/join/x/")


@pytest.fixture(autouse=True)
def port(settings):
    settings.PORT, settings.ALLOWED_HOSTS = 8000, ["*"]


def test_a_link_begins_with_what_the_visitor_called_the_site(rf, at_home):
    assert url(rf, "voices.example.org") == "http://voices.example.org/join/x/"
    assert url(rf, "voices.example.org", "https") == "https://voices.example.org/join/x/"
    assert url(rf, "192.168.1.5:8000") == "http://192.168.1.5:8000/join/x/"
    assert url(rf, "127.0.0.1:8000") == "http://127.0.0.1:8000/join/x/", "it listens nowhere else"


@pytest.mark.parametrize("called", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_where_it_listens_everywhere_a_link_begins_with_the_address_on_the_network(rf, settings, at_home, called):
    settings.HOST = "0.0.0.0"
    assert url(rf, called) == "http://192.168.1.5:8000/join/x/"
    assert url(rf, called, "https") == "https://192.168.1.5:8000/join/x/"


@pytest.mark.parametrize("called", ["localhost:8080", "localhost", "localhost:99999"])
def test_a_port_that_is_forwarded_is_kept(rf, settings, at_home, called):
    settings.HOST = "0.0.0.0"
    assert url(rf, called) == f"http://{called}/join/x/"


def test_without_a_network_a_link_begins_with_what_the_visitor_called_the_site(rf, settings, monkeypatch):
    settings.HOST = "0.0.0.0"
    monkeypatch.setattr(links, "lan_addresses", list)
    assert url(rf, "localhost:8000") == "http://localhost:8000/join/x/"


def test_the_address_that_is_set_is_that_of_every_link(client, rf, settings, staff):
    settings.SITE_URL, settings.HOST = "https://voices.example.org", "0.0.0.0"
    assert url(rf, "127.0.0.1:8000") == "https://voices.example.org/join/x/"
    client.force_login(staff)
    invitation = Invitation.objects.create(created_by=staff)
    assert f"https://voices.example.org/join/{invitation.token}/" in client.get("/account/").text
    UserFactory(username="bo", email="bo@example.org")
    client.post("/account/reset/", {"email": "bo@example.org"})
    assert re.search(
        r"at https://voices\.example\.org\. .*\n\nhttps://voices\.example\.org/account/reset/", mail.outbox[0].body
    )


@pytest.mark.parametrize(
    ("called", "only_here"),
    [("127.0.0.1:8000", True), ("localhost", True), ("[::1]:8000", True), ("127.8.8.8", True), ("site.localhost", True),
     ("192.168.1.5:8000", False), ("localhost.example.org", False), ("mybook.local", False)],
)  # fmt: skip
def test_a_link_to_this_machine_opens_only_here(rf, settings, called, only_here):
    assert links.reachable_only_here(rf.get("/", headers={"host": called})) is only_here
    settings.SITE_URL = "https://voices.example.org"
    assert not links.reachable_only_here(rf.get("/", headers={"host": called}))


def test_the_command_serves_the_same_site(settings, tmp_path, monkeypatch):
    settings.BASE_DIR, settings.DATA_DIR = tmp_path, tmp_path / "var"
    monkeypatch.delenv("HOST", raising=False)
    assert links.command_for_network() == "make run HTTPS=self"
    monkeypatch.setenv("HOST", "127.0.0.1")
    settings.PORT, settings.DATA_DIR = 9000, tmp_path / "our voices"
    command = f"make run HTTPS=self HOST=0.0.0.0 PORT=9000 VOICESITE_DATA='{tmp_path}/our voices'"
    assert links.command_for_network() == command
