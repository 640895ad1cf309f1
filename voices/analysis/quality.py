"""Judge how good a recording is for cloning: measurements, one grade, and advice. Pure.

The limits come from recordings degraded on purpose; docs/voices.md has the tables of their measurements and grades, made
by `python -m tests.benchmarks quality recordings`.
"""

from dataclasses import asdict, dataclass, replace

import numpy as np

from voicesite.texts import N_

from . import dnsmos, face, pitch, speakers
from .reference_audio import GOOD_SPEECH_SECONDS, NOISY_DB, Measured
from .vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask

EXCELLENT, GOOD, FAIR, POOR = 4, 3, 2, 1  # as voices.models.Clip.Grade
RECORD, EXCERPT, DENOISE = "record", "excerpt", "denoise"  # what helps: record again, choose another stretch, clean up

LITTLE_SPEECH_SECONDS = 3.0  # seconds
VERY_NOISY_DB = 10.0
QUIET_DB = 23.0  # signal-to-noise ratio from which the noise is inaudible
CLIPPED_SHARE, MUCH_CLIPPED_SHARE = 0.001, 0.01  # share of samples at full scale
FAINT_DBFS = -42.0
TELEPHONE_BANDWIDTH_HZ, DULL_BANDWIDTH_HZ = 4000, 6250  # up to which it sounds like that
ROOM_DECAY_SECONDS, ECHO_DECAY_SECONDS, HALL_DECAY_SECONDS = 0.31, 0.38, 0.5  # dry speech has 0.1 to 0.25
WHISPER_SHARE = 0.2  # of the speech that is voiced: whispers have up to 0.05, voices 0.35 or more
MIN_OVERALL_MOS, MIN_BACKGROUND_MOS = 2.4, 2.6  # clean speech has 2.8 to 3.5 and 3.0 to 4.2

BAND_HZ = 250  # resolution of the bandwidth
HOP_SAMPLES = SAMPLE_RATE // 125  # 8 ms, the time step in which decays are measured
DECAY_STEPS = 10  # length of the lines fitted to them, 80 ms


@dataclass(frozen=True)
class Quality:
    """Measurements of reference audio besides those of `reference_audio.Measured`; None if one was not possible."""

    bandwidth_hz: int  # upper limit of the speech: 12000 is all that 24 kHz can hold, 3500 a telephone
    reverberation: float | None  # seconds of decay by 60 dB, extrapolated from the fastest decays in the speech
    speakers: float | None  # similarity of the two groups of its windows: low if two people speak
    several_speakers: bool  # by that, how long each speaks, and their pitch: see `speakers.Groups`
    voiced: float  # share of the speech that has a pitch
    mos: float  # DNSMOS: mean opinion scores, 1 to 5
    mos_signal: float
    mos_background: float


def judge(reference: np.ndarray, measured: Measured) -> Measured:
    """Return `measured` with the quality, grade, advice and face of its reference audio, float32 (samples,) at 24 kHz."""
    quality = measure(reference)
    mark, advice = grade(measured, quality)
    traits = face.traits(reference, SAMPLE_RATE)
    return replace(measured, quality=asdict(quality), grade=mark, advice=advice, face=traits)


def measure(reference: np.ndarray) -> Quality:
    """Measure reference audio, float32 (samples,) at 24 kHz. Takes about half a second for 12 s."""
    decay = reverberation(reference)
    speech, (hertz, _) = speech_mask(reference), pitch.track(reference, SAMPLE_RATE)
    groups = speakers.groups(reference, speech, hertz)
    opinion = dnsmos.predict_mos(reference, SAMPLE_RATE)
    return Quality(
        bandwidth_hz=bandwidth(reference, speech),
        reverberation=None if decay is None else round(decay, 2),
        speakers=None if groups is None else round(groups.similarity, 3),
        several_speakers=groups is not None and groups.are_two_people,
        voiced=round(voiced_share(speech, hertz), 2),
        mos=round(opinion.overall, 2),
        mos_signal=round(opinion.signal, 2),
        mos_background=round(opinion.background, 2),
    )


def grade(measured: Measured, quality: Quality) -> tuple[int, list[tuple[str, str, str]]]:
    """Return the grade of the worst finding, and advice on each finding, the worst first: level, sentence and remedy.

    level: "good", "hint" or "warning". remedy: RECORD, EXCERPT or DENOISE, or "" where nothing helps or needs to.
    """
    found = sorted(_findings(measured, quality), key=lambda finding: finding[0])
    if not found:
        return EXCELLENT, [
            (
                "good",
                N_("{speech_seconds} s of clear speech.").format(speech_seconds=f"{measured.speech_seconds:.1f}"),
                "",
            )
        ]
    return found[0][0], [("hint" if mark == GOOD else "warning", sentence, remedy) for mark, sentence, remedy in found]


