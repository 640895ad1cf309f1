"""docs/protocols.md: its examples, each run against a site by what it is written for, or by what reads such settings.

That of Wyoming is how the site of tests/e2e/test_protocols.py is started.
"""

import asyncio
import json
import re
import shlex

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from synthesis.models import Generation
from tests import FIXTURES
from tests.factories import FittingFactory, UserFactory
from voicesite.people import keys

GUIDE = (FIXTURES.parents[1] / "docs" / "protocols.md").read_text()
FENCES = re.findall(r"^```(\w*)\n(.*?)^```", GUIDE, re.M | re.S)
WYOMING, CLAUDE_CODE, CLAUDE_DESKTOP, VS_CODE, PROGRAM = (text for _, text in FENCES)


def claude_code():
    """`claude mcp add` with its options, as `claude mcp add --help` describes them."""
    *command, name, address, option, header = shlex.split(CLAUDE_CODE)
    assert (command, name, option) == (["claude", "mcp", "add", "--transport", "http"], "voicesite", "--header")
    return address, header


def claude_desktop():
    """mcp-remote: its arguments, in whose headers ${…} stands for a variable, as a space would be torn apart on Windows."""
    settings = json.loads(CLAUDE_DESKTOP)["mcpServers"]["voicesite"]
    program, address, option, header = settings["args"]
    assert (settings["command"], program, option) == ("npx", "mcp-remote", "--header")
    return address, re.sub(r"\$\{(\w+)\}", lambda found: settings["env"][found[1]], header)


def vs_code():
    settings = json.loads(VS_CODE)["servers"]["voicesite"]
    assert settings["type"] == "http"
    ((name, value),) = settings["headers"].items()
    return settings["url"], f"{name}: {value}"


@pytest.fixture
def key(transactional_db):
    owner = UserFactory(username="ada")
    FittingFactory(voice__owner=owner, voice__name="Grandmother")
    return keys.issue(owner, "Guide", ["speak"])[1]


@pytest.mark.parametrize("written", [claude_code, claude_desktop, vs_code])
def test_what_is_written_into_settings_leads_to_the_tools(live_site, key, written):
    address, header = written()
    name, _, value = header.partition(":")
    assert address == "http://127.0.0.1:8000/mcp" and value.strip() == "Bearer vs_…"

    async def tools():
        headers = {name: value.strip().replace("vs_…", key)}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=20) as http,
            Client(streamable_http_client(f"{live_site.url}/mcp", http_client=http)) as client,
        ):
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(tools()) == ["list_voices", "speak", "get_speech", "transcribe"]
    assert all(f"| `{tool}` |" in GUIDE for tool in asyncio.run(tools()))


def test_the_program(live_site, worker, key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = PROGRAM.replace("http://127.0.0.1:8000", live_site.url).replace("vs_…", key)
    assert written.count(key) == written.count(live_site.url) == 1
    exec(compile(written, "docs/protocols.md", "exec"), {"__name__": "__main__"})
    assert (tmp_path / "morning.mp3").read_bytes().startswith(b"ID3")
    assert Generation.objects.get().text == "Good morning to all of you."
