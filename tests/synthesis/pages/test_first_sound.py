"""The studio of somebody who has no voice yet: a built-in one is chosen, and an example is a click away."""

import json
import re

import pytest
from django.urls import reverse

from synthesis.generations.examples import TEXT_BY_LANGUAGE
from synthesis.models import Draft, Generation
from synthesis.scripts.dialogue import find_speakers
from tests.factories import GenerationFactory, VoiceFactory
from voices.languages import LANGUAGES

HTMX = {"HX-Request": "true"}
VOICES = (("a", "Grace", "en-us"), ("b", "Emma", "en-gb"), ("c", "Dora", "es"), ("d", "Alex", "es"))


@pytest.fixture(autouse=True)
def built_in(db):
    return {
        name: VoiceFactory(builtin=True, preset=preset, name=name, language=language)
        for preset, name, language in VOICES
    }


def menu(shown: str) -> str:
    return re.search(r'<select name="voice".*?</select>', shown, re.S)[0]


def chosen(shown: str) -> str:
    """The name of the voice that a browser would show as chosen."""
    options = re.findall(r"<option([^>]*)>\s*([^<]*?)\s*</option>", menu(shown))
    return next((name for attributes, name in options if " selected" in attributes), options[0][1])


def language(shown: str) -> str:
    return re.search(r'<option value="([^"]+)" selected', re.search(r'name="language".*?</select>', shown, re.S)[0])[1]


def fidelity(html: str) -> str:
    return re.search(r"data-fidelity-words[^>]*>\s*([^<]*?)\s*<", html)[1]


@pytest.mark.parametrize(
    ("accepted", "voice", "spoken"),
    [
        ("", "Grace", "en-us"),
        ("en-GB,en;q=0.9", "Emma", "en-gb"),
        ("en;q=0.9", "Grace", "en-us"),
        ("es-MX,es;q=0.9,en;q=0.5", "Dora", "es"),
        ("sv,es;q=0.5", "Dora", "es"),
        ("sv", "Grace", "en-us"),
        ("x" * 5000, "Grace", "en-us"),
    ],
)
def test_a_built_in_voice_of_the_browsers_language_is_chosen(page, user, accepted, voice, spoken):
    user.ui_language = "en"  # the words of the page; its browser's language chooses the voice
    user.save()
    shown = page.get("/", headers={"Accept-Language": accepted}).text
    assert chosen(shown).startswith(voice) and language(shown) == spoken
    assert fidelity(shown) == "Built-in voice" and "Create a voice first" not in shown
    assert shown.index('id="speak"') < shown.index("Create your own voice")


def test_ones_own_voice_comes_first_and_is_chosen(page, user, stranger):
    VoiceFactory(owner=user, name="Zoe")
    VoiceFactory(owner=stranger, name="Hal", visibility="shared")
    user.ui_language = "en"
    user.save()
    shown = page.get("/", headers={"Accept-Language": "es"}).text
    groups = re.findall(r'<optgroup label="([^"]+)"', menu(shown))
    assert groups == ["Shared", "Built in"] and chosen(shown) == "Zoe"
    names = [name.split(" ")[0] for name in re.findall(r"<option[^>]*>\s*([^<]+)", menu(shown))]
    assert names == ["Zoe", "Hal", "Grace", "Emma", "Dora", "Alex"]
    assert "Create your own voice" not in shown and fidelity(shown) == "Copies the voice"


def test_a_built_in_voice_is_heard_before_it_has_spoken(page, built_in):
    grace = built_in["Grace"]
    assert f'data-sample="{reverse("voices:clip_audio", args=[grace.clip_id])}"' in menu(page.get("/").text)


def test_the_voice_that_was_chosen_before_stays(page, user, built_in):
    Draft.objects.create(owner=user, voice=built_in["Alex"], fields={"language": "fr"})
    shown = page.get("/", headers={"Accept-Language": "en"}).text
    assert chosen(shown).startswith("Alex") and language(shown) == "fr"


def test_in_a_dialogue_they_may_all_speak(page):
    sent = {"text": "Anna: Hello, you.\nBen: Hi!", "language": "en-us", "speed": "1"}
    panel = page.post("/preview", sent, headers=HTMX).text
    assert panel.count('<optgroup label="Built in">') == 2 and panel.count("Grace") == 2


# --- the example


def test_an_example_is_there_for_each_language():
    assert set(TEXT_BY_LANGUAGE) == set(LANGUAGES)
    for text in TEXT_BY_LANGUAGE.values():
        assert 30 < len(text) < 160 and not find_speakers(text)


def test_the_example_is_spoken_and_heard_with_one_click(page, user, built_in):
    sent = {"voice": built_in["Dora"].pk, "language": "es", "text": " ", "speed": "1", "example": "1"}
    response = page.post("/", sent, headers=HTMX)
    made = Generation.objects.get()
    assert (made.owner, made.voice, made.text) == (user, built_in["Dora"], TEXT_BY_LANGUAGE["es"])
    assert TEXT_BY_LANGUAGE["es"] in response.text, "it is in the form"
    assert json.loads(response.headers["HX-Trigger"]) == {"begin": {"player": f"player-{made.pk}"}}
    assert re.search(r'name="example"[^>]* hidden', response.text), "and no longer offered"


def test_what_is_written_is_spoken_though_an_example_was_asked_for(page, built_in):
    sent = {"voice": built_in["Grace"].pk, "language": "en-us", "text": "Mine.", "speed": "1", "example": "1"}
    response = page.post("/", sent, headers=HTMX)
    assert Generation.objects.get().text == "Mine." and "HX-Trigger" not in response.headers


def test_without_a_script_the_example_is_spoken_and_what_was_chosen_is_kept(page, built_in):
    sent = {"voice": built_in["Emma"].pk, "language": "en-gb", "text": "", "speed": "1.25", "example": "1"}
    response = page.post("/", sent)
    assert response.url == reverse("synthesis:detail", args=[Generation.objects.get().pk])
    assert "built-in voice" in page.get(response.url).text
    shown = page.get("/").text
    assert chosen(shown).startswith("Emma") and TEXT_BY_LANGUAGE["en-gb"] in shown and 'value="1.25"' in shown


def test_its_text_is_not_compared_with_anybody(page, user, built_in):
    GenerationFactory(owner=user, voice=built_in["Grace"], completed=True)
    assert "like Grace" not in page.get("/").text


def test_the_studio_costs_the_same_for_one_voice_and_for_many(page, count_queries):
    few = count_queries(page, "/")
    for number in range(10):
        VoiceFactory(builtin=True, preset=f"more_{number}")
    assert count_queries(page, "/") == few
