"""What the page says of 81 recordings of which it is known how they were made, as confusion tables: see docs/voices.md.

Each is made from the fixtures and the site's own voices, stored as a file, and taken in as an upload is. The limits were
chosen with the fixtures and other people; what the site's own voices say is the part held out. `--people FOLDER` adds
people: from `ada_1.wav`, `ada_2.wav`, `bob_1.wav` … it makes recordings of one, and dialogues of two in one room.
"""

import argparse
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr

from tests import FIXTURES
from tests.voices.files import encode
from tests.voices.sounds import band, clipped, in_room, music, noise, whispered, with_noise
from voices.analysis import quality
from voices.analysis.reference_audio import AudioRejected, make_reference
from voices.analysis.vad import SAMPLE_RATE
from voices.intake.decoding import Limits, decode

OWN_VOICES = Path(__file__).parents[2] / "synthesis" / "builtin_voices" / "clips"
SENTENCES = {  # what a sentence of advice holds, by the question that it answers, and the answer
    "people": {"more than one speaker": "several"},
    "band": {"telephone": "telephone", "dull": "dull"},
    "level": {"very quiet": "quiet"},
    "voice": {"whisper": "whispered"},
    "noise": {"music or noise in the background": "noisy"},
    "distortion": {"distorted": "distorted"},
    "room": {"echoes": "echo"},
}
ORDINARY = {
    "people": "one", "band": "full", "level": "ok", "voice": "voiced", "noise": "quiet", "distortion": "clear", "room": "dry"
}  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """A file, and what should be said of it: `ORDINARY`, but for `labels`; None where either answer is right."""

    name: str
    file: bytes
    labels: dict[str, str | None] = field(default_factory=dict)
    held_out: bool = False

    def expected(self, question: str) -> str | None:
        return self.labels.get(question, ORDINARY[question])


def said(file: bytes) -> dict[str, str]:
    """Return what the page answers to each question about a file."""
    with tempfile.NamedTemporaryFile() as upload:
        upload.write(file)
        upload.flush()
        reference, measured = make_reference(decode(Path(upload.name), Limits()))
    advice = " ".join(each[1] for each in quality.judge(reference, measured).advice)
    return {
        question: next((answer for words, answer in answers.items() if words in advice), ORDINARY[question])
        for question, answers in SENTENCES.items()
    }


# ---------------------------------------------------------------------------------------------------------------------
# How they are made


def level(wave: np.ndarray, rms: float = 0.06) -> np.ndarray:
    return (wave * rms / np.sqrt(np.mean(wave**2))).astype(np.float32)


def joined(*parts: np.ndarray, pause: float = 0.35) -> np.ndarray:
    silence = np.zeros(round(pause * SAMPLE_RATE), np.float32)
    return np.concatenate([piece for part in parts for piece in (level(part), silence)])


