"""Test the registries of engines and transcribers: by name, and by the dotted path in a setting."""

import pytest

from synthesis.engines import ENGINES, EngineError
from tests import fakes
from tests.fakes.engine import FakeEngine
from tests.fakes.transcriber import FakeTranscriber
from voices.transcription.transcribers import TRANSCRIBERS
from voicesite.modelhost.protocol import ModelError


def test_a_dotted_path_in_the_environment_goes_by_its_own_name(monkeypatch):
    assert ENGINES.get("fake") is ENGINES.get(fakes.ENGINE) is FakeEngine
    assert TRANSCRIBERS.get("fake") is TRANSCRIBERS.get(fakes.TRANSCRIBER) is FakeTranscriber
    assert ENGINES.short_name(fakes.ENGINE) == "fake" and ENGINES.short_name("auto") == "auto"
    for variable in ("VOICESITE_ENGINE", "VOICESITE_TRANSCRIBER"):
        monkeypatch.setenv(variable, "auto")
    with pytest.raises(EngineError, match="There is no engine called “fake”"):
        ENGINES.get("fake")
    with pytest.raises(ModelError, match="There is no transcriber called “fake”"):
        TRANSCRIBERS.get("fake")


@pytest.mark.parametrize(
    "path",
    ["tests.nowhere.Engine", "tests.fakes.engine.Nobody", fakes.TRANSCRIBER, "os.path.join", ".", "a..b", ".a.b"],
)
def test_a_path_that_leads_to_no_engine_is_refused_in_words(path):
    with pytest.raises(EngineError) as caught:
        ENGINES.get(path)
    assert caught.value.permanent and f"The engine “{path}” can’t be imported: " in caught.value.message


def test_what_is_chosen_goes_first_and_what_is_none_of_the_list_alone():
    assert (
        [engine.name for engine in ENGINES.in_order("auto")]
        == list(ENGINES.paths)
        == ["remote", "mlx", "torch", "kokoro"]
    )
    assert [engine.name for engine in ENGINES.in_order("torch")] == ["torch", "remote", "mlx", "kokoro"]
    assert ENGINES.in_order(ENGINES.paths["kokoro"]) == ENGINES.in_order("kokoro")
    assert ENGINES.in_order(fakes.ENGINE) == [FakeEngine]
