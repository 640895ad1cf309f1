"""From an upload to reference audio: decoded within bounds, trimmed, levelled, measured. Pure.

Decoding is done by PyAV (FFmpeg). `voices.intake` runs this module in a process of its own, since an upload may be
made to crash or choke the decoder.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RATE = 24_000  # Hz, of the reference audio
TARGET_DBFS = -23.0  # RMS of the speech: what broadcasts and audiobooks have, with room for peaks
PEAK = 10 ** (-1 / 20)
MARGIN = 0.15  # seconds kept before and after the speech
PEAKS = 240
MIN_SPEECH = 1.0  # seconds
GOOD_SPEECH = 6.0  # seconds: below it, more would help much

# What FFmpeg may open as an upload. Playlists and image sequences could name other files and addresses: not these.
FORMATS = {"wav", "w64", "aiff", "flac", "mp3", "ogg", "mov", "matroska", "aac", "caf", "au", "amr", "asf"}


class AudioRejected(Exception):
    """This upload can't become reference audio, in words for the person who sent it; `code` is for programs."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 50 * 1024 * 1024
    max_seconds: float = 120.0


@dataclass(frozen=True)
class Measured:
    """What a recording is like, measured before it is levelled."""

    seconds: float  # of the reference audio
    speech_seconds: float
    snr_db: float  # speech against the pauses, or against its own quietest moments where it has none
    clipping: float  # share of samples at full scale
    loudness: float  # dBFS, RMS of the speech in the upload
    peaks: list[int]  # the waveform for the page, 0 to 100
    advice: list[tuple[str, str]]  # ("good" | "hint" | "warning", sentence)

    def as_dict(self) -> dict:
        return asdict(self)


def take_in(path: Path, limits: Limits) -> tuple[np.ndarray, Measured]:
    """Reference audio, float32 (samples,) at 24 kHz, of the upload at `path`. Raises AudioRejected."""
    _look(path, limits)
    wave = _decode(path, limits)
    return process(wave)


def process(wave: np.ndarray) -> tuple[np.ndarray, Measured]:
    """Trim, level and measure a decoded recording, float32 (samples,) at 24 kHz. Raises AudioRejected."""
    if not len(wave):
        raise AudioRejected("empty", "There is no sound in this file. Choose another recording.")
    wave = wave - wave.mean()
    clipping = float((np.abs(wave) > 0.985).mean())
    speech, frame = speech_frames(wave)
    speech_seconds = float(speech.sum() * frame / RATE)
    if speech_seconds < 0.3:
        raise AudioRejected("no_speech", "No speech was found in this recording. Record someone talking, close by.")
    if speech_seconds < MIN_SPEECH:
        raise AudioRejected(
            "too_short",
            f"There is only {speech_seconds:.1f} s of speech in this recording. "
            f"At least {MIN_SPEECH:.0f} s is needed, and {GOOD_SPEECH:.0f} s or more is much better.",
        )
    frames = wave[: len(speech) * frame].reshape(-1, frame)
    power = (frames**2).mean(1)
    loud = float(power[speech].mean())
    pauses = power[~speech]
    quiet = float(np.median(pauses) if len(pauses) >= 5 else np.percentile(power, 5))
    snr = round(float(10 * np.log10(max(loud / max(quiet, 1e-10), 1.0))), 1)
    at = np.flatnonzero(speech)
    margin = round(MARGIN * RATE)
    wave = wave[max(at[0] * frame - margin, 0) : (at[-1] + 1) * frame + margin]
    gain = min(10 ** (TARGET_DBFS / 20) / np.sqrt(loud), PEAK / np.abs(wave).max())
    wave = (wave * gain).astype(np.float32)
    measured = Measured(
        seconds=round(len(wave) / RATE, 2),
        speech_seconds=round(speech_seconds, 2),
        snr_db=snr,
        clipping=round(clipping, 5),
        loudness=round(float(10 * np.log10(loud)), 1),
        peaks=_peaks(wave),
        advice=[],
    )
    return wave, Measured(**{**measured.as_dict(), "advice": _advice(measured)})


def speech_frames(wave: np.ndarray) -> tuple[np.ndarray, int]:
    """Which 20 ms frames hold speech, (frames,) bool, and a frame's length in samples.

    Loud against the recording's own floor, in stretches that rise and fall as syllables do, and that have a pitch:
    steady noise, hum and tones rise and fall too little, claps and hiss have no pitch.
    """
    frame = RATE // 50
    count = len(wave) // frame
    if count < 10:
        return np.zeros(count, bool), frame
    frames = wave[: count * frame].reshape(count, frame)
    level = 10 * np.log10((frames**2).mean(1) + 1e-10)
    top, floor = np.percentile(level, 97), np.percentile(level, 5)
    if top < -60:
        return np.zeros(count, bool), frame
    loud = level > max(top - 32, min(floor + 8, top - 10), -65)
    if not _rises_and_falls(level, loud) or not _has_pitch(wave, loud, frame):
        return np.zeros(count, bool), frame
    # Bridge the gaps within words and sentences' breath, and drop clicks.
    bridged = np.convolve(loud, np.ones(9), mode="same") > 2
    return bridged, frame


