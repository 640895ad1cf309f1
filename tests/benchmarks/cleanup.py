"""What the clean-up does to recordings that were spoiled with noise, and to those that were not: the table of
docs/voices.md.

Each figure is the mean over the fixtures, as it was → cleaned up: speech over noise; DNSMOS; speaker similarity to the
recording without noise; and the word error rate of the bundled transcriber (the English ones).
"""

import time

import numpy as np
import soxr

from tests.voices.files import speech
from tests.voices.sounds import hum, noise, seconds, with_noise
from voices.analysis import dnsmos, speaker_encoder
from voices.analysis.reference_audio import make_reference
from voices.analysis.vad import SAMPLE_RATE
from voices.text.word_errors import error_rate
from voices.transcription.transcribers.bundled import BundledWhisper

from .transcription import TRANSCRIPTS

RECORDING_NAMES = ("english_austen_1", "english_austen_2", "english_ivr", "spanish_ivr")


def pink(wave: np.ndarray) -> np.ndarray:
    """Noise whose power falls by 3 dB an octave, from 20 Hz on."""
    spectrum, hertz = np.fft.rfft(noise(wave)), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20)), len(wave))


def babble(wave: np.ndarray) -> np.ndarray:
    """Sixteen voices at once, each beginning elsewhere and half of them backwards, so that none is understood."""
    random, whole = np.random.default_rng(1), np.zeros(len(wave))
    for number in range(16):
        one = speech(RECORDING_NAMES[number % 4])[:: 1 - 2 * (number // 4 % 2)]
        whole += np.resize(np.roll(one, random.integers(len(one))), len(wave)) / one.std()
    return whole


NOISES = {
    "white noise": noise,
    "pink noise": pink,
    "mains hum": lambda wave: hum(seconds(len(wave) / SAMPLE_RATE)),
    "babble": babble,
}


def main() -> None:
    whisper = BundledWhisper()
    whisper.load(whisper.models[0].name)

    def figures(name: str, reference: np.ndarray, snr_db: float) -> list[float]:
        opinion = dnsmos.predict_mos(reference, SAMPLE_RATE)
        alike = speaker_encoder.similarity(speaker_encoder.embed(reference, SAMPLE_RATE), originals[name])
        errors = np.nan
        if name in TRANSCRIPTS:
            heard = whisper.transcribe(
                soxr.resample(reference, SAMPLE_RATE, 16_000), "en-us", lambda progress: None
            ).text
            errors = 100 * error_rate(TRANSCRIPTS[name], heard, "en-us")
        return [snr_db, opinion.overall, opinion.background, opinion.signal, alike, errors]

    originals = {name: speaker_encoder.embed(make_reference(speech(name))[0], SAMPLE_RATE) for name in RECORDING_NAMES}
    kinds = {"as recorded": lambda wave: wave} | {
        f"{kind}, {db} dB": lambda wave, make=make, db=db: with_noise(wave, make(wave), db)
        for kind, make in NOISES.items()
        for db in (20, 10, 5)
    }
    columns = ("SNR, dB", "DNSMOS", "background", "voice", "speaker similarity", "WER, %")
    print(f"| noise | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    took = spent = 0.0
    for kind, spoil in kinds.items():
        plain, cleaned = [], []
        for name in RECORDING_NAMES:
            wave = np.clip(spoil(speech(name)), -1, 1).astype(np.float32)
            reference, measured = make_reference(wave)
            plain.append(figures(name, reference, measured.snr_db))
            began = time.perf_counter()
            make_reference(wave)
            between = time.perf_counter()
            reference, measured = make_reference(wave, denoised=True)
            took += time.perf_counter() - between - (between - began)
            spent += len(wave) / SAMPLE_RATE
            cleaned.append(figures(name, reference, measured.snr_db))
        rows = zip(np.nanmean(plain, axis=0), np.nanmean(cleaned, axis=0), (0, 2, 2, 2, 3, 1), strict=True)
        print(f"| {kind} | {' | '.join(f'{a:.{form}f} → {b:.{form}f}' for a, b, form in rows)} |", flush=True)
    print(f"\nA second of sound is cleaned in {1000 * took / spent:.0f} ms.")


if __name__ == "__main__":
    main()
