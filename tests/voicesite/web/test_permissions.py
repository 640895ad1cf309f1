"""Headers by which browsers keep a page to what it needs."""

import re

import pytest

from voicesite.web import permissions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/account/login/", "/api/health", "/docs", "/no-such-page"])
def test_every_answer_says_what_its_page_may_do(client, path):
    headers = client.get(path).headers
    policy = dict(part.split("=") for part in headers["Permissions-Policy"].split(", "))
    assert policy["microphone"] == "(self)" and policy["camera"] == policy["geolocation"] == "()"
    assert headers["Referrer-Policy"] == "same-origin" and headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_feature_is_named_twice():
    names = re.findall(r"([a-z-]+)=", permissions.POLICY)
    assert len(names) == len(set(names))
