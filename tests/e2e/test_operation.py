"""A site as an operator runs it: on a Unix socket, watched, updated while people use it, with a log that tells nobody's words."""

import contextlib
import http.client
import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from .conftest import served
from .copy import PASSWORD, Copy, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("operation")]

TOKEN, TEXT, NAME = "a-token-of-prometheus", "Quixotic marmalade sings.", "Persephone"
SECRETS = ("uixotic", "marmalade", NAME, "ada@example.org", PASSWORD, TOKEN, "a-secret-of-the-query", "vs_")


class OnFile(http.client.HTTPConnection):
    def __init__(self, file):
        super().__init__("localhost", timeout=30)
        self.file = file

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self.file))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    settings = {"VOICESITE_LOGS": "json", "VOICESITE_METRICS_TOKEN": TOKEN}
    with served(tmp_path_factory.mktemp("operation"), **settings) as site:
        site.settle_in()
        yield site


def lines(site) -> list[dict]:
    """What the log says; it fails where a line is none of JSON."""
    return [json.loads(line) for line in site.log.read_text().splitlines() if line.strip()]


def ask(site, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), answer.headers


def test_the_log_of_a_day_can_be_followed_and_has_nobodys_words(site):
    site.manage(
        "create_voice", "--user", "ada", "--name", NAME, "--language", "en", "tests/fixtures/english_austen_short.wav"
    )
    key = site.manage("create_api_key", "ada", "--name", NAME).split()[-1]
    pk = site.speak(TEXT)
    wait_for(lambda: site.row(pk)["state"] == "completed", 30, lambda: site.row(pk))
    broken = site.speak(f"Do-fail {TEXT}")
    wait_for(lambda: site.row(broken)["state"] in ("failed", "completed"), 30, lambda: site.row(broken))
    bearer = {"Authorization": f"Bearer {key}"}
    asked = json.dumps({"model": "tts-1", "voice": "Ada", "input": TEXT}).encode()
    status, _, headers = ask(site, "/v1/audio/speech", "POST", asked, **bearer, Content_Type="application/json")
    assert status == 200
    api = headers["X-Request-ID"]
    for path in (
        f"/?search={TEXT.split()[0]}&key=a-secret-of-the-query",
        f"/join/{PASSWORD.replace(' ', '')}/",
        "/nowhere",
    ):
        ask(site, path)
    site.open("/account/login/", username=NAME, password="a-secret-of-the-query")
    ask(site, "/api/generations", "POST", b"{" + TEXT.encode(), **bearer, Content_Type="application/json")
    ask(site, "/api/health", Authorization="Bearer vs_wrong")
    wait_for(lambda: any(line.get("request") == api for line in lines(site)), 10)
    log = lines(site)
    written = site.log.read_text()
    assert [secret for secret in SECRETS if secret in written] == []
    of_text = [line for line in log if line.get("generation") == pk]
    assert {line["process"] for line in of_text} >= {of_text[0]["process"]} and len(
        {line["process"] for line in of_text}
    ) > 1
    assert of_text[0]["message"].endswith("to be done") and of_text[0]["request"] and of_text[0]["person"] == 1
    assert any(line["message"].endswith("is completed") and "request" not in line for line in of_text)
    (request,) = [line for line in log if line.get("request") == api and "route" in line]
    assert request["status"] == 200 and request["key"] and request["milliseconds"] >= 0
    assert {"join/<str:token>/", "account/login/"} <= {line.get("route") for line in log}


def test_probes_and_metrics_are_there(site):
    site.open("/account/")
    assert ask(site, "/livez", Host="10.1.2.3")[:2] == ask(site, "/readyz", Host="10.1.2.3")[:2] == (200, "ok")
    assert ask(site, "/metrics")[0] == 404
    samples = (
        'voicesite_jobs{kind="generation",state="waiting"} 0.0',
        'voicesite_processes{process="engine host"} 1.0',
        'voicesite_processes{process="web"} 1.0',
        "voicesite_database_up 1.0",
        'voicesite_worker_silence_seconds{cluster="synthesis"',
        'route="account/",status="200"',
    )

    def missing() -> list[str]:
        status, told, _ = ask(site, "/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        return [sample for sample in samples if sample not in told]

    wait_for(lambda: not missing(), 60, missing)  # at first the new voice is refined, by a process of its own


def test_an_update_refuses_nobody(site):
    """Every process is another afterwards, and no visitor has met an error meanwhile."""
    ended, statuses = False, []

    def visit():
        while not ended:
            statuses.append(ask(site, "/licences/")[0])

    before = {process.pid for process in site.processes()}
    web, engine = site.find("web").pid, site.find("engine main").pid
    with ThreadPoolExecutor(4) as visitors:
        visits = [visitors.submit(visit) for _ in range(4)]
        site.process.send_signal(signal.SIGUSR1)
        try:
            wait_for(lambda: (site.find("web") or psutil.Process()).pid not in (web, os.getpid()), 60)
            wait_for(lambda: site.health()[0] == 200, 60, site.log.read_text)
        finally:
            ended = True
        for visit in visits:
            visit.result()
    assert set(statuses) == {200} and len(statuses) > 4
    kept = before & {process.pid for process in site.processes()}
    assert site.process.pid in kept and web not in kept and engine not in kept


def test_a_web_server_that_is_killed_refuses_nobody(site):
    web = site.find("web")
    web.kill()
    assert ask(site, "/livez")[0] == 200
    assert site.find("web").pid != web.pid


def test_on_a_unix_socket_for_a_proxy(tmp_path, tmp_path_factory):
    file = tmp_path_factory.mktemp("s") / "web.sock"  # a name of 107 bytes at most
    site = Copy(tmp_path / "data", HOST=f"unix:{file}", HTTPS="1", VOICESITE_URL="https://voices.example.org")
    site.start()
    try:
        site.wait_until_ready()
        assert f"It listens on {file}" in site.log.read_text()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", site.port), 5)
        with contextlib.closing(OnFile(file)) as connection:
            name = {"Host": "voices.example.org"}
            connection.request("GET", "/licences/", headers=name)
            answer = connection.getresponse()
            assert answer.status == 301, "who does not come by HTTPS is sent there"
            assert answer.read() == b""
            connection.request(
                "GET", "/licences/", headers={**name, "X-Forwarded-Proto": "https", "X-Request-ID": "mine"}
            )
            answer = connection.getresponse()
            assert (answer.status, answer.headers["X-Request-ID"]) == (200, "mine") and answer.read()
    finally:
        site.stop()
    assert not file.exists() and site.processes() == []


def test_each_part_runs_alone(tmp_path):
    """As in containers and units of systemd: a web server, two clusters and a sweeper, without `serve`."""
    site = Copy(tmp_path / "data", VOICESITE_METRICS_TOKEN=TOKEN)
    site.manage("prepare")
    parts = [
        psutil.Popen(site.command(*command), env=site.environment, cwd=site.source, start_new_session=True)
        for command in (["web"], ["work", "synthesis"], ["work", "default"], ["sweep"])
    ]
    try:
        wait_for(lambda: site.health()[1].get("status") == "ok", 60, site.health)
        site.settle_in()
        pk = site.speak("Spoken by parts.")
        wait_for(lambda: site.row(pk)["state"] == "completed", 40, lambda: site.row(pk))
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(30)
    wait_for(lambda: site.processes() == [], 20, site.processes)
