"""WEB_WORKERS=2: pages, events, limits and repeated requests, whichever of the processes answers."""

import contextlib
import http.client
import json
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from .conftest import served
from .copy import PASSWORD, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("web-processes")]

A_MINUTE = 40


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    limit = {"VOICESITE_REQUESTS_PER_MINUTE": str(A_MINUTE)}
    watched = {"VOICESITE_METRICS_TOKEN": "watcher"}
    with served(tmp_path_factory.mktemp("web-processes"), WEB_WORKERS="2", **limit, **watched) as site:
        site.settle_in()
        wait_for(lambda: len(processes(site)) == 2, 30, lambda: processes(site))
        yield site


@pytest.fixture(scope="module")
def key(site):
    return issue(site, "ada")


def issue(site, username: str) -> str:
    return site.manage("create_api_key", username, "--name", "Program").split()[-1]


def processes(site) -> list[psutil.Process]:
    """Those that answer requests; their parent starts them, and others when they end."""
    found = []
    for child in site.find("web").children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    return found


def connect(site) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)


def ask(site, method: str, path: str, body: dict | None = None, **headers: str) -> tuple[int, dict]:
    """Ask on a connection of its own, which either process may take: the status and the answer."""
    with contextlib.closing(connect(site)) as connection:
        headers = {"Content-Type": "application/json", **headers}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_both_answer(site):
    def has_each_answered():
        with contextlib.ExitStack() as kept:
            for _ in range(16):
                connection = kept.enter_context(contextlib.closing(connect(site)))
                connection.request("GET", "/account/login/")
                assert connection.getresponse().read()
            return all(
                any(one.status == psutil.CONN_ESTABLISHED for one in process.net_connections())
                for process in processes(site)
            )

    wait_for(has_each_answered, 30)


def test_a_session_is_known_to_both_and_all_hear_the_events_of_a_task(site, key):
    pk = site.speak("One two. Do-slow three four five six seven.")
    with ThreadPoolExecutor(8) as listeners:
        heard = list(listeners.map(lambda _: [data for _, data in site.hear(pk, key)], range(8)))
    assert {events[-1]["status"] for events in heard} == {"completed"}
    for _ in range(8):
        assert site.open(f"/generations/{pk}/")[0] == 200


def test_what_is_sent_at_once_with_one_key_is_done_once(site, key):
    body = {"voice": site.voice, "text": "Sent at once, and by a key."}
    headers = bearer(key) | {"Idempotency-Key": "one"}

    def send(_):
        return ask(site, "POST", "/api/generations/async", body, **headers)

    with ThreadPoolExecutor(8) as programs:
        answers = list(programs.map(send, range(8)))
    assert {status for status, _ in answers} <= {202, 409}
    status, last = send(None)
    assert status == 202 and {data["task_id"] for status, data in answers if status == 202} == {last["task_id"]}
    made = site.query("SELECT count(*) FROM synthesis_generation WHERE text LIKE 'Sent at once%'")
    assert made == [(1,)]


def test_exactly_as_many_requests_a_minute_pass_as_may(site):
    site.manage("create_user", "bo", "--password", PASSWORD)
    headers = bearer(issue(site, "bo"))

    def statuses():
        """Of more requests than may pass, within a minute of the clock; none if the next one began meanwhile."""
        minute = time.time() // 60
        with ThreadPoolExecutor(8) as programs:
            found = list(programs.map(lambda _: ask(site, "GET", "/api/voices", **headers)[0], range(2 * A_MINUTE)))
        return found if time.time() // 60 == minute else []

    found = wait_for(statuses, 240)
    assert (found.count(200), found.count(429)) == (A_MINUTE, A_MINUTE)


def test_metrics_are_of_both(site):
    def counted() -> float:
        status, told, _ = site.open("/metrics")
        assert status == 200
        return sum(float(value) for value in re.findall(r'_count{.*route="licences/".*} (\S+)', told))

    before = counted()
    for _ in range(24):  # each on a connection of its own
        assert site.open("/licences/")[0] == 200
    assert counted() == before + 24
    assert counted() == before + 24, "whichever is asked"


def test_sighup_replaces_each_and_refuses_nobody(site):
    old, is_over = set(processes(site)), threading.Event()

    def keep_coming(_) -> list[int]:
        """Connect, and ask a moment later, as browsers do that connect in advance."""
        statuses = []
        while not is_over.is_set():
            with contextlib.closing(connect(site)) as connection:
                connection.connect()
                time.sleep(0.1)
                connection.request("GET", "/account/login/")
                statuses.append(connection.getresponse().status)
        return statuses

    with ThreadPoolExecutor(12) as people:
        answers = [people.submit(keep_coming, number) for number in range(12)]
        try:
            site.find("web").send_signal(signal.SIGHUP)
            wait_for(lambda: len(processes(site)) == 2 and not old & set(processes(site)), 120, lambda: processes(site))
        finally:
            is_over.set()
        assert {status for answer in answers for status in answer.result()} == {200}


def test_one_is_killed_and_another_takes_its_place(site):
    killed, kept = processes(site)
    killed.kill()
    for _ in range(8):
        assert site.open("/")[0] == 200
    wait_for(lambda: len(processes(site)) == 2 and killed not in processes(site), 60, lambda: processes(site))
    assert kept in processes(site) and site.health()[0] == 200
