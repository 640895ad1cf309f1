import pytest
import soundfile

from synthesis.engines import Reference
from synthesis.engines.fake import FakeEngine
from synthesis.engines.kokoro import KokoroEngine
from tests import FIXTURES


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


@pytest.fixture(params=["kokoro", "fake"])
def engine(request):
    """Each engine in turn, loaded."""
    return request.getfixturevalue(request.param)
