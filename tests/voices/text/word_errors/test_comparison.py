"""What counts as said otherwise."""

import pytest

from voices.text.alignment import Word
from voices.text.word_errors import compare, error_rate, letters


@pytest.mark.parametrize(
    ("said", "heard", "language"),
    [
        ("He was NOT ill-disposed!", "he was not ill disposed", "en-us"),
        ("Mr. Dashwood’s colour", "mister Dashwood's color", "en-gb"),
        ("I don't know; it's late.", "I do not know, it is late", "en-us"),
        ("We can’t. They'll organise it.", "we cannot they will organize it", "en-us"),
        ("They paid $5 in 1984.", "They paid five dollars in nineteen eighty-four.", "en-us"),
        ("21 trains at 50%", "twenty one trains at fifty percent", "en-us"),
        ("anything", "any thing", "en-us"),
        ("cold hearted", "coldhearted", "en-us"),
        ("El 3 por ciento", "el tres por ciento", "es"),
        ("L’homme est là.", "L'homme est là", "fr"),
        ("GROSS wie groß", "gross wie gross", "de"),
        ("我有25个。", "我有二十五个", "zh"),
        ("東京 へ 行く。", "東京へ行く", "ja"),
        ("안녕하세요 여러분", "안녕 하세요, 여러분.", "ko"),
        ("नमस्ते, दुनिया।", "नमस्ते दुनिया", "hi"),
        ("Two hours too late to write.", "too ours two late too right", "en-us"),
        ("Their coat is over there.", "They're coat is over their.", "en-us"),
        ("It's you're turn; whose is it?", "Its your turn, who's is it?", "en-us"),
        ("The theatre programme", "the theater program", "en-gb"),
        ("The café", "the cafe", "en-us"),
        ("The FBI at 9.30pm", "the F.B.I. at nine thirty p.m.", "en-us"),
        ("in 1945", "in nineteen hundred and forty-five", "en-us"),
        ("in 1945", "in nineteen forty five", "en-us"),
        ("2,000 people", "two thousand people", "en-us"),
        ("105 pages", "a hundred and five pages", "en-us"),
        ("twelve oh five", "12:05", "en-us"),
        ("$2.50", "two dollars fifty", "en-us"),
        ("Okay, Dr. Brown", "OK doctor brown", "en-us"),
        ("I saw Catherine and Geoffrey.", "I saw Katherine and Jeffrey.", "en-us"),
        ("Up near Ullapool now", "Up near Olapore now", "en-us"),
        ("Vamos a ver si hay vino.", "Bamos haber si ay bino", "es"),
        ("Ella calló; llovía.", "Ella cayó, yovía", "es"),
        ("Il est allé chanter.", "Il et aller chanté", "fr"),
        ("Elles parlent de leurs amis.", "Elle parle de leur ami", "fr"),
        ("Perché è così?", "perche e cosi", "it"),
        ("Você não está aqui.", "voce nao esta aqui", "pt-br"),
        ("daß das Rad", "dass das Rad", "de"),
        ("", "…", "en-us"),
        ("ｆｕｌｌ width", "full width", ""),
    ],
)
def test_what_sounds_alike_is_no_error(said, heard, language):
    assert error_rate(said, heard, language) == 0


@pytest.mark.parametrize(
    ("said", "heard", "language", "rate"),
    [
        ("one two three four", "one toe three four", "en-us", 1 / 4),
        ("one two three four", "one two four", "en-us", 1 / 4),
        ("one two three four", "one two or three four", "en-us", 1 / 4),
        ("one two", "", "en-us", 1),
        ("one", "big red cats", "en-us", 3),
        ("", "something", "en-us", 1),
        ("25", "fünfundzwanzig", "", 1),
        ("今天天气", "今天空气", "zh", 1 / 4),
        ("नमस्ते दुनिया", "नमस्ते दुनियो", "hi", 1 / 2),
        ("four", "far", "en-us", 1),
        ("Henry VIII", "Henry eight", "en-us", 2 / 3),
        ("It costs $100.", "It costs dollar one hundred.", "en-us", 2 / 4),
        ("15 eggs", "50 eggs", "en-us", 1 / 2),
        ("Call 555-0142.", "Call 555-0143.", "en-us", 1 / 8),
        ("el gato", "el pato", "es", 1 / 2),
        ("il chante", "il danse", "fr", 1 / 2),
    ],
)
def test_other_words_are_errors(said, heard, language, rate):
    assert error_rate(said, heard, language) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("the django htmx htmx pages", "the djangohtmx htmx pages", 0),
        ("put it on board boarding now", "put it onboard boarding now", 0),
        ("is anything good", "is any thing bad", 1),
        ("tick tock clock", "ticktock", 1),
    ],
)
def test_compounds_are_found_beside_other_errors(said, heard, errors):
    assert error_rate(said, heard, "en-us") == pytest.approx(errors / len(said.split()))


