import pytest

from synthesis.scripts.cutting import count_words, cut, cut_pieces, estimate_utterances, join_short
from voices.text.normalization import Piece


def parts(text: str, limit: int, language: str = "en-us", fixed=()) -> list[str]:
    return [text[start:end] for start, end in cut(text, limit, language, fixed)]


@pytest.mark.parametrize(
    ("language", "limit", "text"),
    [
        ("en-us", 50, "Nobody came to the door all morning. | The bell rang and rang."),
        ("en-us", 40, "Nobody came to the door all day; | the bell rang, and it rang."),
        ("en-us", 40, "In the morning, when it was cold, | they walked down to the river."),
        ("en-us", 45, "They walked down to the river | because the house was too cold."),
        ("en-us", 45, "He fetched the old ladder | (the one with the broken step)."),
        ("en-us", 30, "The old kettle on the stove | sang the whole day long."),
        ("es", 50, "Llegamos tarde a la estación del norte | pero el tren no había salido."),
        ("fr", 50, "Nous sommes arrivés très tard à la gare | mais le train était là."),
        ("it", 50, "Siamo arrivati molto tardi alla stazione | ma il treno era lì."),
        ("pt-br", 50, "Chegamos muito tarde na estação do norte | mas o trem estava lá."),
        ("hi", 40, "हम बहुत देर से स्टेशन पहुँचे थे | लेकिन गाड़ी वहीं खड़ी थी।"),
        ("de", 50, "Wir kamen sehr spät zum alten Bahnhof, | aber der Zug war noch da."),
        ("zh", 15, "春天来了，花园里的花都开了，|小鸟在树上唱歌，孩子们在跑。"),
        ("ja", 18, "春が来て、庭の花が咲いて、|鳥が木の上で歌っています。"),
    ],
)
def test_a_long_sentence_is_cut_where_it_sounds_best(language, limit, text):
    separator = "|" if language in ("zh", "ja") else " | "
    assert parts(text.replace(separator, "" if separator == "|" else " "), limit, language) == text.split(separator)


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        ("10 000", "They printed some 10 000 sheets of paper."),
        ("1,234,567", "The town had once 1,234,567 people in it."),
        ("3.5 km", "She ran all of the 3.5 km home that day."),
        ("$ 5", "The whole ticket cost $ 5 at that time."),
        ("J. R. R. Tolkien", "A book that J. R. R. Tolkien wrote long ago."),
        ("No. 5", "The best of them is No. 5 on that old list."),
        ("/ˈaɪ piː eɪ/", "He wrote it out as /ˈaɪ piː eɪ/ on the wall."),
        ("fini !", "Il a dit encore une fois : C’est fini ! et il partit."),
    ],
)
def test_what_belongs_together_stays_together(whole, text):
    for limit in range(18, 34):
        found = parts(text, limit)
        assert max(map(len, found)) <= limit
        assert any(whole in part for part in found), found


def test_a_fixed_span_is_cut_only_where_it_is_too_long_itself():
    text = "He said one hundred and twenty three of them left."
    start = text.index("one hundred")
    fixed = (start, start + len("one hundred and twenty three"))
    assert any("one hundred and twenty three" in part for part in parts(text, 30, fixed=[fixed]))
    assert parts(text, 20, fixed=[fixed]) == ["He said", "one hundred", "and twenty three", "of them left."]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 300,
        "x" * 1000,
        "a, " * 400,
        "1 " * 500,
        "字" * 500,
        "word, " * 3 + "y" * 500 + " end",
        "/ˈaɪ piː eɪ/ " * 50,
        "/" + "ˈaɪ " * 100 + "a/",
        "he said that and she left because he did, " * 20,
    ],
)
@pytest.mark.parametrize("limit", [1, 7, 60, 100, 220])
def test_no_part_is_too_long_and_nothing_is_lost(text, limit):
    found = parts(text, limit)
    assert max(map(len, found)) <= limit
    assert all(part == part.strip() != "" for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_parts_are_about_as_long():
    for length in range(221, 700, 7):
        text = ("the old kettle on the stove sang all day long " * 20)[:length].strip()
        lengths = [len(part) for part in parts(text, 220)]
        assert min(lengths) >= 70, lengths


def test_what_fits_is_not_cut():
    assert cut("  One, two. Three. ", 20, "en-us") == [(2, 18)] and cut("  ", 1, "en-us") == []


def test_pieces_are_cut_by_what_is_spoken():
    pieces = [
        Piece("He paid ", "He paid "),
        Piece("$1,200", "one thousand two hundred dollars", "money"),
        Piece(" to us, and left ", " to us, and left "),
        Piece("😀", "", "emoji"),
        Piece("without a word.", "without a word."),
    ]
    groups = cut_pieces(pieces, 40, "en-us")
    assert ["".join(piece.spoken for piece in group).strip() for group in groups] == [
        "He paid one thousand two hundred dollars",
        "to us, and left without a word.",
    ]
    assert (
        "".join(piece.written for group in groups for piece in group)
        == "He paid $1,200 to us, and left 😀without a word."
    )
    assert groups[0][1] == pieces[1] and pieces[3] in groups[1]


def test_a_piece_that_is_too_long_is_cut_with_what_is_written():
    groups = cut_pieces([Piece("7" * 100, " ".join(["seven"] * 100), "number")], 60, "en-us")
    assert "".join(piece.written for group in groups for piece in group) == "7" * 100
    assert all(len("".join(piece.spoken for piece in group).strip()) <= 60 for group in groups)
    assert all(piece.written and piece.kind == "number" for group in groups for piece in group)


def test_nothing_makes_no_group_of_nothing():
    assert cut_pieces([Piece("😀", "", "emoji")], 60, "en-us") == [[Piece("😀", "", "emoji")]]


@pytest.mark.parametrize(
    ("spoken", "together"),
    [
        (["Do I know?", "No.", "I left it."], ["Do I know?", "No. I left it."]),
        (["No."], ["No."]),
        (["No.", "Yes."], ["No. Yes."]),
        (["I left it there.", "No."], ["I left it there. No."]),
        (["I left it there.", "No.", "Yes."], ["I left it there. No. Yes."]),
        (["I left it there.", "No.", "x y z " * 9], ["I left it there. No.", "x y z " * 9]),
        (["x y z " * 9, "No.", "x y z " * 9], ["x y z " * 9, "No.", "x y z " * 9]),
        (["/ˈaɪ piː eɪ/", "is it."], ["/ˈaɪ piː eɪ/ is it."]),
        ([], []),
    ],
)
def test_a_short_utterance_joins_its_neighbour(spoken, together):
    groups = join_short(spoken, fewest_words=3, limit=54)
    assert [" ".join(spoken[index] for index in group) for group in groups] == together


def test_nothing_is_joined_for_an_engine_that_speaks_one_word_well():
    assert join_short(["No.", "I left."], 1, 220) == [range(0, 1), range(1, 2)]


@pytest.mark.parametrize(("text", "words"), [("I’m twenty-one.", 2), ("/ˈaɪ piː eɪ/ it", 2), ("你好吗", 2), ("…", 0)])
def test_words_are_those_that_are_spoken(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize("text", ["One. Two! Three?", "word " * 300, "a\n\nb\nc", "9" * 1000])
def test_an_estimate_is_rather_too_high(text):
    spoken = text.replace("9", "nine ")
    assert estimate_utterances(text) >= sum(len(cut(line, 220, "en-us")) for line in spoken.splitlines())
    assert estimate_utterances("Good morning.") == 2
