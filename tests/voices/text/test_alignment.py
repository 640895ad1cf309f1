"""Word alignment, and word error rates."""

import pytest

from voices.text.alignment import Word, align, between, text_of
from voices.text.word_errors import error_rate, letters

SPOKEN = [
    Word("He", 1.0, 1.2, 0.9),
    Word(" was", 1.2, 1.4, 0.8),
    Word(" not", 1.5, 1.8, 0.4),
    Word(" ill.", 2.0, 2.4, 0.7),
]


def said(words):
    return [(word.text.strip(), word.start, word.end) for word in words]


def test_words_make_their_text_again():
    assert text_of(SPOKEN) == "He was not ill."
    assert text_of([list(word) for word in SPOKEN]) == "He was not ill.", "as JSON gives them"
    assert text_of([]) == ""


def test_an_unchanged_text_keeps_all():
    assert align("He was not ill.", SPOKEN) == SPOKEN
    assert align("He was not ill.", [list(word) for word in SPOKEN]) == SPOKEN


def test_case_and_punctuation_are_the_persons_and_the_rest_stays():
    aligned = align("  he WAS; not\nill!", SPOKEN)
    assert text_of(aligned) == "he WAS; not\nill!"
    assert [word[1:] for word in aligned] == [word[1:] for word in SPOKEN]


def test_what_is_written_instead_takes_the_time_of_what_was_there():
    aligned = align("He was very, very ill.", SPOKEN)
    assert text_of(aligned) == "He was very, very ill."
    assert said(aligned)[2:4] == [("very,", 1.5, 1.667), ("very", 1.667, 1.8)]
    assert [word.confidence for word in aligned] == [0.9, 0.8, 1.0, 1.0, 0.7]


def test_what_is_put_in_takes_the_pause():
    aligned = align("He was not really ill.", SPOKEN)
    assert said(aligned)[3] == ("really", 1.8, 2.0)


def test_at_the_ends_there_is_no_pause_to_take():
    assert said(align("And he was not ill.", SPOKEN))[0] == ("And", 1.0, 1.0)
    assert said(align("He was not ill. Not he.", SPOKEN))[-1] == ("he.", 2.4, 2.4)


def test_what_is_deleted_is_gone():
    assert said(align("He was ill.", SPOKEN)) == [("He", 1.0, 1.2), ("was", 1.2, 1.4), ("ill.", 2.0, 2.4)]
    assert align("", SPOKEN) == []


def test_without_times_there_is_nothing_to_align_with():
    assert align("He was not ill.", []) == []


def test_words_that_overlap_do_not_make_time_run_backwards():
    words = [Word("one", 0.0, 1.0, 1), Word(" three", 0.9, 1.5, 1)]
    assert said(align("one two three", words))[1] == ("two", 1.0, 1.0)


def test_chinese_and_japanese_are_aligned_by_character():
    words = [Word("今天", 0.0, 0.4, 0.5), Word("天气", 0.4, 0.8, 0.5), Word("好。", 0.8, 1.0, 0.5)]
    aligned = align("今天，空气很好。", words)
    assert text_of(aligned) == "今天，空气很好。"
    assert said(aligned) == [
        ("今", 0.0, 0.2), ("天，", 0.2, 0.4), ("空", 0.4, 0.6), ("气", 0.6, 0.8), ("很", 0.8, 0.8), ("好。", 0.8, 1.0),
    ]  # fmt: skip
    assert text_of(align("「東京」へ GPT で行く。", words)) == "「東京」へ GPT で行く。"


def test_hindi_words_are_not_torn_at_their_vowel_signs():
    words = [Word("नमस्ते", 0.0, 0.5, 0.9), Word(" दुनिया", 0.5, 1.0, 0.9)]
    assert len(align("नमस्ते, दुनिया।", words)) == 2


def test_a_word_belongs_where_its_middle_is():
    assert text_of(between(SPOKEN, 1.0, 1.65)) == "He was"
    assert text_of(between(SPOKEN, 1.0, 1.66)) == "He was not"
    assert text_of(between(SPOKEN, 1.25, 9)) == "was not ill."
    assert between([list(word) for word in SPOKEN], 0, 9) == SPOKEN
    assert between(SPOKEN, 3, 9) == []


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
        ("", "…", "en-us"),
        ("ｆｕｌｌ width", "full width", ""),
    ],
)
def test_what_sounds_alike_is_no_error(said, heard, language):
    assert error_rate(said, heard, language) == 0


@pytest.mark.parametrize(
    ("said", "heard", "language", "rate"),
    [
        ("one two three four", "one too three four", "en-us", 1 / 4),
        ("one two three four", "one two four", "en-us", 1 / 4),
        ("one two three four", "one two or three four", "en-us", 1 / 4),
        ("one two", "", "en-us", 1),
        ("one", "a b c", "en-us", 3),
        ("", "something", "en-us", 1),
        ("25", "fünfundzwanzig", "", 1),
        ("今天天气", "今天空气", "zh", 1 / 4),
        ("नमस्ते दुनिया", "नमस्ते दुनियो", "hi", 1 / 2),
        ("four", "for", "en-us", 1),
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
    heard = [word for i, word in enumerate(said) if i % 100] + ["zz"] * 7
    assert error_rate(" ".join(said), " ".join(heard), "en-us") == pytest.approx(107 / 10_000)


def test_letters_are_what_is_heard():
    assert letters("It’s 5 o'clock, Mr. Grey!", "en-gb") == "itisfiveoclockmrgray"
