"""How good a recording is for cloning: what is measured, one grade, and what to do about it. Pure.

docs/voices.md has the table of what these measures and grades say of recordings that were spoiled on purpose, from
which the limits here come. `python -m tests.benchmarks quality` makes it anew.
"""

from dataclasses import asdict, dataclass, replace

import numpy as np

from . import dnsmos, speaker_encoder
from .reference_audio import GOOD_SPEECH_SECONDS, NOISY_DB, Measured
from .vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask

EXCELLENT, GOOD, FAIR, POOR = 4, 3, 2, 1  # as voices.models.Clip.Grade

LITTLE_SPEECH = 3.0  # seconds
VERY_NOISY_DB = 10.0
QUIET_DB = 23.0  # speech over noise, from which on nothing is heard of it
CLIPPED_SHARE, MUCH_CLIPPED_SHARE = 0.001, 0.01  # share of samples at full scale
FAINT_DBFS = -42.0
TELEPHONE_BANDWIDTH_HZ, DULL_BANDWIDTH_HZ = 4000, 6500  # Hz of bandwidth below which it sounds like that
ROOM_DECAY_SECONDS, ECHO_DECAY_SECONDS, HALL_DECAY_SECONDS = 0.31, 0.38, 0.5  # dry speech has 0.1 to 0.25
ONE_SPEAKER = 0.74  # similarity of the parts: one person has 0.75 to 0.95, two have 0.54 to 0.73 (alike ones 0.81)
MIN_OVERALL_MOS, MIN_BACKGROUND_MOS = 2.4, 2.6  # clean speech has 2.8 to 3.5 and 3.0 to 4.2

BAND_HZ = 250  # Hz, of the steps in which the bandwidth is measured
HOP_SAMPLES = SAMPLE_RATE // 125  # samples: 8 ms, of the steps in which a decay is followed
DECAY_STEPS = 10  # steps over which it is


@dataclass(frozen=True)
class Quality:
    """What is measured of reference audio, beside what `audio.Measured` has; None is what could not be measured."""

    bandwidth_hz: int  # up to which there is speech: 12000 is all that 24 kHz can hold, 3500 a telephone
    reverberation: float | None  # seconds: decay by 60 dB, as the fastest decays in the speech would reach it
    speakers: float | None  # speaker similarity of the two groups its windows fall into: low where two people speak
    mos: float  # DNSMOS: mean opinion scores, 1 to 5
    mos_signal: float
    mos_background: float


def judge(reference: np.ndarray, measured: Measured) -> Measured:
    """`measured` with what else is measured of the reference audio, float32 (samples,) at 24 kHz, grade and advice."""
    quality = measure(reference)
    mark, advice = grade(measured, quality)
    return replace(measured, quality=asdict(quality), grade=mark, advice=advice)


def measure(reference: np.ndarray) -> Quality:
    """Measure trimmed and levelled speech, float32 (samples,) at 24 kHz. Takes about half a second for 12."""
    room = reverberation(reference)
    people = one_speaker(speaker_encoder.embed_windows(reference, SAMPLE_RATE))
    opinion = dnsmos.predict_mos(reference, SAMPLE_RATE)
    return Quality(
        bandwidth_hz=bandwidth(reference, speech_mask(reference)),
        reverberation=None if room is None else round(room, 2),
        speakers=None if people is None else round(people, 3),
        mos=round(opinion.overall, 2),
        mos_signal=round(opinion.signal, 2),
        mos_background=round(opinion.background, 2),
    )


def grade(measured: Measured, quality: Quality) -> tuple[int, list[tuple[str, str]]]:
    """One grade, that of the worst thing found, and for each what it is and what to do, the worst first."""
    found = sorted(_findings(measured, quality), key=lambda finding: finding[0])
    if not found:
        return EXCELLENT, [("good", f"{measured.speech_seconds:.1f} s of clear speech.")]
    return found[0][0], [("hint" if mark == GOOD else "warning", sentence) for mark, sentence in found]


