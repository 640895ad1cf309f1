"""Speaker embeddings: their similarity, and the front end."""

from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
import soxr

from voices.analysis import speaker_encoder

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Recording(NamedTuple):
    samples: np.ndarray
    sample_rate: int


SPEAKERS = {
    "english_austen_1": "reader",
    "english_austen_2": "reader",
    "english_austen_short": "reader",
    "english_ivr": "allison",
    "spanish_ivr": "allison",
}


@pytest.fixture
def recording():
    """Return a function that reads a fixture recording by name."""
    return lambda name: Recording(*soundfile.read(FIXTURES / f"{name}.wav", dtype="float32"))


@pytest.fixture
def embeddings(recording):
    references = {name: recording(name) for name in SPEAKERS}
    return {name: speaker_encoder.embed(one.samples, one.sample_rate) for name, one in references.items()}


def test_one_person_is_closer_to_themselves_than_to_anyone_else(embeddings):
    same, other = [], []
    for one, two in combinations(SPEAKERS, 2):
        pile = same if SPEAKERS[one] == SPEAKERS[two] else other
        pile.append(speaker_encoder.similarity(embeddings[one], embeddings[two]))

    assert min(same) > max(other)


def test_an_embedding_has_unit_norm_and_hardly_changes_with_loudness_or_rate(recording, embeddings):
    reference = recording("english_ivr")
    louder = speaker_encoder.embed(reference.samples * 1.4, reference.sample_rate)
    resampled = speaker_encoder.embed(soxr.resample(reference.samples, reference.sample_rate, 24_000), 24_000)

    assert embeddings["english_ivr"].shape == (256,)
    assert np.linalg.norm(embeddings["english_ivr"]) == pytest.approx(1, abs=1e-5)
    assert speaker_encoder.similarity(embeddings["english_ivr"], louder) > 0.97
    assert speaker_encoder.similarity(embeddings["english_ivr"], resampled) > 0.99


def test_known_similarities(embeddings):
    """The figures are those of this encoder when its embeddings were equal to Resemblyzer's."""
    assert speaker_encoder.similarity(embeddings["english_austen_1"], embeddings["english_austen_2"]) == pytest.approx(
        0.918, abs=0.005
    )
    assert speaker_encoder.similarity(embeddings["english_ivr"], embeddings["spanish_ivr"]) == pytest.approx(
        0.781, abs=0.005
    )


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(16_000), np.full(16_000, 1e-7)])
def test_silence_has_no_speaker(samples):
    with pytest.raises(ValueError, match="only silence"):
        speaker_encoder.embed(samples, 16_000)


def test_a_recording_shorter_than_a_window_is_padded(recording):
    reference = recording("english_ivr")
    short = speaker_encoder.embed(reference.samples[8_000:20_000], reference.sample_rate)

    assert np.linalg.norm(short) == pytest.approx(1, abs=1e-5)


def test_a_tone_lies_in_its_mel_band():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)

    frames = speaker_encoder.mel(tone)

    assert frames.shape == (101, 40)
    # 1 kHz is the 15th mel of Slaney's scale, and the bands are 42 points of it: 0 … 45.25.
    assert frames.mean(0).argmax() == pytest.approx(15 / 45.25 * 41 - 1, abs=1)
