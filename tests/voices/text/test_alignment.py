"""Word alignment."""

from voices.text.alignment import Word, align, between, text_of

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
