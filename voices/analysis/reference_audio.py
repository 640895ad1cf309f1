"""From a recording to reference audio: trimmed, levelled, measured. Pure."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np

from voicesite.web.rejection import Rejected

from .vad import FRAME_SAMPLES, SAMPLE_RATE, runs_of, speech_mask

TARGET_DBFS = -23.0  # RMS of the speech: what broadcasts and audiobooks have, with room for peaks
PEAK_LEVEL = 10 ** (-1 / 20)
MARGIN_FRAMES = 5  # frames (0.16 s) kept before the first word and after the last
PAUSE_FRAMES = 14  # frames (0.45 s) kept at either side of a pause: of a longer one the middle is cut out
FADE_SAMPLES = 240  # samples (10 ms) over which what is left runs together
PEAK_COUNT = 240
MIN_SPEECH_SECONDS = 1.0  # seconds
GOOD_SPEECH_SECONDS = 6.0  # seconds: below it, more would help much
LONG_SECONDS = 20.0  # seconds: of a longer recording, a stretch is chosen
NOISY_DB = 18.0
MAX_SNR_DB = 60.0  # dB: more is not measured, but a recording that was silenced between the words

Clean = Callable[[np.ndarray, np.ndarray], np.ndarray]  # as cleanup.clean


class AudioRejected(Rejected):
    """A recording can't become reference audio."""


@dataclass(frozen=True)
class Measured:
    """What a recording is like, measured before it is levelled."""

    seconds: float  # of the reference audio
    speech_seconds: float
    snr_db: float  # speech against the pauses, or against its own quietest moments where it has none
    clipping: float  # share of samples at full scale
    loudness: float  # dBFS, RMS of the speech in the upload
    peaks: list[int]  # the waveform for the page, 0 to 100
    # What `quality.judge` adds.
    quality: dict = field(default_factory=dict)  # the measures of `quality.Quality` by name
    grade: int | None = None  # 1 poor, 2 fair, 3 good, 4 excellent
    advice: list[tuple[str, str]] = field(default_factory=list)  # ("good" | "hint" | "warning", sentence)

    def as_dict(self) -> dict:
        return asdict(self)


def make_reference(wave: np.ndarray, clean: Clean | None = None) -> tuple[np.ndarray, Measured]:
    """Trim, level and measure a decoded recording, float32 (samples,) at 24 kHz. Raises AudioRejected.

    With `clean`, what is left after it is levelled and measured, trimmed as the recording is without it.
    """
    wave = wave - wave.mean() if len(wave) else wave
    clipping = float((np.abs(wave) > 0.985).mean()) if len(wave) else 0.0
    speech = speech_mask(wave)
    speech_seconds = float(speech.sum()) * FRAME_SAMPLES / SAMPLE_RATE
    if speech_seconds < 0.5:
        raise AudioRejected(
            "no_speech", "No speech was found in this recording. Record someone talking, close by, in a quiet place."
        )
    if speech_seconds < MIN_SPEECH_SECONDS:
        raise AudioRejected(
            "too_short",
            f"There is only {speech_seconds:.1f} s of speech in this recording. "
            f"At least {MIN_SPEECH_SECONDS:.0f} s is needed, and {GOOD_SPEECH_SECONDS:.0f} s or more is much better.",
        )
    if clean:
        wave = clean(wave, speech)
    power = wave[: len(speech) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).var(1, dtype=np.float64)
    loud = float(power[speech].mean())
    reference = _trim(wave, speech)
    gain = min(10 ** (TARGET_DBFS / 20) / np.sqrt(loud), PEAK_LEVEL / np.abs(reference).max())
    reference = (reference * gain).astype(np.float32)
    measured = Measured(
        seconds=round(len(reference) / SAMPLE_RATE, 2),
        speech_seconds=round(speech_seconds, 2),
        snr_db=round(snr(power, speech), 1),
        clipping=round(clipping, 5),
        loudness=round(10 * np.log10(loud), 1),
        peaks=peaks(reference),
    )
    return reference, measured


def _trim(wave: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """`wave` from shortly before the first word to shortly after the last, without the middle of long pauses."""
    kept = _widen(speech, PAUSE_FRAMES)
    at = np.flatnonzero(speech)
    kept[: max(at[0] - MARGIN_FRAMES, 0)] = False
    kept[at[-1] + 1 + MARGIN_FRAMES :] = False
    pieces = [wave[start * FRAME_SAMPLES : end * FRAME_SAMPLES] for start, end in runs_of(kept)]
    whole = pieces[0]
    fade = np.linspace(0, 1, FADE_SAMPLES, dtype=wave.dtype)
    for piece in pieces[1:]:
        joint = whole[-FADE_SAMPLES:] * (1 - fade) + piece[:FADE_SAMPLES] * fade
        whole = np.concatenate([whole[:-FADE_SAMPLES], joint, piece[FADE_SAMPLES:]])
    return whole


def snr(power: np.ndarray, speech: np.ndarray) -> float:
    """dB of the speech over what is heard without it; both from the power of each frame.

    What is heard without it are the pauses, but not digital silence: a program made that, and it says nothing of the
    room. A recording that has too few of them, or whispering taken for them, is measured at its quietest moments.
    """
    pauses = power[~_widen(speech, 2) & (power > 1e-9)]
    quiet = np.percentile(power[speech | (power > 1e-9)], 15 if len(pauses) >= 5 else 5)
    if len(pauses) >= 5:
        quiet = min(quiet, np.median(pauses))
    loud = max(float(power[speech].mean()) - quiet, quiet)
    return min(10 * np.log10(loud / max(quiet, 1e-10)), MAX_SNR_DB)


def _widen(mask: np.ndarray, by: int) -> np.ndarray:
    return np.convolve(mask, np.ones(2 * by + 1), mode="full")[by : by + len(mask)] > 0


def peaks(wave: np.ndarray, count: int = PEAK_COUNT) -> list[int]:
    """The waveform as `count` integers, 0 to 100, the loudest 100."""
    if not len(wave):
        return []
    loud = np.array([np.abs(part).max(initial=0.0) for part in np.array_split(wave, count)])
    return np.rint(100 * loud / max(loud.max(), 1e-6)).astype(int).tolist()
