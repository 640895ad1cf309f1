"""The language of pages: by the person, the cookie, the browser; and English for programs."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import get_format

from tests.factories import GenerationFactory
from voicesite import wording
from voicesite.templatetags import display
from voicesite.web import moments

SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-ES,es;q=0.9,en;q=0.5"}


def language(response) -> str:
    [lang] = [line.split('"')[1] for line in response.text.splitlines() if line.startswith("<html")]
    assert response.headers["Content-Language"] == lang
    return lang


def test_a_page_is_in_the_language_of_the_browser(page):
    assert language(page.get("/account/")) == "en"
    spanish = page.get("/account/", **SPANISH)
    assert language(spanish) == "es" and "Idioma de las páginas" in spanish.text
    assert {"Accept-Language", "Cookie"} <= set(spanish.headers["Vary"].split(", "))
    assert language(page.get("/account/", HTTP_ACCEPT_LANGUAGE="tlh")) == "en", "where we have none that it asks for"
    assert translation.get_language() == "en", "the next request of this thread is another person's"


def test_a_person_chooses_whatever_the_browser_says(page, user):
    saved = page.post("/account/", {"ui_language": "es"}, follow=True)
    assert language(saved) == "es" and "Guardado." in saved.text
    assert language(page.get("/account/", HTTP_ACCEPT_LANGUAGE="en")) == "es"
    user.refresh_from_db()
    assert user.language == "es"
    page.post("/account/", {"ui_language": ""})
    assert language(page.get("/account/", HTTP_ACCEPT_LANGUAGE="en")) == "en"
    assert page.post("/account/", {"ui_language": "tlh"}).status_code == 422


def test_a_choice_that_is_no_more_is_none(page, user):
    user.ui_language = "tlh"
    user.save()
    assert user.language == "en" and language(page.get("/account/", **SPANISH)) == "es"


def test_before_sign_in_a_cookie_keeps_the_choice(client, user):
    assert 'value="es"' in client.get("/account/login/").text
    chosen = client.post("/language/", {"language": "es", "next": "/account/login/"})
    assert chosen.url == "/account/login/"
    cookie = chosen.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert language(client.get("/account/login/", HTTP_ACCEPT_LANGUAGE="en")) == "es"
    client.post("/language/", {"language": "tlh"})
    assert client.get("/language/").status_code == 302, "a mere link changes nothing"
    assert language(client.get("/account/login/", HTTP_ACCEPT_LANGUAGE="en")) == "es"
    assert client.post("/language/", {"language": "es", "next": "https://example.org/"}).url == "/"


def test_programs_are_answered_in_english(page, user):
    user.ui_language = "es"
    user.save()
    for address, words in (
        ("/api/nothing", "There is no such API address."),
        ("/v1/nothing", "This API key is unknown"),
    ):
        refused = page.get(address, headers={"Accept-Language": "es"})
        assert "Content-Language" not in refused.headers and words in refused.text


def test_numbers_and_moments_are_written_as_the_language_writes_them():
    moment = timezone.make_aware(datetime(2025, 1, 5, 9, 30))
    with translation.override("es"):
        assert wording.thousands(12_345) == "12.345" and wording.decimal(4.25) == "4,2"
        assert wording.percent(0.88) == "88\N{NO-BREAK SPACE}%" and display.duration(4.21) == "4,2 s"
        assert display.roughly(4800) == "1 hora 20 minutos" and display.left(130) == "quedan unos 2 min"
        assert ">5 ene 2025, 09:30</time>" in moments.when(moment)
        assert ">hace 5 min</time>" in moments.when(timezone.now() - timedelta(minutes=5))
    assert wording.thousands(12_345) == "12,345" and wording.decimal(4.25) == "4.2"
    assert ">5 Jan 2025, 09:30</time>" in moments.when(moment)


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
def test_a_bare_number_of_a_template_is_for_machines(code):
    with translation.override(code):
        assert get_format("DECIMAL_SEPARATOR") == "." and not (
            get_format("THOUSAND_SEPARATOR") and settings.USE_THOUSAND_SEPARATOR
        )


def test_a_spanish_player_says_its_length_to_scripts_in_digits_with_a_point(page, user):
    made = GenerationFactory(owner=user, completed=True, seconds=4.25)
    assert 'max="4.25"' in page.get(reverse("synthesis:detail", args=[made.pk]), **SPANISH).text


def test_what_people_call_things_stays_in_a_sentence_that_is_translated():
    with translation.override("es"):
        assert wording.translated("Importing title") == "Importando title"
        assert "español" in wording.translated("The kokoro engine does not speak “Spanish”.").lower()
