"""How many requests a minute pass, and what answers say about it."""

import os
import subprocess
import sys

import pytest
import redis
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import GenerationFactory
from voicesite.limits import rates
from voicesite.models import ApiKey, RequestCount
from voicesite.people import keys

pytestmark = pytest.mark.django_db
ADDRESS = "/api/generations?limit=1"


@pytest.fixture
def key(user):
    return keys.issue(user, "Program", ["read", "speak"])


def ask(secret, address=ADDRESS, **options):
    return Client().get(address, headers={"Authorization": f"Bearer {secret}"}, **options)


def test_answers_say_where_a_program_stands(key, settings):
    settings.REQUESTS_PER_MINUTE = 600
    for left in (599, 598):
        response = ask(key[1])
        assert response["RateLimit-Policy"] == '"default";q=600;w=60'
        assert response["RateLimit"] == f'"default";r={left};t=50'
    assert ask(key[1], "/v1/models")["RateLimit"] == '"default";r=597;t=50'
    assert ask(key[1], f"/api/voices/{GenerationFactory().pk}")["RateLimit"] == '"default";r=596;t=50', "of a 404 too"
    assert "RateLimit" not in Client().get(ADDRESS) and "RateLimit" not in Client().get("/api/health")


def test_what_is_beyond_the_limit_is_refused_in_words(key, page, settings):
    settings.REQUESTS_PER_MINUTE = 2
    assert [ask(key[1]).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(key[1])
    assert refused["Retry-After"] == "50" and refused["RateLimit"] == '"default";r=0;t=50'
    error = refused.json()["error"]
    assert error["code"] == "rate_limited" and "2 a minute. Try again in 50 s." in error["message"]
    assert ask(key[1], "/v1/models").json()["error"] == {
        "message": error["message"], "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"
    }  # fmt: skip
    assert page.get(ADDRESS).status_code == 429, "a session is the same person"
    assert page.get("/account/").status_code == 200, "pages are not programs"


def test_the_next_minute_begins_anew(key, settings, clock):
    settings.REQUESTS_PER_MINUTE = 1
    assert [ask(key[1]).status_code for _ in range(2)] == [200, 429]
    clock(30_000_060.0)
    assert [ask(key[1]).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("own", [1, 0])
def test_a_person_may_have_another_limit(key, user, settings, own):
    settings.REQUESTS_PER_MINUTE = 2
    user.requests_per_minute = own
    user.save()
    passed = [ask(key[1]).status_code for _ in range(4)].count(200)
    assert passed == (own or 4)
    assert ("RateLimit" in ask(key[1])) == bool(own)


def test_a_key_may_have_a_limit_of_its_own_besides(key, user, settings):
    settings.REQUESTS_PER_MINUTE = 4
    ApiKey.objects.update(requests_per_minute=2)
    other = keys.issue(user, "Other", ["read"])[1]
    response = ask(key[1])
    assert response["RateLimit-Policy"] == '"key";q=2;w=60, "default";q=4;w=60'
    assert response["RateLimit"] == '"key";r=1;t=50, "default";r=3;t=50'
    assert [ask(key[1]).status_code for _ in range(3)] == [200, 429, 429]
    assert [ask(other).status_code for _ in range(3)] == [200, 200, 429], (
        "what was refused to a key costs its person nothing"
    )


def test_people_do_not_share_a_limit(key, stranger, settings):
    settings.REQUESTS_PER_MINUTE = 1
    assert [ask(key[1]).status_code for _ in range(2)] == [200, 429]
    assert ask(keys.issue(stranger, "Theirs", ["read"])[1]).status_code == 200


def test_polls_are_free_and_cost_no_write(key, user, settings):
    settings.REQUESTS_PER_MINUTE = 3
    task = f"/api/generations/tasks/{GenerationFactory(owner=user, voice__owner=user, completed=True).pk}"
    ask(key[1])
    with CaptureQueriesContext(connection) as queries:
        answers = [ask(key[1], task) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer["RateLimit"] for answer in answers} == {'"default";r=2;t=50'}
    assert not [query for query in queries if "requestcount" in query["sql"]]
    assert [ask(key[1]).status_code for _ in range(3)] == [200, 200, 429]


def test_wrong_keys_are_not_free_to_guess(key, settings, monkeypatch):
    monkeypatch.setattr(rates, "WRONG_KEYS", 3)
    assert [ask("vs_wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert ask("vs_wrong", "/v1/models").status_code == 429
    assert Client().get(ADDRESS).status_code == 401, "no key is no guess"
    assert ask(key[1]).status_code == 200, "nor does it lock out others behind the same proxy"
    assert [ask("vs_wrong", REMOTE_ADDR=f"2001:db8::{n}").status_code for n in range(4)] == [401, 401, 401, 429]
    assert ask("vs_wrong", REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_without_a_limit_nothing_is_counted(key, settings):
    settings.REQUESTS_PER_MINUTE = 0
    assert "RateLimit" not in ask(key[1])
    assert not RequestCount.objects.exists()


def test_requests_in_vain_are_not_counted_on(key, settings):
    settings.REQUESTS_PER_MINUTE, settings.REDIS_URL = 1, ""
    for _ in range(5):
        ask(key[1])
    assert RequestCount.objects.get().requests == 2
    settings.REQUESTS_PER_MINUTE = 3
    assert ask(key[1]).status_code == 200, "a limit that is raised counts at once"


def test_a_late_clock_counts_towards_the_later_minute(user, settings):
    settings.REDIS_URL = ""
    limit = rates.Limit("default", "person:1", 5)
    assert [rates._count_in_database(limit.asker, minute) for minute in (8, 7, 9)] == [(8, 1), (8, 2), (9, 1)]


def test_a_redis_that_does_not_answer_refuses_nobody(key, settings):
    settings.REDIS_URL, settings.REQUESTS_PER_MINUTE = "redis://127.0.0.1:1/0", 1
    assert [ask(key[1]).status_code for _ in range(3)] == [200] * 3


def test_old_counts_are_forgotten(key, settings, clock):
    settings.REQUESTS_PER_MINUTE, settings.REDIS_URL = 5, ""
    ask(key[1])
    rates.forget_old()
    assert RequestCount.objects.exists()
    clock(30_000_200.0)
    rates.forget_old()
    assert not RequestCount.objects.exists()


# ---------------------------------------------------------------------------------------------------------------------
# At once

COUNTER = """
import sys, time
import django
django.setup()
from django.conf import settings
from django.db import connections
from voicesite.limits import rates
connections["default"].settings_dict["NAME"] = sys.argv[1]
rates.time.time = lambda: 30_000_010.0
from concurrent.futures import ThreadPoolExecutor
def count(_):
    rates._seen.clear()
    return not rates.count(rates.Limit("default", "person:1", 100)).is_refused
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(count, range(40))))
"""


@pytest.mark.backends
@pytest.mark.processes
@pytest.mark.own_process
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_pass_as_may():
    """Four processes of four threads count 160 times: 100 pass, on each database, and in Redis."""
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-c", COUNTER, name]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    running = [subprocess.Popen(command, **pipes) for _ in range(4)]
    assert [one.stdout.readline() for one in running] == ["ready\n"] * 4
    assert sum(int(one.communicate("go\n", timeout=60)[0]) for one in running) == 100
    connection.close()


@pytest.mark.services("redis")
def test_redis_forgets_a_minute_that_is_over():
    rates.count(rates.Limit("default", "person:1", 5))
    (name,) = redis.Redis.from_url(site.REDIS_URL).keys("voicesite:requests:*")
    assert 0 < redis.Redis.from_url(site.REDIS_URL).ttl(name) <= 2 * rates.WINDOW
