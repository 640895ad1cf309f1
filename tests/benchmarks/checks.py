"""What the checks of finished speech can tell, and what they cost.

Speaker similarity of fixtures of the same and of different speakers, and of each sentence of the embedded engine to the
recording it copies and to those of others; word error rates of good speech, and of speech that lost words.
"""

import itertools
import time

import numpy as np
import soundfile
import soxr

from synthesis.engines.base import Reference
from synthesis.engines.kokoro.engine import RATE, KokoroEngine
from tests import FIXTURES
from voices.analysis import speaker_encoder
from voices.text.word_errors import error_rate
from voices.transcription.transcribers.bundled import BundledWhisper

from .likeness import SENTENCES, say

SPEAKERS = {"english_austen": "austen", "english_ivr": "smith", "spanish_ivr": "smith"}


def speaker_of(name: str) -> str:
    return next(who for start, who in SPEAKERS.items() if name.startswith(start))


def spread(title: str, figures: list[float]) -> None:
    low, middle, high = np.percentile(figures, [0, 50, 100])
    worst = np.percentile(figures, [5, 95])
    print(f"{title:<58}{len(figures):>4}{low:>7.2f}{worst[0]:>7.2f}{middle:>7.2f}{worst[1]:>7.2f}{high:>7.2f}")


def main() -> None:
    sounds = {path.stem: soundfile.read(path, dtype="float32") for path in sorted(FIXTURES.glob("*.wav"))}
    known = {name: speaker_encoder.embed(*sound) for name, sound in sounds.items()}
    pairs = list(itertools.combinations(known, 2))
    same = [pair for pair in pairs if speaker_of(pair[0]) == speaker_of(pair[1])]
    print(f"{'':<58}{'n':>4}{'least':>7}{'5 %':>7}{'half':>7}{'95 %':>7}{'most':>7}")
    spread("similarity: people, the same", [float(known[a] @ known[b]) for a, b in same])
    spread("similarity: people, different", [float(known[a] @ known[b]) for a, b in pairs if (a, b) not in same])

    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    spoken = [(name, text) for name in sounds for text in SENTENCES]
    fits = {name: engine.condition(Reference(*sound)) for name, sound in sounds.items()}
    takes = {(name, text): say(engine, text, fits[name]) for name, text in spoken}
    begun = time.perf_counter()
    heard = {key: speaker_encoder.embed(samples, RATE) for key, samples in takes.items()}
    embedding = time.perf_counter() - begun
    spread("similarity: one-shot fit, to its recording", [float(heard[key] @ known[key[0]]) for key in spoken])
    others = [
        float(heard[key] @ known[other]) for key in spoken for other in known if speaker_of(key[0]) != speaker_of(other)
    ]
    spread("similarity: one-shot fit, to another speaker", others)

    whisper = BundledWhisper()
    whisper.load(whisper.models[0].name)
    seconds = transcribing = 0.0
    whole, cut = [], []
    for key in spoken[:30]:
        wave = soxr.resample(takes[key], RATE, 16_000)
        seconds += len(wave) / 16_000
        begun = time.perf_counter()
        whole.append(error_rate(key[1], whisper.transcribe(wave, "en-us", lambda progress: None).text, "en-us"))
        transcribing += time.perf_counter() - begun
        half = whisper.transcribe(wave[: len(wave) * 6 // 10], "en-us", lambda progress: None)
        cut.append(error_rate(key[1], half.text, "en-us"))
    spread("word error rate: whole sentences", whole)
    spread("word error rate: sentences that end after 60 %", cut)
    speech = sum(len(samples) for samples in takes.values()) / RATE
    print(
        f"\na second of speech: {1000 * embedding / speech:.0f} ms to embed, {1000 * transcribing / seconds:.0f} ms to write down"
    )


if __name__ == "__main__":
    main()
