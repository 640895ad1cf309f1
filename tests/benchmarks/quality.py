"""What is measured of recordings that were spoiled on purpose, and how they are graded: the table of docs/voices.md.

Each figure is the range over the fixtures.
"""

import time

import numpy as np

from tests.voices.files import speech
from tests.voices.sounds import band, clipped, in_room, music, noise, with_noise
from voices.analysis import quality
from voices.analysis.reference_audio import make_reference
from voices.analysis.vad import SAMPLE_RATE

RECORDING_NAMES = ("english_austen_1", "english_austen_2", "english_ivr", "spanish_ivr")


def other(wave: np.ndarray) -> np.ndarray:
    """Another person than the one who speaks in `wave`, as loud."""
    one, two = speech("english_austen_1"), speech("english_ivr")
    person = two if any(np.array_equal(wave, speech(name)) for name in RECORDING_NAMES[:2]) else one
    return person * wave.std() / person.std()


DEGRADATIONS = {
    "as it is": lambda wave: wave,
    "noise, 30 dB": lambda wave: with_noise(wave, noise(wave), 30),
    "noise, 20 dB": lambda wave: with_noise(wave, noise(wave), 20),
    "noise, 15 dB": lambda wave: with_noise(wave, noise(wave), 15),
    "noise, 10 dB": lambda wave: with_noise(wave, noise(wave), 10),
    "noise, 5 dB": lambda wave: with_noise(wave, noise(wave), 5),
    "music, 20 dB": lambda wave: with_noise(wave, music(), 20),
    "music, 10 dB": lambda wave: with_noise(wave, music(), 10),
    "clipped, 0.3 %": lambda wave: clipped(wave, 0.003),
    "clipped, 3 %": lambda wave: clipped(wave, 0.03),
    "room 0.3 s, close": lambda wave: in_room(wave, 0.3, 6),
    "room 0.3 s": lambda wave: in_room(wave, 0.3),
    "room 0.5 s": lambda wave: in_room(wave, 0.5),
    "room 0.8 s": lambda wave: in_room(wave, 0.8),
    "room 0.8 s, close": lambda wave: in_room(wave, 0.8, 6),
    "telephone": lambda wave: band(wave, 300, 3400),
    "nothing above 5 kHz": lambda wave: band(wave, 0, 5000),
    "two people, in turn": lambda wave: np.concatenate([wave, other(wave)]),
    "two people, at once": lambda wave: wave + np.resize(other(wave), len(wave)),
    "40 dB quieter": lambda wave: 0.01 * wave,
}
GRADE_WORDS = {4: "excellent", 3: "good", 2: "fair", 1: "poor"}


def main() -> None:
    columns = ("SNR dB", "clipped %", "kHz", "decay s", "DNSMOS", "background")
    print(f"| recording | {' | '.join(columns)} | grades |\n|---|{'---|' * (len(columns) + 1)}")
    took = []
    for what, spoil in DEGRADATIONS.items():
        rows, marks = [], []
        for name in RECORDING_NAMES:
            wave = np.clip(spoil(speech(name)), -1, 1).astype(np.float32)
            reference, measured = make_reference(wave)
            began = time.perf_counter()
            found = quality.measure(reference)
            took.append((time.perf_counter() - began, len(reference) / SAMPLE_RATE))
            marks.append(quality.grade(measured, found)[0])
            rows.append(
                (
                    measured.snr_db,
                    100 * measured.clipping,
                    found.bandwidth_hz / 1000,
                    np.nan if found.reverberation is None else found.reverberation,
                    found.mos,
                    found.mos_background,
                )
            )
        low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
        forms = ("0f", "1f", "1f", "2f", "1f", "1f")
        cells = (f"{a:.{form}} – {b:.{form}}" for a, b, form in zip(low, high, forms, strict=True))
        print(f"| {what} | {' | '.join(cells)} | {', '.join(GRADE_WORDS[mark] for mark in marks)} |", flush=True)
    slowest = max(took)
    print(
        f"\nMeasuring took {np.median([one for one, _ in took]):.2f} s, {slowest[0]:.2f} at most ({slowest[1]:.0f} s)."
    )


if __name__ == "__main__":
    main()
