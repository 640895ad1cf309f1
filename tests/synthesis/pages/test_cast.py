"""The panel of the studio in which each speaker of a text gets a voice."""

import re

import pytest
from django.urls import reverse

from synthesis.models import CastMember, Generation
from tests.factories import GenerationFactory, VoiceFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Narrator")


@pytest.fixture
def low(user):
    return VoiceFactory(owner=user, name="Low")


@pytest.fixture
def send(page, voice, low):
    def send(address="/preview", text="Anna: Hello, you.\nBen: Hi!", chosen=(), **options):
        sent = {"voice": voice.pk, "text": text, "language": "en-us", "speed": "1"}
        return page.post(address, sent | {f"cast:{name}": value for name, value in dict(chosen).items()}, **options)

    return send


def offered(response) -> dict[str, str]:
    """What is selected for each name of the panel."""
    selects = re.findall(r'name="cast:([^"]+)"\s+id="member(.*?)</select>', response.text, re.S)
    return {name: "".join(re.findall(r'value="([^"]*)" selected', options)) for name, options in selects}


def hidden(response) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="cast:([^"]+)" value="([^"]*)"', response.text))


def test_the_panel_appears_with_speakers(send, low):
    response = send(headers=HTMX)
    assert offered(response) == {"Anna": "", "Ben": ""}
    assert "Low" in response.text and "Not a speaker: read it aloud" in response.text
    assert "choose a voice for Anna and Ben." in response.text, "for screen readers"
    assert "Speakers" not in send(text="Hello to you.", headers=HTMX).text


def test_names_are_read_once_they_are_no_speakers(send):
    text = "Mr. Wu: Hello, you.\nAnna: Hi!"
    assert "Mister" not in send(text=text, headers=HTMX).text
    assert "Mister" in send(text=text, chosen={"Mr. Wu": "-"}, headers=HTMX).text


def test_what_is_chosen_stays_while_one_types(send, low):
    assert offered(send(chosen={"Anna": low.pk, "Ben": "-"}, headers=HTMX)) == {"Anna": str(low.pk), "Ben": "-"}
    gone = send(text="Ann: Hello, you.\nBen: Hi!", chosen={"Anna": low.pk, "Ben": "-"}, headers=HTMX)
    assert offered(gone) == {"Ann": "", "Ben": "-"} and hidden(gone) == {"Anna": str(low.pk)}
    wrong = send(text="Anna: Hello, you.\nBen: Hi!" * 2000, chosen={"Anna": low.pk}, headers=HTMX)
    assert offered(wrong)["Anna"] == str(low.pk), "also while the text is too long"


def test_one_line_is_enough_for_who_has_a_voice(send, low):
    assert offered(send(text="Anna: Hello, you.", chosen={"Anna": low.pk}, headers=HTMX)) == {"Anna": str(low.pk)}


def test_a_voice_that_cannot_be_chosen_is_asked_for(send, stranger):
    theirs = VoiceFactory(owner=stranger, name="Theirs")
    for value in (theirs.pk, "garbage"):
        response = send(chosen={"Anna": value}, headers=HTMX)
        assert offered(response)["Anna"] == "" and "Theirs" not in response.text
        assert "choose a voice for Anna and Ben." in response.text


def test_the_panel_is_kept_while_it_offers_the_same(send, low):
    def panel(**options):
        response = send(headers=HTMX, **options)
        return re.search(r'id="(cast-\w+)"\s+hx-preserve="true"', response.text)

    assert panel()[1] == panel(text="Anna: Hello, you.\nBen: Oh!", chosen={"Anna": low.pk})[1]
    assert panel()[1] != panel(text="Anna: Hello, you.\nCleo: Oh!")[1]
    assert not re.search(r'id="cast-\w+"\s+hx-preserve', send("/", headers=HTMX).text), "an error is shown in its place"


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "no script"])
def test_who_has_no_voice_is_asked_for_and_nothing_is_lost(send, low, headers):
    response = send("/", chosen={"Anna": low.pk}, headers=headers)
    assert response.status_code == 422 and not Generation.objects.exists()
    assert "Ben has no voice: choose one, or “Not a speaker”." in response.text
    assert offered(response) == {"Anna": str(low.pk), "Ben": ""}
    assert "Anna: Hello, you.\nBen: Hi!</textarea>" in response.text
    assert response.text.count('aria-invalid="true"') == 1


def test_it_is_spoken_with_its_cast_which_is_remembered(page, send, low, voice):
    chosen = {"Anna": low.pk, "Ben": "-", "Cleo": low.pk}
    assert send("/", chosen=chosen).status_code == 302
    generation = Generation.objects.get()
    assert list(CastMember.named.values_list("name", "voice")) == [("Anna", low.pk), ("Ben", None)]
    again = send(text="Ben: Hello, you.\nANNA: Hi!\nCleo: Oh!", headers=HTMX)
    assert offered(again) == {"Ben": "-", "ANNA": str(low.pk), "Cleo": ""}
    CastMember.named.create(generation=generation, name="ANNA", voice=voice, voice_name="Narrator")
    assert offered(send(headers=HTMX))["Anna"] == str(voice.pk), "the last one"
    assert offered(send(chosen={"Anna": ""}, headers=HTMX))["Anna"] == "", "unless one has taken it back"


def test_what_others_gave_a_name_is_not_remembered(send, low, stranger):
    theirs = GenerationFactory(owner=stranger)
    CastMember.objects.create(generation=theirs, name="Anna", voice=low, voice_name="Low")
    assert offered(send(headers=HTMX))["Anna"] == ""


def test_a_text_comes_back_with_its_cast(page, user, voice, low):
    row = GenerationFactory(owner=user, voice=voice, text="Anna: Hello, you.\nBen: Hi!\nCleo: Oh!")
    CastMember.objects.create(generation=row, name="Anna", voice=low, voice_name="Low")
    CastMember.named.create(generation=row, name="Ben")
    CastMember.objects.create(generation=row, name="Cleo", voice=None, voice_name="Deleted")
    assert offered(page.get(f"/?again={row.pk}")) == {"Anna": str(low.pk), "Ben": "-", "Cleo": ""}


def test_without_a_script_the_preview_shows_the_panel(send, low):
    response = send(chosen={"Anna": low.pk})
    assert "<html" in response.text and offered(response) == {"Anna": str(low.pk), "Ben": ""}


def test_a_name_is_escaped(send):
    response = send(text="[A&B]: Hello, you.\n[A&B]: Hi!", headers=HTMX)
    assert 'name="cast:A&amp;B"' in response.text


def test_the_page_of_a_dialogue_shows_it_without_the_names(page, user, voice, low):
    row = GenerationFactory(owner=user, voice=voice, completed=True, text="Mr. Wu: It is 7.\nAnna: Hi!")
    address = reverse("synthesis:reading", args=[row.pk])
    assert "Mister" in page.get(address).text and "Speakers" not in page.get(address).text
    CastMember.objects.create(generation=row, name="Mr. Wu", voice=low, voice_name="Low")
    assert "seven" in page.get(address).text and "Mister" not in page.get(address).text


def test_a_preview_of_many_speakers_costs_few_queries(send, low, django_assert_max_num_queries):
    text = "\n".join(f"Guest {number % 20}: Here I am!" for number in range(150))
    send(headers=HTMX)
    with django_assert_max_num_queries(8):
        assert len(offered(send(text=text, headers=HTMX))) == 20
