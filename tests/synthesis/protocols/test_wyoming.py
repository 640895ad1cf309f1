"""The Wyoming server, asked by the library's own client."""

import asyncio
import io
import json
import wave
from contextlib import asynccontextmanager, closing

import numpy as np
import pytest
import soundfile
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop, wav_to_chunks
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from synthesis.models import Generation
from synthesis.protocols import wyoming_info, wyoming_server
from synthesis.protocols.wyoming_input import Recording
from tests import FIXTURES
from tests.factories import FittingFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.models import TranscriptionRequest
from voicesite.jobs.job import State
from voicesite.limits import rates

from .conftest import wait_for

TRANSCRIPT = "This is what was said."
CLIP = FIXTURES / "english_austen_short.wav"
GRANDMOTHER = SynthesizeVoice(name="Grandmother")


@pytest.fixture
def voice(transactional_db):
    return FittingFactory(voice__owner=UserFactory(username="ada"), voice__name="Grandmother").voice


@asynccontextmanager
async def served(username="ada"):
    """The port of a server."""
    server = wyoming_server.Server(username)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        await server.end()


def talk(*events, until=None, username="ada"):
    """Send events, and return what comes until one of the type `until`, or until the connection is closed."""

    async def talking():
        async with served(username) as port, AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
            for event in events:
                await client.write_event(event if isinstance(event, Event) else event.event())
            return await answers(client, until)

    return asyncio.run(talking())


async def answers(client, until):
    found = []
    while (event := await client.read_event()) is not None:
        found.append(event)
        if until and until.is_type(event.type):
            break
    return found


def refused(*events, **options) -> Error:
    """The error that is answered, after which the connection is closed."""
    *others, last = talk(*events, **options)
    assert Error.is_type(last.type) and not others
    return Error.from_event(last)


def sound(events) -> np.ndarray:
    chunks = [AudioChunk.from_event(event) for event in events if AudioChunk.is_type(event.type)]
    assert all((chunk.rate, chunk.width, chunk.channels) == (24_000, 2, 1) for chunk in chunks)
    return np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2")


def test_it_tells_of_the_voices_and_models_that_the_account_may_use(voice):
    eve = UserFactory(username="eve")
    VoiceFactory(owner=eve, name="Secret")
    VoiceFactory(owner=eve, name="Shared", visibility="shared", language="es")
    other = VoiceFactory(owner=eve, name="grandmother", visibility="shared")
    VoiceFactory(builtin=True, name="Grace", language="en-gb")
    (event,) = talk(Describe(), until=Info)
    info = Info.from_event(event)
    (speech,), (hearing,) = info.tts, info.asr
    assert speech.supports_synthesize_streaming and speech.installed and hearing.installed
    told = {one.name: (one.description, one.languages, one.attribution.name) for one in speech.voices}
    assert told == {
        "Grandmother": ("Grandmother", ["en-US"], "ada"),
        "Shared": ("Shared (shared)", ["es"], "eve"),
        "grandmother": ("grandmother (shared)", ["en-US"], "eve"),
        "Grace": ("Grace (built in)", ["en-GB"], "Kokoro-82M"),
    }, f"{other.pk} is another voice, of another case"
    assert [speaker.name for speaker in speech.voices[0].speakers] == ["Grandmother"]
    assert hearing.models and "en-US" in hearing.models[0].languages


def test_a_voice_whose_name_means_another_goes_by_its_id(voice):
    namesake = VoiceFactory(owner=UserFactory(), name="Grandmother", visibility="shared")
    (event,) = talk(Describe(), until=Info)
    assert {one.name for one in Info.from_event(event).tts[0].voices} == {"Grandmother", str(namesake.pk)}


def test_what_cannot_be_done_is_not_told_of(transactional_db, settings):
    UserFactory(username="ada")
    settings.TRANSCRIBER = "none"
    assert Info.from_event(*talk(Describe(), until=Info)) == Info()
    assert talk(Ping("Are you there?"), until=Pong)[0].data == {"text": "Are you there?"}


