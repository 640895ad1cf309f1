import pytest

from synthesis.engines.kokoro.alphabet import IDS, from_ipa
from synthesis.engines.kokoro.engine import KokoroEngine


def test_the_symbols_are_those_of_the_model():
    assert len(IDS) == len(set(IDS.values())) == 114
    assert (IDS[";"], IDS["\u0303"], IDS["A"], IDS["a"], IDS["ɡ"], IDS["ˈ"], IDS["ᵻ"]) == (1, 17, 24, 43, 92, 156, 177)


@pytest.mark.parametrize(
    ("said", "language", "phonemes"),
    [
        ("/ˈaɪ piː eɪ/", "en-us", "ˈI pi A"),
        ("/ˈaɪ piː eɪ/", "en-gb", "ˈI piː A"),
        ("ˈnaɪki", "en-us", "nˈIki"),
        ("/'θɜ:rti/", "en-us", "θˈɜɹti"),
        ("[ˈθɜːti]", "en-gb", "θˈɜːti"),
        ("ˈtekno.loʊ", "en-us", "tˈɛknOlO"),
        ("t͡ʃɪp tʃɪp dʒɪm ʤɪm", "en-us", "ʧɪp ʧɪp ʤɪm ʤɪm"),
        ("ˈbʌtn̩", "en-us", "bˈʌtᵊn"),
        ("ˈrædɚ", "en-us", "ɹˈædəɹ"),
        ("ˈsɝtən", "en-us", "sˈɜɹtən"),
        ("ɡəʊ goʊ", "en-gb", "ɡQ ɡQ"),
        ("ˌɪn.tə.ˈnæʃ.nəl", "en-gb", "ˌɪntənˈaʃnəl"),
        ("bɔ̃ʒuʁ", "fr", "bɔ̃ʒuʁ"),
        ("bõʒur", "fr", "bo\u0303ʒuʁ"),
        ("ɡaʁˈsõ", "pt-br", "ɡaʁsˈo\u0303"),
        ("ˈʃu̯es", "es", "ʃˈues"),
        ("fasˈad ça", "fr", "fasˈad ça"),
        ("ˈxɾinɣo", "es", "xɾˈinɣo"),
        ("ʑyɮ", "it", "ʒyl"),
    ],
)
def test_ipa_as_people_write_it_becomes_the_models(said, language, phonemes):
    assert from_ipa(said, language) == (phonemes, [])


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("/ˈaɪ piː eɪ/", []),
        ("/ǃkʰoɪ/", ["ǃ"]),
        ("/ABC/", ["A", "B", "C"]),
        ("/ˈnaɪki 3/", ["3"]),
        ("/naɪki!/", ["!"]),
        ("/나이키/", list("\u1102\u1161\u110b\u1175\u110f")),
        ("", []),
    ],
)
def test_symbols_that_cannot_be_pronounced_are_told(said, unknown):
    assert from_ipa(said, "en-us")[1] == unknown


def test_the_engine_tells_without_its_model():
    assert KokoroEngine.unknown_ipa("/ʘo/", "es") == ["ʘ"]
