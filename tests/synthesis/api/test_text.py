"""How a text will be read, by the API: beyond what tests/voices/profiles/test_api.py asks of every operation."""

import pytest

from synthesis.models import Generation
from synthesis.scripts.script import Script, ScriptSegment
from tests.factories import VoiceFactory

ADDRESS = "/api/text/preview"
DIALOGUE = "Anna: Did you hear that?\nBen: Only the wind.\nAnna: No. Listen."
SPANISH = "El tren sale a las nueve y media, así que llegue usted al andén con tiempo."


def ask(page, **body):
    return page.post(ADDRESS, body, content_type="application/json")


def test_a_text_is_shown_as_it_will_be_read_and_nothing_is_spoken(page):
    response = ask(page, text="We were 20. Then we were 19.", language="en-us")
    assert response.status_code == 200
    rest = {"speaker": "", "voice": None, "pause_before": 0.0, "notes": []}
    assert response.json() == {
        "segments": [
            {"text": "We were 20.", "spoken": "We were twenty.", "pause": 0.2} | rest,
            {"text": "Then we were 19.", "spoken": "Then we were nineteen.", "pause": 0.0} | rest,
        ],
        "warnings": [],
        "estimate": None,
    }
    assert not Generation.objects.exists()


def test_notes_and_warnings_are_passed_on(page, monkeypatch):
    script = Script((ScriptSegment("Hello.", "Hello.", 1.0, notes=("“[laugh]” is not read.",)),), ("Mind the gap.",))
    monkeypatch.setattr("synthesis.generations.preview.prepare", lambda *given: script)
    payload = ask(page, text="[laugh] Hello.").json()
    assert payload["segments"][0]["notes"] == ["“[laugh]” is not read."] and payload["segments"][0]["pause"] == 1.0
    assert payload["warnings"] == ["Mind the gap."]


@pytest.mark.parametrize("address", [ADDRESS, "/api/generations", "/api/pronunciations"])
def test_half_a_character_is_refused(page, address):
    cut = page.post(address, b'{"text": "Hi \\uD83D"}', content_type="application/json")
    assert cut.status_code == 422 and "half of a character" in cut.json()["error"]["fields"]["text"][0]
    whole = ask(page, text="Hi \U0001f600 you.")
    assert whole.status_code == 200


def test_a_pause_may_begin_a_text(page):
    (segment,) = ask(page, text="[pause 3s] Hello there.").json()["segments"]
    assert (segment["pause_before"], segment["pause"]) == (3.0, 0.0)


def test_the_language_is_by_default_the_voices(page, user):
    voice = VoiceFactory(owner=user, name="Inés", language="es")
    (segment,) = ask(page, text="Somos 2.", voice="inés").json()["segments"]
    assert (segment["spoken"], segment["voice"]) == ("Somos dos.", str(voice.pk))
    (segment,) = ask(page, text="We are 2.", voice=str(voice.pk), language="en-gb").json()["segments"]
    assert segment["spoken"] == "We are two."
    (segment,) = ask(page, text="We are 2.").json()["segments"]
    assert segment["spoken"] == "We are two.", "without a voice, the first that the model speaks"