def _rises_and_falls(level: np.ndarray, loud: np.ndarray) -> bool:
    """Whether the loudness moves as speech's does, by several dB, also inside what is loud; noise and tones hold it."""
    inside = level[loud] if loud.sum() > 10 else level
    return float(inside.std()) > 1.5 and float(level.std()) > 2.5


def _has_pitch(wave: np.ndarray, loud: np.ndarray, frame: int) -> bool:
    """Whether a tenth of the loud frames are voiced, at pitches that vary: a hum or a beep keeps one."""
    pitches = []
    for start in np.flatnonzero(loud)[:: max(int(loud.sum()) // 150, 1)] * frame:
        piece = wave[start : start + 2 * frame]
        if len(piece) < 2 * frame:
            break
        spectrum = np.fft.rfft(piece * np.hanning(len(piece)), 4 * frame)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: RATE // 60]
        lags = correlation[RATE // 450 :] / max(correlation[0], 1e-12)
        if lags.max() > 0.3:
            pitches.append(RATE / (lags.argmax() + RATE // 450))
    return len(pitches) > 0.1 * min(int(loud.sum()), 150) and float(np.std(np.log2(pitches))) > 0.03


def _peaks(wave: np.ndarray) -> list[int]:
    loud = np.array([np.abs(part).max() if len(part) else 0.0 for part in np.array_split(wave, PEAKS)])
    return np.rint(100 * loud / max(loud.max(), 1e-6)).astype(int).tolist()


def _advice(measured: Measured) -> list[tuple[str, str]]:
    """What the measures say, in words, the most useful first."""
    advice = []
    speech = measured.speech_seconds
    if speech < GOOD_SPEECH:
        advice.append(("hint", f"Only {speech:.1f} s of speech: {GOOD_SPEECH:.0f} s or more is much better."))
    if measured.snr_db < 18:
        advice.append(("warning", "There is music or noise behind the voice: record in a quiet place."))
    if measured.clipping > 0.001:
        advice.append(("warning", "The recording is distorted: move away from the microphone, or turn it down."))
    if measured.loudness < -42:
        advice.append(("warning", "The recording is very quiet: come closer to the microphone."))
    return advice or [("good", f"{speech:.1f} s of clear speech.")]


_MAGIC = {
    b"PK\x03\x04": "an archive (zip)",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a document (PDF)",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite": "a database",
    b"\x1f\x8b": "an archive (gzip)",
    b"<": "a web page or text",
    b"#EXTM3U": "a playlist",
    b"ffconcat": "a playlist",
}


def _look(path: Path, limits: Limits) -> None:
    """Refuse what needs no decoder to be refused."""
    size = path.stat().st_size
    if size == 0:
        raise AudioRejected("empty", "This file is empty. Choose another recording.")
    if size > limits.max_bytes:
        raise AudioRejected(
            "too_large",
            f"This file has {size / 2**20:.0f} MB; {limits.max_bytes / 2**20:.0f} MB is the most. Send a shorter one.",
        )
    with path.open("rb") as file:
        head = file.read(16)
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise AudioRejected("not_audio", f"This is {what}, not a recording. Choose an audio file.")


def _decode(path: Path, limits: Limits) -> np.ndarray:
    """The first sound track, float32 (samples,), mono, 24 kHz. Stops at the limit of seconds."""
    import av

    try:
        with path.open("rb") as file, av.open(file, metadata_errors="ignore") as container:
            if not set(container.format.name.split(",")) & FORMATS:
                raise AudioRejected("not_audio", "This is not a recording in a format this site reads.")
            if not container.streams.audio:
                raise AudioRejected("no_audio", "There is no sound in this file. Choose an audio file.")
            stream = container.streams.audio[0]
            if not 4000 <= (stream.rate or 0) <= 384_000:
                raise AudioRejected("bad_rate", f"A sample rate of {stream.rate} Hz is not one of a recording.")
            if stream.codec_context.channels > 16:
                raise AudioRejected(
                    "too_many_channels",
                    f"This recording has {stream.codec_context.channels} channels. Send it in mono or stereo.",
                )
            resampler = av.AudioResampler("flt", "mono", RATE)
            parts, samples = [], 0
            for frame in container.decode(stream):
                for out in resampler.resample(frame):
                    part = out.to_ndarray()[0]
                    parts.append(part)
                    samples += len(part)
                if samples > limits.max_seconds * RATE:
                    raise AudioRejected(
                        "too_long",
                        f"This recording is longer than {limits.max_seconds:.0f} s. Cut out its best part and send that.",
                    )
            parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
            announced = float(container.duration or 0) / 1e6
    except (av.FFmpegError, ValueError, IndexError, EOFError) as error:
        raise AudioRejected(
            "damaged", "This file could not be read: it is damaged, cut off, or not a recording. Send it again."
        ) from error
    if not parts:
        raise AudioRejected("damaged", "There is no sound in this file that can be read. Send it again.")
    wave = np.concatenate(parts).astype(np.float32)
    if not np.isfinite(wave).all():
        raise AudioRejected("damaged", "This recording holds numbers that are no sound. Export it again.")
    if announced < 24 * 3600 and len(wave) / RATE < 0.9 * announced - 0.5:
        raise AudioRejected(
            "truncated",
            f"This file is cut off: {announced:.1f} s are announced and {len(wave) / RATE:.1f} s are there. Send it again.",
        )
    return np.clip(wave, -1.0, 1.0)
