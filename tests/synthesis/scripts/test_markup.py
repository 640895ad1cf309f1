import pytest

from synthesis.scripts.characters import clean, plain
from synthesis.scripts.markup import without_markup


def read(text):
    return plain(without_markup(clean(text)))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("**bold** *it* _soft_ __x__ ~~gone~~ ***both*** **a *b* c**", "bold it soft x gone both a b c"),
        ("**N**ational **A**eronautics", "National Aeronautics"),
        ("これは**太字**と*斜体*です", "これは太字と斜体です"),
        ("**Note:** “*really*”, (_so_).", "Note: “really”, (so)."),
        ("**two\nlines**", "two\nlines"),
        ("`code` and ``code``", "code and code"),
        ("`*a* <b> [c] {d}`", "*a* <b> [c] {d}"),
        (r"\*not\* \_soft\_ 1\. \[x\]", "*not* _soft_ 1. [x]"),
        ("> quoted\n>> twice\n> and so on", "quoted\ntwice\nand so on"),
        (
            "see https://x.org/_a_/b_c?d=e and <https://y.org/_z_>",
            "see https://x.org/_a_/b_c?d=e and https://y.org/_z_",
        ),
        ("write to <ada_l@example.org>", "write to ada_l@example.org"),
    ],
)
def test_marks_of_markdown_vanish(written, words):
    assert read(written) == words


@pytest.mark.parametrize(
    "written",
    [
        "5 * 3 * 2", "2 ** 3", "2**3", "a*b*c", "x**2 + y**2", "x**y and a**b", "snake_case_name and another_one",
        "Price* is 5. *Without tax", "*one\n\ntwo*", "~5 min and ~6 min", "____ is a blank", "*.py and *.txt", "> 5 is enough",
        "`unclosed", "it's a `back tick", "C:\\new", "```\nno end",
    ],
)  # fmt: skip
def test_what_is_no_markdown_stays(written):
    assert read(written) == written


def test_lines_of_code_stay_lines_and_their_marks_are_read():
    assert read("Run:\n```python\n# sum\na = b * c * d\n```\nDone.") == (
        "Run:\n\u2029\n# sum\u2028\na = b * c * d\u2028\n\u2029\nDone."
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<b>bold</b> <i class='x'>it</i> <SPAN data-a=1>so</SPAN><br/>on", "bold it so\u2028on"),
        ('<a href="https://x.org/a_b">the shop</a> <img src="x" alt="A cat"> <input disabled>', "the shop A cat"),
        ("a<!-- not\nread -->b <!-- open", "ab open"),
        ("<style>p { color: red }</style>a<script>x < y</script>b", "ab"),
        ("<!DOCTYPE html>text", "text"),
        ("x < 10 and y > 3; 5 < 7 > 3; a <b and c> d; <3", "x < 10 and y > 3; 5 < 7 > 3; a <b and c> d; <3"),
        ("<foo>stays for a note</foo>", "<foo>stays for a note</foo>"),
        ("<break time=\"1s\"/><break time='500ms'></break><break/>", "[pause 1s][pause 500ms][pause]"),
    ],
)
def test_tags(written, words):
    assert read(written) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Tom &amp; Jerry &lt;3 &quot;it&#39;s&quot;&nbsp;&mdash; fine &#x27;", "Tom & Jerry <3 \"it's\" — fine '"),
        ("&lt;b&gt; &#42;a&#42; &amp;amp;", "<b> *a* &amp;"),
        ("1&nbsp;234 so&shy;fa&#8203;s &#xE000;", "1\xa0234 sofas"),
        ("AT&T; R&D &unknown; &copy", "AT&T; R&D &unknown; &copy"),
    ],
)
def test_entities_are_characters_that_are_no_marks(written, words):
    assert read(written) == words


def test_the_times_of_subtitles_are_not_read():
    written = "7\n00:01:23,456 --> 00:01:25,789\nI told you.\n\n8\n00:01:26,000 --> 00:01:27,500\nYou did."
    assert read(written).split() == ["I", "told", "you.", "You", "did."]
