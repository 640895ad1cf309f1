"""How well a spoken consent is judged: the figures of docs/voices.md.

Words, heard: sentences by chance, spoken by kokoro, clean and under noise, and written down by Whisper tiny.en; and
recordings of people, of whose own words six by chance stand for those of a sentence. Other languages than English are
heard only with a Whisper that knows them: `python -m tests.benchmarks.consent FOLDER`.
Words, matched: in each language, the sentence with letters lost, added and mistaken at random, as by a transcriber; and
the words of other sentences.
Speakers: fixtures of two people, whole and in pieces as long as a sentence, each against the other recordings.
"""

import random
import re
import sys
from pathlib import Path

import numpy as np
import soxr

from synthesis.engines.base import Utterance
from synthesis.engines.kokoro.data import voices
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _pack
from synthesis.engines.kokoro.fit import Blend
from tests.benchmarks.transcription import TRANSCRIPTS
from tests.voices.files import speech
from tests.voices.sounds import noise, with_noise
from voices.analysis.speaker_encoder import embed, similarity
from voices.analysis.vad import SAMPLE_RATE
from voices.consent import listening
from voices.consent.listening import Reading
from voices.consent.phrases import SPELLINGS, WORDS_IN_SENTENCE, sentence
from voices.languages import LANGUAGES
from voices.transcription.transcribers.bundled import BundledWhisper
from voices.transcription.transcribers.faster_whisper import FasterWhisper

PRESETS = {
    "en-us": ("af_heart", "am_michael", "bf_emma", "bm_george"),
    "es": ("ef_dora", "em_alex", "em_santa"),
}
SENTENCES = 5  # of each voice
NOISE_DB = {"clean": None, "noise, 15 dB": 15, "noise, 8 dB": 8}
MISTAKES = (0.0, 0.05, 0.1, 0.2)  # of the letters
MATCHED = 200  # sentences of a language
OTHERS = 100  # of those, compared with what was read of all others
SPEAKERS = {
    "english_austen_1": "reader",
    "english_austen_2": "reader",
    "english_austen_short": "reader",
    "english_ivr": "announcer",
    "spanish_ivr": "announcer",
}
PIECE_SECONDS = 5


def passes(reading: Reading) -> bool:
    return reading.agrees and WORDS_IN_SENTENCE - len(reading.missing) >= listening.MIN_WORDS


def row(name: str, readings: list[Reading]) -> None:
    counts = np.array([WORDS_IN_SENTENCE - len(one.missing) for one in readings])
    shares = [f"{np.mean(counts == count):.1%}" for count in range(WORDS_IN_SENTENCE + 1)]
    agree = np.mean([one.agrees for one in readings])
    print(
        f"| {name} ({len(counts)}) | {' | '.join(shares)} | {agree:.1%} | {np.mean(list(map(passes, readings))):.1%} |"
    )


def heard_words(language: str, whisper: FasterWhisper) -> None:
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    read: list[tuple[str, list[str]]] = []
    heard: dict[str, list[str]] = {condition: [] for condition in NOISE_DB}
    for preset in PRESETS[language]:
        own = np.float32([name == preset for name in voices()[0]])
        voice = _pack(Blend(own, own))
        for _ in range(SENTENCES):
            text, chosen = sentence(language)
            read.append((text, chosen))
            said = engine.synthesize([Utterance(text, language, voice)], lambda progress: None)
            wave = np.concatenate([audio.samples for audio in said])
            for condition, db in NOISE_DB.items():
                mixed = wave if db is None else with_noise(wave, noise(wave), db).astype(np.float32)
                heard[condition].append(listen(whisper, mixed, RATE, language))
            print(chosen, [heard[condition][-1] for condition in NOISE_DB], file=sys.stderr, flush=True)
    print(f"\n| {language}: words heard | {' | '.join(map(str, range(WORDS_IN_SENTENCE + 1)))} | agrees | passes |")
    print(f"|---|{'---|' * (WORDS_IN_SENTENCE + 3)}")
    for condition, texts in heard.items():
        row(f"its own, {condition}", [listening.read(*one, text) for one, text in zip(read, texts, strict=True)])
        wrong = [
            listening.read(*one, text) for one in read for other, text in zip(read, texts, strict=True) if one != other
        ]
        row(f"another sentence, {condition}", wrong)


