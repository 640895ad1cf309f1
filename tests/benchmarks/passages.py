"""The texts to read: how many of the sounds of its language each has, and the three of a language together."""

from tests.voices.text.sounds_of_languages import READINGS, inventory, sounds
from voices.languages import LANGUAGES
from voices.text.passages import PASSAGES


def main() -> None:
    print("| language | sounds | each of the three has | together |\n|---|---|---|---|")
    for code, texts in PASSAGES.items():
        every = inventory(code)
        found = [sounds(text, code) for text in (READINGS if code == "ja" else texts)]
        each = ", ".join(f"{len(one) / len(every):.0%}" for one in found)
        print(f"| {LANGUAGES[code]} | {len(every)} | {each} | {len(set().union(*found)) / len(every):.0%} |")


if __name__ == "__main__":
    main()
