"""Foreign scripts in the letters of the language."""

import pytest

from synthesis.scripts.transliteration import transliterate
from voices.text.normalization import read


@pytest.mark.parametrize(
    "written, language, said",
    [
        ("Hello 你好 Привет こんにちは friends.", "en-us", "Hello ni hao privet konnichiha friends."),
        ("Der Müller in Łódź isst açaí.", "en-us", "Der Müller in Łódź isst açaí."),
        ("Say «спасибо большое», please.", "en-gb", "Say «spasibo bolshoe», please."),
        ("WhatsApp पर message करें।", "hi", "WhatsApp पर message करें।"),
        ("नमस्ते 你好", "hi", "नमस्ते ni hao"),
    ],
)
def test_it_is_read_by_its_letters(written, language, said):
    pieces = transliterate(read(written, language), language)
    assert "".join(piece.spoken for piece in pieces) == said
    assert "".join(piece.written for piece in pieces) == written


def test_what_is_read_otherwise_is_left_alone():
    pieces = transliterate(read("5 ₽ и 3 км", "ru"), "ru")
    assert not [piece for piece in pieces if piece.kind == "transliteration"]