def _findings(measured: Measured, quality: Quality) -> list[tuple[int, str, str]]:
    """Return what keeps the recording from being excellent: the best grade possible, a sentence and the remedy."""
    found = []

    def find(mark: int, sentence: str, remedy: str) -> None:
        found.append((mark, sentence, remedy))

    if quality.several_speakers:
        find(POOR, N_("There seems to be more than one speaker: choose a part with only one."), EXCERPT)
    if quality.voiced < WHISPER_SHARE:
        find(POOR, N_("This is whispered, so the voice will be a guess: speak normally."), RECORD)
    if measured.snr_db < NOISY_DB:
        mark = POOR if measured.snr_db < VERY_NOISY_DB else FAIR
        find(mark, N_("There is music or noise in the background: record in a quiet place."), DENOISE)
    elif measured.snr_db < QUIET_DB:
        find(GOOD, N_("There is a little background noise: a quieter place would be better."), DENOISE)
    if measured.clipping > CLIPPED_SHARE:
        mark = POOR if measured.clipping > MUCH_CLIPPED_SHARE else FAIR
        find(mark, N_("The recording is distorted: move away from the microphone, or turn it down."), RECORD)
    if measured.snr_db >= NOISY_DB:  # noise hides the upper bands, and fills the pauses in which a room is heard
        decay = quality.reverberation or 0.0
        if decay > ECHO_DECAY_SECONDS:
            mark = POOR if decay > HALL_DECAY_SECONDS else FAIR
            find(mark, N_("The room echoes: come closer to the microphone, or use a soft room."), RECORD)
        elif decay > ROOM_DECAY_SECONDS:
            find(GOOD, N_("You can hear the room: closer to the microphone would be better."), RECORD)
        if quality.bandwidth_hz <= TELEPHONE_BANDWIDTH_HZ:
            find(
                FAIR,
                N_("It sounds like a telephone: record with the microphone of a computer or a phone’s recorder."),
                RECORD,
            )
        elif quality.bandwidth_hz <= DULL_BANDWIDTH_HZ:
            find(
                GOOD,
                N_("It sounds dull: there is nothing above {bandwidth_hz} kHz.").format(
                    bandwidth_hz=f"{quality.bandwidth_hz / 1000:.1f}"
                ),
                RECORD,
            )
    disliked = quality.mos < MIN_OVERALL_MOS or quality.mos_background < MIN_BACKGROUND_MOS
    if disliked and not found:  # a last resort, since it does not tell what is wrong
        find(GOOD, N_("There may be other sounds besides the voice: listen and check."), EXCERPT)
    if measured.loudness < FAINT_DBFS:
        find(FAIR, N_("The recording is very quiet: come closer to the microphone."), RECORD)
    if measured.speech_seconds < GOOD_SPEECH_SECONDS:
        mark = FAIR if measured.speech_seconds < LITTLE_SPEECH_SECONDS else GOOD
        more = N_("{good_speech_seconds} s or more is much better.").format(
            good_speech_seconds=f"{GOOD_SPEECH_SECONDS:.0f}"
        )
        find(
            mark,
            N_("Only {speech_seconds} s of speech: {more}").format(
                speech_seconds=f"{measured.speech_seconds:.1f}", more=more
            ),
            RECORD,
        )
    return found


def voiced_share(speech: np.ndarray, hertz: np.ndarray) -> float:
    """Return the share of the frames of speech that have a pitch.

    speech: which frames hold speech, as of `speech_mask`. hertz: the pitch, as of `pitch.track`.
    """
    times = (np.arange(len(hertz)) + 2.5) * pitch.HOP_SECONDS
    spoken = (
        speech[np.minimum((times * SAMPLE_RATE / FRAME_SAMPLES).astype(int), len(speech) - 1)] if len(speech) else []
    )
    return float(np.mean(~np.isnan(hertz[spoken]))) if np.any(spoken) else 0.0


def bandwidth(wave: np.ndarray, speech: np.ndarray) -> int:
    """Return the frequency in Hz up to which there is speech.

    A band holds speech if it rises to within 60 dB of the loudest one, and well above its own quiet frames: stationary
    noise is not speech.
    """
    frames = wave[: len(speech) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)[speech]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME_SAMPLES), axis=1)) ** 2
    bins = round(BAND_HZ / (SAMPLE_RATE / FRAME_SAMPLES))
    count = (power.shape[1] - 1) // bins
    bands = 10 * np.log10(power[:, 1 : 1 + count * bins].reshape(len(frames), count, bins).mean(2) + 1e-12)
    loud, quiet = np.percentile(bands, (95, 5), axis=0)
    spoken = (loud > loud.max() - 60) & (loud > quiet + 10)
    return int((np.flatnonzero(spoken).max(initial=0) + 1) * BAND_HZ)


def reverberation(wave: np.ndarray) -> float | None:
    """Estimate the reverberation time (RT60) in seconds from the fastest decays in the speech; None if too few.

    A voice can stop at once, a room can't: nothing recorded in a room decays faster than the room does. Lines over 80 ms
    are fitted to the level in three octaves, above the noise; the steepest tenth of the falling ones counts. Rooms of
    0.3, 0.5 and 0.8 s, with direct sound as strong as the reverberation, give about 0.33, 0.45 and 0.58. Stronger
    direct sound gives less, rightly: the room is less audible then.
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
