import random

import pytest

from voices.text.pronunciation import Dictionary, Pronounced, Pronunciation, find, fold, is_ipa, unknown_ipa

NIKE = Pronunciation("Nike", "nye-kee")


def said(text, *pronunciations):
    """The text with what is said in place of what is written."""
    result, end = "", 0
    for part in find(text, pronunciations):
        result += text[end : part.start] + f"<{part.said}>"
        end = part.end
    return result + text[end:]


def test_places_are_characters_of_the_text():
    assert find("I like Nike.", [NIKE]) == [Pronounced(7, 11, "nye-kee")]
    assert find("", [NIKE]) == find("Nike", []) == []


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Nike, nike and NIKE!", "Nike", "<x>, <x> and <x>!"),
        ("Niketown, Anike, nike2, nike_shoes", "Nike", "Niketown, Anike, nike2, nike_shoes"),
        ("Nike-style (Nike) “Nike” 'Nike'", "nike", "<x>-style (<x>) “<x>” '<x>'"),
        ("New York, new  york, New\nYork, New-York", "New York", "<x>, <x>, <x>, New-York"),
        ("New Yorkers in New", "New York", "New Yorkers in New"),
        ("Nike's and Nike’s shoes", "Nike", "<x>'s and <x>’s shoes"),
        ("don't DON’T don", "don", "don't DON’T <x>"),
        ("don't DON’T don", "don’t", "<x> <x> don"),
        ("l’Oise, l'Oise, dell'Oise", "Oise", "l’<x>, l'<x>, dell'<x>"),
        ("O’Brien", "O", "O’Brien"),
        ("Zoë Zoe\u0308 Zoe ZOË", "Zoë", "<x> <x> Zoe <x>"),
        ("resume résumé", "résumé", "resume <x>"),
        ("STRASSE straße", "Straße", "<x> <x>"),
        ("हिन्दी हिन्द हिन्दीभाषी", "हिन्दी", "<x> हिन्द हिन्दीभाषी"),
        ("Москва, москвич, Москва́", "москва", "<x>, москвич, Москва́"),
        ("我住在重庆市。", "重庆", "我住在<x>市。"),
        ("東京タワーとタワ", "タワー", "東京<x>とタワ"),
        ("ナイキの靴、Nikeの靴", "Nike", "ナイキの靴、<x>の靴"),
        ("サクラ、カ\u3099ス、ガス", "ガス", "サクラ、<x>、<x>"),
        ("서울은 새서울 서울", "서울", "<x>은 새서울 <x>"),
        ("C++ and C, C++11", "C++", "<x> and C, <x>11"),
        ("C+ C ++", "C++", "C+ C ++"),
        ("AT&T at&t", "AT&T", "<x> <x>"),
        ("50, 2.50, 50,000 and 50.", "50", "<x>, 2.50, 50,000 and <x>."),
        ("v2.1 and v2.1.3", "v2.1", "<x> and v2.1.3"),
        ("#Nike @nike nike.com", "Nike", "#<x> @<x> <x>.com"),
    ],
)
def test_whole_words_are_found(text, word, expected):
    assert said(text, Pronunciation(word, "x")) == expected


def test_case_counts_where_it_is_to():
    polish = Pronunciation("Polish", "poh-lish", match_case=True)
    assert said("Polish polish POLISH", polish) == "<poh-lish> polish POLISH"
    assert said("Polish polish", polish, Pronunciation("polish", "pol-ish")) == "<poh-lish> <pol-ish>"
    assert said("L’Oréal l’oréal", Pronunciation("L'Oréal", "x", match_case=True)) == "<x> l’oréal"
    assert said("New  York", Pronunciation("New York", "x", match_case=True)) == "<x>"


def test_the_longest_of_those_that_begin_first_is_taken():
    entries = [
        Pronunciation("York", "1"),
        Pronunciation("New York", "2"),
        Pronunciation("New York City", "3", match_case=True),
    ]
    assert said("New York City, New York city, York City, new New York", *entries) == "<3>, <2> city, <1> City, new <2>"


def test_the_first_of_several_for_the_same_words_applies():
    assert said("nike", NIKE, Pronunciation("NIKE", "nike")) == "<nye-kee>"
    assert said("nike", Pronunciation("Nike", "x", match_case=True), Pronunciation("NIKE", "y")) == "<y>"


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [("/ˈnaɪki/", "/ˈnaɪkiz/"), ("/kæt/", "/kæts/"), ("/bʌs/", "/bʌsɪz/"), ("/tʃɜːtʃ/", "/tʃɜːtʃɪz/")],
)
def test_ipa_takes_the_sound_of_a_possessive_in(ipa, expected):
    assert said("Nike’s shoes", Pronunciation("Nike", ipa)) == f"<{expected}> shoes"
    assert said("Nike'", Pronunciation("Nike", ipa)) == f"<{ipa}>'"


def test_an_entry_without_a_word_is_never_found():
    assert said("a b", Pronunciation("", "x"), Pronunciation("  ", "x")) == "a b"


def test_what_is_ipa():
    assert is_ipa("/ˈnaɪki/") and not is_ipa("nye-kee") and not is_ipa("/") and not is_ipa("//")


@pytest.mark.parametrize(
    ("said", "unknown"),
    [("/ˈnaɪki/", ""), ("/ʁɑ̃.t͡ʃʰ/", ""), ("/θɪŋ ˌæɡ/", ""), ("/ǁʰosa/", ""), ("/na5ki:5/", "5:"), ("/NAI/", "NAI")],
)
def test_what_is_no_symbol_of_ipa_is_named(said, unknown):
    assert unknown_ipa(said) == unknown


def test_words_that_are_found_alike_fold_alike():
    assert fold(" New \n York’s ") == fold("new york's") != fold("newyork's")
    assert fold("Zoë") == fold("ZOE\u0308") != fold("Zoe")


def test_five_thousand_entries_in_a_long_text_take_no_time():
    random.seed(7)
    words = ["".join(random.choices("abcdefgh", k=random.randint(3, 7))) for _ in range(6000)]
    entries = [Pronunciation(f"{one} {other}", "x") for one, other in zip(words[:2500], words[2500:5000], strict=True)]
    entries += [Pronunciation(f"{words[0]} {word}", "y") for word in words[:2500]]
    text = " ".join(random.choices(words, k=18_000))[:100_000]
    assert Dictionary(entries).find(text)


@pytest.mark.parametrize("part", ["a", "7", " ", "'", "a'", "我", "서", ".", "7.", "a ", "\u0301"])
def test_long_runs_of_anything_are_quick(part):
    entries = [Pronunciation((part * 80)[:80], "x"), Pronunciation((part * 39)[:78] + "b", "x")]
    assert find(part * 20_000 + " b", entries) is not None  # squared, it would be minutes