def test_speech_is_the_finished_file_to_the_sample(voice, worker):
    first, *chunks, last = talk(Synthesize("One two three.", voice=GRANDMOTHER), until=AudioStop)
    assert AudioStart.from_event(first) == AudioStart(24_000, 2, 1, timestamp=0) and AudioStop.is_type(last.type)
    generation = Generation.objects.get()
    assert (generation.owner.username, generation.voice, generation.text) == ("ada", voice, "One two three.")
    with generation.audio.open() as file:
        assert np.array_equal(sound(chunks), soundfile.read(file, dtype="int16")[0])
    times = [AudioChunk.from_event(chunk).timestamp for chunk in chunks]
    assert times == [100 * place for place in range(len(times))]


def test_sound_comes_while_it_is_made_and_who_hangs_up_cancels(voice, worker):
    async def talking():
        async with served() as port:
            async with AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
                await client.write_event(Synthesize("One two. Do-slow" + " three" * 40, voice=GRANDMOTHER).event())
                assert AudioStart.is_type((await client.read_event()).type)
                assert AudioChunk.is_type((await client.read_event()).type)
                state = await sync_to_async(Generation.objects.values_list("state", flat=True).get)()
                assert state == State.GENERATING, "there is sound, and more to come"
            await asyncio.to_thread(wait_for, lambda: Generation.objects.get().state == State.CANCELLED)

    asyncio.run(talking())


def test_who_hangs_up_before_the_first_sound_cancels_too(voice):
    async def talking():
        async with served() as port:
            async with AsyncTcpClient("127.0.0.1", port) as client:
                await client.write_event(Synthesize("One two.", voice=GRANDMOTHER).event())
                await asyncio.to_thread(wait_for, Generation.objects.exists)
            await asyncio.to_thread(wait_for, lambda: Generation.objects.get().state == State.CANCELLED)

    asyncio.run(talking())


def test_a_text_that_arrives_in_pieces_is_spoken_before_its_end(voice, worker):
    async def talking():
        async with served() as port, AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
            await client.write_event(SynthesizeStart(voice=GRANDMOTHER).event())
            for piece in ("One", " two. Th", "ree"):
                await client.write_event(SynthesizeChunk(piece).event())
            assert AudioStart.is_type((await client.read_event()).type), "what is whole is spoken at once"
            await client.write_event(SynthesizeChunk(" four, five").event())
            await client.write_event(Synthesize("One two. Three four, five", voice=GRANDMOTHER).event())
            await client.write_event(SynthesizeStop().event())
            return await answers(client, SynthesizeStopped)

    *chunks, stop, stopped = asyncio.run(talking())
    assert AudioStop.is_type(stop.type) and all(AudioChunk.is_type(chunk.type) for chunk in chunks)
    spoken = Generation.objects.order_by("created_at")
    assert [generation.text for generation in spoken] == ["One two.", "Three four, five"], (
        "and not once more at the end"
    )
    assert len(sound(chunks)) == round(24_000 * sum(generation.seconds for generation in spoken))


def test_a_text_in_pieces_without_words_is_no_error(voice):
    events = talk(SynthesizeStart(), SynthesizeChunk(" … "), SynthesizeStop(), until=SynthesizeStopped)
    assert [event.type for event in events] == [SynthesizeStopped().event().type]
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, "Grandmother"),
        (SynthesizeVoice(language="es_ES"), "Shared"),
        (SynthesizeVoice(language="en-AU"), "Grandmother"),
        (SynthesizeVoice(name="shared", speaker="Shared"), "Shared"),
    ],
)
def test_a_voice_is_found_by_its_name_or_language(user, wanted, found):
    VoiceFactory(name="Shared", visibility="shared", language="es")
    VoiceFactory(name="Another", visibility="shared")
    VoiceFactory(owner=user, name="Grandmother", language="en-gb")
    assert wyoming_info.voice(user, wanted).name == found


