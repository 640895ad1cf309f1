"""Whether what is written is what is said: 100 hard English sentences, spoken and transcribed.

Each is spoken by the embedded engine twice: from the phonemes that hard_sentences.py calls those before, and by the script
of the pipeline. Whisper tiny.en writes down both, and the word error rate against the expected reading counts. A
recognizer may write “$100” for any reading of it, so a misreading may look right; what the pipeline says is compared with
the expected reading too, word for word.
"""

import numpy as np
import soundfile

from synthesis.engines.base import Conditioning, Reference, Utterance
from synthesis.engines.kokoro.alphabet import IDS
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _style_table
from synthesis.scripts.script import prepare
from tests import FIXTURES
from tests.benchmarks.hard_sentences import sentences
from tests.listening import transcribe
from voices.text.word_errors import error_rate

LANGUAGE = "en-us"
SHOWN = 12  # of the worst


def main() -> None:
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    samples, rate = soundfile.read(FIXTURES / "english_austen_1.wav", dtype="float32")
    voice = engine.condition(Reference(samples, rate))
    rows = []
    for written, reading, phonemes_before in sentences("english"):
        script = prepare(written, LANGUAGE, KokoroEngine)
        spoken = " ".join(segment.spoken for segment in script.segments)
        before = transcribe(say_phonemes(engine, phonemes_before, voice), RATE)
        parts = [say(engine, segment.spoken, voice) for segment in script.segments]
        after = transcribe(np.concatenate(parts), RATE)
        rates = [error_rate(reading, heard, LANGUAGE) for heard in (before, after)]
        rows.append(
            (*rates, error_rate(reading, spoken, LANGUAGE), len(reading.split()), written, before, after, spoken)
        )
    weights = [row[3] for row in rows]
    for name, column in (("before, heard", 0), ("after, heard", 1), ("after, as phonemized", 2)):
        wrong = sum(row[column] > 0 for row in rows)
        mean = np.average([row[column] for row in rows], weights=weights)
        print(f"{name:<22} word error rate {mean:>6.1%}, {wrong} of {len(rows)} sentences with an error")
    for row in sorted(rows, key=lambda row: -row[1])[:SHOWN]:
        print(f"\n{row[1]:.0%} {row[4]!r}\n   before: {row[5]}\n   after:  {row[6]}\n   spoken: {row[7]}")


def say(engine: KokoroEngine, text: str, voice: Conditioning) -> np.ndarray:
    items = engine.synthesize([Utterance(text, LANGUAGE, voice)], lambda progress: None)
    return np.concatenate([item.samples for item in items])


def say_phonemes(engine: KokoroEngine, said: str, voice: Conditioning) -> np.ndarray:
    """Speak phonemes as kokoro-onnx does: line by line, without the symbols that the model lacks."""
    table = _style_table(voice)
    parts = []
    for line in said.splitlines():
        tokens = [IDS[symbol] for symbol in line if symbol in IDS]
        parts.append(engine._infer(tokens, table[min(len(tokens), len(table)) - 1], 1.0))
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
