import random
import re

import pytest

from synthesis.scripts import marks
from synthesis.scripts.marks import (
    HEADING_PAUSE_SECONDS,
    LINE_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    Block,
    read_marks,
)
from synthesis.scripts.sentences import SENTENCE_PAUSE_SECONDS
from voices.text.pronunciation import Pronounced


def read(text):
    """The text and the pause of each block."""
    return [(block.text, block.pause) for block in read_marks(text)]


def notes(text):
    return [note for block in read_marks(text) for note in block.notes]


def test_a_text_of_everything():
    written = (
        "\ufeff# Shopping list\r\n\r\n- **Milk**\r\n- [x] *Eggs*\r\n\r\n1. Go out\r\n2. Come back\r\n\r\n"
        "See [the shop](https://shop.example.com)\r\nfor more.\r\n\r\n* * *\r\n\r\n<p>The end &amp; all</p>"
    )
    assert read(written) == [
        ("Shopping list", HEADING_PAUSE_SECONDS),
        ("Milk", LINE_PAUSE_SECONDS),
        ("Eggs", PARAGRAPH_PAUSE_SECONDS),
        ("1, Go out", LINE_PAUSE_SECONDS),
        ("2, Come back", PARAGRAPH_PAUSE_SECONDS),
        ("See the shop for more.", HEADING_PAUSE_SECONDS),
        ("The end & all", 0.0),
    ]
    assert not notes(written)


def test_html_has_the_pauses_of_markdown():
    written = (
        "<html><body><h1>\n  Title</h1>\n<p>One<br>two</p><ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n"
        "<table>\n<tr>\n  <th>c</th>\n  <th>d</th>\n</tr>\n<tr><td>e</td><td>f</td></tr>\n</table></body></html>"
    )
    assert read(written) == [
        ("Title", HEADING_PAUSE_SECONDS),
        ("One", LINE_PAUSE_SECONDS),
        ("two", PARAGRAPH_PAUSE_SECONDS),
        ("a", LINE_PAUSE_SECONDS),
        ("b", PARAGRAPH_PAUSE_SECONDS),
        ("c, d", LINE_PAUSE_SECONDS),
        ("e, f", 0.0),
    ]


@pytest.mark.parametrize("written", ["", " \n\n ", "\u200b", "[ ]", "---", "{}", "<b></b>", "😀"])
def test_nothing_to_read(written):
    assert read_marks(written) == []


@pytest.mark.parametrize(
    ("mark", "pause"),
    [
        ("[pause 0.8s]", 0.8),
        ("[pause:1s]", 1),
        ("[pause: 1,5 s]", 1.5),
        ("[PAUSE 2]", 2),
        ("[pause 250ms]", 0.25),
        ("[pause 3 seconds]", 3),
        ("[pause 0s]", 0),
        ("[pause]", marks.PAUSE_SECONDS),
        ('<break time="1s"/>', 1),
        ("<break time='500ms' />", 0.5),
        ("<break/>", marks.PAUSE_SECONDS),
        ("[pause 1s] [pause 2s]", 3),
        ("\n\n[pause 2s]\n\n", 2),
        (".\n[pause 0.3s]\n", 0.3),
    ],
)
def test_a_pause_is_as_long_as_its_mark_says(mark, pause):
    assert [(text.rstrip(" ."), seconds) for text, seconds in read(f"Before {mark} after")] == [
        ("Before", pause),
        ("after", 0),
    ]
    assert not notes(f"Before {mark} after")


@pytest.mark.parametrize("mark", ["[pause 11s]", "[pause 9s][pause 9s]", "[pause 999999s]", '<break time="10001ms"/>'])
def test_a_pause_has_a_limit(mark):
    first = Block("Before", 10.0, (), ("A pause is at most 10 seconds.",), starts_paragraph=True)
    assert read_marks(f"Before {mark} after")[0] == first


def test_pauses_before_the_first_word_and_after_the_last():
    assert read("[pause 1s] Hello. [pause 2s]") == [("", 1.0), ("Hello.", 2.0)]
    assert read("[pause 1s]") == [("", 1.0)]


def test_what_ends_a_sentence_stays_with_it():
    assert read("Wait [pause 1s], then go [laugh] [pause 1s]!") == [("Wait,", 1.0), ("then go!", 1.0)]