REFUSED = [
    ([Synthesize("Hello.", voice=SynthesizeVoice(name="Nobody"))], "voice_not_found", "There are: Grandmother."),
    ([Synthesize("Hello.", voice=SynthesizeVoice(language="ja"))], "voice_not_found", "no voice for this"),
    ([Synthesize("Hello.", voice=SynthesizeVoice(language="tlh"))], "invalid", "not a language of this site"),
    ([Synthesize("…")], "invalid", "nothing to say here"),
    ([Synthesize("word " * 2001)], "too_long", "10,000 characters"),
    ([SynthesizeStart(), SynthesizeChunk("word " * 2001)], "too_long", "10,000 characters"),
    ([Event("synthesize", {"text": 5})], "bad_request", "“synthesize” is malformed"),
    ([Event("synthesize", {})], "bad_request", "“synthesize” is malformed"),
    ([Event("audio-start", {"rate": 0, "width": 2, "channels": 1})], "bad_request", "can’t be read"),
    ([Event("audio-chunk", {"rate": "a", "width": 2, "channels": 1})], "bad_request", "malformed"),
    ([AudioStart(16_000, 2, 1), AudioChunk(8000, 2, 1, b"ab")], "bad_request", "changes its format"),
    ([AudioChunk(16_000, 2, 1, bytes(300_000))], "too_large", "An event has 256 KiB at most"),
    ([AudioChunk(16_000, 2, 1, bytes(50_000))], "too_large", "may last 1 s"),
    ([Transcribe(language="tlh"), AudioChunk(16_000, 2, 1, bytes(8000)), AudioStop()], "invalid", "language"),
    ([SynthesizeStart(), *[Ping()] * 8], "busy", "Too many requests wait"),
]


def test_what_cannot_be_done_is_said_in_words_and_ends_the_connection(voice, settings):
    settings.CLIP_MAX_SECONDS = 1

    async def talking():
        async with served() as port:
            for events, code, words in REFUSED:
                async with AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
                    for event in events:
                        await client.write_event(event if isinstance(event, Event) else event.event())
                    error = Error.from_event((await answers(client, None))[-1])
                    assert error.code == code and words in error.text, (events, error)

    asyncio.run(talking())
    assert not Generation.objects.exists() and not TranscriptionRequest.objects.exists()


def test_what_fails_ends_with_the_reason(voice, worker):
    assert "as it was told to" in refused(Synthesize("Do-fail", voice=GRANDMOTHER)).text


def test_an_account_that_is_none_or_not_active_speaks_nothing(voice):
    assert "no account “eve”" in refused(Describe(), username="eve").text
    voice.owner.is_active = False
    voice.owner.save()
    assert refused(Synthesize("Hello."), username="ada").code == "unknown_account"


def test_what_is_no_event_closes_the_connection(transactional_db):
    async def talking():
        async with served() as port:
            for sent in (b"\n", b"[]\n", b"{}\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 70_000, b'{"data_length": "a"}\n'):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent)
                answer = await asyncio.wait_for(reader.read(), 5)
                writer.close()
                assert not answer or json.loads(answer.splitlines()[0])["type"] == "error", sent

    asyncio.run(talking())


def test_requests_are_counted_with_those_of_the_accounts_programs(voice, clock, monkeypatch, settings):
    monkeypatch.setattr(rates, "_seen", {})
    settings.REDIS_URL, settings.REQUESTS_PER_MINUTE = "", 2
    rates.admit_without_key(voice.owner)
    first, last = talk(Describe(), Ping("a"), Describe())[::2]
    assert Info.is_type(first.type)
    error = Error.from_event(last)
    assert error.code == "rate_limited" and "you may make 2 a minute. Try again in" in error.text


def test_a_silent_client_and_one_too_many_are_sent_away(voice, monkeypatch):
    monkeypatch.setattr(wyoming_server, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(wyoming_server, "MAX_CONNECTIONS", 1)

    async def talking():
        async with served() as port, AsyncTcpClient("127.0.0.1", port) as silent:
            async with AsyncTcpClient("127.0.0.1", port) as other:
                assert "Too many programs" in Error.from_event(await other.read_event()).text
            assert await asyncio.wait_for(silent.read_event(), 5) is None
            async with AsyncTcpClient("127.0.0.1", port) as third:
                await third.write_event(SynthesizeStart().event())
                return Error.from_event(await asyncio.wait_for(third.read_event(), 5)).text

    assert asyncio.run(talking()) == "The rest of the text did not come."


def test_a_recording_is_written_down_and_not_kept(voice, worker, settings, monkeypatch):
    kept = []
    ask = wyoming_server.transcription.ask

    def watched(user, flac, seconds, language):
        kept.append((user.username, language, round(seconds, 2), soundfile.info(io.BytesIO(flac)).samplerate))
        return ask(user, flac, seconds, language)

    monkeypatch.setattr(wyoming_server.transcription, "ask", watched)
    with wave.open(str(CLIP)) as file:
        events = [Transcribe(language="en"), *wav_to_chunks(file, 1024, start_event=True, stop_event=True)]
    (event,) = talk(*events, until=Transcript)
    assert Transcript.from_event(event).text == TRANSCRIPT
    assert kept == [("ada", "en-us", 2.99, 24_000)]
    assert not TranscriptionRequest.objects.exists()
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))


