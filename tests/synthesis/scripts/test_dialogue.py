import pytest

from synthesis.engines.base import Engine
from synthesis.scripts.dialogue import MAX_SPEAKERS, find_speakers, speaking
from synthesis.scripts.lines import LINE_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS
from synthesis.scripts.marks import read_marks
from synthesis.scripts.script import prepare


class Careful(Engine):
    fewest_words = 3
    max_characters = 60


def lines(text, *names, engine=Engine):
    """Who says what."""
    return [(segment.speaker, segment.text) for segment in prepare(text, "en-us", engine, (), names).segments]


# ---------------------------------------------------------------------------------------------------------------------
# Names that look like speakers'

DIALOGUES = [
    ("Anna: Did you hear that?\nBen: Only the wind.\nAnna: No. Listen.", ["Anna", "Ben"]),
    ("Anna: Hello there.\nBen: Hi.", ["Anna", "Ben"]),
    ("Anna: I said so.\nAnna: And I meant it.", ["Anna"]),
    ("anna spoke first.\n\nAnna: So it is.\n\nBen: It is not!\n\nHe left.", ["Anna", "Ben"]),
    ("HAMLET: To be, or not to be.\nOPHELIA: My lord?", ["HAMLET", "OPHELIA"]),
    ("**Anna:** Good morning.\n\n**Ben:** Is it?", ["Anna", "Ben"]),
    ("**Anna**: Good morning.\n\n**Ben**: Is it?", ["Anna", "Ben"]),
    ("*Anna:* Good morning.\n*Ben:* Is it?", ["Anna", "Ben"]),
    ("- Anna: Good morning.\n- Ben: Is it?", ["Anna", "Ben"]),
    ("Speaker 1: Welcome to the show.\nSpeaker 2: Thanks.\nSpeaker 1: So, tell us.", ["Speaker 1", "Speaker 2"]),
    ("[Speaker 1]: Welcome to the show.\n[Speaker 2]: Thanks.", ["Speaker 1", "Speaker 2"]),
    ("[00:01] Host: Welcome to the show.\n[00:04] Guest: Thanks for having me.", ["Host", "Guest"]),
    ("00:01 Host: Welcome to the show.\n00:04 Guest: Thanks for having me.", ["Host", "Guest"]),
    ("Host (00:01): Welcome to the show.\nGuest (laughing): Thanks!", ["Host", "Guest"]),
    ("Q: Where were you born?\nA: In Lyon.\nQ: And then?\nA: In Paris.", ["Q", "A"]),
    ("Interviewer: Where were you born?\n\nDr. Smith: In Lyon, in 1950.", ["Interviewer", "Dr. Smith"]),
    ("Mary Ann Evans: I write.\nLewes: I know it.", ["Mary Ann Evans", "Lewes"]),
    ("Jean-Luc : Tu viens ?\nÉlise : Non, il pleut.", ["Jean-Luc", "Élise"]),
    ("Jean\u00a0: Tu viens\u202f?\nÉlise\u00a0: Non.", ["Jean", "Élise"]),
    ("O’Brien: Come in.\nO'Brien: Sit down.", ["O’Brien"]),
    ("María: ¿Vienes?\nJosé: No, que llueve.", ["María", "José"]),
    ("Comte de Monte: Je reviens.\nAbbé: Enfin !", ["Comte de Monte", "Abbé"]),
    ("Müller: Guten Tag!\nStraßer: Wie geht es Ihnen?", ["Müller", "Straßer"]),
    ("Иван: Ты идёшь?\nМария: Нет, там дождь.", ["Иван", "Мария"]),
    ("小明：你好吗？\n小红：我很好。", ["小明", "小红"]),
    ("太郎：「行くの？」\n花子：「行かない。」", ["太郎", "花子"]),
    ("민수: 어디 가요?\n지영: 집에 가요.", ["민수", "지영"]),
    ("राम: तुम कहाँ हो?\nसीता: मैं घर पर हूँ।", ["राम", "सीता"]),
    ("ANNA:\nI heard it.\n\nBEN:\nWhat was it?", ["ANNA", "BEN"]),
    ("**Anna:**\n\nI heard it.\n\n**Ben:**\n\nWhat was it?", ["Anna", "Ben"]),
    ("Anna: hello there you\nBen: hi back\nAnna: how are you", ["Anna", "Ben"]),
    ("Note: It is a play.\n\nAnna: Who goes there?\nBen: Only me.\nAnna: You again!", ["Anna", "Ben"]),
    ("Scene: A kitchen.\nAnna: Who goes there?\nBen: Me.\n(He enters.)\nAnna: You!", ["Anna", "Ben"]),
    ("<p>Anna: Hello.</p><p>Ben: Hi!</p>", ["Anna", "Ben"]),
    ("[pause 1s] Anna: Hello.\n{Nguyen|win}: Hi!", ["Anna", "Nguyen"]),
    ("Anna: Hello.\nANNA: Hello again.\nBen: Hi.", ["Anna", "Ben"]),
]

