"""What the check of words tells apart: 200 sentences, some spoken wrongly on purpose, and what is heard in them.

Speaks each by the embedded engine in the fixtures' voices, lets the bundled transcriber write it down, and writes what
it heard to tests/voices/text/word_errors/heard.tsv. Then counts false alarms and misses, of the two thirds by which the
thresholds were chosen and of the third that had no part in that.
"""

import csv

import numpy as np
import soundfile
import soxr

from synthesis.engines.base import Reference, Utterance
from synthesis.engines.kokoro.engine import RATE, KokoroEngine
from synthesis.scripts.script import prepare
from tests import FIXTURES
from tests.voices.text.word_errors import HEARD, sentences
from voices.transcription.transcribers.bundled import BundledWhisper

LANGUAGE = "en-us"


def main() -> None:
    engine, whisper = KokoroEngine(), BundledWhisper()
    engine.load(engine.models[0].name)
    whisper.load(whisper.models[0].name)
    recordings = [soundfile.read(path, dtype="float32") for path in sorted(FIXTURES.glob("*.wav"))]
    voices = [engine.condition(Reference(*recording)) for recording in recordings]
    rows = []
    for index, row in enumerate(sentences()):
        speech = speak(engine, row.said or row.text, voices[index % len(voices)])
        transcript = whisper.transcribe(soxr.resample(speech, RATE, 16_000), LANGUAGE, lambda progress: None)
        confidences = " ".join(f"{100 * word.confidence:.0f}" for word in transcript.words)
        rows.append((row.damage, row.text, row.said, transcript.text, confidences))
        print(*rows[-1], sep=" | ", flush=True)
    with HEARD.open("w", newline="") as file:
        csv.writer(file, "excel-tab", lineterminator="\n").writerows(rows)


def speak(engine: KokoroEngine, text: str, voice) -> np.ndarray:
    parts = []
    for segment in prepare(text, LANGUAGE, KokoroEngine).segments:
        utterance = Utterance(segment.spoken, LANGUAGE, voice)
        parts += [audio.samples for audio in engine.synthesize([utterance], lambda progress: None)]
        parts.append(np.zeros(round(segment.pause * RATE), np.float32))
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