def test_speech_of_24_bits_is_read():
    samples, rate = soundfile.read(CLIP, dtype="int32")
    packed = samples.astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    recording = Recording(AudioStart(rate, 3, 1))
    recording.add(AudioChunk(rate, 3, 1, packed))
    with closing(recording):
        decoded = recording.taken_down()
    heard, at = soundfile.read(io.BytesIO(decoded.flac), dtype="float32")
    assert at == 24_000 and len(heard) == pytest.approx(len(samples) * 24_000 / rate, abs=50)
    assert np.abs(heard).max() == pytest.approx(np.abs(samples).max() / 2**31, abs=0.02)


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_a_recording_in_which_nothing_is_said_is_an_empty_text(voice, seconds):
    chunks = [AudioChunk(16_000, 2, 1, bytes(int(32_000 * seconds)))] if seconds else []
    (event,) = talk(Transcribe(), AudioStart(16_000, 2, 1), *chunks, AudioStop(), until=Transcript)
    assert Transcript.from_event(event).text == ""
    assert not TranscriptionRequest.objects.exists()


def test_a_transcription_of_who_hangs_up_ends(voice):
    async def talking():
        async with served() as port:
            async with AsyncTcpClient("127.0.0.1", port) as client:
                with wave.open(str(CLIP)) as file:
                    for each in wav_to_chunks(file, 1024, stop_event=True):
                        await client.write_event(each.event())
                await asyncio.to_thread(wait_for, TranscriptionRequest.objects.exists)
            await asyncio.to_thread(wait_for, lambda: not TranscriptionRequest.objects.exists())

    asyncio.run(talking())


def test_what_is_beyond_a_quota_is_refused_in_words(voice, settings):
    settings.WORK_AT_ONCE = 1
    GenerationFactory(owner=voice.owner, voice=voice)
    assert refused(Synthesize("Hello.", voice=GRANDMOTHER)).code == "too_much_at_once"


def test_the_command_says_what_is_missing(settings):
    with pytest.raises(CommandError, match="Set VOICESITE_WYOMING_PORT"):
        call_command("wyoming")
    settings.WYOMING_PORT, settings.WYOMING_USER, settings.WYOMING_HOST = 10300, "ada", "192.0.2.1"
    with pytest.raises(CommandError, match="can’t listen on 192.0.2.1, port 10300"):
        call_command("wyoming")


# --- what strangers, and programs with faults, send


def test_a_text_of_a_hundred_thousand_characters_is_refused_whole_and_in_pieces(voice):
    long = "word " * 20_000
    assert refused(Synthesize(long, voice=GRANDMOTHER)).code == "too_long"
    pieces = [SynthesizeChunk(long[start : start + 5000]) for start in range(0, len(long), 5000)]
    *_, last = talk(SynthesizeStart(voice=GRANDMOTHER), *pieces)
    assert Error.from_event(last).code == "too_long"
    assert not Generation.objects.exclude(state=State.CANCELLED).exists(), "nothing of it is spoken on"


def test_a_strangers_voice_is_not_spoken_with_by_its_id_either(voice):
    secret = VoiceFactory(owner=UserFactory(), name="Secret")
    for name in ("Secret", str(secret.pk)):
        error = refused(Synthesize("Hello.", voice=SynthesizeVoice(name=name)))
        assert error.code == "voice_not_found" and "There are: Grandmother." in error.text
    assert not Generation.objects.exists()


def test_an_account_that_is_closed_while_connected_speaks_no_more(voice):
    async def talking():
        async with served() as port, AsyncTcpClient("127.0.0.1", port, read_timeout=30) as client:
            await client.write_event(Describe().event())
            assert Info.from_event(await client.read_event()).tts
            voice.owner.is_active = False
            await sync_to_async(voice.owner.save)()
            await client.write_event(Synthesize("Hello.", voice=GRANDMOTHER).event())
            return Error.from_event(await client.read_event())

    assert asyncio.run(talking()).code == "unknown_account"
    assert not Generation.objects.exists()


