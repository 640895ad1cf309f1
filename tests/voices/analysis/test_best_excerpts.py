"""The best excerpts of a long recording are clean whole sentences by its main speaker."""

import numpy as np
import pytest

from tests.voices.files import speech
from tests.voices.sounds import clipped, music, noise, with_noise
from voices.analysis import dnsmos
from voices.analysis.best_excerpts import MAX_EXCERPT_SECONDS, MIN_EXCERPT_SECONDS, quick_excerpt, rank_excerpts
from voices.analysis.vad import SAMPLE_RATE
from voicesite.modelhost.protocol import Cancelled


def joined(*parts: np.ndarray, pause: float = 0.8) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return the parts joined by pauses of room noise, and start and end of each in seconds."""
    room = (1e-4 * noise(range(round(pause * SAMPLE_RATE)))).astype(np.float32)
    wave, places, at = [room], [], len(room)
    for part in parts:
        wave += [np.clip(part, -1, 1).astype(np.float32), room]
        places.append((at / SAMPLE_RATE, (at + len(part)) / SAMPLE_RATE))
        at += len(part) + len(room)
    return np.concatenate(wave), places


@pytest.fixture
def quick(monkeypatch):
    """Replace DNSMOS, which takes most of the time, by a constant opinion."""
    monkeypatch.setattr(dnsmos, "predict_mos", lambda samples, rate: dnsmos.Opinion(3.6, 4.0, 3.3))


def within(stretch, place) -> bool:
    return place[0] - 0.5 < stretch.start and stretch.end < place[1] + 0.5


def test_of_all_that_is_in_a_recording_the_clean_speech_of_its_main_speaker_is_chosen(quick):
    main, other = [speech("english_ivr"), speech("spanish_ivr")], speech("english_austen_1") * 2
    wave, places = joined(
        with_noise(main[0], noise(main[0]), 8), main[0], other, clipped(main[1], 0.03), main[1],
        np.resize(other, len(main[0])) + main[0], with_noise(main[1], music(10), 5), np.zeros(4 * SAMPLE_RATE),
        0.05 * noise(range(4 * SAMPLE_RATE)),
    )  # fmt: skip
    reported = []
    found = rank_excerpts(wave, reported.append)
    assert len(found) == 2 and {any(within(each, places[place]) for each in found) for place in (1, 4)} == {True}
    assert all(MIN_EXCERPT_SECONDS <= each.end - each.start <= MAX_EXCERPT_SECONDS for each in found)
    assert found[0].score >= found[1].score and found[0].score > 0.75
    shares = [progress.done / progress.expected for progress in reported]
    assert shares == sorted(shares) and shares[-1] < 1 and {progress.stage for progress in reported} == {
        "Finding speech", "Identifying speakers", "Comparing the best stretches"
    }  # fmt: skip


def test_who_speaks_most_is_the_main_speaker(quick):
    reader = [speech("english_austen_1"), speech("english_austen_2")]
    wave, places = joined(speech("english_ivr"), *reader)
    found = rank_excerpts(wave)
    assert found and not any(within(each, places[0]) for each in found)


def test_a_stretch_begins_and_ends_in_a_pause():
    wave, places = joined(*[speech("english_austen_short")] * 12, pause=0.5)
    start, end = quick_excerpt(wave)
    for edge in (start, end):
        assert not any(begin + 0.1 < edge < finish - 0.1 for begin, finish in places)
    assert 8 < end - start < MAX_EXCERPT_SECONDS


def test_the_first_stretch_of_a_recording_avoids_its_noisy_part():
    words = speech("spanish_ivr")
    wave, places = joined(with_noise(words, noise(words), 5), with_noise(words, noise(words), 5), words)
    start, end = quick_excerpt(wave)
    assert places[2][0] - 0.5 < start < end < places[2][1] + 0.5


def test_what_never_pauses_is_cut_where_it_is_most_likely_to():
    wave = np.tile(speech("english_ivr")[SAMPLE_RATE // 2 : 6 * SAMPLE_RATE], 6)
    start, end = quick_excerpt(wave)
    assert 0 <= start < end <= len(wave) / SAMPLE_RATE and end - start <= MAX_EXCERPT_SECONDS


def test_of_a_short_recording_the_first_stretch_is_all():
    assert quick_excerpt(speech("english_ivr")) == (0.0, pytest.approx(7.2, abs=0.1))


def test_nothing_is_chosen_where_nobody_speaks(quick):
    assert rank_excerpts(np.zeros(30 * SAMPLE_RATE, np.float32)) == []
    assert rank_excerpts(np.clip(music(30), -1, 1).astype(np.float32)) == []
    assert rank_excerpts(np.zeros(10, np.float32)) == []


def test_a_search_that_nobody_wants_ends():
    def stop(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        rank_excerpts(speech("english_ivr"), stop)
