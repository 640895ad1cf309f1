"""The contract of transcribers, and the bundled one on real voices."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from tests import FIXTURES
from voices.languages import LANGUAGES
from voices.text.alignment import Word
from voices.text.word_errors import error_rate
from voices.transcription.transcribers import TRANSCRIBERS, transcriber_class, whisper
from voicesite.modelhost.protocol import Cancelled, ModelError

bundled_model = pytest.mark.xdist_group("bundled transcriber")


@pytest.mark.parametrize("name", [*TRANSCRIBERS.paths, "fake"])
def test_every_transcriber_keeps_the_contract(name):
    kind = transcriber_class(name)
    assert kind.name == name and kind.models and set(kind.languages) <= set(LANGUAGES)
    assert all(set(kind.languages_of(model.name)) == set(kind.languages) for model in kind.models)
    assert isinstance(kind.unavailable(), str)
    with pytest.raises(ModelError, match="no transcriber called"):
        transcriber_class("stenographer")


def test_models_that_are_called_english_know_english_only():
    assert transcriber_class("faster-whisper").languages_of("Systran/faster-whisper-small.en") == ("en-us", "en-gb")
    assert transcriber_class("mlx").languages_of("mlx-community/whisper-small.en-mlx") == ("en-us", "en-gb")


@pytest.mark.parametrize(
    ("code", "spoken", "language"),
    [("en", "", "en-us"), ("en", "en-gb", "en-gb"), ("pt", "", "pt"), ("pt", "pt-br", "pt-br"), ("zh", "en-us", "zh")],
)
def test_whispers_languages_become_ours(code, spoken, language):
    assert whisper.from_whisper(code, spoken) == language


def test_a_language_that_the_site_has_not_is_named():
    with pytest.raises(ModelError, match="sounds like Dutch") as caught:
        whisper.from_whisper("nl", "")
    assert caught.value.permanent
    with pytest.raises(ModelError, match="code “xx”"):
        whisper.from_whisper("xx", "")
    assert [whisper.to_whisper(each) for each in ("", "pt-br", "zh")] == [None, "pt", "zh"]


def test_words_that_are_written_together_are_one():
    heard = whisper.transcript(
        [Word(" cold", 0, 1, 0.9), Word("-hearted", 1, 2, 0.5), Word(" man.", 2, 3, 0.8)], "en-us", "x"
    )
    assert heard.words == (Word(" cold-hearted", 0, 2, 0.5), Word(" man.", 2, 3, 0.8))
    assert heard.text == "cold-hearted man."
    chinese = whisper.transcript([Word("今天", 0, 1, 0.9), Word("好", 1, 2, 0.5)], "zh", "x")
    assert len(chinese.words) == 2 and chinese.text == "今天好"


@pytest.mark.parametrize(
    ("text", "log_probabilities", "is_invented"),
    [
        ("33 for 692.", [-0.77], False),  # the least probable of what was said
        ("Felicidades, Ustereins de lado", [-0.87], True),  # Spanish, as English
        ("I hope you enjoyed this video. I hope you enjoyed it.", [-0.6], True),
        ("Thanks for watching, and I'll see you next time.", [-0.6], True),
        ("Thanks for watching, and I'll see you next time.", [-0.3], False),  # somebody says so, clearly
        ("Sous-titres réalisés par la communauté d'Amara.org", [-0.55], True),
        ("Thank you all.", [-0.7, -0.5], False),
        ("Anything", [math.nan], False),
        ("Anything", [], False),
    ],
)
def test_what_is_too_improbable_is_invented(text, log_probabilities, is_invented):
    words = [Word(f" {word}", 0, 1, 0.5) for word in text.split()]
    assert whisper.transcript(words, "en-us", "x", log_probabilities).is_invented is is_invented


def test_numbers_that_are_none_do_no_harm():
    assert whisper.word(" a", math.nan, math.inf, math.nan) == Word(" a", 0.0, 0.0, 0.0)
    assert whisper.word(" a", 2.0, 1.0, np.float64(0.5)) == Word(" a", 2.0, 2.0, 0.5)
    whisper.refuse_improbable([math.nan])
    whisper.refuse_improbable([])


@pytest.mark.parametrize(
    ("log_probabilities", "told"),
    [
        ([-0.2, -0.2, -0.2], ["", " One", " two three"]),
        ([-0.9, -0.9, -0.1], ["", "", " One two three"]),  # as if all of it could be rejected, at first
        ([-0.9, -0.9, -0.9], ["", "", ""]),
    ],
)
def test_what_is_heard_is_told_but_for_the_latest_and_the_improbable(log_probabilities, told):
    segments = [
        SimpleNamespace(
            words=[SimpleNamespace(word=word, start=0, end=1, probability=0.9) for word in words],
            end=end,
            avg_logprob=log_probability,
        )
        for words, end, log_probability in zip(
            ([" One"], [" two", " three"], [" four."]), (1, 2, 3), log_probabilities, strict=True
        )
    ]
    transcriber, reported = transcriber_class("faster-whisper")(), []
    transcriber.model = SimpleNamespace(transcribe=lambda *_, **__: (segments, SimpleNamespace(language="en")))
    heard = transcriber.transcribe(np.zeros(48_000, np.float32), "en-us", reported.append)
    assert [each.text for each in reported[1:]] == told and reported[-1].share == 1
    assert heard.text == "One two three four."


@pytest.fixture(scope="module")
def bundled():
    transcriber = transcriber_class("bundled")()
    transcriber.load(transcriber.models[0].name)
    return transcriber


def fixture(name: str) -> np.ndarray:
    return soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")[0]


def quiet(progress) -> None:
    pass


@bundled_model
def test_the_bundled_model_understands_english(bundled):
    reported = []
    heard = bundled.transcribe(fixture("english_austen_1"), "en-gb", reported.append)
    said = (
        "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for "
        "them."
    )
    assert heard.text == said and heard.language == "en-gb" and bundled.runs_on == "CPU, int8"
    assert [word.text.strip() for word in heard.words] == said.split()
    assert all(0 <= word.start <= word.end <= 7.1 and 0 < word.confidence <= 1 for word in heard.words)
    assert all(one.start < other.start for one, other in zip(heard.words, heard.words[1:], strict=False))
    assert reported[0].done == 0 and reported[-1].done > 600 and reported[-1].expected == 710


@bundled_model
@pytest.mark.real_models
def test_what_is_not_english_is_not_made_up(bundled):
    with pytest.raises(ModelError, match="Little of this was understood") as caught:
        bundled.transcribe(fixture("spanish_ivr"), "", quiet)
    assert caught.value.permanent
    assert bundled.transcribe(fixture("spanish_ivr"), "en-us", quiet).is_invented
    short = bundled.transcribe(fixture("english_austen_short"), "", quiet)
    assert short.language == "en-us" and not short.is_invented


@bundled_model
@pytest.mark.real_models
def test_noise_alone_is_no_loop(bundled):
    noise = np.random.default_rng(0).normal(0, 0.02, 5 * 16_000).astype(np.float32)
    for sound in (noise, np.zeros(5 * 16_000, np.float32)):
        assert len(bundled.transcribe(sound, "en-us", quiet).text) < 40


@bundled_model
@pytest.mark.real_models
def test_a_cancel_stops_the_bundled_model(bundled):
    def cancel(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        bundled.transcribe(fixture("english_ivr"), "en-us", cancel)
    said = "Congratulations. You have successfully installed and executed the Asterisk open source PBX."
    assert error_rate(said, bundled.transcribe(fixture("english_ivr"), "en-us", quiet).text, "en-us") == 0


def test_a_folder_without_a_model_is_told_and_nothing_is_fetched(tmp_path, monkeypatch):
    faster = transcriber_class("faster-whisper")()
    with pytest.raises(ModelError, match="is not on this machine") as caught:
        faster.load("Systran/faster-whisper-small")
    assert caught.value.permanent
    for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="can't be loaded"):
        faster.load(str(tmp_path))
