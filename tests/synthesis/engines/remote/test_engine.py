"""The engine that speaks on another machine: what it asks for, and what it makes of a server that misbehaves."""

import base64
import io
import shutil
import socket
import ssl
import subprocess
import threading
import time
import wave

import numpy as np
import pytest

from synthesis.engines.base import Audio, EngineError, Reference, Rejected, Utterance
from synthesis.engines.client import EngineProcess
from synthesis.engines.remote import client
from synthesis.engines.remote.engine import DEFAULT_MODEL, RemoteEngine
from tests.speech_server import FRAME_SAMPLES, MODEL, RATE, SpeechServer
from voicesite.modelhost import certificates
from voicesite.modelhost.protocol import Cancelled, Progress

TEXT = "The kettle is on, and the table is laid."


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch):
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0.01)


@pytest.fixture
def server():
    with SpeechServer() as server:
        yield server


@pytest.fixture
def load(monkeypatch, server):
    def load(address=server.address, **variables) -> RemoteEngine:
        monkeypatch.setenv("VOICESITE_REMOTE_URL", address)
        for name, value in variables.items():
            monkeypatch.setenv(f"VOICESITE_REMOTE_{name.upper()}", value)
        engine = RemoteEngine()
        engine.load(engine.models[0].name)
        return engine

    return load


@pytest.fixture
def engine(load):
    return load()


@pytest.fixture
def voice(engine, recording):
    spoken = recording("english_austen_short")
    return engine.condition(
        Reference(spoken.samples, spoken.sample_rate, "He was not an ill disposed young man.", "en-gb")
    )


@pytest.fixture
def say(engine, voice):
    def say(*texts, on_progress=lambda progress: None, **options) -> list[Audio | Rejected]:
        options = {"language": "en-us", "conditioning": voice, **options}
        return list(engine.synthesize([Utterance(text, **options) for text in texts], on_progress))

    return say


def failure(say, *texts) -> EngineError:
    with pytest.raises(EngineError) as caught:
        say(*texts)
    return caught.value


# What it asks for


def test_a_request_says_all_that_the_server_needs(server, say):
    say("Ten of doze.", language="pt-br", seed=7)

    (asked,) = server.asked
    recording = asked.pop("ref_audio").removeprefix("data:audio/wav;base64,")
    with wave.open(io.BytesIO(base64.b64decode(recording))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert not samples[-RATE // 2 :].any(), "silence, so that the model doesn't go on with the recording's sentence"
    assert np.abs(samples).max() > 3000
    assert 0 < asked.pop("max_new_tokens") < 4096
    assert asked == {
        "model": MODEL,
        "input": "Ten of doze.",
        "language": "Portuguese",
        "task_type": "Base",
        "ref_text": "He was not an ill disposed young man.",
        "response_format": "pcm",
        "stream": True,
        "stream_format": "audio",
        "seed": 7,
    }


def test_without_a_transcript_only_the_timbre_is_copied(server, engine, recording, say):
    say(TEXT, conditioning=engine.condition(recording("english_ivr")))

    assert server.asked[0]["x_vector_only_mode"] is True
    assert "ref_text" not in server.asked[0]


def test_a_key_is_sent_and_a_wrong_one_is_told(server, load, recording):
    server.key = "s3cret"
    engine = load(key="s3cret")
    assert list(
        engine.synthesize([Utterance(TEXT, "en-us", engine.condition(recording("english_ivr")))], lambda _: None)
    )

    with pytest.raises(EngineError, match="does not accept this site’s key") as caught:
        load(key="wrong")
    assert caught.value.permanent
    assert "wrong" not in caught.value.message


def test_an_address_may_end_as_openais_do(server, load, voice):
    engine = load(f"{server.address}/v1/")
    assert engine.runs_on == f"127.0.0.1:{server.server_port}"
    assert list(engine.synthesize([Utterance(TEXT, "en-us", voice)], lambda progress: None))[-1].last


def test_a_server_without_a_list_of_models_is_believed(server, load):
    server.models.clear()
    assert load().model == DEFAULT_MODEL


def test_a_model_that_the_server_lacks_is_told_with_those_it_has(server, load):
    server.models = ["tts-1", "Qwen/Qwen3-TTS-12Hz-0.6B-Base"]
    with pytest.raises(EngineError, match="does not have .*1.7B-Base.* tts-1, Qwen/Qwen3-TTS-12Hz-0.6B-Base") as caught:
        load()
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "No speech server is configured. VOICESITE_REMOTE_URL"),
        ("gpu:8091", "“gpu:8091” is no address of a server: write http://"),
        ("ftp://gpu", "no address of a server"),
        ("http://[gpu", "no address"),
        ("http://gpu:8091/v1", ""),
    ],
)
def test_without_a_server_it_says_what_is_missing(monkeypatch, address, words):
    monkeypatch.setenv("VOICESITE_REMOTE_URL", address)
    assert words in RemoteEngine.unavailable()
    assert bool(words) == bool(RemoteEngine.unavailable())


# How it speaks


