"""The voice picker of the studio: sections, search, whose voices, and how many queries."""

import re

import pytest
from django.urls import reverse

from synthesis.pages import picker
from tests.factories import GenerationFactory, VoiceFactory
from voices.models import Tag

ADDRESS = reverse("synthesis:picker")


def shown(page, words: str = "") -> dict[str, list[str]]:
    """The names of voices by the title of their section."""
    text = page.get(ADDRESS, {"q": words}).text
    parts = re.split(r'<div role="rowgroup" aria-label="([^"]*)">', text)[1:]
    return {
        title: re.findall(r'data-name="([^"]*)"', part) for title, part in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.fixture
def voices(user, stranger):
    return {
        "jane": VoiceFactory(owner=user, name="Jane"),
        "ada": VoiceFactory(owner=user, name="Ada", description="The one for bedtime stories"),
        "hal": VoiceFactory(owner=stranger, name="Hal", visibility="shared", language="de"),
        "grace": VoiceFactory(builtin=True, name="Grace"),
        "secret": VoiceFactory(owner=stranger, name="Secret"),
    }


def test_voices_are_in_sections_and_each_is_there_once(page, user, voices):
    assert shown(page) == {"Yours": ["Ada", "Jane"], "Shared": ["Hal"], "Built in": ["Grace"]}
    voices["grace"].favoured_by.add(user)
    for name in ("hal", "jane", "grace"):
        GenerationFactory(owner=user, voice=voices[name])
    assert shown(page) == {"Favourites": ["Grace"], "Recent": ["Jane", "Hal"], "Yours": ["Ada"]}


def test_what_others_do_changes_nothing(page, user, stranger, voices):
    before = shown(page)
    voices["hal"].favoured_by.add(stranger)
    GenerationFactory(owner=stranger, voice=voices["hal"])
    GenerationFactory(owner=user, voice=voices["ada"], is_sample=True)
    assert shown(page) == before


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("jane", ["Jane"]),
        ("  BEDTIME ", ["Ada"]),
        ("german", ["Hal"]),
        ("noir", ["Jane"]),
        ("english a", ["Ada", "Jane", "Grace"]),
        ("english grace", ["Grace"]),
        ("secret", []),
        ("%", []),
        ("\x00", ["Ada", "Jane", "Hal", "Grace"]),
    ],
)
def test_a_search_needs_all_its_words(page, voices, words, found):
    voices["jane"].tags.add(Tag.objects.create(name="noir"))
    assert [name for names in shown(page, words).values() for name in names] == found


def test_a_search_without_a_find_says_so(page, voices):
    text = page.get(ADDRESS, {"q": "<b>nobody"}).text
    assert "No voice matches “&lt;b&gt;nobody”." in text and 'role="row"' not in text


def test_a_voice_that_may_not_speak_is_not_offered(page, user, voices):
    voices["ada"].favoured_by.add(user)
    for name, field in (("ada", "retired_at"), ("hal", "suspended_at")):
        setattr(voices[name], field, voices[name].created_at)
        voices[name].save()
    assert shown(page) == {"Yours": ["Jane"], "Built in": ["Grace"]}


def test_each_row_has_a_face_a_sound_and_a_star(page, user, voices):
    sample = GenerationFactory(owner=user, voice=voices["jane"], is_sample=True, completed=True)
    voices["jane"].favoured_by.add(user)
    rows = {row["name"]: row["html"] for row in _rows(page.get(ADDRESS).text)}
    assert reverse("synthesis:audio", args=[sample.pk]) in rows["Jane"] and 'aria-pressed="true"' in rows["Jane"]
    assert reverse("voices:face", args=[voices["jane"].pk]) in rows["Jane"]
    for name in ("ada", "grace"):
        assert reverse("voices:clip_audio", args=[voices[name].clip_id]) in rows[voices[name].name]
        assert 'aria-pressed="false"' in rows[voices[name].name]


def _rows(text: str) -> list[dict[str, str]]:
    return [{"name": re.search('data-name="([^"]*)"', html)[1], "html": html} for html in text.split('role="row"')[1:]]


def test_it_takes_as_many_queries_however_many_voices_there_are(page, user, stranger, django_assert_num_queries):
    def fill(count: int):
        for number in range(count):
            tag, _ = Tag.objects.get_or_create(name=f"tag {number}")
            for one in (
                VoiceFactory(owner=user),
                VoiceFactory(owner=stranger, visibility="shared"),
                VoiceFactory(builtin=True),
            ):
                one.tags.add(tag)
                GenerationFactory(owner=user, voice=one, is_sample=True, completed=True)
            GenerationFactory(owner=user, voice=one)
            VoiceFactory(owner=user).favoured_by.add(user, stranger)

    fill(1)
    page.get(ADDRESS)  # what is read once
    with django_assert_num_queries(8):
        page.get(ADDRESS)
    fill(3)
    with django_assert_num_queries(8):
        page.get(ADDRESS)
    with django_assert_num_queries(6):
        page.get(ADDRESS, {"q": "voice"})


def test_a_thousand_voices_are_a_few_to_see(page, user, monkeypatch):
    monkeypatch.setattr(picker, "MOST", 3)
    for _ in range(5):
        VoiceFactory(owner=user)
    text = page.get(ADDRESS).text
    assert text.count('role="row"') == 3 and "search for them" in text


def test_it_is_for_people_who_are_signed_in_and_nobody_posts_to_it(client, page):
    assert page.post(ADDRESS).status_code == 405
    client.logout()
    assert client.get(ADDRESS).status_code == 302


def test_the_studio_has_a_button_with_the_chosen_voice_and_the_list_for_pages_without_a_script(page, voices):
    text = page.get("/", {"voice": voices["grace"].pk}).text
    button = re.search(r'<button[^>]*id="pick-voice".*?</button>', text, re.S)[0]
    assert reverse("voices:face", args=[voices["grace"].pk]) in button and "Grace" in button
    assert '<select name="voice"' in text and '<dialog id="picker"' in text
