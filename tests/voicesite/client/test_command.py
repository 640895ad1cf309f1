"""The command, in this process: what it prints, where it writes, and how it ends."""

import contextlib
import fcntl
import io
import json
import os
import pty
import select
import stat
import struct
import sys
import termios
from pathlib import Path

import httpx
import pytest

from tests import FIXTURES
from voicesite.client import Client, Task
from voicesite.client.command import listing, main, profiles, recordings, speaking
from voicesite.client.command.profiles import Profile
from voicesite.client.command.terminal import Bar, table

CLIP = FIXTURES / "english_austen_short.wav"
VOICE = {"id": "v1", "name": "Ada", "language": "en-us", "is_mine": True}
TASK = {"task_id": "t1", "status": "pending"}
DONE = TASK | {"status": "completed", "result": {"id": "t1", "seconds": 2.0, "status": "completed"}}


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """An empty folder, and no profile."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("VOICESITE_SERVER", "VOICESITE_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def site(at_home, monkeypatch):
    """A site that speaks whatever it is given, and the requests that it got."""
    requests = []

    def answer(request):
        requests.append(request)
        match request.method, request.url.path.removeprefix("/api/"):
            case "GET", "voices":
                return httpx.Response(
                    200, json={"results": [VOICE, VOICE | {"name": "Ann\x1b[2J", "is_usable": False}]}
                )
            case "POST", "generations/async" if b"unspeakable" in request.read():
                words = "There is nothing to speak\nin it."
                return httpx.Response(422, json={"error": {"code": "invalid", "message": words}})
            case "POST", "generations/async":
                return httpx.Response(202, json=TASK)
            case "GET", "generations/tasks/t1":
                return httpx.Response(200, json=DONE)
            case "GET", "generations/t1/audio":
                return httpx.Response(200, content=request.url.params["format"].encode())
            case "GET", "models":
                known = request.headers["Authorization"] == "Bearer vs_good"
                error = {"error": {"code": "invalid_key", "message": "This API key is unknown."}}
                return httpx.Response(200, json={"models": []}) if known else httpx.Response(401, json=error)
            case "POST", "voices":
                return httpx.Response(201, json=VOICE)
        return httpx.Response(404, json={"error": {"code": "not_found", "message": "There is no such API address."}})

    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(
        profiles, "Client", lambda server, key, **options: Client(server, key, transport=transport, **options)
    )
    monkeypatch.setenv("VOICESITE_KEY", "vs_good")
    return requests


@pytest.fixture
def terminal(monkeypatch):
    """`terminal(columns)`: standard output and error are one terminal of that width; what it shows is read from it."""
    with contextlib.ExitStack() as opened:

        def start(columns):
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
            monkeypatch.delenv("COLUMNS", raising=False)
            file = opened.enter_context(open(theirs, "w", encoding="utf-8", buffering=1))
            opened.callback(os.close, ours)
            monkeypatch.setattr(sys, "stdout", file)
            monkeypatch.setattr(sys, "stderr", file)
            return lambda: _read(ours).decode().replace("\r\n", "\n")

        yield start


def _read(terminal):
    """All that comes: the kernel passes on what was written in pieces, a moment later."""
    data = b""
    while select.select([terminal], [], [], 0.1 if data else 5)[0]:
        data += os.read(terminal, 100_000)
    return data


def typed(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


# --- speak


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (["Hello", "-o", "out.mp3"], {"out.mp3": "mp3"}),
        (["Hello", "there", "-o", "out.ogg"], {"out.ogg": "opus"}),
        (["Hello", "-o", "out"], {"out": "wav"}),
        (["Hello", "-o", "new/", "--format", "aac"], {"new/speech.aac": "aac"}),
        (["-", "-o", "out.bin", "--format", "pcm"], {"out.bin": "pcm"}),
        (["--file", "a.txt"], {"a.wav": "wav"}),
        (["--file", "a.txt", "-", "-o", "new", "--format", "flac"], {"new/a.flac": "flac", "new/speech.flac": "flac"}),
    ],
)
def test_speech_goes_where_it_is_told(site, at_home, monkeypatch, line, files):
    Path("a.txt").write_text("One.")
    typed(monkeypatch, "Two.")
    assert main(["speak", "--voice", "Ada", *line]) == 0
    made = {path.relative_to(at_home).as_posix(): path.read_text() for path in at_home.rglob("*") if path.is_file()}
    assert made == files | {"a.txt": "One."}


def test_speech_goes_into_a_pipe_alone(site, capfdbinary):
    assert main(["speak", "Hello", "--voice", "Ada", "-o", "-", "--speed", "1.5", "--seed", "3"]) == 0
    out, err = capfdbinary.readouterr()
    assert (out, err) == (b"wav", b"")
    asked = json.loads(site[0].content)
    assert asked == {"text": "Hello", "voice": "Ada", "speed": 1.5, "seed": 3}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([], "Say what to speak"),
        (["Hello", "--file", "a.txt", "-o", "x.wav"], "Say what to speak"),
        (["Hello"], "Say where to"),
        (["a.txt", "-o", "x.wav"], "--file a.txt"),
        (["Hello", "-o", "x.docx"], "no format “.docx”"),
        (["--file", "a.txt", "b/a.txt", "-o", "out/"], "same name"),
        (["--file", "a.txt", "b/b.txt", "-o", "out.wav"], "name a folder"),
        (["--file", "a.txt", "b/b.txt", "-o", "-"], "takes one"),
        (["--file", "there.txt"], "there.wav is there already"),
        (["--file", "latin.txt"], "not a text in UTF-8"),
        (["Hello", "--play"], "no program that plays"),
        (["Hello", "-o", "x.wav", "--profile", "other"], "voicesite login --profile other"),
    ],
)
def test_what_is_called_wrongly_says_how_to_call_it(site, capsys, monkeypatch, line, words):
    monkeypatch.setenv("PATH", "/nowhere")
    Path("b").mkdir()
    for name in ("a.txt", "b/a.txt", "b/b.txt", "there.txt", "there.wav"):
        Path(name).write_text("One.")
    Path("latin.txt").write_bytes("Müller".encode("latin-1"))
    assert main(["speak", "--voice", "Ada", *line]) == 2
    error = capsys.readouterr().err
    assert words in error and error.startswith("voicesite: ") and error.count("\n") == 1
    assert not site


def test_a_text_that_is_refused_keeps_no_other_from_being_spoken(site, capsys):
    for name in ("a", "b", "c"):
        Path(f"{name}.txt").write_text("unspeakable" if name == "b" else "One.")
    assert main(["speak", "--voice", "Ada", "--file", "a.txt", "b.txt", "c.txt"]) == 3
    assert Path("a.wav").exists() and Path("c.wav").exists() and not Path("b.wav").exists()
    assert "voicesite: b.txt: There is nothing to speak in it.\n" in capsys.readouterr().err
    assert main(["speak", "unspeakable", "--voice", "Ada", "-o", "x.wav"]) == 3
    assert capsys.readouterr().err == "voicesite: There is nothing to speak in it.\n"


def test_it_is_played(site, at_home, monkeypatch):
    player = at_home / "aplay"
    player.write_text(f'#!/bin/sh\ncat "$2" > {at_home}/played')
    player.chmod(0o700)
    monkeypatch.setenv("PATH", f"{at_home}:/bin:/usr/bin")
    monkeypatch.setattr(speaking, "PLAYERS", (("no-such-player",), ("aplay", "-q")))
    assert main(["speak", "Hello", "--voice", "Ada", "--play"]) == 0
    assert (at_home / "played").read_text() == "wav"


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (None, "Interrupted."),
        ("cancelled", "Cancelled: the server"),
        ("completed", "library"),
        ("pending", "may go on"),
    ],
)
def test_an_interruption_says_what_became_of_it(site, monkeypatch, capsys, task, words):
    def interrupted(self, *args, on_progress, **options):
        if task:
            on_progress(Task("t1", task))
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "speak", interrupted)
    assert main(["speak", "Hello", "--voice", "Ada", "-o", "x.wav"]) == 130
    assert words in capsys.readouterr().err and not Path("x.wav").exists()


# --- what is shown


def test_voices_are_a_table_without_what_harms_a_terminal(site, capsys):
    assert main(["voices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["NAME     LANGUAGE  FROM", "Ada      en-us     you", "Ann [2J  en-us     you   may not speak"]
    assert main(["voices", "--json"]) == 0
    assert [voice["name"] for voice in json.loads(capsys.readouterr().out)] == ["Ada", "Ann\x1b[2J"]


def test_a_table_fits_into_a_narrow_terminal(terminal):
    shown = terminal(40)
    print(table(["NAME", "LANGUAGE"], [["Großmütterchen aus dem hohen Norden, abends", "de"], ["祖母の声" * 9, "ja"]]))
    lines = shown().splitlines()
    assert len(lines[1]) <= 40 and lines[1].split() == ["Großmütterchen", "aus", "dem", "hohen", "…", "de"]
    assert lines[2].startswith("祖母の声") and "…" in lines[2] and lines[2].endswith("ja")


@pytest.mark.parametrize(("columns", "stage"), [(40, False), (100, True), (0, True)])  # 0: it doesn't know
def test_a_bar_on_a_terminal(terminal, columns, stage, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    shown = terminal(columns)
    with Bar("a.txt") as bar:
        bar.show(Task("t1", "generating", 46, "Speaking part 2 of 3", eta_seconds=3.5))
        lines = shown().split("\r")
    assert "a.txt  46% |" in lines[-1] and all(len(line) <= (columns or 80) for line in lines)
    assert ("Speaking part 2 of 3, 4 s left" in lines[-1]) == stage and "\x1b[3" not in "".join(lines)


@pytest.mark.parametrize("how", ["quiet", "dumb", "pipe"])
def test_no_bar_elsewhere(terminal, how, monkeypatch, capsys):
    monkeypatch.setenv("TERM", "dumb" if how == "dumb" else "xterm")
    shown = terminal(80) if how != "pipe" else capsys.readouterr
    with Bar("a.txt", quiet=how == "quiet") as bar:
        bar.show(Task("t1", "generating", 46))
    print("end", file=sys.stderr)
    assert (shown() if how != "pipe" else shown().err) == "end\n"


@pytest.mark.parametrize("line", [["--help"], ["speak", "--help"], ["transcribe", "--help"], ["clone", "--help"]])
def test_help_has_examples(capsys, line):
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 0 and "examples:\n  voicesite " in capsys.readouterr().out


def test_version_and_wrong_usage(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("voicesite ")
    for line in ([], ["nonsense"], ["speak", "Hello"], ["speak", "Hello", "--voice", "Ada", "--format", "docx"]):
        with pytest.raises(SystemExit) as ended:
            main(line)
        assert ended.value.code == 2 and "Traceback" not in capsys.readouterr().err


def test_this_server_has_no_books(site, capsys):
    assert main(["books"]) == 0
    assert capsys.readouterr().err == "This server has no books.\n"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PermissionError(13, "Permission denied", "x.wav"), 1, "voicesite: x.wav: Permission denied\n"),
        (RuntimeError("two\nlines"), 1, "voicesite: Something went wrong: RuntimeError: two lines\n"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_no_traceback_reaches_a_person(site, monkeypatch, capsys, error, code, words):
    def fail(*args):
        raise error

    monkeypatch.setattr(listing, "table", fail)
    monkeypatch.setattr(os, "dup2", lambda *files: None)
    assert main(["voices"]) == code
    assert capsys.readouterr().err == words


# --- login


def test_a_key_is_kept_for_its_owner_alone_until_they_log_out(site, monkeypatch, capsys):
    monkeypatch.delenv("VOICESITE_KEY")
    assert main(["voices"]) == 2 and "voicesite login" in capsys.readouterr().err
    typed(monkeypatch, "vs_bad\n")
    assert main(["login", "voices.example.org/"]) == 3 and not profiles.file().exists()
    typed(monkeypatch, "vs_good\n")
    assert main(["login", "voices.example.org/", "--profile", "work"]) == 0
    typed(monkeypatch, "vs_good\n")
    assert main(["login", "localhost:8000"]) == 0
    assert profiles.kept("work") == Profile("https://voices.example.org", "vs_good")
    assert profiles.kept("default") == Profile("http://localhost:8000", "vs_good")
    assert stat.S_IMODE(profiles.file().stat().st_mode) == 0o600
    assert [path.name for path in profiles.file().parent.iterdir()] == ["profiles.json"]
    assert main(["--profile", "work", "voices"]) == main(["voices", "--profile", "work"]) == 0
    assert {request.url.host for request in site[-2:]} == {"voices.example.org"}
    assert main(["logout"]) == 0 and profiles.kept("default") is None and profiles.kept("work")
    profiles.file().write_text("half a fi")
    assert main(["voices"]) == 2 and "delete it" in capsys.readouterr().err


def test_the_environment_stands_for_what_is_kept(at_home, monkeypatch):
    profiles.keep("default", Profile("http://kept", "vs_kept"))
    assert profiles.chosen("default") == Profile("http://kept", "vs_kept")
    monkeypatch.setenv("VOICESITE_SERVER", "http://other")
    with pytest.raises(Exception, match="no key for the server"):  # that of another server is not for this one
        profiles.chosen("default")
    monkeypatch.setenv("VOICESITE_KEY", "vs_other")
    assert profiles.chosen("default") == Profile("http://other", "vs_other")


# --- recordings


def test_consent_is_asked_of_a_person_and_said_by_a_program(site, monkeypatch, capsys):
    line = ["clone", str(CLIP), "--name", "Ada", "--language", "en-us"]
    typed(monkeypatch, "")
    assert main(line) == 2 and "--i-have-consent" in capsys.readouterr().err
    monkeypatch.setattr(recordings, "is_interactive", lambda: True)
    typed(monkeypatch, "\n")
    assert main(line) == 2 and not site
    typed(monkeypatch, "y\n")
    assert main(line) == 0 and b'name="consent"\r\n\r\ntrue' in site[-1].content
    assert "Ada can speak" in capsys.readouterr().out
    typed(monkeypatch, "es\n")
    assert main([*line[:4], "--i-have-consent"]) == 0 and b'name="language"\r\n\r\nes' in site[-1].content


def test_subtitles_of_many_need_a_folder(site, capsys):
    assert main(["transcribe", "a.wav", "b.wav", "--format", "srt"]) == 2
    assert "-o FOLDER" in capsys.readouterr().err
    assert main(["transcribe", "no-such.wav"]) == 1
    assert capsys.readouterr().err == "voicesite: no-such.wav: No such file or directory\n"
