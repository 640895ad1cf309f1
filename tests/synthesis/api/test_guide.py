"""docs/openai.md: its example, run by OpenAI's client against a site."""

import re

import pytest

from synthesis.api import openai_transcriptions
from synthesis.models import Generation
from tests import FIXTURES
from tests.factories import FittingFactory, UserFactory
from voicesite.people import keys

GUIDE = (FIXTURES.parents[1] / "docs" / "openai.md").read_text()
FENCES = re.findall(r"^```(\w*)\n(.*?)^```", GUIDE, re.M | re.S)


def test_every_example_is_run():
    assert [kind for kind, _ in FENCES] == ["python"], "another would need a test here"


@pytest.mark.own_process
def test_the_program(live_site, worker, tmp_path, monkeypatch, capsys):
    owner = UserFactory(username="ada")
    FittingFactory(voice__owner=owner, voice__name="Grandmother")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(openai_transcriptions, "SILENT_SECONDS", 0.0)  # the voices of tests are tones, and no speech
    ((_, program),) = FENCES
    key = keys.issue(owner, "Guide", ["speak"])[1]
    written = program.replace("http://127.0.0.1:8000", live_site.url).replace("vs_…", key)
    assert written.count(key) == written.count(live_site.url) == 1
    exec(compile(written, "docs/openai.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == "This is what was said.\n"
    assert (tmp_path / "morning.opus").read_bytes().startswith(b"OggS")
    assert Generation.objects.get().text == "Good morning to all of you."