def test_speech_is_handed_on_while_the_server_still_makes_it(server, engine, voice):
    server.pace = 0.01
    speech = engine.synthesize([Utterance(f"{TEXT} [endless]", "en-us", voice)], lambda progress: None)

    first = next(speech)

    assert isinstance(first, Audio) and not first.last
    assert len(first.samples) >= RATE // 4
    speech.close()
    assert waits_for(lambda: server.left), "who stops listening hangs up"


def test_what_streams_is_what_the_server_said(say):
    parts = say(TEXT)

    assert len(parts) > 2
    samples = np.concatenate([part.samples for part in parts])
    assert len(samples) == round((0.4 + 0.065 * len(TEXT)) * RATE / FRAME_SAMPLES) * FRAME_SAMPLES
    assert np.abs(np.diff(samples)).max() < 0.05, "no seam can be heard"


def test_an_end_is_treated_as_one_though_it_came_in_pieces(say):
    """Wherever the pieces fall: faded where it is cut in full voice, and no more than 0.3 s of silence."""
    texts = [f"{TEXT} {'x' * number}{word}" for number in range(5) for word in ("", " [trail]")]
    for text in texts:
        samples = np.concatenate([part.samples for part in say(text)])
        tenths = np.abs(samples[-RATE // 10 * 10 :]).reshape(-1, RATE // 10).max(1)
        if "trail" in text:
            assert tenths[-5] > 0.25 and not tenths[-3:-1].any()
        else:
            assert tenths[-2] > 0.25 and np.abs(samples[-RATE // 100 :]).max() < 0.1


def test_a_request_that_is_closed_before_it_is_sent_is_never_sent(server):
    request = client.SpeechServer(server.address).speak({"input": "[mute]"})
    request.close()
    with pytest.raises(client.Closed):
        list(request.read())
    assert not server.asked


def test_a_batch_is_asked_for_at_once(server, say):
    server.pace = 0.01
    items = say(*[f"{TEXT} {'x' * number}" for number in range(8)])

    assert server.most == 8
    assert sorted(item.index for item in items if item.last) == list(range(8))


def test_progress_counts_frames_and_says_when_the_server_has_not_begun(server, engine, voice):
    seen: list[Progress] = []

    def on_progress(progress):
        seen.append(progress)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(engine.synthesize([Utterance(f"{TEXT} [late]", "en-us", voice)], on_progress))

    assert {(progress.done, progress.stage) for progress in seen} == {(0, "Waiting for the speech server")}
    assert 20 < seen[0].expected < 60
    assert waits_for(lambda: server.left)


@pytest.mark.parametrize("word", ["mute", "late", "endless", "jam"])
def test_cancelling_hangs_up_whatever_the_server_does(server, engine, voice, word, monkeypatch):
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 5)
    begun = time.monotonic()

    def cancel(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        list(engine.synthesize([Utterance(f"{TEXT} [{word}]", "en-us", voice)], cancel))

    assert time.monotonic() - begun < 3
    if word != "jam":  # which has hung up itself, and is not asked again
        assert waits_for(lambda: server.left)
    assert waits_for(lambda: not [each for each in threading.enumerate() if "fetch" in each.name])
    assert len(server.asked) <= 2


def test_one_that_waits_for_the_server_can_be_dropped_while_others_speak(server, say):
    server.pace = 0.01
    items = say(f"{TEXT} [mute]", TEXT * 2, on_progress=lambda progress: progress.index == 0 and progress.done == 0)

    assert {item.index for item in items} == {1} and items[-1].last
    assert waits_for(lambda: server.left)


def test_speed_is_changed_here_while_it_streams(server, say):
    usual, faster = say(TEXT), say(TEXT, speed=1.5)

    assert len(faster) > 2
    assert 0.6 < sum(len(part.samples) for part in faster) / sum(len(part.samples) for part in usual) < 0.73
    assert "speed" not in server.asked[1], "a server streams at its own speed only"


def test_a_whole_file_is_understood_too(say):
    (audio,) = say(f"{TEXT} [file]")

    assert audio.last and audio.sample_rate == RATE
    assert len(audio.samples) == pytest.approx((0.4 + 0.065 * len(f"{TEXT} [file]")) * RATE, abs=FRAME_SAMPLES)
    assert 0.25 < np.abs(audio.samples).max() < 0.35


# What may go wrong


@pytest.mark.parametrize(
    ("word", "words", "permanent"),
    [
        ("refuse", "refused this: The text is too odd.", True),
        ("invalid", "refused this: Input should be shorter", True),
        ("lock", "does not accept this site’s key (VOICESITE_REMOTE_KEY)", True),
        ("nowhere", "has no such model, or makes no speech: The model `x` does not exist.", True),
        ("move", "answered with HTTP 307, which is no speech", True),
        ("fail", "failed (500): EngineDeadError", False),
        ("jam", "has too much to do at the moment: queue is full", False),
        ("cut", "broke off", False),
        ("half", "broke off mid-sample", False),
        ("hang up", "broke off", False),
        ("page", "sent something other than audio: <html>It works!</html>", False),
        ("excuse", "no voice today", False),
    ],
)
def test_what_fails_is_told_in_words(server, say, word, words, permanent):
    error = failure(say, f"{TEXT} [{word}]")

    assert words in error.message
    assert error.permanent is permanent
    assert len(server.asked) == (1 + client.MAX_RETRIES if word == "jam" else 1), "only what was not begun is repeated"


@pytest.mark.parametrize("word", ["busy", "starting"])
def test_a_server_that_is_busy_is_asked_again(server, say, word):
    assert say(f"{TEXT} [{word}]")[-1].last
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("empty", "made no sound"),
        ("still", "made only silence"),
        ("endless", "The speech server did not stop: it spoke for"),
    ],
)
def test_speech_that_is_none_is_rejected_so_that_another_seed_may_do_better(server, say, word, words):
    *before, last = say(f"{TEXT} [{word}]")

    assert isinstance(last, Rejected) and words in last.reason
    assert not any(part.last for part in before)
    if word == "endless":
        assert waits_for(lambda: server.left), "nobody listens to that"
        assert sum(len(part.samples) for part in before) < 15 * RATE


def test_what_fails_for_one_of_a_batch_leaves_the_others(say):
    items = say(TEXT, f"{TEXT} [refuse]", TEXT)

    assert [item for item in items if isinstance(item, Rejected)] == [
        Rejected(1, items[-1].reason)
    ] and "too odd" in items[-1].reason
    assert sorted(item.index for item in items if isinstance(item, Audio) and item.last) == [0, 2]


def test_a_language_that_it_does_not_speak_is_no_guess(server, say):
    with pytest.raises(EngineError, match="does not speak Hindi") as caught:
        say(TEXT, language="hi")
    assert caught.value.permanent and not server.asked


def test_a_voice_that_another_engine_prepared_is_told(say):
    from synthesis.engines.base import Conditioning

    with pytest.raises(EngineError, match="Prepare it again") as caught:
        say(TEXT, conditioning=Conditioning(b"tone"))
    assert caught.value.permanent


def test_a_server_that_says_nothing_is_given_up(load, voice):
    engine = load(timeout="0.3")
    with pytest.raises(EngineError, match="said nothing for 0 seconds") as caught:
        list(engine.synthesize([Utterance(f"{TEXT} [mute]", "en-us", voice)], lambda progress: None))
    assert not caught.value.permanent


def test_a_server_that_is_gone_is_told(load):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(
        EngineError, match=r"127.0.0.1:\d+ can’t be reached \(Connection refused\). Is it running"
    ) as caught:
        load(address)
    assert not caught.value.permanent


def test_a_name_that_is_unknown_is_told(load):
    with pytest.raises(EngineError, match=r"no.such.host.invalid:1 can’t be reached \(its name is not known"):
        load("http://no.such.host.invalid:1")


def test_tls_where_there_is_none_is_told(server, load):
    with pytest.raises(EngineError, match="could not prove who it is") as caught:
        load(server.address.replace("http:", "https:"))
    assert not caught.value.permanent


@pytest.fixture
def certificate(tmp_path, server):
    """Of the server, which speaks TLS; signed by itself."""
    if not shutil.which("openssl"):
        pytest.skip("the program openssl makes the certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        tmp_path / "key.pem",
        "-out",
        tmp_path / "cert.pem",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    certificates.context.cache_clear()
    yield tmp_path / "cert.pem"
    certificates.context.cache_clear()


def test_a_certificate_that_nobody_vouches_for_is_refused(server, load, certificate):
    with pytest.raises(EngineError, match="could not prove who it is") as caught:
        load(f"https://localhost:{server.server_port}")
    assert caught.value.permanent


def test_a_certificate_that_the_operator_names_is_believed(server, load, certificate, recording, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    engine = load(f"https://localhost:{server.server_port}")
    voice = engine.condition(recording("english_ivr"))

    assert list(engine.synthesize([Utterance(TEXT, "en-us", voice)], lambda progress: None))[-1].last
    list(engine.synthesize([Utterance(f"{TEXT} [mute]", "en-us", voice)], lambda progress: True))
    assert waits_for(lambda: server.left), "one can hang up there too"


def test_it_speaks_in_the_engine_host(server, recording):
    process = EngineProcess(stall_seconds=20, environment={"VOICESITE_REMOTE_URL": server.address})
    try:
        process.load("remote", DEFAULT_MODEL, lambda: None)
        assert process.runs_on == f"127.0.0.1:{server.server_port}"
        voice = process.condition(recording("english_austen_short"), lambda: None)
        heard = []
        for item in process.synthesize(
            [Utterance(text, "en-us", voice) for text in (TEXT, f"{TEXT} [mute]")], lambda: None
        ):
            if isinstance(item, Progress) and item.index == 1:
                process.drop(1)
            heard.append(item)
        assert {item.index for item in heard if isinstance(item, Audio)} == {0}
        assert waits_for(lambda: server.left)
        speech = process.synthesize([Utterance(f"{TEXT} [mute]", "en-us", voice)], lambda: None)
        next(speech)
        speech.close()  # a cancel
        assert waits_for(lambda: len(server.left) == 2)
    finally:
        process.end()


def waits_for(happened, seconds: float = 3) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