def test_pronunciations():
    (block,) = read_marks("Buy **{Nike|nye-kee}** or {the\nIPA | /ˈaɪ piː eɪ/}, {AT&amp;T|ay tee}!")
    assert (block.text, block.pause, block.notes) == ("Buy Nike or the IPA, AT&T!", 0.0, ())
    assert block.pronounced == (
        Pronounced(4, 8, "nye-kee"),
        Pronounced(12, 19, "/ˈaɪ piː eɪ/"),
        Pronounced(21, 25, "ay tee"),
    )


def test_a_pronunciation_has_its_place_in_its_own_block():
    written = "# A {b|bee}\n\n[laugh] Then [pause 1s] 😀 - {c|see} it.\n\n| {d|dee} | e |"
    said = [(block.text[start:end], word) for block in read_marks(written) for start, end, word in block.pronounced]
    assert said == [("b", "bee"), ("c", "see"), ("d", "dee")]


@pytest.mark.parametrize("mark", ["{a|}", "{|b}", "{a|b|c}", "{a|b", "{a| }"])
def test_a_malformed_pronunciation_is_text_with_a_note(mark):
    (block,) = read_marks(f"Say {mark}")
    assert (block.text, block.pronounced) == (f"Say {mark}", ())
    assert block.notes == (f"“{mark}” is not a pronunciation: write {{word|how it is said}}.",)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/ˈaɪ", "IPA stands between two slashes"),
        ("/1/", "These are not IPA symbols: 1."),
        ("5", "5 can’t be said."),
        ("[pause 1s]", "can’t be said."),
    ],
)
def test_what_can_not_be_said_is_no_pronunciation(said, told):
    (block,) = read_marks(f"The {{IPA|{said}}} is here.")
    assert (block.text, block.pronounced) == ("The IPA is here.", ())
    assert block.notes[0].startswith("“IPA” is read as it is written. ") and told in block.notes[0]


@pytest.mark.parametrize(
    ("written", "text", "told"),
    [
        ("Hello [laugh] there.", "Hello there.", ["“[laugh]” is not read."]),
        ("[music] Hello[sigh], you [all of\nyou].", "Hello, you.", ["“[music]” is not read.", "“[sigh]” is not read.",
                                                                  "“[all of you]” is not read."]),
        ("One <foo>two</foo> <bar-x a='1'/>three", "One two three", ["The tag <foo> is not read.",
                                                                    "The tag <bar-x> is not read."]),
        ("[laugh] ha [laugh] ha", "ha ha", ["“[laugh]” is not read."]),
        ("Hello.\n\n[applause]", "Hello.", ["“[applause]” is not read."]),
        ("[applause]", "", ["“[applause]” is not read."]),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(written, text, told):
    assert [block.text for block in read_marks(written)] == [text]
    assert notes(written) == told


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("“[T]he man walk[ed] home,” he said.", "“The man walked home,” he said."),
        ("In [1945] it ended [...] at last.", "In 1945 it ended … at last."),
        ("It is so.[1] And so [2, 3] on.[^note]", "It is so. And so on."),
        ("Paris[a] is a city.[citation needed]", "Paris is a city."),
        ("See {here} now.", "See here now."),
        ("See [*the* shop](./a_b.md \"Shop\"), [it](/x(y)), [ours][1], [theirs][] and [that].\n\n[1]: https://x.org\n"
         "[theirs]: /t\n[that]: <https://x.org> 'That'", "See the shop, it, ours, theirs and that."),
        ("[![A cat](cat.png)](https://x.org) ![dog](d.png)", "A cat dog"),
        ("See [[Paris|the city]].", "See the city."),
        ("Ask [him](yesterday) now.", "Ask (yesterday) now."),
        ("[Everybody who was there that night, and it was a large crowd, left early.]",
         "[Everybody who was there that night, and it was a large crowd, left early.]"),
        ("`[laugh] {a|b} <foo>` \\[x\\]", "[laugh] {a|b} <foo> [x]"),
    ],
)  # fmt: skip
def test_brackets(written, text):
    assert " ".join(block.text for block in read_marks(written)) == text


