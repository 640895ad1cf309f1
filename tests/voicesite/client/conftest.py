import pytest

from tests.factories import FittingFactory, UserFactory
from voicesite.client import Client
from voicesite.models import ApiKey
from voicesite.people import keys


@pytest.fixture
def site(live_site, monkeypatch):
    """A running site, with ada's voice “Grandmother” and her key in the environment."""
    owner = UserFactory(username="ada")
    FittingFactory(voice__owner=owner, voice__name="Grandmother")
    monkeypatch.setattr("voicesite.client.waiting.POLL_SECONDS", 0.02)
    monkeypatch.setenv("VOICESITE_SERVER", live_site.url)
    monkeypatch.setenv("VOICESITE_KEY", keys.issue(owner, "Program", ApiKey.Scope.values)[1])
    return live_site


@pytest.fixture
def client(site):
    with Client() as client:
        yield client
