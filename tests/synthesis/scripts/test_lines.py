import pytest

from synthesis.scripts import lines
from synthesis.scripts.lines import read_lines


def texts(text):
    return [line.text for line in read_lines(text)]


@pytest.mark.parametrize(
    "written",
    [
        "This line was broken\nby a PDF reader in the\nmiddle of its only sentence.",
        "We spent that summer in the old house by the lake near\nParis, which my uncle had bought from a painter long\nago.",
        "Er kam am Abend in die kleine Stadt an der\nDonau und suchte ein Zimmer für die Nacht, aber\nniemand öffnete ihm.",
        "El tren salió de la estación a las ocho de la\nmañana y llegó a Sevilla con dos horas de\nretraso.",
        "The war began in\n1939 and ended six years later.",
        "She lived in the city of\nParis.",
        "कल सुबह हम लोग नदी के किनारे घूमने\nगए थे और वहाँ बहुत देर तक\nबैठे रहे।",
    ],
)
def test_lines_broken_at_a_width_are_one(written):
    assert texts(written) == [written.replace("\n", " ")]


def test_a_line_break_in_chinese_or_japanese_is_no_space():
    assert texts("今天的天气非常好，我们\n一起去公园散步吧。") == ["今天的天气非常好，我们一起去公园散步吧。"]
    assert texts("昨日は友達と\n映画を見ました。") == ["昨日は友達と映画を見ました。"]


@pytest.mark.parametrize(
    "written",
    [
        "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\n"
        "Could frame thy fearful symmetry?",
        "Hope is the thing with feathers\nThat perches in the soul",
        "Les sanglots longs\nDes violons\nDe l’automne",
        "Of Man’s first disobedience, and the fruit\nOf that forbidden tree whose mortal taste\n"
        "Brought death into the World, and all our woe,\nWith loss of Eden, till one greater Man",
        "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。",
        "Ada: Hello\nBen: Hi",
        "—¿Vienes?\n—No, que llueve.",
        "Ada Lovelace\n12 St. James’s Square\nLondon",
        "Milk\nEggs\nBread",
        "milk\neggs\nbread",
        "Best wishes,\nAda",
        "The first paragraph is one long line of a word processor, and it goes well past the width of any mail that is sent.\n"
        "The second is another.",
    ],
)
def test_verse_dialogue_addresses_and_lists_keep_their_lines(written):
    assert texts(written) == written.split("\n")
    assert [line.pause for line in read_lines(written)] == [
        *[lines.LINE_PAUSE_SECONDS] * written.count("\n"),
        lines.PARAGRAPH_PAUSE_SECONDS,
    ]


def test_what_a_speaker_says_may_be_broken_at_a_width():
    written = "Ada: I was at the market all\nmorning.\nBen: And what did you bring\nhome?"
    assert texts(written) == ["Ada: I was at the market all morning.", "Ben: And what did you bring home?"]


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("It was some-\nthing.", "It was something."),
        ("a well-\nknown man", "a well-known man"),
        ("the Anglo-\nSaxon king", "the Anglo-Saxon king"),
        ("flight A-\n380 leaves", "flight A-380 leaves"),
        ("Vor-\nund Nachteile", "Vor- und Nachteile"),
        ("he came -\nat last", "he came - at last"),
    ],
)
def test_hyphenation_is_mended(written, joined):
    assert texts(written) == [joined]


@pytest.mark.parametrize(
    ("written", "heading"),
    [
        ("# Title\nIt began.", "Title"),
        ("### Title ###\n\nIt began.", "Title"),
        ("# 1. Title\n\nIt began.", "1, Title"),
        ("Title\n=====\nIt began.", "Title"),
        ("Title\n---\n\nIt began.", "Title"),
        ("Chapter IV\n\nIt began.", "Chapter IV"),
        ("Chapter 4\nIt began.", "Chapter 4"),
        ("Capítulo 4: La casa\nIt began.", "Capítulo 4: La casa"),
        ("The Old House\n\nIt began.", "The Old House"),
    ],
)
def test_headings_pause_longest(written, heading):
    assert read_lines(written) == [
        lines.Line(heading, lines.HEADING_PAUSE_SECONDS),
        lines.Line("It began.", lines.PARAGRAPH_PAUSE_SECONDS),
    ]


@pytest.mark.parametrize("written", ["It rained.\n\nIt stopped.", "Dear Ada,\n\nIt rained.", "and so on\n\nIt rained."])
def test_a_sentence_or_greeting_is_no_heading(written):
    assert {line.pause for line in read_lines(written)} == {lines.PARAGRAPH_PAUSE_SECONDS}


def test_pauses_grow_from_line_to_heading():
    assert 0.2 < lines.LINE_PAUSE_SECONDS < lines.PARAGRAPH_PAUSE_SECONDS < lines.HEADING_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("- Milk\n* Eggs\n+ Bread\n• Tea\n◦ Jam", ["Milk", "Eggs", "Bread", "Tea", "Jam"]),
        ("1. Go out\n2. Come back", ["1, Go out", "2, Come back"]),
        ("1) Go out", ["1, Go out"]),
        ("(a) Go out\n(b) Come back", ["a, Go out", "b, Come back"]),
        (
            "- a long item that was\nbroken at a width\n- another",
            ["a long item that was broken at a width", "another"],
        ),
        ("You need:\n- milk\n- eggs", ["You need:", "milk", "eggs"]),
        ("5\n- 3 is two", ["5 - 3 is two"]),
        ("24. Dezember", ["24. Dezember"]),
        ("1. Mai", ["1. Mai"]),
        ("(c) 2026 Ada", ["(c) 2026 Ada"]),
        ("Ich bin\n12. Du auch.", ["Ich bin", "12. Du auch."]),
        ("1945. Then peace.", ["1945. Then peace."]),
        ("#hashtag and C#", ["#hashtag and C#"]),
        ("-5 degrees", ["-5 degrees"]),
    ],
)
def test_lists(written, read):
    assert texts(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("| Name | Age |\n|------|:---:|\n| Ada | 36 |", ["Name, Age", "Ada, 36"]),
        ("Name | Age\n---|---\nAda |", ["Name, Age", "Ada"]),
        ("| Really? | Yes. |", ["Really? Yes."]),
        ("either | or", ["either | or"]),
    ],
)
def test_a_row_of_a_table_is_a_line_of_clauses(written, read):
    assert texts(written) == read


@pytest.mark.parametrize("rule", ["---", "* * *", "***", "=====", "~~~~~", "⁂", "*", "· · ·", "———"])
def test_decoration_is_a_pause(rule):
    assert read_lines(f"It rained. It was cold.\n\n{rule}\n\nIt stopped.")[1] == lines.Line(
        "", lines.HEADING_PAUSE_SECONDS
    )
