"""What the site says, it says on its pages: not in boxes and bubbles of the browser, in which nobody finds it again."""

import re

import pytest

from synthesis.sharing import service as sharing
from tests.factories import GenerationFactory, VoiceFactory
from voicesite.settings import BASE_DIR

BOXES = re.compile(r"(?<![\w.-])(confirm|alert|prompt)\(|\b(hx-confirm|hx-prompt|data-confirm)\b")
FILES = sorted([*(BASE_DIR / "static").glob("*.js"), *(BASE_DIR / "templates").rglob("*.html")])


def test_no_page_and_no_script_opens_a_box_of_the_browser():
    assert len(FILES) > 100
    found = [f"{file.name}: {box[0]}" for file in FILES for box in BOXES.finditer(file.read_text())]
    assert found == []


def shows_field_words(response) -> bool:
    """Whether what is missing in a form is said beside its field, in the page's words: static/validity.js."""
    assert response.status_code in (200, 422)
    return "validity.js" in response.text and response.text.count('id="field-words"') == 1


@pytest.mark.parametrize(
    "address",
    [
        "/account/",
        "/account/email/",
        "/account/password/",
        "/account/webhooks/new/",
        "/account/privacy/",
        "/pronunciations/",
        "/pronunciations/import/",
        "/voices/new/",
        "/voices/import/",
        "/",
        "/generations/",
    ],
)
def test_forms_say_what_is_missing_beside_the_field(page, user, address):
    VoiceFactory(owner=user)
    assert shows_field_words(page.get(address, follow=True))


@pytest.mark.parametrize("address", ["/account/login/", "/account/reset/", "/register/"])
def test_so_do_those_of_people_who_are_not_signed_in(client, user, address, settings):
    settings.REGISTRATION = "open"
    assert shows_field_words(client.get(address, follow=True))


def test_so_do_those_of_listeners_and_of_staff(client, user, staff):
    link = sharing.share(GenerationFactory(owner=user, completed=True))
    assert shows_field_words(client.get(f"/listen/{link.token}/report/"))
    client.force_login(staff)
    chosen = {"action": "suspend", "_selected_action": str(VoiceFactory().pk)}
    asked = client.post("/admin/voices/voiceprofile/", chosen, follow=True)
    assert 'name="reason"' in asked.text and shows_field_words(asked)