@pytest.mark.parametrize(
    ("written", "blocks"),
    [
        ("Great job! 🎉👍 See you soon 😀", [("Great job!", SENTENCE_PAUSE_SECONDS), ("See you soon", 0)]),
        ("See you 😀 Then we go", [("See you", SENTENCE_PAUSE_SECONDS), ("Then we go", 0)]),
        ("See you 👩🏽‍💻\nThen we go", [("See you", LINE_PAUSE_SECONDS), ("Then we go", 0)]),
        ("Hello 😀 world ❤️!", [("Hello world!", 0)]),
        ("I ❤️ Paris 🇫🇷, love.", [("I Paris, love.", 0)]),
        ("楽しかった😀また行こう", [("楽しかった", SENTENCE_PAUSE_SECONDS), ("また行こう", 0)]),
        ("✅ Done\n✅ Ready", [("Done", LINE_PAUSE_SECONDS), ("Ready", 0)]),
        ("1️⃣ First\n2️⃣ Second", [("1, First", LINE_PAUSE_SECONDS), ("2, Second", 0)]),
        ("C♯ ♭ ½ → ① №", [("C♯ ♭ ½ → ① №", 0)]),
    ],
)
def test_emoji_are_not_read(written, blocks):
    assert read(written) == blocks


@pytest.mark.parametrize(
    "written",
    [
        "x = 5 + 3, y < 10",
        "5 * 3 * 2 and 2 ** 3 and a*b",
        "C# and C++, snake_case_name, #hashtag, @name",
        "5 < 7 > 3 and a <b and c> d",
        'He said "quote", then "" and \'\' and (nothing).',
        "high level of security with only a small group)—and at the same time, we realized that",
        "“Wait…” he said—then paused... “No!” She whispered: ‘Why?’",
        "¿Dónde está la 1.ª calle? ¡No lo sé!",
        "नमस्ते, आज 25 नवंबर 2026 है। कीमत ₹1,234 है।",
        "Hello 你好 Привет こんにちは friends.",
        "AT&T; 50% off & 10% more, ~5 min, 6'2\" at -5 °C",
        "7",
        "$",
    ],
)
def test_prose_stays_as_it_is(written):
    assert read(written) == [(written, 0.0)]


WORDS = (
    "the of Ada went home I’m “Yes,” (no) 3.14 -5 5 * 3 x < 10 AT&T C# #tag snake_case a*b 2**3 café naïve Straße — – … "
    "e.g. U.S. 1,234 10% $5 50 € 9:30 and/or rock’n’roll well-known नमस्ते है। 你好。 Привет! x**2 it's 'so' O’Brien; end. "
    "end! what? 24. 1. II. a) *note price* ~5 > 6 + 7 = 13 @ada http://x.org/_a_ A&M; <3 | / \\"
)


def test_no_word_of_prose_is_lost():
    chance, words_of_prose = random.Random(0), WORDS.split()
    for _ in range(200):
        text = "".join(
            chance.choice(words_of_prose) + chance.choice([" "] * 12 + ["\n", "  ", "\r\n", "\n\n", "\t", "\u00a0"])
            for _ in range(80)
        )
        words = re.findall(r"\w+", " ".join(block.text for block in read_marks(text)))
        assert words == re.findall(r"\w+", text)


MARKS = "[pause:1s] [laugh] {a|bee} {|b} <foo> </foo> 😀 😀Up ** * _ ` # - 1. --- <br> <p> <td> [1] word Word. > [ ] { } | | some-"


def test_whatever_stands_beside_them_marks_keep_their_order(monkeypatch):
    """Each mark that leaves something behind is met once, and pronunciations are of the word that was marked."""
    chance = random.Random(0)
    left = []
    monkeypatch.setattr(marks._Blocks, "_finished", lambda self: left.extend(self.events) or self.blocks)
    for _ in range(200):
        text = "".join(chance.choice(MARKS.split()) + chance.choice(["", " ", " ", "\n", "\n\n"]) for _ in range(60))
        for block in read_marks(text):
            assert {block.text[start:end] for start, end, said in block.pronounced if said == "bee"} <= {"a"}, text
            assert not re.search("[\ue000-\uf8ff\u2028\u2029\n]|  ", block.text), text
        assert left == [], text


@pytest.mark.parametrize(
    "mark",
    [*"[]{}()*<>_`#-|&~!\\\n.\"'0 a:，😀", "[a](", "![a](", "[a][", "{a|", "<a ", "<!--", "<script>", '<a b="', "*a ", "**a ",
     "_a ", "`a ``b ", "> ", "- a\n", "a-\n", "a\n\n", "|a", "\u2028", "\u00a0", "http://a_", "<li>", "[laugh] ", "[[a", "a."],
)  # fmt: skip
def test_one_mark_many_times_is_read_in_linear_time(mark):
    assert read_marks("x " + mark * 10_000 + " y")  # squared, it would be minutes


@pytest.mark.parametrize("character", "a0- .)")
def test_a_long_line_among_lines_is_read_in_linear_time(character):
    assert read_marks("One\n" + character * 10_000 + "\ntwo")
