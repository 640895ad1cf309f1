"""Which segmentation gets hard texts right, sentence for sentence: ours, libraries, and the rule that the site had first.

Needs `pip install pysbd sentencex`. The texts are those of tests/synthesis/scripts. The libraries keep a quotation of
several sentences whole, which is no fault; about one text in sixty turns on it.
"""

import re
import time
from collections import Counter
from collections.abc import Callable

from synthesis.scripts.cutting import cut
from synthesis.scripts.sentences import sentences
from tests.synthesis.scripts.test_sentences import hard_sentences, joined, segmented

LONG_TEXT = "The quick fox, e.g. Mr. Smith's, ran 3.5 km. Nobody saw it! “Where is it?” asked J. R. Lee. " * 1100
ROWS = ("en", "es", "fr", "it", "pt", "hi", "de", "zh", "ja", "ru", "ko")

_GERMAN_MONTHS = "Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_FIRST_RULE = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Sr|vs)\.)(?<!\b(?:Mrs|Sra|Dra)\.)"
    rf"(?!(?<=\d\.)\s+(?:{_GERMAN_MONTHS})\b)"
    r"(?:(?<=[.!?…।])|(?<=[.!?…।][\"'”’»)\]]))\s+|(?<=[。！？])\s*"
)


def by_first_rule(text: str, language: str) -> list[str]:
    return [part for part in _FIRST_RULE.split(text) if part]


def by_pysbd(text: str, language: str) -> list[str]:
    import pysbd

    without_data = {"pt": "es", "ko": "en"}  # the nearest that it has
    code = language.partition("-")[0]
    segmenter = pysbd.Segmenter(language=without_data.get(code, code), clean=False)
    return [part.strip() for part in segmenter.segment(text)]


def by_sentencex(text: str, language: str) -> list[str]:
    import sentencex

    return [part.strip() for part in sentencex.segment(language.partition("-")[0], text)]


SEGMENTERS: dict[str, Callable[[str, str], list[str]]] = {
    "first rule": by_first_rule,
    "pysbd": by_pysbd,
    "sentencex": by_sentencex,
    "ours": segmented,
}


def print_table(name: str) -> None:
    print(f"\n{name}.tsv\n\n| language | texts | {' | '.join(SEGMENTERS)} |\n|---|{'---:|' * (len(SEGMENTERS) + 1)}")
    texts: Counter[str] = Counter()
    right: dict[str, Counter[str]] = {segmenter: Counter() for segmenter in SEGMENTERS}
    for language, parts in hard_sentences(name):
        code = language.partition("-")[0]
        texts[code] += 1
        for segmenter, segment in SEGMENTERS.items():
            right[segmenter][code] += segment(joined(language, parts), language) == parts
    for code in [code for code in ROWS if texts[code]]:
        print(f"| {code} | {texts[code]} | {' | '.join(str(counts[code]) for counts in right.values())} |")
    shares = [f"{counts.total()} ({counts.total() / texts.total():.1%})" for counts in right.values()]
    print(f"| all | {texts.total()} | {' | '.join(shares)} |")


def print_times() -> None:
    print(f"\nSeconds for {len(LONG_TEXT):,} characters of prose:")
    for name, segment in SEGMENTERS.items():
        print(f"  {name}: {_seconds(segment, LONG_TEXT, 'en-us'):.3f}")
    print("Seconds for 20,000 characters, found and cut:")
    for kind, text in {
        "letters": "x" * 20_000,
        "digits": "1" * 20_000,
        "spaces": " " * 20_000,
        "full stops": "." * 20_000,
        "initials": "J. " * 6_667,
    }.items():
        print(f"  {kind}: {_seconds(sentences, text, 'en-us'):.3f}, {_seconds(cut, text, 220, 'en-us'):.3f}")


def _seconds(function: Callable, *arguments) -> float:
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def main() -> None:
    print_table("hard_sentences")
    print_table("hard_sentences_held_out")
    print_times()


if __name__ == "__main__":
    main()
