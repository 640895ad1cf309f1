"""The meter, against the signals of EBU Tech 3341 and against FFmpeg's.

The signals of the standard are stereo, both channels the same: the loudness of one of them is 3.01 LU less.
"""

from itertools import pairwise

import av
import numpy as np
import pytest

from synthesis.speech.loudness import Meter, measure

ONE_OF_TWO = 10 * np.log10(2)
RATES = (16_000, 22_050, 24_000, 44_100, 48_000)


def sine(dbfs: float, seconds: float, rate: int, hertz: float = 1000, phase: float = 0) -> np.ndarray:
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate + np.radians(phase))
    return (10 ** (dbfs / 20) * wave).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("parts", "lufs"),
    [
        ([(-23, 20)], -23),  # case 1
        ([(-33, 20)], -33),  # case 2
        ([(-36, 10), (-23, 60), (-36, 10)], -23),  # case 3: the relative gate
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),  # case 4: both gates
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),  # case 5
    ],
)
def test_the_loudness_of_the_standards_signals(parts, lufs, rate):
    sound = np.concatenate([sine(dbfs, seconds, rate) for dbfs, seconds in parts])
    assert measure([sound], rate).integrated == pytest.approx(lufs - ONE_OF_TWO, abs=0.1)


@pytest.mark.parametrize(
    ("divisor", "phase", "dbfs", "dbtp"),
    [(4, 0, -6, -6), (4, 45, -6, -6), (6, 60, -6, -6), (8, 67.5, -6, -6), (4, 45, 3, 3)],  # cases 15 to 19
)
def test_the_true_peak_of_the_standards_signals(divisor, phase, dbfs, dbtp):
    rate = 48_000
    tone = sine(dbfs, 1, rate, rate / divisor, phase)
    ramp = np.linspace(0, 1, 2400, dtype=np.float32)
    tone[:2400] *= ramp
    tone[-2400:] *= ramp[::-1]
    assert -0.4 <= measure([tone], rate).true_peak - dbtp <= 0.2


def test_it_agrees_with_ffmpegs_meter():
    random, rate = np.random.default_rng(0), 48_000
    syllables = [
        10 ** (random.uniform(-45, -12) / 20) * np.convolve(random.normal(size=12_000), np.ones(20) / 5, "same")
        for _ in range(80)
    ]
    sound = np.concatenate(syllables).clip(-1, 1).astype(np.float32)
    ours, theirs = measure([sound], rate), by_ffmpeg(sound, rate)
    assert ours.integrated == pytest.approx(theirs["I"], abs=0.1)
    assert ours.true_peak == pytest.approx(theirs["true_peak"], abs=0.2)


def by_ffmpeg(sound: np.ndarray, rate: int) -> dict[str, float]:
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    told = {}
    for start in range(0, len(sound), rate // 10):
        frame = av.AudioFrame.from_ndarray(sound[None, start : start + rate // 10], format="fltp", layout="mono")
        frame.sample_rate = rate
        source.push(frame)
        told = dict(sink.pull().metadata)
    peak = 20 * np.log10(max(float(value) for key, value in told.items() if "true_peaks_ch" in key))
    return {"I": float(told["lavfi.r128.I"]), "true_peak": peak}


@pytest.mark.parametrize("size", [1, 77, 2400, 24_000, 100_000])
def test_pieces_measure_as_the_whole(size):
    sound = np.random.default_rng(0).normal(0, 0.1, 100_000).astype(np.float32)
    if size == 1:
        sound = sound[:26_000]
    meter = Meter(24_000)
    for start in range(0, len(sound), size):
        meter.push(sound[start : start + size])
    whole = measure([sound], 24_000)
    assert meter.result().integrated == pytest.approx(whole.integrated, abs=1e-4)
    assert meter.result().true_peak == pytest.approx(whole.true_peak, abs=1e-4)


def test_reading_it_changes_nothing():
    sound = sine(-20, 3.17, 24_000)
    read_often, meter = Meter(24_000), Meter(24_000)
    for start in range(0, len(sound), 5000):
        read_often.push(sound[start : start + 5000])
        read_often.result()
        meter.push(sound[start : start + 5000])
    assert read_often.result() == meter.result()


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.3, 0.39, 0.4, 0.5, 0.99, 1.0, 1.3])
def test_short_sounds_have_their_loudness(seconds):
    assert measure([sine(-20, seconds, 24_000)], 24_000).integrated == pytest.approx(-20 - ONE_OF_TWO, abs=0.2)


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(100, np.float32), np.zeros(50_000, np.float32)])
def test_silence_has_none(sound):
    assert measure([sound], 24_000).integrated is None
    assert measure([sound], 24_000).true_peak == -120


def test_a_peak_at_either_end_is_seen():
    for place in (0, 9_999, 24_000, 59_999):
        sound = np.zeros(60_000, np.float32)
        sound[place] = 0.5
        assert measure([sound[:30_000], sound[30_000:]], 24_000).true_peak == pytest.approx(-6.02, abs=0.01)


def test_memory_does_not_grow_with_length():
    def size(minutes: int) -> int:
        meter = Meter(8_000)
        minute = sine(-20, 60, 8_000)
        for _ in range(minutes):
            meter.push(minute)
        values = [*vars(meter).values(), *vars(meter._blocks).values()]
        return sum(value.nbytes for value in values if isinstance(value, np.ndarray))

    sizes = [size(minutes) for minutes in (1, 2, 8)]
    assert all(one == another for one, another in pairwise(sizes))
