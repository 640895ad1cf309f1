"""What is written in the studio is kept, for its writer only, and given back."""

import html
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from synthesis.models import Draft
from tests.factories import GenerationFactory, VoiceFactory

ADDRESS = "/draft"
JSON = {"Accept": "application/json"}


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Jane", language="en-gb")


def save(page, user, text="Good morning.", /, version=0, window="one", **fields):
    form = {"owner": user.pk, "version": version, "window": window, "text": text}
    return page.post(ADDRESS, form | fields, headers=JSON)


def written(page, address="/") -> str:
    """The text that is in the studio's form."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page.get(address).text, re.DOTALL)
    return html.unescape(found[1])


def test_what_was_saved_is_there_when_the_studio_opens_again(page, user, voice):
    other = VoiceFactory(owner=user, name="Zoe")
    answer = save(page, user, "Dear <all>,\r\ngood night.", voice=other.pk, language="es", speed="1.5", seed="12")
    assert (answer.status_code, answer.json()) == (200, {"version": 1})
    shown = page.get("/").text
    assert written(page) == "Dear <all>,\ngood night."
    assert re.search(rf'<option value="{other.pk}"[^>]* selected', shown)
    assert '<option value="es" selected>' in shown and 'value="1.5"' in shown and 'value="12"' in shown
    assert 'data-version="1"' in shown and "data-has-language" in shown


def test_whatever_else_the_form_has_is_kept_within_bounds(page, user, voice):
    many = {f"cast:{number}": "x" * 1000 for number in range(1000 - 10)}
    assert save(page, user, voice=voice.pk, csrfmiddlewaretoken="secret", **many).status_code == 200
    fields = Draft.objects.get().fields
    assert fields["cast:0"] == "x" * 300 and len(fields) <= 300 and "secret" not in str(fields)


def test_a_draft_may_be_longer_than_a_text_and_is_refused_in_words_beyond(page, user, voice, settings):
    settings.TEXT_LIMIT = 10
    assert save(page, user, "x" * 20).status_code == 200
    answer = save(page, user, "y" * 21, version=1)
    assert answer.status_code == 413 and "21 characters" in answer.json()["error"] and "the limit is 20" in answer.text
    assert written(page) == "x" * 20


def test_twice_the_longest_text_in_emoji_fits_into_a_request(page, user, voice, settings):
    text = "\N{GRINNING FACE}" * (2 * settings.TEXT_LIMIT)
    assert save(page, user, text).status_code == 200
    assert Draft.objects.get().text == text


def test_a_character_of_code_0_does_not_keep_the_rest_from_being_kept(page, user, voice):
    assert save(page, user, "one\x00two", seed="1\x00").status_code == 200
    assert written(page) == "onetwo" and Draft.objects.get().fields["seed"] == "1"


def test_a_voice_of_others_is_not_kept(page, user, voice, stranger):
    save(page, user, voice=VoiceFactory(owner=stranger).pk)
    save(page, user, "More.", version=1, voice="garbage")
    assert Draft.objects.get().voice is None and Draft.objects.get().text == "More."


# ---------------------------------------------------------------------------------------------------------------------
# Windows


def test_a_window_that_has_not_seen_the_latest_does_not_undo_it(page, user, voice):
    save(page, user, "First.")
    save(page, user, "Second.", version=1, window="two", voice=voice.pk, seed="3")
    answer = save(page, user, "First, longer.", version=0, window="one")
    assert answer.status_code == 409 and written(page) == "Second."
    assert answer.json() == {"version": 2, "fields": {"text": "Second.", "voice": str(voice.pk), "seed": "3"}}
    assert save(page, user, "First, longer.", version=2, window="one").json() == {"version": 3}, "if it is kept"


def test_what_a_window_itself_saved_is_no_other_window(page, user, voice):
    """Its answer may have been lost, or come when the page was gone."""
    save(page, user, "First.", window="one")
    assert save(page, user, "First, longer.", version=0, window="one").json() == {"version": 2}
    assert written(page) == "First, longer."


def test_the_same_again_is_no_conflict_and_no_version(page, user, voice):
    save(page, user, "Same.", window="one")
    assert save(page, user, "Same.", version=7, window="two").json() == {"version": 1}


# ---------------------------------------------------------------------------------------------------------------------
# People


def test_nobody_sees_or_changes_the_draft_of_another(page, user, voice, stranger):
    save(page, user, "Private.")
    other = Client()
    other.force_login(stranger)
    VoiceFactory(owner=stranger)
    assert written(other) == ""
    assert save(other, stranger, "Mine.").json() == {"version": 1}
    assert written(page) == "Private." and written(other) == "Mine."


def test_what_one_person_wrote_is_not_saved_for_another_who_signed_in_meanwhile(page, user, voice, stranger):
    answer = save(page, stranger, "Theirs.")
    assert answer.status_code == 403 and "Someone else" in answer.json()["error"]
    assert not Draft.objects.exists()


def test_who_is_signed_out_is_told_with_a_status_not_a_page(client, user):
    assert save(client, user).status_code == 401 and not Draft.objects.exists()
    assert client.post(ADDRESS, {}).status_code == 302, "a browser without a script is shown where to sign in"


def test_it_is_only_saved_by_post_and_with_the_token_against_forged_requests(page, user, voice):
    assert page.get(ADDRESS).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert save(strict, user).status_code == 403


# ---------------------------------------------------------------------------------------------------------------------
# The studio


def test_an_address_that_asks_for_something_else_wins_and_the_draft_stays(page, user, voice):
    save(page, user, "The draft.", voice=voice.pk, language="es")
    again = GenerationFactory(owner=user, voice=voice, text="The old text.", completed=True)
    assert written(page, f"/?again={again.pk}") == "The old text."
    aside = re.search(r'data-aside="([^"]+)"', page.get(f"/?again={again.pk}").text)[1]
    kept = {"text": "The draft.", "voice": str(voice.pk), "language": "es"}
    assert json.loads(html.unescape(aside)) == kept, "which the page gives back"
    assert "data-aside" not in page.get("/").text
    other = VoiceFactory(owner=user, name="Zoe")
    shown = page.get(f"/?voice={other.pk}").text
    assert re.search(rf'<option value="{other.pk}"[^>]* selected', shown)
    assert "The draft." in shown, "what is written stays, for another voice"
    assert "data-has-language" not in shown, "whose language is chosen"
    assert written(page) == "The draft." and 'data-version="1"' in shown


def test_the_cast_of_a_dialogue_is_kept_with_it(page, user, voice):
    other = VoiceFactory(owner=user, name="Zoe")
    save(page, user, "Anna: Hello!\nBen: Oh!", **{"cast:Anna": other.pk, "cast:Ben": "-"})
    panel = re.search(r'name="cast:Anna".*?</select>', page.get("/").text, re.DOTALL)[0]
    assert re.search(rf'value="{other.pk}"[^>]* selected', panel)


def test_a_draft_whose_voice_and_model_are_gone_is_shown_all_the_same(page, user, voice):
    other = VoiceFactory(owner=user)
    save(page, user, "The draft.", voice=other.pk, model="gone:away", language="xx", speed="fast")
    other.delete()
    assert written(page) == "The draft."


def test_a_form_that_is_refused_comes_back_as_it_was_sent_and_knows_the_version(page, user, voice):
    save(page, user, "The draft.", voice=voice.pk)
    shown = page.post("/", {"voice": voice.pk, "text": "Sent.", "speed": "9"}).text
    assert "Sent.</textarea>" in shown and 'data-version="1"' in shown


def test_what_is_spoken_again_puts_nothing_aside_that_is_the_same(page, user, voice):
    save(page, user, "The old text.", voice=voice.pk)
    again = GenerationFactory(owner=user, voice=voice, text="The old text.", completed=True)
    assert "data-aside" not in page.get(f"/?again={again.pk}").text


def test_what_is_spoken_without_a_script_is_kept(page, user, voice):
    other = VoiceFactory(owner=user, name="Zoe")
    save(page, user, "The draft.", voice=voice.pk)
    page.post("/", {"voice": other.pk, "text": "Spoken.", "language": "es", "speed": "1.5"})
    shown = page.get("/").text
    assert "Spoken.</textarea>" in shown and 'value="1.5"' in shown and '<option value="es" selected>' in shown
    assert re.search(rf'<option value="{other.pk}"[^>]* selected', shown)


def test_speaking_leaves_the_draft(page, user, voice):
    save(page, user, "The draft.", voice=voice.pk)
    page.post("/", {"voice": voice.pk, "text": "The draft."})
    assert written(page) == "The draft."


def test_saving_costs_the_same_however_much_there_is(page, user, voice, django_assert_num_queries):
    save(page, user, voice=voice.pk)
    for version, text in ((1, "Short."), (2, "x" * 5000)):
        with django_assert_num_queries(8):
            save(page, user, text, version=version, voice=voice.pk)
        GenerationFactory.create_batch(3, owner=user, voice=voice)


def test_the_form_says_where_it_is_saved_and_for_whom(page, user, voice):
    shown = page.get("/").text
    assert f'data-address="{reverse("synthesis:save_draft")}"' in shown and f'data-owner="{user.pk}"' in shown
    assert f'data-signs-out="{user.pk}"' in shown
