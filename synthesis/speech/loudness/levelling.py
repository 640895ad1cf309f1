"""Bring speech to one loudness: one gain a voice, sentences kept near it, and a limiter on what is left. Pure."""

import numpy as np

from synthesis.engines import EngineError
from voicesite.texts import N_

from .limiter import Limiter
from .meter import Meter, measure

TARGET_LUFS = -19.0  # integrated, mono; docs/engines.md says why
CEILING_DBTP = -1.0
MOST_OFF_LU = 1.5  # that a sentence may be from the target: what is within keeps its dynamics
SPEECH_SECONDS = 1.0  # that say how loud a voice is; less says how loud a word is
SETTLED_SECONDS = 10.0  # after which a voice's loudness in a text is known; one sentence may be 2 LU off
BEGINNING_LU = 2.0  # by which a sentence's first SPEECH_SECONDS are louder than its voice (docs/engines.md)

_FRAME_SECONDS = 0.02
_AUDIBLE = 1e-3  # of the power of the loudest frame


class VoiceMeter:
    """Learns how loud a voice is as the engine gives it, sentence by sentence of a text."""

    def __init__(self, rate: int, lufs: float | None):
        """lufs: what is known from earlier texts; what this one says is only used where nothing is."""
        self.lufs = lufs
        self.seconds = 0.0
        self._rate = rate
        self._meter = Meter(rate)
        self._is_settled = lufs is not None

    def push(self, samples: np.ndarray) -> None:
        """Hear a sentence, float32 (samples,). The first sets `lufs`, and all of SETTLED_SECONDS set it once more.

        Silence at its ends is not counted, as engines leave more or less of it.
        """
        speech = _without_silent_ends(samples, self._rate)
        self._meter.push(speech)
        self.seconds += len(speech) / self._rate
        if self.seconds >= SETTLED_SECONDS and not self._is_settled:
            self.lufs, self._is_settled = self.measured(), True
        elif self.lufs is None and self.seconds >= SPEECH_SECONDS:
            self.lufs = self.measured()

    def measured(self) -> float | None:
        """Return the LUFS of all that was heard; None where it has too little speech to say."""
        return self._meter.result().integrated if self.seconds >= SPEECH_SECONDS else None


def level(samples: np.ndarray, rate: int, voice_lufs: float | None) -> np.ndarray:
    """Return an utterance as it is stored, float32 (samples,), as long as it was.

    Its gain brings its voice, whose loudness as the engine gives it is `voice_lufs` throughout, to TARGET_LUFS; without it,
    the utterance itself. One that would be further than MOST_OFF_LU from the target is brought that near. Peaks are limited
    to CEILING_DBTP.
    """
    own = _integrated(_without_silent_ends(samples, rate), rate)
    if own is None:
        return samples
    levelled = own + TARGET_LUFS - (own if voice_lufs is None else voice_lufs)
    near = min(max(levelled, TARGET_LUFS - MOST_OFF_LU), TARGET_LUFS + MOST_OFF_LU)
    return Limiter(rate, CEILING_DBTP).push(_amplified(samples, near - own), last=True)


class Leveller:
    """Levels an utterance while it is spoken, in pieces: by the gain of its voice alone, as its own loudness isn't known yet.

    Without `voice_lufs`, nothing comes out until SPEECH_SECONDS have been heard, from which it is estimated; it is there from
    then on.
    """

    def __init__(self, rate: int, voice_lufs: float | None):
        self.voice_lufs = voice_lufs
        self._rate = rate
        self._limiter = Limiter(rate, CEILING_DBTP)
        self._unlevelled = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray, last: bool) -> np.ndarray:
        """Return what is ready, float32 (samples,): all but some ms of what was pushed; after the `last`, all."""
        samples = np.concatenate([self._unlevelled, samples])
        if self.voice_lufs is None:
            voice = VoiceMeter(self._rate, None)
            voice.push(samples)
            heard = voice.lufs
            if heard is None and not last:
                self._unlevelled = samples
                return np.zeros(0, np.float32)
            self.voice_lufs = heard if heard is None or last else heard - BEGINNING_LU
        self._unlevelled = samples[:0]
        lufs = self.voice_lufs
        if lufs is None:
            lufs = _integrated(_without_silent_ends(samples, self._rate), self._rate)
        return self._limiter.push(_amplified(samples, 0.0 if lufs is None else TARGET_LUFS - lufs), last)


def check_speech(samples: np.ndarray, rate: int) -> None:
    """Raise EngineError when this can't be speech: too short, silent, or not finite."""
    if len(samples) < rate // 20:
        raise EngineError(N_("The engine produced almost no sound."))
    check_finite(samples)
    if np.abs(samples).max() < 1e-3:
        raise EngineError(N_("The engine produced only silence."))


def check_finite(samples: np.ndarray) -> None:
    """Raise EngineError where samples are no numbers: such a piece can't be let hear, whatever comes after it."""
    if not np.isfinite(samples).all():
        raise EngineError(N_("The engine produced broken audio."))


def _integrated(samples: np.ndarray, rate: int) -> float | None:
    return measure([samples], rate).integrated


def _amplified(samples: np.ndarray, decibels: float) -> np.ndarray:
    return (samples * 10 ** (decibels / 20)).astype(np.float32)


def _without_silent_ends(samples: np.ndarray, rate: int) -> np.ndarray:
    frame = round(rate * _FRAME_SECONDS)
    power = (samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2).mean(1)
    audible = np.flatnonzero(power > power.max(initial=0.0) * _AUDIBLE)
    return samples[audible[0] * frame : (audible[-1] + 1) * frame] if len(audible) else samples
