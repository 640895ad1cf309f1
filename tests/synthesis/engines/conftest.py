import pytest
import soundfile

from synthesis.engines.base import Reference
from synthesis.engines.kokoro.cores import Cores
from synthesis.engines.kokoro.engine import UTTERANCES_A_CORE, KokoroEngine, _infer
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


class Once:
    """A model that says the same to the same: it is asked once in a session. A processor needs seconds for a word."""

    def __init__(self, session):
        self.session, self.said = session, {}

    def run(self, outputs, inputs, options=None):
        key = tuple((name, value.tobytes()) for name, value in sorted(inputs.items()))
        if key not in self.said:
            self.said[key] = self.session.run(outputs, inputs, options)
        return [value.copy() for value in self.said[key]]


@pytest.fixture(scope="session")
def kokoro():
    """The embedded engine with its real model, loaded once; `kokoro.session.said` is what it was asked so far.

    As on two cores. The tests give it one thread, so that one session does for one utterance and for several.
    """
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    engine.session = Once(engine.session)
    engine.max_batch = 2 * UTTERANCES_A_CORE
    engine.cores = Cores(2, lambda inputs, options: _infer(engine.session, inputs, options))
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


KOKORO = pytest.param("kokoro", marks=[pytest.mark.xdist_group("kokoro"), pytest.mark.real_models])


@pytest.fixture(params=[KOKORO, "fake", "remote"])
def engine(request):
    """Each engine in turn, loaded."""
    return request.getfixturevalue(request.param)