OTHERS = [
    "",
    "Hello.",
    "Anna: Hello.",
    "The ferry left the harbour at dawn. Nobody on board had slept well.",
    "Note: the shop is closed.\nWarning: the dog bites.",
    "Note: The shop is closed.\n\nNote: The shop is open.",
    "Achtung: Der Hund beißt.\nHinweis: Er schläft.",
    "Remarque : Il pleut.\nAttention : Il neige.",
    "注意：小心。\n提示：慢走。",
    "10:30: The train leaves.\n11:45: The train arrives.",
    "10:30 We leave.\n11:45 We arrive.",
    "https://example.com is one.\nhttps://example.org is two.",
    "Dear Anna:\nThank you for your letter.\n\nDear Ben:\nThank you too.",
    "Dear Anna: Thank you.\nDear Ben: Thank you.",
    "Name: Ada\nAge: 36\nCity: London",
    "Name: Ada Lovelace\nAge: 36\nCity: London\nName: Alan Turing\nAge: 41\nCity: Wilmslow",
    "Nombre: Ada.\nEdad: 36.\nCiudad: Londres.",
    "To: Ada\nFrom: Ben\nSubject: The ferry.",
    "Step 1: Mix the flour.\nStep 2: Add the eggs.\nStep 3: Bake it.",
    "Chapter One: The ferry.\nChapter Two: The harbour.",
    "Monday: We climb the hill.\nTuesday: We rest.",
    "Ingredients: flour, eggs.\nMethod: Mix and bake.",
    "Ingredients:\n- flour\n- eggs\n\nTools:\n- a bowl",
    "Pros: It is fast.\nCons: It is expensive.",
    "Ada: 36\nBen: 41",
    "Home: 3\nAway: 1\nHome: 2\nAway: 2",
    "Alien: Resurrection\nStar Wars: A New Hope",
    "Owls: They hunt at night.\nFoxes: They hunt at dusk.\nHares: They hide.\nMice: They sleep.",
    "She said: I am going.\nHe said: So am I.",
    "what I want: peace.\nwhat I get: noise.",
    "The one thing that I want: peace.\nThe other thing that I want: quiet.",
    "P.S.: I love you.\nP.P.S.: I do.",
    "He looked at the map of\nParis: it was old.\nIt was torn and had been\nBerlin: no, he was wrong.\n"
    + "It went on.\n" * 9,
    "| Anna | Hello. |\n| Ben | Hi. |",
    "```\nhost: 127.0.0.1\nport: 8000\n```",
    "Genesis 1:1 In the beginning.\nGenesis 1:2 And the earth.",
    ":\n:\n：\n: a",
]


@pytest.mark.parametrize(("text", "names"), DIALOGUES)
def test_names_of_speakers_are_found(text, names):
    assert find_speakers(text) == names


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_a_dialogue_has_no_speakers(text):
    assert find_speakers(text) == []


def test_of_too_many_names_those_with_most_lines_are_found():
    names = [f"Guest {number}" for number in range(30)]
    text = "\n".join(f"{name}: Here I am!" for name in [*names, *names[5:]])
    assert find_speakers(text) == names[5 : 5 + MAX_SPEAKERS]


@pytest.mark.parametrize(
    "text", ["[a]" * 20_000, " : " * 20_000, "A" * 60_000, "Ab: " * 20_000, "1) " * 20_000, "(" * 60_000]
)
def test_no_text_takes_long(text):
    find_speakers(text + "\n" + text)
    read_marks(text + "\n" + text, ["Anna", "Ben Ben"])


# ---------------------------------------------------------------------------------------------------------------------
# The lines of a cast


def test_names_are_not_read_and_each_line_is_its_speakers():
    text = "They met at dawn.\n\nAnna: Did you hear that?\nben: Only the wind.\nANNA: No. Listen.\n\nThey left."
    assert lines(text, "Anna", "Ben") == [
        ("", "They met at dawn."),
        ("Anna", "Did you hear that?"),
        ("Ben", "Only the wind."),
        ("Anna", "No."),
        ("Anna", "Listen."),
        ("", "They left."),
    ]


def test_without_a_cast_the_text_is_read_as_it_is_written():
    assert lines("Anna: Hello to you.\nBen: Hello.") == [("", "Anna: Hello to you."), ("", "Ben: Hello.")]
    assert lines("Anna: Hello.\nBen: Hi.", "Ben") == [("", "Anna: Hello."), ("Ben", "Hi.")]


