"""The choice of transcriber, and the reason if none works."""

from pathlib import Path

import pytest

from voices.languages import LANGUAGES
from voices.templatetags.transcripts import known_languages
from voices.transcription import choice as transcriber_choice
from voices.transcription.choice import transcriber_for
from voices.transcription.transcribers import TRANSCRIBERS
from voices.transcription.transcribers.whisper_mlx import MlxWhisper
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import ModelError

SMALL_MODEL, TURBO_MODEL = "Systran/faster-whisper-small", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"
MLX = "mlx-community/whisper-large-v3-turbo"


@pytest.fixture
def here(settings, monkeypatch):
    """Return the names of the models on this machine, to add to; mlx-whisper seems to be installed."""
    settings.TRANSCRIBER = "auto"
    names: set[str] = set()
    monkeypatch.setattr(weights, "find", lambda model: Path(model) if model in names else None)
    monkeypatch.setattr(MlxWhisper, "unavailable", lambda: "")
    return names


def chosen(language="") -> tuple[str, str]:
    option = transcriber_for(language)
    return option.engine, option.model


def test_the_best_whose_model_is_here_is_taken(here):
    assert chosen("en-gb") == ("bundled", "tiny.en")
    here.add(TURBO_MODEL)
    assert chosen("en-gb") == chosen("zh") == ("faster-whisper", TURBO_MODEL)
    here.add(SMALL_MODEL)
    assert chosen() == ("faster-whisper", SMALL_MODEL)
    here.add(MLX)
    assert chosen() == ("mlx", MLX)
    assert transcriber_choice.reason() == "the best that is on this machine"


def test_a_setting_goes_first_and_its_lack_is_told(here, settings):
    settings.TRANSCRIBER = "faster-whisper"
    assert chosen() == ("bundled", "tiny.en")
    assert transcriber_choice.reason() == "Whisper small is not downloaded yet"
    here |= {MLX, SMALL_MODEL, "Systran/faster-whisper-medium"}
    assert chosen() == ("faster-whisper", SMALL_MODEL)
    assert transcriber_choice.reason() == "chosen by VOICESITE_TRANSCRIBER"
    settings.TRANSCRIBER_MODEL = "medium"
    assert chosen() == ("faster-whisper", "Systran/faster-whisper-medium")
    settings.TRANSCRIBER_MODEL = "/srv/whisper"
    assert chosen() == ("faster-whisper", SMALL_MODEL) and "holds no complete model" in transcriber_choice.reason()
    settings.TRANSCRIBER = "bundled"
    assert chosen() == ("bundled", "tiny.en")


def test_one_that_cannot_run_is_told(here, settings, monkeypatch):
    settings.TRANSCRIBER = "mlx"
    monkeypatch.setattr(MlxWhisper, "unavailable", lambda: "It needs Apple Silicon.")
    assert chosen() == ("bundled", "tiny.en")
    assert transcriber_choice.reason() == "VOICESITE_TRANSCRIBER is mlx, which cannot run here"
    assert transcriber_choice.unavailable() == {"mlx": "It needs Apple Silicon."}


def test_a_language_that_the_first_does_not_know_is_anothers(here, settings):
    settings.TRANSCRIBER, settings.TRANSCRIBER_MODEL = "faster-whisper", "small.en"
    here |= {"Systran/faster-whisper-small.en", MLX}
    assert chosen("en-us") == chosen() == ("faster-whisper", "Systran/faster-whisper-small.en")
    assert chosen("es") == ("mlx", MLX)


def test_what_nothing_here_knows_is_said(here, settings):
    with pytest.raises(ModelError, match="Only English can be transcribed on this site, and not Hindi") as caught:
        transcriber_for("hi")
    assert caught.value.permanent
    settings.TRANSCRIBER = "none"
    with pytest.raises(ModelError, match="Nothing is transcribed on this site"):
        transcriber_for("en-us")
    assert transcriber_choice.current() is None
    assert transcriber_choice.reason() == "VOICESITE_TRANSCRIBER is none"


def test_where_nothing_is_installed_people_type(here, monkeypatch):
    monkeypatch.setattr(TRANSCRIBERS, "paths", {})
    with pytest.raises(ModelError, match="No transcriber works on this machine"):
        transcriber_for("en-us")
    assert transcriber_choice.reason() == "none works on this machine"


@pytest.mark.parametrize(
    ("written", "transcriber", "name"),
    [
        ("small", "faster-whisper", SMALL_MODEL),
        ("large-v3-turbo", "faster-whisper", TURBO_MODEL),
        ("distil-large-v3", "faster-whisper", "Systran/faster-distil-whisper-large-v3"),
        ("turbo", "mlx", MLX),
        ("small", "mlx", "mlx-community/whisper-small-mlx"),
        ("Owner/whisper", "mlx", "Owner/whisper"),
        ("/srv/whisper", "faster-whisper", "/srv/whisper"),
        ("~/whisper", "faster-whisper", "~/whisper"),
    ],
)
def test_models_go_by_the_names_that_people_know(written, transcriber, name):
    assert transcriber_choice.full_name(written, transcriber) == name


def test_what_it_knows_is_said_in_words(here):
    here.add(SMALL_MODEL)
    by_name = {option.engine: known_languages(option.languages) for option in transcriber_choice.options()}
    assert by_name["bundled"] == "English"
    assert by_name["faster-whisper"] == "all languages of this site" and len(LANGUAGES) == 13