def cut(wave: np.ndarray, start: float, end: float) -> np.ndarray:
    return wave[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def together(wave: np.ndarray) -> np.ndarray:
    """As one microphone in a small room hears it, so that nothing but the people tells them apart."""
    return with_noise(in_room(wave, 0.2, 6), noise(wave), 32).astype(np.float32)


def turns(one: np.ndarray, other: np.ndarray, count: int = 4, seconds: float = 2.2) -> np.ndarray:
    """A dialogue of `count` turns."""
    parts = []
    for number in range(count):
        who, start = (one, other)[number % 2], seconds * (number // 2)
        parts.append(cut(who, start, start + seconds))
    return together(joined(*parts))


def stored(wave: np.ndarray, rate: int = 44_100, codec: str = "pcm_s16le") -> bytes:
    """A WAV file of `wave`, float (samples,) or (channels, samples) at 24 kHz."""
    sound = np.atleast_2d(np.clip(wave, -1, 1)).T
    resampled = soxr.resample(sound.astype(np.float32), SAMPLE_RATE, rate, quality="VHQ").T
    return encode(resampled, "wav", codec, rate, "stereo" if len(resampled) == 2 else "mono")


def people() -> dict[str, np.ndarray]:
    found = {}
    for path in [*sorted(FIXTURES.glob("*.wav")), *sorted(OWN_VOICES.glob("*.flac"))]:
        wave, rate = soundfile.read(path, dtype="float32")
        found[path.stem] = level(soxr.resample(wave, rate, SAMPLE_RATE))
    return found


def recordings() -> Iterator[Recording]:
    who = people()
    reader, reader_2, reader_3 = (who[f"english_austen_{part}"] for part in ("1", "2", "short"))
    woman, spaniard = who["english_ivr"], who["spanish_ivr"]  # the same person
    own = {name: wave for name, wave in who.items() if name[2] == "_"}
    everyone = {"reader": (reader, reader_2), "woman": (woman, spaniard), **{n: (w, w) for n, w in own.items()}}

    def make(name, wave, *, rate=44_100, codec="pcm_s16le", **labels) -> Recording:
        return Recording(name, stored(wave, rate, codec), labels, any(voice in name for voice in own))

    for name, (wave, second) in everyone.items():
        yield make(f"{name}, 2.9 s", cut(wave, 0.3, 3.2))
        yield make(f"{name}, 4 s", cut(second, 0.5, 4.5))
        yield make(f"{name}, all", together(joined(wave, second) if second is not wave else wave), band=None)
    yield make("reader, three recordings", joined(reader, reader_2, reader_3))
    yield make("reader, short", reader_3)

    pairs = [("reader", "woman"), ("reader", "am_michael"), ("woman", "bf_emma"), ("reader", "bm_george")]
    pairs += [("af_heart", "am_michael"), ("bf_emma", "bm_george"), ("ef_dora", "em_alex"), ("am_michael", "bm_george")]
    pairs += [("af_heart", "bf_emma"), ("am_michael", "em_alex"), ("af_heart", "ef_dora"), ("ef_dora", "am_michael")]
    for number, (one, other) in enumerate(pairs):
        wave, second = everyone[one][0], everyone[other][0]
        made = turns(wave, second) if number % 3 else together(joined(cut(wave, 0, 6), cut(second, 0.5, 3)))
        yield make(f"{one} and {other}", made, people="several", band=None)
    for one, other in (("reader", "woman"), ("af_heart", "em_alex")):
        first = everyone[one][0]
        both = first + np.resize(everyone[other][0], len(first))
        yield make(f"{one} and {other} at once", both, people="several", band=None, noise=None)

    for name in ("reader", "woman", "am_michael", "ef_dora"):
        wave = everyone[name][0]
        yield make(f"{name}, file of 8 kHz", wave, rate=8_000, band="telephone")
        yield make(f"{name}, 300 to 3,400 Hz", band(wave, 300, 3400), band="telephone")
        yield make(f"{name}, below 5 kHz", band(wave, 60, 5000), band="dull")
    yield make("woman, μ-law", woman, rate=8_000, codec="pcm_mulaw", band="telephone")
    yield make("bf_emma, μ-law", own["bf_emma"], rate=8_000, codec="pcm_mulaw", band="telephone")
    yield make("spaniard, below 4.5 kHz", band(spaniard, 60, 4500), band="dull")
    yield make("em_alex, below 4.5 kHz", band(own["em_alex"], 60, 4500), band="dull")

    for name in ("woman", "af_heart"):
        soft = level(everyone[name][0], 10 ** (-38.5 / 20))  # halved, it would be too quiet
        hiss = 0.05 * soft.std() * noise(soft)
        hum = 3 * soft.std() * np.sin(2 * np.pi * 100 * np.arange(len(soft)) / SAMPLE_RATE)
        for what, other in (("silence", 0 * soft), ("itself reversed", -soft), ("hiss", hiss), ("hum", hum)):
            yield make(f"{name}, the other channel {what}", np.stack([soft, other]))
        yield make(f"{name}, right only", np.stack([0 * soft, soft]))

    for name in ("reader", "woman", "am_michael", "bf_emma", "ef_dora"):
        yield make(
            f"{name}, whispered", level(whispered(everyone[name][0])), voice="whispered", noise=None, people=None
        )
    for name in ("reader", "bm_george"):
        wave = everyone[name][0]
        yield make(f"{name}, noise at 8 dB", with_noise(wave, noise(wave), 8), noise="noisy", band=None, room=None)
        yield make(f"{name}, music at 8 dB", with_noise(wave, music(), 8), noise="noisy", band=None, room=None)
        yield make(f"{name}, 40 dB softer", 0.01 * wave, level="quiet")
        yield make(f"{name}, clipped", clipped(wave, 0.02), distortion="distorted")
        yield make(f"{name}, in a hall", in_room(wave, 0.8), room="echo", people=None, noise=None)


def recordings_of(folder: Path) -> Iterator[Recording]:
    """Recordings of one and of two people, of the files `name_number.wav` in a folder."""
    clips: dict[str, list[np.ndarray]] = {}
    rates = {}
    for path in sorted(folder.glob("*_*.wav")):
        wave, rate = soundfile.read(path, dtype="float32")
        name = path.stem.rpartition("_")[0]
        clips.setdefault(name, []).append(level(soxr.resample(wave, rate, SAMPLE_RATE)))
        rates[name] = rate
    unknown = dict.fromkeys(("level", "voice", "noise", "distortion", "room"))
    for name, waves in clips.items():
        telephone = unknown | {"band": "telephone" if rates[name] <= 8_000 else None}
        yield Recording(f"{name}, 3 s", stored(cut(waves[0], 0.2, 3.4), rates[name]), telephone, True)
        yield Recording(f"{name}, all", stored(joined(*waves[:2]), rates[name]), telephone, True)
    for number, (one, other) in enumerate(itertools.pairwise(sorted(clips))):
        made = turns(clips[one][-1], clips[other][-1], 4 if number % 2 else 2, 2.5 if number % 2 else 4)
        labels = unknown | {"people": "several", "band": None}
        yield Recording(f"{one} and {other}", stored(band(made, 60, 4000)), labels, True)


# ---------------------------------------------------------------------------------------------------------------------
# What comes out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=Path, help="a folder of clips: person_1.wav, person_2.wav …")
    folder = parser.parse_args().people
    tables: dict[str, Counter] = {question: Counter() for question in SENTENCES}
    wrong, count, right = [], Counter(), Counter()
    for recording in recordings_of(folder) if folder else recordings():
        try:
            answers = said(recording.file)
        except AudioRejected as error:
            answers = dict.fromkeys(SENTENCES, error.code)
        asked = {question: recording.expected(question) for question in SENTENCES}
        mistakes = {q: answers[q] for q, answer in asked.items() if answer is not None and answers[q] != answer}
        part = "held out" if recording.held_out else "others"
        count[part] += 1
        right[part] += not mistakes
        for question, answer in asked.items():
            if answer is not None:
                tables[question][answer, answers[question]] += 1
        if mistakes:
            wrong.append(f"{recording.name}: {', '.join(mistakes.values())}")
    print("| is | said |\n|---|---|")
    for question, table in tables.items():
        for expected in sorted({expected for expected, _ in table}):
            row = {answer: table[key, answer] for key, answer in sorted(table) if key == expected}
            print(f"| {question}: {expected} | {', '.join(f'{answer} {number}' for answer, number in row.items())} |")
    print()
    for part, number in count.items():
        print(f"{part}: all that is said is right of {right[part]} of {number} recordings")
    print("\nWrong:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
