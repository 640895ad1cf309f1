"""Integrated loudness and true peak by ITU-R BS.1770-4, of any length in little memory. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .true_peak import CONTEXT, peaks

ABSOLUTE_GATE = -70.0  # LUFS
RELATIVE_GATE = -10.0  # LU, against the mean of what passes the absolute gate
HOP_SECONDS = 0.1  # from one gating block to the next
BLOCK_HOPS = 4
STEP_HOPS = 10  # filtered at once
SILENT_DBTP = -120.0  # said of silence, for which there is no number

_BIN_LU = 0.01
_BINS = round(100 / _BIN_LU)  # a block may be as loud as 30 LUFS: far above full scale


@dataclass(frozen=True)
class Loudness:
    """What a meter says of a sound."""

    integrated: float | None  # LUFS; None where nothing passes the absolute gate
    true_peak: float  # dBTP, SILENT_DBTP or more


class Meter:
    """Measures mono sound that comes in pieces of any length.

    The gate can only be set when all blocks are known. So they are kept as a histogram, whose size is the same for a word
    and for a day: the gate is exact to 0.01 LU, the mean of what passes it has no error. Sound that is shorter than a block
    (0.4 s) is one block by itself.
    """

    def __init__(self, rate: int):
        self._hop = round(rate * HOP_SECONDS)
        self._step = self._hop * STEP_HOPS
        # The filter has forgotten all but a billionth of what came a hop earlier: it is applied as a product of spectra.
        self._response = _k_weighting(rate, self._hop + self._step)
        self._sound = np.zeros(self._hop, np.float32)  # a hop that is done, then what is still to be measured
        self._new: list[np.ndarray] = []
        self._waiting = 0
        self._blocks = _Histogram()
        self._last_hops = np.zeros(0)
        self._peak = 0.0

    def push(self, samples: np.ndarray) -> None:
        """Measure what follows, float32 (samples,)."""
        self._new.append(samples)
        self._waiting += len(samples)
        if self._waiting < self._step:
            return
        sound = np.concatenate([self._sound, *self._new])
        while len(sound) >= self._hop + self._step:
            part, sound = sound[: self._hop + self._step], sound[self._step :]
            hops = np.concatenate([self._last_hops, self._powers(part, STEP_HOPS)])
            self._blocks.add(_block_powers(hops))
            self._last_hops = hops[-(BLOCK_HOPS - 1) :]
            self._peak = self._peak_of(part)
        self._sound, self._new, self._waiting = sound.copy(), [], len(sound) - self._hop

    def result(self) -> Loudness:
        """Return the measures of all that was pushed."""
        sound = np.concatenate([self._sound, *self._new])
        peak = self._peak_of(np.append(sound, np.zeros(CONTEXT, np.float32)))
        hops = np.concatenate([self._last_hops, self._powers(sound, self._waiting // self._hop)])
        blocks = self._blocks.copy()
        if len(hops) >= BLOCK_HOPS:
            blocks.add(_block_powers(hops))
        elif not blocks.counts.any() and self._waiting:
            blocks.add((self._filter(sound) ** 2).mean(keepdims=True))
        return Loudness(blocks.integrated(), float(max(20 * np.log10(max(peak, 1e-9)), SILENT_DBTP)))

    def _filter(self, sound: np.ndarray) -> np.ndarray:
        """Return `sound` K-weighted, without the hop at its start."""
        size = self._hop + self._step
        return np.fft.irfft(np.fft.rfft(sound, size) * self._response, size)[self._hop : len(sound)]

    def _powers(self, sound: np.ndarray, hops: int) -> np.ndarray:
        """Return the K-weighted power of so many whole hops after the first one."""
        return (self._filter(sound)[: hops * self._hop].reshape(hops, self._hop) ** 2).mean(1, dtype=np.float64)

    def _peak_of(self, sound: np.ndarray) -> float:
        """Return the peak so far, with what follows the first hop, from CONTEXT earlier to CONTEXT before the end."""
        at_least = max(self._peak, float(np.abs(sound).max()))
        return float(peaks(sound[self._hop - 2 * CONTEXT :], above=at_least).max(initial=at_least))


def measure(blocks: Iterable[np.ndarray], rate: int) -> Loudness:
    """Return the loudness of mono sound at `rate` Hz that comes in `blocks`, float32 (samples,) each."""
    meter = Meter(rate)
    for block in blocks:
        meter.push(block)
    return meter.result()


class _Histogram:
    """Gating blocks above the absolute gate, by their loudness."""

    def __init__(self) -> None:
        self.counts, self.powers = np.zeros(_BINS), np.zeros(_BINS)

    def copy(self) -> "_Histogram":
        other = _Histogram()
        other.counts, other.powers = self.counts.copy(), self.powers.copy()
        return other

    def add(self, powers: np.ndarray) -> None:
        bins = np.floor((_lufs(powers) - ABSOLUTE_GATE) / _BIN_LU)
        heard = bins >= 0
        places = np.minimum(bins[heard], _BINS - 1).astype(int)
        np.add.at(self.counts, places, 1)
        np.add.at(self.powers, places, powers[heard])

    def integrated(self) -> float | None:
        if not self.counts.any():
            return None
        gate = _lufs(self.powers.sum() / self.counts.sum()) + RELATIVE_GATE
        first = max(round((gate - ABSOLUTE_GATE) / _BIN_LU), 0)
        return float(_lufs(self.powers[first:].sum() / self.counts[first:].sum()))


def _lufs(power):
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _block_powers(hops: np.ndarray) -> np.ndarray:
    return np.convolve(hops, np.full(BLOCK_HOPS, 1 / BLOCK_HOPS), "valid")


def _k_weighting(rate: int, size: int) -> np.ndarray:
    """Return the frequency response of the two filters of BS.1770-4 (annex 1), complex (size // 2 + 1,), for any rate.

    The standard has coefficients for 48 kHz only; these are the analogue filters that they come from, by their corner
    frequency (Hz), quality and gain, as in libebur128 and pyloudnorm.
    """
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    corner, quality, gain = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    shelf = (
        (gain + middle * corner / quality + corner**2)
        + 2 * (corner**2 - gain) * z
        + (gain - middle * corner / quality + corner**2) * z**2
    ) / _poles(corner, quality, z)
    corner, quality = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    high_pass = (1 - z) ** 2 * (1 + corner / quality + corner**2) / _poles(corner, quality, z)
    return (shelf * high_pass).astype(np.complex64)


def _poles(corner: float, quality: float, z: np.ndarray) -> np.ndarray:
    return (1 + corner / quality + corner**2) + 2 * (corner**2 - 1) * z + (1 - corner / quality + corner**2) * z**2
