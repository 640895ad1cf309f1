import pytest
import soundfile

from synthesis.engines import Reference
from synthesis.engines.kokoro.engine import KokoroEngine
from synthesis.engines.remote.engine import RemoteEngine
from tests import FIXTURES
from tests.fakes.engine import FakeEngine
from tests.speech_server import SpeechServer


@pytest.fixture
def recording():
    """The fixture recording of that name, as a Reference."""

    def read(name: str) -> Reference:
        samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        return Reference(samples, rate)

    return read


@pytest.fixture(scope="session")
def kokoro():
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    return engine


@pytest.fixture(scope="session")
def fake():
    engine = FakeEngine()
    engine.load(engine.models[0].name)
    return engine


@pytest.fixture(scope="session")
def remote():
    """On a speech server of its own."""
    with SpeechServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICESITE_REMOTE_URL", server.address)
        engine = RemoteEngine()
        engine.load(engine.models[0].name)
        patch.undo()
        yield engine


@pytest.fixture(params=[pytest.param("kokoro", marks=pytest.mark.xdist_group("kokoro")), "fake", "remote"])
def engine(request):
    """Each engine in turn, loaded."""
    return request.getfixturevalue(request.param)
