import pytest

from synthesis.scripts.characters import clean, has_words, literal, plain


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("gen\u200berally pre\xadrequi\xadsite \ufeffword\u2060 \u200fok\u200e", "generally prerequisite word ok"),
        ("some\xad\nthing", "something"),
        ("क्\u200dष and क्\u200cष", "क्\u200dष and क्\u200cष"),  # joiners choose the conjunct
        ("a\u200db\u200cc", "abc"),
        ("10\u202fAM\xa0sharp\u3000now\there  too", "10 AM sharp now here too"),
        ("1\u202f234 and 1\xa0234 and 1\u2009234,50\xa0€", "1\xa0234 and 1\xa0234 and 1\xa0234,50 €"),
        ("ﬁnd the ﬂoor, ﬀ, ﬃ", "find the floor, ff, ffi"),
        ("cafe\u0301", "café"),
        ("a\x00b\x07c\x1b\ue000\U000f0001", "abc"),
        ("one\r\ntwo\rthree\x0cfour\x85five", "one\ntwo\nthree\n\nfour\nfive"),
        ("Acme™ © 2026 ®", "Acme 2026"),
        ("press 1️⃣ or #️⃣", "press 1 or #"),
        ("2 ➕ 2, really❓", "2 + 2, really?"),
        ("“curly” ‘quotes’ — stay… Ｆｕｌｌ", "“curly” ‘quotes’ — stay… Ｆｕｌｌ"),
        ("a\n\n\n\n  b  \n c", "a\n\nb\nc"),
    ],
)
def test_invisible_characters_vanish_and_spaces_are_plain(written, cleaned):
    assert clean(written) == cleaned


@pytest.mark.parametrize(
    ("text", "says"), [("… — !", False), (" \n_\n ", False), ("5", True), ("%", True), ("हाँ", True), ("好", True)]
)
def test_a_text_may_have_nothing_to_say(text, says):
    assert has_words(text) is says


def test_a_literal_mark_comes_back():
    marks = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
    assert plain(literal(marks)) == marks
    assert not set(literal(marks)) & set("[]{}<>*_`|#")