def people(whisper: FasterWhisper) -> None:
    """Read recordings of people as if six of their own words, by chance, were those of a sentence."""
    chance = random.Random(1)
    sentences = [sentence("en-us") for _ in range(2000)]
    for condition, db in NOISE_DB.items():
        own, others = [], []
        for name, text in TRANSCRIPTS.items():
            wave = speech(name) if db is None else with_noise(speech(name), noise(speech(name)), db)
            heard = listen(whisper, wave.astype(np.float32), SAMPLE_RATE, "en-us")
            long = list(re.finditer(r"\w{4,}", text))
            others += [listening.read(*one, heard) for one in sentences]
            for _ in range(100 if len(long) >= WORDS_IN_SENTENCE else 0):
                words = [
                    one.group() for one in sorted(chance.sample(long, WORDS_IN_SENTENCE), key=lambda one: one.start())
                ]
                own.append(listening.read(text, words, heard))
        row(f"people, six of their own words, {condition}", own)
        row(f"people, a sentence they don’t read, {condition}", others)


def listen(whisper: FasterWhisper, wave: np.ndarray, rate: int, language: str) -> str:
    return whisper.transcribe(soxr.resample(wave, rate, 16_000), language, lambda progress: None).text


def matched_words() -> None:
    print(f"\n| letters mistaken | {' | '.join(f'{rate:.0%}' for rate in MISTAKES)} | another sentence |")
    print(f"|---|{'---|' * (len(MISTAKES) + 1)}")
    chance = random.Random(1)
    bases = {code.partition("-")[0]: code for code in LANGUAGES}
    for code in bases.values():
        made = [sentence(code) for _ in range(MATCHED)]
        shares = [
            np.mean([passes(listening.read(*one, mistaken(one[0], rate, chance), SPELLINGS)) for one in made])
            for rate in MISTAKES
        ]
        wrong = [passes(listening.read(*one, other)) for one in made[:OTHERS] for other, _ in made if other != one[0]]
        print(
            f"| {LANGUAGES[code]} | {' | '.join(f'{share:.0%}' for share in shares)} | {sum(wrong)} of {len(wrong):,} |",
            flush=True,
        )


def mistaken(text: str, rate: float, chance: random.Random) -> str:
    """Return a text in which that share of the letters is lost, another one, or followed by another, one as often as the other."""
    ways = (lambda letter: "", lambda letter: chance.choice(text), lambda letter: letter + chance.choice(text))
    return "".join(
        chance.choice(ways)(letter) if letter.isalpha() and chance.random() < rate else letter for letter in text
    )


def speakers() -> None:
    waves = {name: speech(name) for name in SPEAKERS}
    whole = {name: embed(wave, SAMPLE_RATE) for name, wave in waves.items()}
    same, other = [], []
    for name, wave in waves.items():
        size = min(PIECE_SECONDS * SAMPLE_RATE, len(wave))
        for start in range(0, len(wave) - size + 1, SAMPLE_RATE):
            piece = embed(wave[start : start + size], SAMPLE_RATE)
            for clip in whole:
                if clip != name:
                    (same if SPEAKERS[clip] == SPEAKERS[name] else other).append(similarity(piece, whole[clip]))
    for what, found in (("the same speaker", same), ("another", other)):
        passed = np.mean(np.array(found) >= listening.MIN_SIMILARITY)
        print(f"{what}: {len(found)} pairs, {min(found):.2f} to {max(found):.2f}, {passed:.0%} pass")


if __name__ == "__main__":
    bundled = BundledWhisper()
    bundled.load(bundled.models[0].name)
    heard_words("en-us", bundled)
    people(bundled)
    if sys.argv[1:]:
        multilingual = FasterWhisper()
        multilingual._load(Path(sys.argv[1]))
        heard_words("es", multilingual)
    matched_words()
    speakers()
