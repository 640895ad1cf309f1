"""OpenAI's own client and the served site: what it asks again, when, and what it does not."""

from types import SimpleNamespace

import httpx2
import openai
import pytest

from synthesis.models import Generation
from tests.factories import FittingFactory, UserFactory
from voicesite.jobs.job import State
from voicesite.models import ApiKey
from voicesite.people import keys


@pytest.fixture
def answers():
    """What the client was told, in turn."""
    return []


@pytest.fixture
def program(live_site, answers):
    owner = UserFactory(username="ada")
    FittingFactory(voice__owner=owner, voice__name="Grandmother")
    key = keys.issue(owner, "Program", ApiKey.Scope.values)[1]
    http = httpx2.Client(event_hooks={"response": [answers.append]})
    with openai.OpenAI(base_url=f"{live_site.url}/v1", api_key=key, http_client=http) as client:
        assert client.max_retries > 0
        yield client


@pytest.fixture
def slept(monkeypatch):
    """The seconds that the client waits before it asks again; here, it does not."""
    seconds = []
    monkeypatch.setattr("openai._base_client.time", SimpleNamespace(sleep=seconds.append))
    return seconds


def speak(program, text="One two three."):
    return program.audio.speech.create(model="tts-1", voice="Grandmother", input=text, response_format="pcm")


def test_it_asks_again_when_it_is_told_to(program, answers, slept, settings):
    settings.REQUESTS_PER_MINUTE = 1
    program.models.list()
    with pytest.raises(openai.RateLimitError) as caught:
        program.models.list()
    assert caught.value.code == "rate_limit_exceeded"
    refused = answers[1:]
    assert [answer.status_code for answer in refused] == [429] * (1 + program.max_retries)
    assert slept == [int(answer.headers["Retry-After"]) for answer in refused[:-1]] and all(
        0 < each <= 60 for each in slept
    )


def test_a_quota_of_the_day_is_not_asked_again(program, answers, slept, settings):
    settings.SPEECH_SECONDS_A_DAY = 1
    with pytest.raises(openai.RateLimitError) as caught:
        speak(program, "One two three. " * 9)
    assert (caught.value.code, len(answers), slept) == ("insufficient_quota", 1, [])


def test_a_text_that_failed_is_not_spoken_again(program, answers, slept, worker):
    with pytest.raises(openai.InternalServerError, match="told to"):
        speak(program, "Do-fail")
    assert len(answers) == Generation.objects.count() == 1 and slept == []


def test_speech_is_heard_before_the_whole_is_ready(program, worker, completion):
    with program.audio.speech.with_streaming_response.create(
        model="tts-1", voice="Grandmother", input="One two three. Four five.", response_format="pcm"
    ) as response:
        parts = response.iter_bytes()
        with completion:
            first = next(parts)
            assert Generation.objects.get().state != State.COMPLETED, "the first part came with the last"
        data = first + b"".join(parts)
    assert len(data) / 48_000 == pytest.approx(Generation.objects.get().seconds, abs=0.01)
