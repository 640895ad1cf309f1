"""Turn a recording into reference audio: trimmed, levelled, measured. Pure."""

from dataclasses import dataclass, field

import numpy as np

from voicesite.texts import N_
from voicesite.web.rejection import Rejected

from . import denoise
from .vad import FRAME_SAMPLES, SAMPLE_RATE, runs_of, speech_mask, widen

TARGET_DBFS = -23.0  # RMS of the speech, as in broadcasts and audiobooks, with room for peaks
PEAK_LEVEL = 10 ** (-1 / 20)
MARGIN_FRAMES = 5  # (0.16 s) kept before the first word and after the last
PAUSE_FRAMES = 14  # (0.45 s) kept at either end of a pause; the middle of a longer one is cut out
FADE_SAMPLES = 240  # (10 ms) cross-fade over each cut
PEAK_COUNT = 240
FULL_SCALE = 0.985  # a sample beyond it counts as clipped
MIN_SPEECH_SECONDS = 1.0
GOOD_SPEECH_SECONDS = 6.0  # with less, more would help much
LONG_SECONDS = 20.0  # from a longer recording, an excerpt is chosen
NOISY_DB = 18.0
MAX_SNR_DB = 60.0  # more means that the pauses were muted


class AudioRejected(Rejected):
    """A recording can't become reference audio."""


@dataclass(frozen=True)
class Measured:
    """Measurements of a recording, taken before it is levelled."""

    seconds: float  # of the reference audio
    speech_seconds: float
    snr_db: float  # speech against the pauses, or against its own quietest moments where it has none
    clipping: float  # share of samples at full scale
    loudness: float  # dBFS, RMS of the speech in the upload
    peaks: list[int]  # the waveform for the page, 0 to 100
    quality: dict = field(default_factory=dict)  # added by `quality.judge`: its `Quality` by name
    grade: int | None = None  # 1 poor, 2 fair, 3 good, 4 excellent
    advice: list[tuple[str, str, str]] = field(default_factory=list)  # level, sentence, remedy: see `quality.grade`
    face: list[int] | None = None  # added by `quality.judge`: see `face.traits`


def make_reference(wave: np.ndarray, *, denoised: bool = False) -> tuple[np.ndarray, Measured]:
    """Trim, level and measure a decoded recording, float32 (samples,) at 24 kHz. Raises AudioRejected.

    If `denoised`, it is trimmed at the same places as without.
    """
    wave = wave - wave.mean() if len(wave) else wave
    speech = speech_mask(wave)
    speech_seconds = float(speech.sum()) * FRAME_SAMPLES / SAMPLE_RATE
    if speech_seconds < 0.5:
        raise AudioRejected(
            "no_speech",
            N_("No speech was found in this recording. Record someone talking, close by, in a quiet place."),
        )
    if speech_seconds < MIN_SPEECH_SECONDS:
        raise AudioRejected(
            "too_short",
            N_(
                "There is only {speech_seconds} s of speech in this recording. At least {min_speech_seconds} s "
                "is needed, and {good_speech_seconds} s or more is much better."
            ).format(
                speech_seconds=f"{speech_seconds:.1f}",
                min_speech_seconds=f"{MIN_SPEECH_SECONDS:.0f}",
                good_speech_seconds=f"{GOOD_SPEECH_SECONDS:.0f}",
            ),
        )
    clipping = float((np.abs(wave) > FULL_SCALE).mean())
    if denoised:
        wave = denoise.clean(wave, speech)
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
    """Return `wave` from shortly before the first word to shortly after the last, long pauses shortened."""
    kept = widen(speech, PAUSE_FRAMES)
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
    """Return the signal-to-noise ratio in dB, from the power of each frame and which frames are speech.

    The noise is measured in the pauses, without digital silence, which says nothing about the room; if the pauses are too
    few or whispered speech is taken for them, in the quietest frames.
    """
    pauses = power[~widen(speech, 2) & (power > 1e-9)]
    quiet = np.percentile(power[speech | (power > 1e-9)], 15 if len(pauses) >= 5 else 5)
    if len(pauses) >= 5:
        quiet = min(quiet, np.median(pauses))
    loud = max(float(power[speech].mean()) - quiet, quiet)
    return min(10 * np.log10(loud / max(quiet, 1e-10)), MAX_SNR_DB)


def peaks(wave: np.ndarray, count: int = PEAK_COUNT) -> list[int]:
    """Return the waveform as `count` integers, 0 to 100, scaled so that the loudest is 100."""
    if not len(wave):
        return []
    drawn = Peaks(len(wave), count)
    drawn.push(wave)
    return drawn.result()


class Peaks:
    """The waveform of `total` samples as `count` integers, from parts given in order: see `peaks`."""

    def __init__(self, total: int, count: int = PEAK_COUNT):
        self.edges = np.linspace(0, total, count + 1).round().astype(int)
        self.loud = np.zeros(count)
        self.at = 0  # samples

    def push(self, wave: np.ndarray) -> None:
        begin, end = self.at, self.at + len(wave)
        first, last = np.searchsorted(self.edges, [begin, end], "right") - 1
        for index in range(max(first, 0), min(last + 1, len(self.loud))):
            part = wave[max(self.edges[index] - begin, 0) : max(self.edges[index + 1] - begin, 0)]
            self.loud[index] = max(self.loud[index], np.abs(part).max(initial=0.0))
        self.at = end

    def result(self) -> list[int]:
        return np.rint(100 * self.loud / max(self.loud.max(), 1e-6)).astype(int).tolist()
