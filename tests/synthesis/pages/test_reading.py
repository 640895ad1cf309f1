"""How a text will be read, in the studio and on the page of a generation."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.engines import choice as engine_choice
from synthesis.generations.preview import beginning, preview
from synthesis.models import Generation
from synthesis.pages import studio
from synthesis.pages.reading import MAX_SENTENCES, reading_of
from synthesis.pronunciations.models import PronunciationEntry
from synthesis.scripts.script import Script, ScriptSegment
from synthesis.templatetags.reading import said
from tests.factories import GenerationFactory, VoiceFactory
from tests.fakes.engine import FakeEngine
from voices.text.normalization import Piece

ADDRESS = "/preview"
HTMX = {"HX-Request": "true"}
SPANISH = "El tren sale a las nueve y media, así que llegue usted al andén con tiempo."


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Jane", language="en-gb")


@pytest.fixture
def script(monkeypatch):
    """`script(*segments)`: what any text becomes."""

    def becomes(*segments: ScriptSegment):
        monkeypatch.setattr("synthesis.generations.preview.prepare", lambda *given: Script(segments))

    return becomes


def ask(page, voice, text, /, **changes):
    form = {"voice": voice.pk, "text": text, "language": "en-us", "speed": "1"}
    return page.post(ADDRESS, form | changes, headers=HTMX)


def words(response) -> str:
    """What is shown, without tags."""
    return " ".join(re.sub("<[^>]*>", "", response.text).split())


def reading(text: str, user, language: str = "en-us"):
    return reading_of(preview(user, text, language, engine_choice.current()))


# ---------------------------------------------------------------------------------------------------------------------
# The fragment


def test_what_is_read_otherwise_is_marked_and_the_rest_is_not_shown(page, voice):
    response = ask(page, voice, "We were 20. This is plain.")
    assert response.status_code == 200 and "<html" not in response.text
    assert "Will be read as" in response.text and "twenty" in response.text
    assert "This is plain" not in response.text
    assert response.text.count("<mark") == 1 and 'role="button" tabindex="0"' in response.text
    assert not Generation.objects.exists()


def test_a_mark_says_what_is_written_and_what_kind_of_thing_it_is(page, voice, script):
    pieces = (Piece("It costs ", "It costs "), Piece("$2.50", "two dollars fifty", "money"), Piece(".", "."))
    script(ScriptSegment("It costs $2.50.", "It costs two dollars fifty.", 0.0, pieces))
    html = ask(page, voice, "It costs $2.50.").text
    assert 'data-word="$2.50" data-said="two dollars fifty" title="money, written “$2.50”"' in html
    assert ">two dollars fifty<" in html and ">It costs two" not in html
    assert "1 part not read as written" in html


def test_the_dialog_knows_whether_the_model_takes_ipa(page, voice, monkeypatch):
    assert "data-no-phonemes" in ask(page, voice, "This is plain.").text, "also where nothing is marked"
    monkeypatch.setattr(FakeEngine, "takes_ipa", True)
    assert "data-no-phonemes" not in ask(page, voice, "This is plain.").text


def test_a_pause_may_begin_a_text(page, voice):
    assert "Pause of 3 s This is plain." in words(ask(page, voice, "[pause 3s] This is plain."))


def test_what_is_read_as_written_is_said_in_few_words(page, voice):
    assert words(ask(page, voice, "This is plain. It’s all plain.")) == "Reads as written."


def test_pauses_and_notes_are_shown(page, voice, script):
    script(
        ScriptSegment("One.", "One.", 2.5, (Piece("One.", "One."),)),
        ScriptSegment("Two.", "Two.", 0.2, (Piece("Two.", "Two."),), notes=("“[laugh]” is not read.",)),
        ScriptSegment("Three.", "Three.", 0.6, (Piece("Three.", "Three."),)),
        ScriptSegment("Four 😀.", "Four .", 0.0, (Piece("Four ", "Four "), Piece("😀", "", "emoji"), Piece(".", "."))),
    )
    shown = words(ask(page, voice, "One. Two. Three. Four."))
    assert "One. Pause of 2.5 s" in shown and "Two. “[laugh]” is not read." in shown and "Three" not in shown
    assert "Four 😀 (emoji, not read) ." in shown


def test_a_long_text_shows_some_of_its_sentences(user):
    found = reading("We were 20. This is plain. " * (MAX_SENTENCES + 14), user)
    assert (len(found.sentences), found.more, found.changes) == (MAX_SENTENCES, 14, MAX_SENTENCES)
    found = reading("We were 20. " * MAX_SENTENCES, user)
    assert (len(found.sentences), found.more) == (MAX_SENTENCES, 0)


def test_a_language_that_is_not_the_texts_is_pointed_at_with_one_click_to_change_it(page, voice):
    html = ask(page, voice, SPANISH).text
    assert "This looks like Spanish." in html and 'data-switch="es"' in html and "Switch to Spanish" in html
    assert "Reads as written" not in html
    assert "looks like" not in ask(page, voice, SPANISH, language="es").text
    german = ask(page, voice, "Der Zug fährt um halb zehn ab, seien Sie also rechtzeitig am Bahnsteig.").text
    assert "This looks like German, which A tone does not speak." in german and "data-switch" not in german


def test_the_accent_to_change_to_is_one_that_the_model_speaks(page, voice):
    portuguese = "O trem parte às nove e meia, então esteja na plataforma com antecedência."
    assert 'data-switch="pt-br"' in ask(page, voice, portuguese).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "  "},
        {"text": "20 " * 40},
        {"language": "de"},
        {"voice": "garbage"},
        {"voice": str(uuid.UUID(int=7))},
        {"model": "torch:hub/big"},
    ],
    ids=str,
)
def test_of_what_cannot_be_spoken_nothing_is_shown(page, voice, settings, wrong):
    settings.TEXT_LIMIT = 100
    response = ask(page, voice, "We were 20.", **wrong)
    assert response.status_code == 200 and words(response) == "", "the form itself says why, when it is sent"


def test_what_else_is_wrong_with_the_form_does_not_matter(page, voice):
    assert "twenty" in ask(page, voice, "We were 20.", speed="nonsense", seed="-1").text


def test_a_strangers_voice_shows_nothing(page, stranger):
    assert words(ask(page, VoiceFactory(owner=stranger), "We were 20.")) == ""


def test_text_is_escaped(page, voice):
    html = ask(page, voice, 'We <b>were</b> 20 "times".').text
    assert "<b>" not in html


def test_other_methods_and_visitors_are_turned_away(client, page, voice):
    assert page.get(ADDRESS).status_code == 405
    client.logout()
    response = client.post(ADDRESS, {"text": "Hello."})
    assert response.status_code == 302 and "/account/login/" in response.url


def test_a_preview_costs_few_queries_however_long_the_text_is(page, voice, django_assert_max_num_queries):
    ask(page, voice, "Hello.")
    with django_assert_max_num_queries(7):
        assert "and 396 more" in ask(page, voice, "We were 20. " * 416).text


def test_of_a_long_text_the_beginning_is_read_while_it_is_written(page, voice, monkeypatch):
    monkeypatch.setattr(studio, "MOST_PREVIEWED", 60)
    text = "We were 20. " * 10
    html = ask(page, voice, text).text
    assert "the first 59 characters" in " ".join(html.split()) and html.count("<mark") == 5
    assert "the first" not in ask(page, voice, "We were 20.").text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two. Three.", "One. Two."),
        ("One\nTwo is long", "One"),
        ("一。二三四五六七八九十。", "一。二三四五六七八九"),
        ("onetwothreefour", "onetwothre"),
        ("short", "short"),
    ],
)
def test_the_beginning_of_a_text_ends_where_a_sentence_does(text, found):
    most = 4 if found == "One" else 10
    assert beginning(text, most) == found


def test_how_long_it_will_take_is_said_before_it_is_spoken(page, user, voice):
    assert "ready in" not in ask(page, voice, "Hello there.").text, "nothing was measured"
    end = timezone.now() - timedelta(hours=1)
    began = end - timedelta(seconds=100)
    GenerationFactory(
        owner=user, voice=voice, completed=True, text="x" * 1000, seconds=200, attempts=1,
        started_at=began, engine_started_at=began, engine_finished_at=end, finished_at=end,
    )  # fmt: skip
    shown = words(ask(page, voice, "Hello. " * 500))
    assert "About 12 minutes of speech, ready in about 6 minutes." in shown
    assert "About 6 minutes of speech" in words(ask(page, voice, "Hello. " * 500, speed="2"))
    GenerationFactory.create_batch(2, owner=user, voice=voice, text="x" * 600)
    shown = words(ask(page, voice, "Hello."))
    assert "About 1 second of speech, ready in about 2 minutes; 2 texts ahead of yours." in shown
    form = {"voice": voice.pk, "text": "Hello.", "language": "en-us", "speed": "1"}
    sent = page.post("/", form, headers={"HX-Request": "true"}).text
    (again,) = re.findall(r'hx-post="(/preview[^"]+)"', sent)
    assert "ready in" not in page.post(again, form, headers={"HX-Request": "true"}).text, "its row says that now"


# ---------------------------------------------------------------------------------------------------------------------
# The pages


def test_without_a_script_the_form_comes_back_with_its_preview(page, voice):
    form = {"voice": voice.pk, "text": "We were 20.", "language": "en-us", "speed": "1"}
    response = page.post(ADDRESS, form)
    assert response.status_code == 200 and "<html" in response.text
    assert "We were 20.</textarea>" in response.text and "Will be read as" in response.text
    refused = page.post(ADDRESS, form | {"text": ""})
    assert refused.status_code == 422 and "Write something to say first." in refused.text


def test_the_studio_asks_for_a_preview_of_what_is_in_it_already(page, user, voice):
    loader = 'hx-trigger="load'
    assert loader not in page.get("/").text
    again = GenerationFactory(owner=user, voice=voice, text="We were 20.")
    assert loader in page.get(f"/?again={again.pk}").text


def test_the_page_of_a_generation_shows_how_it_is_read_when_asked(page, user, voice, stranger):
    row = GenerationFactory(owner=user, voice=voice, completed=True, text="We were 20.")
    address = reverse("synthesis:reading", args=[row.pk])
    assert address in page.get(reverse("synthesis:detail", args=[row.pk])).text
    response = page.get(address)
    assert "twenty" in response.text and "Read as" in response.text
    assert 'role="button"' not in response.text, "and nothing can be changed"
    Generation.objects.update(engine="gone", model="gone")
    assert page.get(address).status_code == 200, "by what speaks here now"
    assert page.post(address).status_code == 405
    Generation.objects.update(owner=stranger)
    assert page.get(address).status_code == 404


@pytest.mark.parametrize(
    ("piece", "word", "said_as"),
    [
        (Piece("5 ft.", "five feet.", "quantity"), "5 ft", "five feet"),
        (Piece("Dr.", "Doctor", "title"), "Dr.", "Doctor"),
        (Piece("e.g.", "for example.", "abbreviation"), "e.g.", "for example."),
        (Piece(" $5 ", " five dollars ", "money"), "$5", "five dollars"),
    ],
)
def test_the_full_stop_of_a_sentence_is_no_part_of_a_word(user, piece, word, said_as, script):
    script(ScriptSegment(piece.written, piece.spoken, 0.0, (piece,)))
    html = said(reading("anything", user).sentences[0], editable=True)
    assert f'data-word="{word}" data-said="{said_as}"' in html


# ---------------------------------------------------------------------------------------------------------------------
# Saying a word differently


def say(page, **form):
    return page.post("/preview/pronounce", {"word": "Nguyen", "said": "win", "language": "en"} | form, headers=HTMX)


def test_a_word_gets_a_pronunciation_which_the_preview_then_shows(page, user, voice):
    response = say(page)
    assert response.status_code == 200 and response["HX-Trigger"] == '{"pronounced": {}}'
    assert 'value="Nguyen"' not in response.text, "the form is empty again"
    assert PronunciationEntry.objects.get().owner == user
    html = ask(page, voice, "Is Nguyen here?").text
    assert 'data-word="Nguyen" data-said="win"' in html and "Is <mark" in html


def test_a_word_that_has_a_pronunciation_gets_another(page, user, stranger):
    PronunciationEntry.objects.create(owner=stranger, word="Nguyen", said="theirs", language="en")
    PronunciationEntry.objects.create(owner=None, word="Nguyen", said="the site's", language="en")
    for said_as in ("win", "noo-yen"):
        assert say(page, said=said_as, word=" nguyen ").status_code == 200
    assert PronunciationEntry.objects.get(owner=user).said == "noo-yen"
    assert PronunciationEntry.objects.count() == 3
    say(page, language="")
    assert PronunciationEntry.objects.filter(owner=user).count() == 2


@pytest.mark.parametrize(
    "wrong", [{"word": ""}, {"said": ""}, {"language": "tlh"}, {"word": "a\x00b"}, {"word": "a" * 500}]
)
def test_what_is_no_pronunciation_is_refused_in_the_dialog(page, wrong):
    response = say(page, **wrong)
    assert response.status_code == 422 and 'class="error"' in response.text and "HX-Trigger" not in response
    assert not PronunciationEntry.objects.exists()


def test_who_may_not_pronounce(client, page):
    assert page.get("/preview/pronounce").status_code == 405
    client.logout()
    assert client.post("/preview/pronounce", {"word": "a", "said": "b"}).status_code == 302
    assert not PronunciationEntry.objects.exists()


# ---------------------------------------------------------------------------------------------------------------------
# The marks in the text


def places(page, voice, text: str, /, **changes) -> list[tuple[str, str]]:
    """What of the text is marked, and as what, where a browser counts in UTF-16."""
    answer = ask(page, voice, text, **changes).text
    marked = re.search(r'data-places="([^"]*)"', answer)
    units = text.strip().encode("utf-16-le")
    found = []
    for place in filter(None, marked[1].split(",")):
        start, end, kind = place.split()
        found.append((kind, units[2 * int(start) : 2 * int(end)].decode("utf-16-le")))
    return found


def test_sentences_are_marked_where_they_stand_and_in_them_what_is_read_otherwise(page, voice):
    text = "  Mr. Darcy paid $3 twice.\n\nWas it? 😀 It was all of two words and 7 more."
    assert places(page, voice, text) == [
        ("s", "Mr. Darcy paid $3 twice."),
        ("c", "Mr."),
        ("c", "$3"),
        ("s", "Was it?"),
        ("s", "It was all of two words and 7 more."),
        ("c", "7"),
    ]


def test_the_name_of_a_speaker_is_no_part_of_a_sentence(page, voice):
    text = "Anna: Good morning to you.\nBen: And to you, Anna."
    told = places(page, voice, text, **{"cast:Anna": voice.pk, "cast:Ben": voice.pk})
    assert told == [("s", "Good morning to you."), ("s", "And to you, Anna.")]


def test_a_text_without_words_has_no_marks(page, voice):
    assert "data-places" not in ask(page, voice, "…").text