def test_what_waits_on_a_connection_ends_with_it(voice):
    async def talking():
        async with served() as port:
            async with AsyncTcpClient("127.0.0.1", port) as client:
                for text in ("One.", "Two.", "Three."):
                    await client.write_event(Synthesize(text, voice=GRANDMOTHER).event())
                await asyncio.to_thread(wait_for, Generation.objects.exists)
            await asyncio.to_thread(wait_for, lambda: Generation.objects.get().state == State.CANCELLED)

    asyncio.run(talking())
    assert Generation.objects.get().text == "One.", "the others were not asked for yet"


def test_a_recording_that_breaks_off_leaves_no_file(voice, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def talking():
        async with served() as port:
            async with AsyncTcpClient("127.0.0.1", port) as client:
                await client.write_event(AudioStart(16_000, 2, 1).event())
                await client.write_event(AudioChunk(16_000, 2, 1, bytes(9000)).event())
                await asyncio.to_thread(wait_for, lambda: list(tmp_path.iterdir()))
            await asyncio.to_thread(wait_for, lambda: not list(tmp_path.iterdir()))

    asyncio.run(talking())
    assert not TranscriptionRequest.objects.exists()


RUBBISH = [
    b"\x00" * 1000 + b"\n",
    bytes(range(256)) * 4 + b"\n",
    b"\xff\xfe\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",  # the beginning of TLS
    b'{"type": 5}\n',
    b'{"type": null}\n',
    b'{"type": ["synthesize"]}\n',
    b'{"type": "\\ud83d", "data": 5}\n{"type": "audio-chunk", "data": {"rate": "\\ud83d"}}\n',
    b'{"type": "synthesize", "data": {"text": "Hello.", "voice": {"language": "\\ud83d"}}}\n',
    b'{"type": "synthesize", "data": 5}\n',
    b'{"type": "synthesize", "data": {"text": null}}\n',
    b'{"type": "synthesize", "data": {"text": "a\\u0000b"}}\n',
    b'{"type": "synthesize", "data": {"text": "Hello.", "voice": 5}}\n',
    b'{"type": "synthesize", "data": {"text": "Hello.", "voice": {"name": {"a": 1}}}}\n',
    b'{"type": "synthesize", "data": {"text": "Hello.", "voice": {"name": "\\ud83d"}}}\n',
    b'{"type": "synthesize", "data": {"text": "Hello.", "voice": {"language": ["en"]}}}\n',
    b'{"type": "synthesize", "data_length": 4}\n\xff\xff\xff\xff',
    b'{"type": "synthesize", "data_length": 4}\n[[[[',
    b'{"type": "synthesize", "data_length": -1}\n',
    b'{"type": "synthesize", "data_length": 1e400}\n',
    b'{"type": "synthesize", "data_length": 1000000000000}\n',
    b'{"type": "audio-chunk", "data": {"rate": NaN, "width": 2, "channels": 1}, "payload_length": 2}\nab',
    b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}, "payload_length": -5}\n',
    b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}, "payload_length": 3}\nabc',
    b'{"type": "audio-start", "data": {"rate": 1e30, "width": 2, "channels": 1}}\n',
    b'{"type": "audio-start", "data": {"rate": 16000.5, "width": 2, "channels": 1}}\n',
    b'{"type": "audio-start", "data": {"rate": true, "width": true, "channels": true}}\n',
    b'{"type": "transcribe", "data": {"language": {"a": 1}}}\n{"type": "audio-start", "data": {"rate": 16000, "width": 2, '
    b'"channels": 1}}\n{"type": "audio-stop"}\n',
    b"[" * 60_000 + b"\n",
    b'{"type": "ping", "data": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}\n",
]


def test_rubbish_is_answered_or_left_and_harms_nobody(voice, caplog):
    """Each on its own connection, which is closed; another, opened before them all, goes on."""

    async def talking():
        async with served() as port, AsyncTcpClient("127.0.0.1", port, read_timeout=30) as other:
            for sent in RUBBISH:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent)
                writer.write_eof()
                answer = await asyncio.wait_for(reader.read(), 20)
                writer.close()
                for line in answer.splitlines()[:1]:
                    assert json.loads(line)["type"] in ("error", "transcript", "audio-start"), (sent[:80], answer)
                await other.write_event(Ping("Still there?").event())
                assert Pong.is_type((await other.read_event()).type)

    asyncio.run(talking())
    assert not [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert not Generation.objects.exclude(state=State.CANCELLED).exists() and not TranscriptionRequest.objects.exists()