@pytest.mark.parametrize(
    "label",
    [
        "Anna:",
        "Anna :",
        "Anna\u00a0:",
        "Anna：",
        "ANNA:",
        "**Anna:**",
        "**Anna**:",
        "*Anna*:",
        "- Anna:",
        "- **Anna:**",
        "* Anna:",
        "• Anna:",
        "3. Anna:",
        "> Anna:",
        "[Anna]:",
        "Anna (laughing):",
        "Anna [aside]:",
        "[00:12] Anna:",
        "00:12 Anna:",
        "00:12 - Anna:",
        "{Anna|anner}:",
        "<b>Anna</b>:",
        "Anna:\n",
        "Anna:\n\n",
        "😀 Anna:",
    ],
)
def test_a_name_is_written_in_many_ways(label):
    assert lines(f"{label} Hello to you.\nBen: Hi.", "Anna", "Ben") == [("Anna", "Hello to you."), ("Ben", "Hi.")]


@pytest.mark.parametrize(
    "name", ["Speaker 1", "Mary Ann", "Élise", "O’Brien", "Dr. Wu", "小明", "राम", "C-3PO", "R&D (x)"]
)
def test_names_have_spaces_accents_digits_and_any_script(name):
    assert lines(f"{name}: Hello to you.", name) == [(name, "Hello to you.")]
    assert lines(f"{name.upper()} : Hello to you.", name) == [(name, "Hello to you.")]


def test_a_name_is_only_a_whole_one():
    assert lines("Annabel: Hello to you.\nJo Anna: Hello.", "Anna") == [
        ("", "Annabel: Hello to you."),
        ("", "Jo Anna: Hello."),
    ]
    assert lines("I met Anna: she slept.", "Anna") == [("", "I met Anna: she slept.")]


def test_the_lines_below_are_the_speakers_until_the_paragraph_ends():
    text = "Anna: I was at the market all\nmorning.\nIt rained.\nBen: So?\n\nNobody spoke."
    assert lines(text, "Anna", "Ben") == [
        ("Anna", "I was at the market all morning."),
        ("Anna", "It rained."),
        ("Ben", "So?"),
        ("", "Nobody spoke."),
    ]


def test_a_name_alone_is_for_the_paragraph_below():
    assert lines("Anna:\n\nHello to you.\n\nIt rained.", "Anna") == [("Anna", "Hello to you."), ("", "It rained.")]
    assert lines("Anna:\nBen: Hello.", "Anna", "Ben") == [("Ben", "Hello.")]
    assert lines("Anna:", "Anna") == []


def test_a_heading_or_a_new_scene_is_no_speakers():
    text = "Anna: Goodbye to you.\n# Act two\nIt rained.\nAnna: Oh.\n* * *\nIt stopped."
    assert [who for who, _ in lines(text, "Anna")] == ["Anna", "", "", "Anna", ""]


def test_marks_count_after_a_name():
    first, second, third = prepare(
        "Anna: Wait [pause 2s] for {me|mee}.\nBen: Yes.", "en-us", Engine, (), ["Anna", "Ben"]
    ).segments
    assert (first.text, first.pause, first.speaker) == ("Wait", 2.0, "Anna")
    assert (second.spoken, second.speaker, third.speaker) == ("for mee.", "Anna", "Ben")


def test_what_stands_beside_a_name_is_not_read_and_a_note_says_so():
    (segment,) = prepare("Anna (laughing): Hello.", "en-us", Engine, (), ["Anna"]).segments
    assert segment.notes == ("“(laughing)” is not read.",)


def test_short_lines_of_different_speakers_stay_apart_with_the_pause_of_lines():
    segments = prepare("Anna: No.\nBen: Yes.\n\nAnna: No.", "en-us", Careful, (), ["Anna", "Ben"]).segments
    assert [segment.text for segment in segments] == ["No.", "Yes.", "No."]
    assert [segment.pause for segment in segments] == [LINE_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS, 0.0]


def test_speakers_without_a_line_are_known():
    assert speaking("Anna: Hello.\n\n[Cleo]: Hi.", ["ANNA", "Ben", "Cleo"]) == ["ANNA", "Cleo"]
    assert speaking("Anna: Hello.", []) == []


# ---------------------------------------------------------------------------------------------------------------------
# Paragraphs


def test_what_begins_a_line_starts_a_paragraph():
    text = (
        "# The ferry\nIt left. It was\nlate.\n\n[pause 2s]\n\nThen it [pause 1s] came. 😀 Good.\n- One.\n- Two.\n\n"
        "Anna: Hello. You.\nBen: Hi."
    )
    segments = prepare(text, "en-us", Engine, (), ["Anna", "Ben"]).segments
    starts = [segment.text for segment in segments if segment.starts_paragraph]
    assert starts == ["The ferry", "It left.", "Then it", "One.", "Two.", "Hello.", "Hi."]
    assert [segment.text for segment in segments if not segment.starts_paragraph] == [
        "It was late.", "came.", "Good.", "You."
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["[pause 1s] Hello.", "[laugh] Hello.", "\n\n---\n\nHello.", "😀 Hello."])
def test_the_first_segment_starts_one_whatever_is_before_it(text):
    assert prepare(text, "en-us", Engine).segments[0].starts_paragraph
