"""Transcripts that fit their recordings, and others."""

import re

import pytest
import soundfile
import soxr

from tests import FIXTURES
from voices.analysis.vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask
from voices.text.transcript_fit import mismatch

FIXTURE_ROWS = re.findall(r"^\| (\w+)\.wav \|.*\| (en|es) \|.*\| (.+) \|$", (FIXTURES / "README.md").read_text(), re.M)


def speech_seconds(name: str) -> float:
    samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
    return float(speech_mask(soxr.resample(samples, rate, SAMPLE_RATE)).sum()) * FRAME_SAMPLES / SAMPLE_RATE


@pytest.mark.parametrize("name, language, transcript", FIXTURE_ROWS)
def test_real_pairs_fit_and_far_from_the_bounds(name, language, transcript):
    seconds = speech_seconds(name)

    assert mismatch(transcript, seconds, language) == ""
    assert mismatch(transcript, seconds / 1.5, language) == ""
    assert mismatch(transcript, seconds * 1.5, language) == ""
    assert "more than can be heard" in mismatch(transcript * 6, seconds, language)
    assert "something is missing" in mismatch(transcript, seconds * 8 + 10, language)


def test_all_the_fixtures_are_asked():
    assert len(FIXTURE_ROWS) == 5


@pytest.mark.parametrize(
    "language, transcript, quick, slow",
    [
        # a text, the seconds of a quick speaker, and of a slow one
        ("zh", "今天天气很好，我们一起去公园散步吧。", 1.8, 8),
        ("ja", "今日はとても天気がいいので、公園を散歩しましょう。", 2.4, 10),
        ("ko", "오늘은 날씨가 아주 좋으니 함께 공원을 산책합시다.", 2.3, 10),
        ("hi", "आज मौसम बहुत अच्छा है, चलो पार्क में टहलने चलते हैं।", 2.2, 10),
        ("ru", "Сегодня прекрасная погода, давайте погуляем в парке.", 2.1, 9),
        ("fr", "Il fait très beau aujourd’hui, allons nous promener dans le parc.", 2.2, 10),
        ("es", "Hoy hace muy buen tiempo, vamos a dar un paseo por el parque.", 2.2, 10),
        ("de", "Am 24.12.2026 um 14:30 Uhr kamen 1.500 Leute.", 3.5, 16),
        ("en-us", "Yes.", 0.3, 2.5),
    ],
)
def test_each_script_has_its_rate(language, transcript, quick, slow):
    for seconds in (quick, slow):
        assert mismatch(transcript, seconds, language) == ""
    assert "more than can be heard" in mismatch(transcript * 20, slow / 2, language)
    assert "something is missing" in mismatch(transcript, slow * 8, language)


def test_it_says_what_was_found_and_what_to_do():
    assert mismatch("What a lovely day it is. " * 12, 4.04, "en-us") == (
        "The transcript has 299 characters, but the recording holds only 4.0 s of speech: "
        "it says more than can be heard. Include only what is said in the recording."
    )
    assert mismatch("Hello.", 28.3, "en-us") == (
        "The transcript has only 6 characters, but the recording holds 28 s of speech: "
        "something is missing. Include everything that is said in the recording."
    )


@pytest.mark.parametrize("transcript", ["", "  \n", "…", "— !"])
def test_no_transcript_is_no_misfit(transcript):
    assert mismatch(transcript, 8.0, "en-us") == ""


def test_punctuation_and_blank_lines_take_no_time():
    assert mismatch("Yes" + "." * 500 + "\n" * 500 + "no.", 0.8, "en-us") == ""


AUSTEN = "Unless to be rather cold hearted and rather selfish is to be ill disposed."


@pytest.mark.parametrize(
    "transcript, heard, language",
    [
        (AUSTEN, AUSTEN, "en-gb"),
        (AUSTEN, "Unless to be rather cold-hearted and rather self-ish is to be ill disposed", "en-gb"),
        (AUSTEN, "", "en-gb"),
        # What Whisper tiny.en made of names, in noise as loud as the voice.
        ("Siobhan O'Reilly met Jiří Novák in Llandudno.", "Chivor O'Reilly met Cheerina Bobman and Bubba.", "en-us"),
        ("Yes.", "Yes, sir.", "en-us"),
        ("Call 555-0199 at 4:30.", "Call five five five zero one nine nine at four thirty", "en-us"),
        ("今天天气很好。", "今天空气很好", "zh"),
    ],
)
def test_a_transcriber_may_be_in_error(transcript, heard, language):
    assert mismatch(transcript, len(heard or transcript) / 5, language, heard) == ""


@pytest.mark.parametrize(
    "transcript, heard, words",
    [
        (AUSTEN, "And Mr. John Dashwood had then leisure to consider how much there might be.", "match the recording"),
        (AUSTEN, "Unless to be rather cold-hearted and rather selfish", "says more than"),
        ("Unless to be rather cold hearted and rather selfish", AUSTEN, "leaves out much"),
    ],
)
def test_what_a_transcriber_clearly_heard_otherwise_is_no_pair(transcript, heard, words):
    assert words in mismatch(transcript, 5.3, "en-gb", heard)
    assert mismatch(transcript, 5.3, "en-gb") == "", "its length alone says nothing"


def test_it_is_no_pair_in_chinese_either():
    assert "match the recording" in mismatch("今天天气很好。", 2.0, "zh", "我们一起去公园")
