"""A running site, asked by the clients of assistants' protocols."""

import asyncio
import base64
import io
import re
import wave

import httpx2
import pytest
import soundfile
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop, wav_to_chunks
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeVoice

from tests import fakes
from tests.e2e.conftest import TRANSCRIPT, served
from tests.e2e.copy import CLIP, ROOT, free_port, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("protocols")]


# What docs/protocols.md tells to write after `make run`, which gives it to `serve` as its environment.
GUIDE = (ROOT / "docs" / "protocols.md").read_text()
WRITTEN = dict(each.split("=") for each in re.search(r"^make run (VOICESITE_WYOMING.*)$", GUIDE, re.M)[1].split())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    assert WRITTEN["VOICESITE_WYOMING_PORT"] == "10300" and WRITTEN["VOICESITE_WYOMING_USER"] == "ada"
    environment = WRITTEN | {
        "VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER,
        "VOICESITE_TRANSCRIBER_MODEL": TRANSCRIPT,
        "VOICESITE_WYOMING_PORT": str(free_port()),  # the one that is written may be taken
    }
    with served(tmp_path_factory.mktemp("site"), **environment) as site:
        site.settle_in()
        yield site
    assert site.processes() == [], "nothing is left behind"


def test_home_assistant_speaks_and_listens(site):
    async def talking():
        port = int(site.environment["VOICESITE_WYOMING_PORT"])
        async with AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
            await client.write_event(Describe().event())
            info = Info.from_event(await client.read_event())
            assert [voice.name for voice in info.tts[0].voices] == ["Ada"] and info.asr[0].models
            await client.write_event(Synthesize("One two three.", voice=SynthesizeVoice(name="Ada")).event())
            seconds = 0.0
            while not AudioStop.is_type((event := await client.read_event()).type):
                assert AudioStart.is_type(event.type) or AudioChunk.is_type(event.type)
                seconds += AudioChunk.from_event(event).seconds if AudioChunk.is_type(event.type) else 0
            assert 0.3 < seconds < 2
            await client.write_event(Transcribe(language="en").event())
            with wave.open(str(CLIP)) as recording:
                for each in wav_to_chunks(recording, 1024, start_event=True, stop_event=True):
                    await client.write_event(each.event())
            assert Transcript.from_event(await client.read_event()).text == TRANSCRIPT

    wait_for(lambda: "Wyoming: listening" in site.log.read_text(), 20, site.log.read_text)
    asyncio.run(talking())


def test_an_assistant_speaks_and_listens(site):
    headers = {"Authorization": f"Bearer {site.manage('create_api_key', 'ada', '--scope', 'speak').strip()}"}
    recording = base64.b64encode(CLIP.read_bytes()).decode()

    async def talking():
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"http://127.0.0.1:{site.port}/mcp", http_client=http)) as client,
        ):
            assert len((await client.list_tools()).tools) == 4
            voices = (await client.call_tool("list_voices", {})).structured_content["voices"]
            asked = {"voice": voices[0]["id"], "text": "One two three.", "audio_format": "wav"}
            spoken = await client.call_tool("speak", asked)
            sound = soundfile.info(io.BytesIO(base64.b64decode(spoken.content[0].data)))
            assert 0.3 < sound.duration < 2 and (await http.get(spoken.structured_content["url"])).status_code == 200
            heard = await client.call_tool("transcribe", {"audio": recording})
            assert heard.content[0].text == TRANSCRIPT

    asyncio.run(talking())