def _findings(measured: Measured, quality: Quality) -> list[tuple[int, str]]:
    """What keeps it from being excellent: the grade that is left, and a sentence."""
    found = []

    def find(mark: int, sentence: str) -> None:
        found.append((mark, sentence))

    if quality.speakers is not None and quality.speakers < ONE_SPEAKER:
        find(POOR, "More than one person seems to speak: choose a part in which only one does.")
    if measured.snr_db < NOISY_DB:
        mark = POOR if measured.snr_db < VERY_NOISY_DB else FAIR
        find(mark, "There is music or noise behind the voice: record in a quiet place.")
    elif measured.snr_db < QUIET_DB:
        find(GOOD, "There is a little noise behind the voice: a quieter place would be better.")
    if measured.clipping > CLIPPED_SHARE:
        mark = POOR if measured.clipping > MUCH_CLIPPED_SHARE else FAIR
        find(mark, "The recording is distorted: move away from the microphone, or turn it down.")
    if measured.snr_db >= NOISY_DB:  # noise hides the upper bands, and fills the pauses in which a room is heard
        decay = quality.reverberation or 0.0
        if decay > ECHO_DECAY_SECONDS:
            find(
                POOR if decay > HALL_DECAY_SECONDS else FAIR,
                "The room echoes: come closer to the microphone, or use a soft room.",
            )
        elif decay > ROOM_DECAY_SECONDS:
            find(GOOD, "The room is heard: closer to the microphone would be better.")
        if quality.bandwidth_hz < TELEPHONE_BANDWIDTH_HZ:
            find(FAIR, "It sounds like a telephone: record with the microphone of a computer or a phone’s recorder.")
        elif quality.bandwidth_hz < DULL_BANDWIDTH_HZ:
            find(GOOD, f"It sounds dull: there is nothing above {quality.bandwidth_hz / 1000:.1f} kHz.")
    disliked = quality.mos < MIN_OVERALL_MOS or quality.mos_background < MIN_BACKGROUND_MOS
    if disliked and not found:  # it only speaks where nothing that is measured explains it
        find(GOOD, "Something besides the voice seems to be heard: listen whether it is.")
    if measured.loudness < FAINT_DBFS:
        find(FAIR, "The recording is very quiet: come closer to the microphone.")
    if measured.speech_seconds < GOOD_SPEECH_SECONDS:
        mark = FAIR if measured.speech_seconds < LITTLE_SPEECH else GOOD
        more = f"{GOOD_SPEECH_SECONDS:.0f} s or more is much better."
        find(mark, f"Only {measured.speech_seconds:.1f} s of speech: {more}")
    return found


def bandwidth(wave: np.ndarray, speech: np.ndarray) -> int:
    """Hz up to which there is speech: bands that rise, while someone speaks, to within 60 dB of the loudest one, and
    well above what they hold otherwise. Noise that fills a band is so not taken for speech."""
    frames = wave[: len(speech) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)[speech]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME_SAMPLES), axis=1)) ** 2
    bins = round(BAND_HZ / (SAMPLE_RATE / FRAME_SAMPLES))
    count = (power.shape[1] - 1) // bins
    bands = 10 * np.log10(power[:, 1 : 1 + count * bins].reshape(len(frames), count, bins).mean(2) + 1e-12)
    loud, quiet = np.percentile(bands, (95, 5), axis=0)
    spoken = (loud > loud.max() - 60) & (loud > quiet + 10)
    return int((np.flatnonzero(spoken).max(initial=0) + 1) * BAND_HZ)


def reverberation(wave: np.ndarray) -> float | None:
    """Seconds in which sound decays by 60 dB, from the fastest decays in the speech; None where there are too few.

    A mouth can stop at once, a room can't: nothing in a recording that was made in it decays faster than the room does.
    The level in three octaves is followed by straight lines over 80 ms, above the noise; the steepest tenth of those
    that fall counts. For rooms of 0.3, 0.5 and 0.8 s in which the direct sound is as strong as the rest, it says about
    0.33, 0.45 and 0.58; less where the direct sound is stronger, as is right: less is heard of the room then.
    """
    size = 4 * HOP_SAMPLES
    if len(wave) < size + HOP_SAMPLES * DECAY_STEPS:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(wave, size)[::HOP_SAMPLES]
    power = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    time = (np.arange(DECAY_STEPS) - (DECAY_STEPS - 1) / 2) * HOP_SAMPLES / SAMPLE_RATE
    slopes = []
    for low in (500, 1000, 2000):
        octave = power[:, (hertz >= low) & (hertz < 2 * low)].sum(1)
        level = 10 * np.log10(np.convolve(octave, np.ones(3) / 3, "same") + 1e-12)
        lines = np.lib.stride_tricks.sliding_window_view(level, DECAY_STEPS)
        quiet, loud = np.percentile(level, (5, 95))
        above = (lines.min(1) > quiet + 6) & (lines[:, 0] > loud - 25)
        slopes.append(lines[above] @ time / (time @ time))  # dB a second, by least squares
    falling = np.concatenate(slopes)
    falling = falling[falling < 0]
    return float(-60 / np.percentile(falling, 10)) if len(falling) > 20 else None


def one_speaker(windows: np.ndarray) -> float | None:
    """Speaker similarity of the two groups that embeddings (windows, 256) fall into, by 2-means from the two that are
    furthest apart; None for a single window."""
    if len(windows) < 2:
        return None
    apart = np.unravel_index((windows @ windows.T).argmin(), (len(windows), len(windows)))
    centres = windows[list(apart)]
    for _ in range(5):
        nearest = (windows @ centres.T).argmax(1)
        if nearest.min() == nearest.max():
            break
        centres = np.stack([windows[nearest == group].mean(0) for group in (0, 1)])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return float(centres[0] @ centres[1])
