"""What the check of words tells apart: 300 sentences, some spoken wrongly on purpose, and what is heard in them.

Speaks each by the embedded engine in the fixtures' voices, lets the bundled transcriber write it down, and writes what
it heard to tests/synthesis/speech/heard.tsv. Then counts false alarms and misses, of the sentences by which the thresholds were
chosen and of those that were held out.
"""

import numpy as np
import soundfile
import soxr

from synthesis.engines.base import Conditioning, Reference, Utterance
from synthesis.engines.kokoro.engine import RATE, KokoroEngine
from synthesis.scripts.script import prepare
from synthesis.speech import evaluation
from tests import FIXTURES
from tests.heard_sentences import LANGUAGE, count, sentences, write
from voices.transcription.transcribers import base
from voices.transcription.transcribers.bundled import BundledWhisper


def test_the_sentences_are_spoken_and_heard_again():
    engine, whisper = KokoroEngine(), BundledWhisper()
    engine.load(engine.models[0].name)
    whisper.load(whisper.models[0].name)
    recordings = [soundfile.read(path, dtype="float32") for path in sorted(FIXTURES.glob("*.wav"))]
    voices = [engine.condition(Reference(*recording)) for recording in recordings]
    rows = []
    for index, row in enumerate(sentences()):
        speech = soxr.resample(speak(engine, row.said or row.text, voices[index % len(voices)]), RATE, base.RATE)
        words = evaluation.recognize(speech, lambda part: whisper.transcribe(part, LANGUAGE, lambda progress: None))
        heard = "".join(word.text for word in words).split()
        confidences = [f"{100 * word.confidence:.0f}" for word in words]
        rows.append(row._replace(heard=" ".join(heard), confidences=" ".join(confidences)))
    write(rows)
    for part in ("tuning", "held out"):
        false_alarms, good, misses, damaged = count([row for row in rows if row.part == part])
        print(f"{part:<10}{false_alarms:>4} false alarms of {good}{misses:>4} misses of {damaged}")


def speak(engine: KokoroEngine, text: str, voice: Conditioning) -> np.ndarray:
    parts = []
    for segment in prepare(text, LANGUAGE, KokoroEngine).segments:
        utterance = Utterance(segment.spoken, LANGUAGE, voice)
        parts += [audio.samples for audio in engine.synthesize([utterance], lambda progress: None)]
        parts.append(np.zeros(round(segment.pause * RATE), np.float32))
    return np.concatenate(parts)
