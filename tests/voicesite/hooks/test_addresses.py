"""Which addresses a webhook may have, in whatever spelling; and that what was judged is what is called."""

import socket
import threading

import pytest

from voicesite.hooks import addresses
from voicesite.hooks.addresses import NotAllowed, check, is_permitted, parse
from voicesite.hooks.post import Unanswered, post

LOCAL_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "0x7f000001",
    "0X7F.1",
    "2130706433",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::808:808]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:808:808::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd12::1]",
    "[ff02::1]",
    "[0:0:0:0:0:0:0:1]",
    "[100::1]",
    "[3fff::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.localdomain",
    "a.localhost",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "router.local",
    "db.internal",
    "nas.home.arpa",
    "x.lan",
]


@pytest.fixture
def names(monkeypatch):
    """What names lead to; any other can't be resolved. Each asking is noted."""
    known: dict[str, list[str]] = {}
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    known["asked"] = asked
    return known


@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_no_spelling_of_a_local_address_is_called(names, host):
    for url in (f"http://{host}/x", f"https://{host}:8443/x?y=1", f"HTTP://{host}"):
        with pytest.raises(NotAllowed):
            check(url)
        with pytest.raises(Unanswered):
            post(url, b"{}", {})
    assert names["asked"] == [], "nor asked for"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "example.com",
            "//example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
        ),
        *("http://", "http:///x", "http://user:pw@example.com/", "http://user@example.com/", "http://@example.com/"),
        *("http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://a..b/", "http://.b/"),
        *(
            "http://exa mple.com/",
            "http://example.com\\@127.0.0.1/",
            "http://example.com/\r\nX: y",
            "http://example.com/\t",
        ),
        *("http://[::1/", "http://[x]/", "http://127%2e0.0.1/", "http://1.2.3.4.5/", "http://08.1.1.1/", "http://0x/"),
        *(f"http://{'a' * 64}.com/", "http://" + "a." * 130 + "com/", "http://exam\u202eple.com/", "http://256.1.1.1/"),
    ],
)
def test_what_is_no_address_is_refused_in_words(names, url):
    with pytest.raises(NotAllowed, match=r"\w \w"):
        check(url)


def test_public_ones_are_taken_and_a_name_may_not_be_there_yet(names):
    names["hook.example"] = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
    for url in (
        "https://hook.example",
        "http://8.8.8.8:8080/a",
        "https://[2606:2800::1]/",
        "https://nobody-knows.example/x",
    ):
        check(url)
    assert parse("HTTPS://Hook.Example.:8443/a b".replace(" ", "") + "?q=é#part") == (
        "https",
        "hook.example",
        8443,
        "/ab?q=%C3%A9",
    )
    assert parse("https://bücher.example").host == "xn--bcher-kva.example"


@pytest.mark.parametrize("other", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a00:1"])
def test_a_name_is_judged_by_all_that_it_leads_to(names, other):
    names["hook.example"] = ["93.184.215.14", other]
    with pytest.raises(NotAllowed) as refused:
        check("https://hook.example/")
    assert other not in str(refused.value), "what is in the site's network is not told"
    with pytest.raises(Unanswered, match="private network"):
        post("https://hook.example/", b"{}", {})


def test_an_operator_permits_networks(names, settings):
    names["db.internal"] = ["192.168.1.7"]
    settings.WEBHOOK_ALLOW = ["192.168.1.0/24", "fd00::/8"]
    check("http://192.168.1.5:9000/")
    check("http://db.internal/")
    check("http://[fd00::5]/")
    assert not is_permitted("192.168.2.5") and not is_permitted("127.0.0.1") and not is_permitted("::ffff:192.168.1.5")
    names["localhost"] = ["127.0.0.1"]
    for url in ("http://192.168.2.5/", "http://127.0.0.1/", "http://localhost/"):
        with pytest.raises(NotAllowed):
            check(url)


def test_a_name_that_leads_elsewhere_a_moment_later_changes_nothing(monkeypatch, receiver, settings):
    """DNS rebinding: first a public address, then this machine."""
    settings.WEBHOOK_ALLOW = []
    answers = ["93.184.215.14", "127.0.0.1", "127.0.0.1", "127.0.0.1"]
    called = []

    def getaddrinfo(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(self, address):
        called.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    url = f"http://rebind.example:{receiver.port}/"
    with pytest.raises(Unanswered, match="refused"):
        post(url, b"{}", {})
    assert called == [("93.184.215.14", receiver.port)] and len(answers) == 3, "asked once, and that was called"
    with pytest.raises(Unanswered, match="private network"):
        post(url, b"{}", {})
    assert len(called) == 1 and receiver.messages == []


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: released.wait(10) and [])
    monkeypatch.setattr(addresses, "LOOK_UP_SECONDS", 0.05)
    check("https://slow.example/")
    with pytest.raises(Unanswered, match="can’t be resolved"):
        post("https://slow.example/", b"{}", {})
    released.set()
