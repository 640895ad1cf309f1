"""Pages of other sites, and which of them may ask the API."""

import pytest
from django.test import Client

from voicesite.people import keys

PAGE = "https://app.example.org"


@pytest.fixture
def asks(settings, user):
    """What a page of `origin` gets, on a site that allows `allowed`."""
    secret = keys.issue(user, "One", ["read"])[1]

    def ask(allowed, method="get", address="/api/voices", origin=PAGE, **headers):
        settings.CORS_ORIGINS = allowed
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(Client(), method)(address, headers={"Origin": origin, "X-API-Key": secret} | named)

    return ask


def test_who_is_named_may_ask(asks):
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "authorization, x-stainless-os"}
    for address in ("/api/generations", "/v1/audio/speech"):
        response = asks([PAGE], "options", address, **asked)
        assert response.status_code == 204 and response.headers["Access-Control-Allow-Origin"] == PAGE
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Access-Control-Allow-Headers"] == asked["Access_Control_Request_Headers"]
    for address, status in (("/api/voices", 200), ("/api/nothing", 404), ("/v1/models", 200), ("/v1/nothing", 404)):
        response = asks([PAGE], address=address)
        assert response.status_code == status and response.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    ("allowed", "origin", "address", "said"),
    [
        (["*"], "https://anybody.example", "/api/voices", "*"),
        (["https://other.example"], PAGE, "/api/voices", None),
        ([PAGE], "null", "/api/voices", None),
        ([PAGE], f"{PAGE}.evil.example", "/api/voices", None),
        ([], PAGE, "/api/voices", None),
        (["*"], PAGE, "/account/", None),
    ],
)
def test_nobody_else_may(asks, allowed, origin, address, said):
    response = asks(allowed, address=address, origin=origin)
    assert response.headers.get("Access-Control-Allow-Origin") == said
    preflight = asks(allowed, "options", address, origin, Access_Control_Request_Method="GET")
    assert preflight.headers.get("Access-Control-Allow-Origin") == said