def test_ten_thousand_words_are_compared_exactly():
    said = [f"{'abcdefghij'[i % 10]}{'klmnopqrst'[i // 10 % 10]}{'uvwxyzaeio'[i // 100 % 10]}x" for i in range(10_000)]
    heard = [word for i, word in enumerate(said) if i % 100] + ["za", "zu", "zo", "ze", "zi", "ba", "bu"]
    assert error_rate(" ".join(said), " ".join(heard), "en-us") == pytest.approx(107 / 10_000)


def test_letters_are_what_is_heard():
    assert letters("It’s 5 o'clock, Mr. Grey!", "en-gb") == "itisfiveoclockmistergray"


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        ("no " * 20, "no " * 12, 0),
        ("no " * 20, "no " * 112, 0),
        ("no no", "no no no", 0),
        ("We sat by the sea.", "We sat by the sea. " + "by the sea. " * 30, 3 / 5),
        ("very very good", "very good", 1 / 3),
        ("one two " * 9, "one two " * 9, 0),
        ("Call 555-0000.", "Call five five five zero zero zero.", 1 / 8),
    ],
)
def test_repetitions_are_not_counted(said, heard, rate):
    assert error_rate(said, heard, "en-us") == pytest.approx(rate)


@pytest.mark.parametrize(
    ("said", "heard", "matters"),
    [
        ("Do not open it.", "Do open it.", True),
        ("He can not go.", "He can go.", True),
        ("The blue door", "The door", True),
        ("The door", "The blue door", True),
        ("15 eggs", "50 eggs", True),
        ("The farm is old.", "The boat is old.", True),
        ("We met on Monday.", "We met on Thursday.", True),
        ("The dog ran to the park.", "Dog ran to park.", False),
        ("He saw it.", "She saw it.", False),
        ("He left the cottage.", "He left the cartage.", False),
        ("Up near Abernathy now", "Up near Aberdare now", False),
        ("Fresh strawberries now", "Fresh Stobberos now", True),
        ("by the sea", "by the sea by the sea", True),
        ("by the sea", "by the sea by the sea by the sea by the sea", False),
    ],
)
def test_a_slip_matters_less_than_a_wrong_word(said, heard, matters):
    found = compare(said, heard, "en-us").differences
    assert found and any(difference.matters for difference in found) == matters


def test_a_confident_transcriber_did_not_mishear():
    def matters(confidence):
        words = [Word(f" {word}", 0, 0, confidence) for word in ["They", "talked", "home."]]
        return compare("They walked home.", "They talked home.", "en-us", words).differences[0].matters

    assert matters(0.95) and not matters(0.5)


def test_a_difference_has_its_place():
    text, heard = "The cat sat on the mat, not the chair.", "The cat sad on 20 mats, the chair."
    found = [(each.missing, heard[each.start : each.end]) for each in compare(text, heard, "en-us").differences]
    assert found == [("sat", "sad"), ("the", "20"), ("mat,", "mats,"), ("not", "")]
    name = compare("So Geoffrey did not go.", "So Jeffery did go.", "en-us").differences
    assert [(each.missing, each.start) for each in name] == [("not", 15)], "after a word that sounds the same"
    assert compare("你好世界", "你好视界", "zh").differences[0].start == 2
    assert compare("one two", "one", "en-us").differences[0].start == 3, "at the end"


@pytest.mark.parametrize(
    "text", ["1" * 5_000, " " * 5_000, "a" * 5_000, "no " * 2_000, "x y " * 1_500, "a, b-c " * 1_000]
)
def test_long_texts_take_no_long_time(text):
    compare(text, text[::-1], "en-us")  # squared, it would be minutes
    assert not text.strip() or compare(text, "Something else entirely.", "en-us").differences