def test_a_text_in_another_language_is_pointed_at(page):
    assert ask(page, text=SPANISH, language="en-us").json()["warnings"] == ["This looks like Spanish."]
    assert ask(page, text=SPANISH, language="es").json()["warnings"] == []
    german = "Der Zug fährt um halb zehn ab, seien Sie also rechtzeitig am Bahnsteig."
    assert ask(page, text=german, language="en-us").json()["warnings"] == [
        "This looks like German, which A tone does not speak."
    ]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "text", "Write something to say first."),
        ({"text": " \n "}, "text", "There is nothing to say"),
        ({"text": "[pause 3s] … — + !\n\n_"}, "text", "There is nothing to say"),
        ({"text": "<br/> [laugh]"}, "text", "it has no words. “[laugh]” is not read."),
        ({"text": "a" * 200_001}, "text", "the limit is 200,000"),
        ({"text": "a\x00b"}, "text", "a null character"),
        ({"text": ["Hello."]}, "text", "string"),
        ({"text": "Hello.", "language": "tlh"}, "language", "“tlh” isn’t a language this site can speak"),
        ({"text": "Hello.", "language": "de"}, "language", "“de” isn’t a language this site can speak"),
        ({"text": "Hello.", "voice": "Nobody"}, "voice", "no such voice"),
        ({"text": "Hello.", "model": "none"}, "model", "no such model"),
        ({"text": "Hello.", "engine": "none"}, "model", "no such model"),
        ({"text": "Hello.", "cast": ["Ann"]}, "cast", "dictionary"),
        ({"text": "Hello.", "cast": {"Ann": 7}}, "cast.Ann", "string"),
    ],
)
def test_what_cannot_be_previewed_is_refused_in_words(page, body, field, words):
    response = ask(page, **body)
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "invalid" and words in error["fields"][field][0]


def test_a_strangers_voice_is_no_voice(page, stranger):
    voice = VoiceFactory(owner=stranger, name="Theirs")
    for written in (voice.name, str(voice.pk)):
        assert ask(page, text="Hello.", voice=written).json()["error"]["fields"]["voice"]


def test_a_model_is_named(page, user):
    response = ask(page, text="Hello.", model="An overtone", engine="fake")
    assert response.status_code == 200 and response.json()["segments"][0]["spoken"] == "Hello."


def test_a_cast_gives_each_line_its_voice(page, user):
    anna, ben, other = (VoiceFactory(owner=user, name=name) for name in ("Low", "High", "Other"))
    cast = {"Anna": str(anna.pk), "ben": "high", "Cleo": "Low"}
    payload = ask(page, text=f"It rains.\n\n{DIALOGUE}", voice="Other", cast=cast).json()
    assert payload["warnings"] == []
    assert [(segment["speaker"], segment["voice"], segment["text"]) for segment in payload["segments"]] == [
        ("", str(other.pk), "It rains."),
        ("Anna", str(anna.pk), "Did you hear that?"),
        ("ben", str(ben.pk), "Only the wind."),
        ("Anna", str(anna.pk), "No."),
        ("Anna", str(anna.pk), "Listen."),
    ]


def test_a_dialogue_without_a_cast_is_read_as_it_is_written_with_a_warning(page, user):
    payload = ask(page, text=DIALOGUE).json()
    assert payload["segments"][0]["spoken"].startswith("Anna: ")
    assert payload["warnings"] == ["This looks like a dialogue of Anna and Ben: `cast` gives each a voice."]
    quiet = ask(page, text=DIALOGUE, cast={"Anna": None, "Ben": ""}).json()
    assert quiet["warnings"] == [] and quiet["segments"] == payload["segments"], "who says that they are no speakers"


def test_without_an_engine_it_is_a_conflict(page, settings):
    settings.ENGINE = "nothing"
    response = ask(page, text="Hello.")
    assert response.status_code == 409 and response.json()["error"]["code"] == "no_engine"


def test_the_longest_text_costs_few_queries(page, django_assert_max_num_queries):
    ask(page, text="Hello.")
    with django_assert_max_num_queries(6):
        assert ask(page, text="We were 20. " * 416).status_code == 200


def test_of_a_long_text_the_beginning_is_shown_and_the_answer_says_so(page, monkeypatch):
    monkeypatch.setattr("synthesis.api.text.MOST_PREVIEWED", 30)
    payload = ask(page, text="One two three. Four five. Six seven eight. Nine.").json()
    assert " ".join(segment["text"] for segment in payload["segments"]) == "One two three. Four five."
    assert payload["warnings"] == ["This shows the first 25 of 48 characters: send the rest by itself."]
    assert ask(page, text="One two three.").json()["warnings"] == []
