"""docs/client.md: its examples, run from top to bottom against a site."""

import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from synthesis.models import Generation
from tests import FIXTURES
from voices.models import VoiceProfile
from voicesite.client import Client
from voicesite.client.command import main
from voicesite.jobs.job import State
from voicesite.models import ApiKey, User
from voicesite.people import keys

GUIDE = (FIXTURES.parents[1] / "docs" / "client.md").read_text()
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", GUIDE, re.M | re.S) for line in block.splitlines()]
PROGRAMS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.M | re.S)


@pytest.fixture
def folder(site, worker, tmp_path, monkeypatch):
    """Where the reader of the guide is: with two texts, a recording, and a folder of their own for profiles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "platform", "linux")
    Path("one.txt").write_text("One two.")
    Path("two.txt").write_text("Two three.")
    Path("morning.wav").write_bytes((FIXTURES / "english_austen_short.wav").read_bytes())
    return tmp_path


def test_the_commands(folder, site, monkeypatch, capsys):
    monkeypatch.delenv("VOICESITE_SERVER")
    key = keys.issue(User.objects.get(), "Guide", ApiKey.Scope.values)[1]
    monkeypatch.delenv("VOICESITE_KEY")
    written = [line.replace("http://127.0.0.1:8000", site.url) for line in COMMANDS if line.startswith("voicesite ")]
    assert len(written) == 12
    for line in written:
        command, _, given = line.partition(" < ")
        data = Path(given).read_bytes() if given else f"{key}\n".encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert main(shlex.split(command)[1:]) == 0, (line, capsys.readouterr())
    kinds = {"morning.mp3": b"ID3", "spoken/one.opus": b"OggS", "spoken/two.opus": b"OggS", "one.flac": b"fLaC"}
    kinds |= {"letter.ogg": b"OggS", "morning.srt": b"1\n00"}
    assert all(Path(name).read_bytes().startswith(begin) for name, begin in kinds.items())
    assert Generation.objects.filter(state=State.COMPLETED).count() == 5
    assert VoiceProfile.objects.get(name="Ada").clip.transcript == "Good morning to all of you."
    output = capsys.readouterr().out
    assert "Grandmother  en-us     you" in output and "This is what was said." in output
    assert (folder / "config/voicesite/profiles.json").read_text() == "{}", "logged out"


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_the_programs(folder, site, program, monkeypatch, capsys):
    monkeypatch.setattr("voicesite.client.client.DEFAULT_SERVER", site.url)
    program = program.replace('"http://127.0.0.1:8000", "vs_…"', "")
    exec(compile(program, "docs/client.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out
    made = [path.name for path in folder.iterdir() if path.suffix in (".mp3", ".flac")]
    assert made == re.findall(r'"(\w+\.(?:mp3|flac))"', program)


def test_the_table_names_what_there_is():
    named = set(re.findall(r"`(\w+)\(", GUIDE.partition("| method")[2].partition("\n\n")[0]))
    there = {name for name in vars(Client) | vars(Client.__mro__[1]) if not name.startswith("_")}
    assert named | {"speak_async", "books", "close"} == there
    assert json.dumps(sorted(named))
