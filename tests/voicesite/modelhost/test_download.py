"""Test downloads of models from a hub over real connections, which stall, break off and deliver damaged bytes."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from ssl import SSLCertVerificationError
from types import SimpleNamespace

import pytest
from urllib3 import exceptions

from tests.hub import Hub
from tests.voicesite.modelhost.test_weights import FILES, write
from voicesite.modelhost import certificates, weights
from voicesite.modelhost import hub as client
from voicesite.modelhost.network_errors import explain
from voicesite.modelhost.protocol import Cancelled, ModelError

pytestmark = pytest.mark.processes

NAME = "Example/Tiny-TTS"
LARGE_FILE = "model.safetensors"
CONTENT = FILES | {LARGE_FILE: os.urandom(200_000), "README.md": b"# Tiny", "pickle.bin": b"code"}
WANTED_FILES = {name: content for name, content in CONTENT.items() if name not in ("README.md", "pickle.bin")}
TOTAL_BYTES = sum(map(len, WANTED_FILES.values()))


@pytest.fixture(autouse=True)
def _environment(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(client, "FIRST_RETRY_SECONDS", 0.02)
    certificates.context.cache_clear()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with Hub({NAME: write(tmp_path / "upstream", CONTENT)}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def quiet(progress) -> None:
    pass


def contents(place: Path) -> dict[str, bytes]:
    files = (path for path in place.rglob("*") if path.is_file() and path.name != weights.PLAN_FILE)
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def part(name: str = LARGE_FILE) -> Path | None:
    """Return the partial file of `name`; None if there is none."""
    place = weights.folder(NAME)
    plan = weights.read_plan(place)
    path = place / ".parts" / plan["files"][name]["checksum"] if plan else None
    return path if path and path.exists() else None


def wait_until(condition) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def asked_for(hub: Hub, name: str = LARGE_FILE) -> list[str]:
    """Return the range of each request for the bytes of `name`."""
    delivered = [request for request in hub.requests if request.path == f"/delivery/{NAME}/-/{name}"]
    return [request.headers.get("range", "bytes=0-") for request in delivered]


def test_a_model_comes_whole_without_what_no_engine_reads(hub):
    place = weights.download(NAME, quiet)
    assert place == weights.find(NAME) == weights.folder(NAME)
    assert contents(place) == WANTED_FILES and hub.sent >= TOTAL_BYTES
    assert weights.verify(NAME) == []
    assert not (place / ".parts").exists()


def test_progress_is_told_while_it_comes_in_words_and_bytes(hub):
    hub.rate = 200_000
    seen = []
    weights.download(NAME, seen.append)
    amounts = [progress.done for progress in seen]
    assert amounts == sorted(amounts) and len({amount for amount in amounts if amount}) >= 2
    assert amounts[-1] == TOTAL_BYTES and {progress.expected for progress in seen} <= {0, TOTAL_BYTES}
    assert seen[-1].stage == "Downloading the model: 201 of 201 kB"
    assert weights.in_words(1_234_000_000, 3_456_000_000) == "1.2 of 3.5 GB"
    assert weights.in_words(12_300_000) == "12 MB"


def test_progress_is_told_when_nothing_comes_and_says_so(hub, monkeypatch):
    monkeypatch.setattr(weights, "STALL_NOTICE_SECONDS", 0.3)
    hub.stalls = True
    seen = []

    def on_progress(progress):
        seen.append(progress)
        if len([progress for progress in seen if "Nothing has come" in progress.stage]) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        weights.download(NAME, on_progress)
    assert seen[-1].done == seen[-2].done > 0


def test_it_goes_on_over_broken_connections_and_fetches_no_byte_twice(hub):
    hub.cuts = [0, 1, 70_000]
    speech = "speech_tokenizer/model.safetensors"
    weights.download(NAME, quiet)
    assert contents(weights.folder(NAME)) == WANTED_FILES
    assert asked_for(hub) == ["bytes=0-", "bytes=0-", "bytes=1-", "bytes=70001-"]
    assert asked_for(hub, speech) == [], "it is small"
    assert hub.sent <= TOTAL_BYTES + 2000, "that and the description"


def test_a_silent_connection_is_given_up_for_another(hub, monkeypatch):
    monkeypatch.setattr(client, "STALL_SECONDS", 0.3)
    hub.stalls = True
    thread = threading.Thread(target=weights.download, args=(NAME, quiet))
    thread.start()
    wait_until(lambda: len(asked_for(hub)) == 2)
    hub.stalls = False
    thread.join(10)
    assert contents(weights.folder(NAME)) == WANTED_FILES
    assert asked_for(hub)[1] == "bytes=65536-"


DOWNLOADING = "import sys; from voicesite.modelhost import weights; weights.download(sys.argv[1], print)"


def test_a_download_that_was_killed_goes_on_from_its_bytes(hub):
    hub.rate = 50_000
    process = subprocess.Popen([sys.executable, "-c", DOWNLOADING, NAME], stdout=subprocess.DEVNULL)
    wait_until(lambda: part() and part().stat().st_size > 20_000)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    there = part().stat().st_size
    assert 0 < there < len(CONTENT[LARGE_FILE]) and weights.find(NAME) is None
    hub.rate = 0
    seen = []
    weights.download(NAME, seen.append)
    assert contents(weights.folder(NAME)) == WANTED_FILES
    assert asked_for(hub) == ["bytes=0-", f"bytes={there}-"]


def test_cancel_returns_at_once_also_when_nothing_comes_and_keeps_what_is_there(hub):
    hub.stalls = True

    def cancel(progress):
        if part() and part().stat().st_size:
            raise Cancelled

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        weights.download(NAME, cancel)
    assert time.monotonic() - begun < client.STALL_SECONDS / 2, "it does not wait for the hub"
    assert part().stat().st_size > 0 and weights.find(NAME) is None


def test_only_one_downloads_a_model_at_a_time(hub):
    hub.rate = 20_000
    seen: list = []
    threads = [threading.Thread(target=weights.download, args=(NAME, on)) for on in (quiet, seen.append)]
    threads[0].start()
    wait_until(part)
    threads[1].start()
    wait_until(lambda: any("another download" in progress.stage for progress in seen))
    with pytest.raises(ModelError, match="being downloaded"):
        weights.remove(NAME)
    hub.rate = 0
    [thread.join(10) for thread in threads]
    assert len(asked_for(hub)) == 1 and weights.verify(NAME) == []


@pytest.mark.parametrize("times", [1, 2])
def test_what_arrives_damaged_is_fetched_again_once(hub, times):
    hub.damaged = times
    if times == 2:
        with pytest.raises(ModelError, match="arrived damaged"):
            weights.download(NAME, quiet)
        assert weights.find(NAME) is None
    else:
        weights.download(NAME, quiet)
        assert contents(weights.folder(NAME)) == WANTED_FILES
    assert len(asked_for(hub)) == 2


@pytest.mark.parametrize("name", [LARGE_FILE, "config.json"])
def test_a_file_that_was_damaged_here_is_noticed_and_fetched_again_alone(hub, name):
    place = weights.download(NAME, quiet)
    damaged = bytes([WANTED_FILES[name][0] ^ 1]) + WANTED_FILES[name][1:]
    (place / name).write_bytes(damaged)
    assert weights.verify(NAME) == [f"{name} is damaged."]
    (place / "merges.txt").unlink()
    assert weights.verify(NAME) == ["merges.txt is missing, or not whole.", f"{name} is damaged."]
    hub.requests.clear()
    weights.download(NAME, quiet)
    assert contents(place) == WANTED_FILES
    fetched = {request.path.rpartition("/")[2] for request in hub.requests if "/resolve/" in request.path}
    assert fetched == {name, "merges.txt"}


def test_a_host_that_cannot_go_on_is_asked_for_all_of_it(hub):
    hub.cuts, hub.ranges = [70_000], False
    weights.download(NAME, quiet)
    assert contents(weights.folder(NAME)) == WANTED_FILES


def test_what_a_newer_version_has_no_more_is_deleted(hub):
    upstream = hub.models[NAME]
    write(upstream, {"extra.json": b"{}"})
    place = weights.download(NAME, quiet)
    (upstream / "extra.json").unlink()
    write(upstream, {LARGE_FILE: b"other" * 1000})
    weights.download(NAME, quiet)
    assert contents(place) == WANTED_FILES | {LARGE_FILE: b"other" * 1000}


def test_a_token_is_for_the_hub_alone(hub, monkeypatch):
    hub.token = "secret"
    monkeypatch.setenv("HF_TOKEN", "secret")
    weights.download(NAME, quiet)
    for request in hub.requests:
        delivery = request.path.startswith("/delivery/")
        assert request.headers.get("authorization") == (None if delivery else "Bearer secret"), request.path


def test_a_proxy_is_asked_with_its_login_but_not_for_hosts_that_need_none(hub, monkeypatch):
    """The test hub is the proxy to hub.example; files from other hosts are requested directly."""
    hub.token = "secret"
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"me:p%40ss@127.0.0.1:{hub.server.server_port}")
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    monkeypatch.setenv("HF_TOKEN", "secret")
    weights.download(NAME, quiet)
    assert contents(weights.folder(NAME)) == WANTED_FILES
    login = "Basic " + base64.b64encode(b"me:p@ss").decode()
    for request in hub.requests:
        of_hub = request.path.startswith("http://hub.example/")
        assert of_hub is not request.path.startswith("/delivery/")
        assert request.headers.get("proxy-authorization") == (login if of_hub else None)
        assert request.headers.get("authorization") == ("Bearer secret" if of_hub else None), request.path


def test_redirects_without_end_are_given_up(hub, monkeypatch):
    monkeypatch.setattr(Hub, "delivery", property(lambda hub: f"{hub.address}/{NAME}/resolve/main/{LARGE_FILE}?"))
    with pytest.raises(ModelError, match=r"problem \(error 302\)"):
        weights.download(NAME, quiet)


def test_the_token_of_who_logged_in_is_taken(hub, tmp_path):
    hub.token = "secret"
    write(tmp_path / "huggingface", {"token": b"secret\n"})
    assert contents(weights.download(NAME, quiet)) == WANTED_FILES
    assert "Bearer secret" in [request.headers.get("authorization") for request in hub.requests]


@pytest.mark.parametrize(
    ("status", "code", "token", "words", "permanent"),
    [
        (401, "RepoNotFound", "", "no model called Example/Tiny-TTS, or shows it only to those who log in", True),
        (401, "", "wrong", "does not accept this HF_TOKEN", True),
        (403, "GatedRepo", "", "accept its conditions at http", True),
        (404, "RepoNotFound", "", "no model called Example/Tiny-TTS", True),
        (407, "", "", "The proxy requires a login", True),
        (429, "", "", "limiting requests", False),
        (503, "", "", r"a problem \(error 503\)", False),
    ],
)
def test_a_refusal_is_said_in_words(hub, monkeypatch, status, code, token, words, permanent):
    monkeypatch.setenv("HF_TOKEN", token)
    hub.statuses = [(status, code)] * 3
    with pytest.raises(ModelError, match=words) as raised:
        weights.download(NAME, quiet)
    assert raised.value.permanent is permanent
    assert len(hub.requests) == (1 if permanent else 3), "what may pass is asked again"


def test_a_hub_that_fails_for_a_moment_is_asked_again(hub):
    hub.statuses = [(500, ""), (503, "")]
    weights.download(NAME, quiet)
    assert weights.verify(NAME) == []


def test_it_gives_up_a_connection_that_brings_nothing_again_and_again(hub):
    hub.cuts = [0] * 20
    with pytest.raises(ModelError, match="breaks off again and again") as raised:
        weights.download(NAME, quiet)
    assert not raised.value.permanent and len(asked_for(hub)) == client.MAX_FRUITLESS_ATTEMPTS


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"HF_ENDPOINT": "http://127.0.0.1:1"},
            r"127.0.0.1:1, can’t be reached \(Connection refused\).*connected to the internet",
        ),
        ({"HF_ENDPOINT": "http://hub.invalid"}, "hub.invalid, can’t be reached"),
        ({"HF_ENDPOINT": "ftp://hub.example"}, "not a web address"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
        ({"SSL_CERT_FILE": "/nowhere.pem"}, "SSL_CERT_FILE is /nowhere.pem, which can't be read"),
        ({"HF_ENDPOINT": "https://127.0.0.1:{port}"}, "No secure connection to 127.0.0.1"),
        (
            {"HF_ENDPOINT": "https://hub.example", "HTTPS_PROXY": "http://127.0.0.1:{port}"},
            "The proxy doesn’t allow access",
        ),
    ],
)
def test_a_hub_out_of_reach_is_said_in_words(hub, monkeypatch, environment, words):
    monkeypatch.delenv("https_proxy", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(port=hub.server.server_port))
    with pytest.raises(ModelError, match=words):
        weights.download(NAME, quiet)


def test_a_certificate_that_nobody_vouches_for_is_said_in_words():
    refused = SSLCertVerificationError("no")
    refused.verify_message = "self-signed certificate"
    words, permanent = explain(exceptions.SSLError(refused), "the model hub", "hub.example", "", 20)
    assert permanent and "self-signed certificate" in words and "SSL_CERT_FILE" in words


def test_a_page_that_wants_a_login_is_not_taken_for_the_hub(hub):
    hub.page = b"<html>Welcome to our hotel</html>"
    with pytest.raises(ModelError, match="is not the model hub"):
        weights.download(NAME, quiet)


def test_a_disk_that_is_too_small_is_said_before_a_byte_is_fetched(hub, monkeypatch):
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda path: SimpleNamespace(free=2_100_000))
    with pytest.raises(ModelError, match="The disk has 2 MB free; this model needs 256 MB") as raised:
        weights.download(NAME, quiet)
    assert raised.value.permanent and not [request for request in hub.requests if "resolve" in request.path]


def test_a_disk_that_fills_up_meanwhile_is_said_too(hub, monkeypatch):
    monkeypatch.setattr(weights, "_write_plan", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(ModelError, match="The disk is full"):
        weights.download(NAME, quiet)


def test_what_is_no_model_for_an_engine_is_not_fetched(hub):
    (hub.models[NAME] / LARGE_FILE).unlink()
    (hub.models[NAME] / "speech_tokenizer" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not a model that can be loaded here"):
        weights.download(NAME, quiet)


@pytest.mark.parametrize("name", ["../out.json", "/tmp/out.json", ".git/config.json", "a\\..\\out.json"])
def test_a_file_never_leaves_its_folder(name):
    assert not client._is_safe(client.File(name, 1, "0" * 40))


def test_removing_frees_the_disk_of_ours_alone(hub, tmp_path):
    place = weights.download(NAME, quiet)
    held = weights.size(NAME)
    assert weights.remove(NAME) == held >= TOTAL_BYTES and not place.exists()
    with pytest.raises(ModelError, match="is not on this machine"):
        weights.remove(NAME)
    own = write(tmp_path / "own")
    with pytest.raises(ModelError, match="folder of your own"):
        weights.remove(str(own))
    assert weights.find(str(own))


def test_removing_frees_what_an_interrupted_download_left(hub):
    hub.damaged = 2
    with pytest.raises(ModelError):
        weights.download(NAME, quiet)
    assert weights.remove(NAME) > 0 and not weights.folder(NAME).exists()


def test_what_the_hubs_own_library_fetched_is_found_proven_and_left_alone(hub, tmp_path):
    """This holds for any version of huggingface_hub, and shows that it accepts the test hub as a hub."""
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: it comes with the tests' Whisper")
    fetching = "import sys, huggingface_hub; print(huggingface_hub.snapshot_download(sys.argv[1]))"
    environment = {**os.environ, "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", fetching, NAME], env=environment, capture_output=True, text=True, timeout=60
    )
    place = Path(done.stdout.strip())
    assert place == weights.find(NAME), done.stderr
    assert weights.verify(NAME) == []
    (place / LARGE_FILE).resolve().chmod(0o600)
    (place / LARGE_FILE).resolve().write_bytes(b"other" * 40_000)
    assert weights.verify(NAME) == [f"{LARGE_FILE} is damaged."]
    with pytest.raises(ModelError, match="Voicesite only reads it there"):
        weights.remove(NAME)
    assert weights.find(NAME)


def test_a_plan_is_plain_to_read(hub):
    plan = json.loads((weights.download(NAME, quiet) / weights.PLAN_FILE).read_text())
    assert plan["commit"] == "c" * 40 and plan["files"][LARGE_FILE]["size"] == len(CONTENT[LARGE_FILE])
