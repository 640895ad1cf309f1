"""Make kokoro's English dictionary from misaki's: `python scripts/make_english_words.py` where misaki 0.9.4 is installed.

misaki itself is no dependency, since it cannot be installed with Python 3.13. Its “gold” files (Apache-2.0) hold the
pronunciations that the model was trained on, without regular inflections. A line of the table is a word, its American
and its British reading, parted by tabs; a reading that depends on the part of speech is `DEFAULT=… VERB=…`.
"""

import gzip
import json
from importlib import resources

from synthesis.engines.kokoro.english import TABLE


def main() -> None:
    accents = [json.loads((resources.files("misaki.data") / f"{name}_gold.json").read_text()) for name in ("us", "gb")]
    words = sorted({word for accent in accents for word in accent})
    lines = ["\t".join([word, *(reading(accent.get(word)) for accent in accents)]) for word in words]
    TABLE.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    print(f"{len(words)} words: {TABLE}, {TABLE.stat().st_size / 1000:.0f} kB")


def reading(entry: str | dict[str, str] | None) -> str:
    """Return an entry of misaki as one field; empty where the accent lacks the word."""
    if isinstance(entry, dict):
        return " ".join(f"{part}={said}" for part, said in entry.items() if said)
    return entry or ""


if __name__ == "__main__":
    main()
