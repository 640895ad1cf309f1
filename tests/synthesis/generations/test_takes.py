"""Takes of one text: made, heard side by side, picked, deleted."""

import re
import uuid

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django_q.models import OrmQ

from synthesis.generations import takes
from synthesis.models import Generation
from synthesis.queue import order as queue
from synthesis.speech import batch
from tests.factories import GenerationFactory, VoiceFactory
from voicesite.jobs.job import State

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def three(user):
    """Three takes of a text, the first of them picked."""
    voice, of_text = VoiceFactory(owner=user, name="Jane"), uuid.uuid4()
    return [
        GenerationFactory(
            owner=user, voice=voice, completed=True, take_group=of_text, is_picked=number == 0, seed=number
        )
        for number in range(3)
    ]


def address(name: str, row: Generation) -> str:
    return reverse(f"synthesis:{name}", args=[row.pk])


def picked() -> list[Generation]:
    return list(Generation.objects.filter(is_picked=True))


def test_another_take_is_the_same_text_with_another_seed(page, user):
    row = GenerationFactory(owner=user, completed=True, language="es", speed=1.5, priority=5)
    assert page.post(address("another", row)).url == address("detail", row)
    made = Generation.objects.exclude(pk=row.pk).get()
    same = ("owner", "voice", "title", "text", "language", "engine", "model", "speed", "take_group")
    assert [getattr(made, name) for name in same] == [getattr(row, name) for name in same]
    assert made.seed != row.seed and (made.is_picked, made.state) == (False, State.PENDING)
    assert OrmQ.objects.filter(key="synthesis").count() == 1


@pytest.mark.parametrize("field", ["suspended_at", "retired_at", None])
def test_a_voice_that_may_not_speak_makes_no_other_take(page, user, field):
    row = GenerationFactory(owner=user, completed=True, voice__name="Jane")
    if field:
        type(row.voice).objects.update(**{field: row.created_at})
    else:
        Generation.objects.update(voice=None)
    words = "is suspended or retired" if field else "is no longer available"
    assert words in page.post(address("another", row), follow=True).text
    assert Generation.objects.count() == 1


def test_there_is_a_most_of_takes(page, user, monkeypatch):
    row = GenerationFactory(owner=user, completed=True)
    monkeypatch.setattr(takes, "MAX_TAKES", 2)
    page.post(address("another", row))
    answer = page.post(address("another", row), follow=True)
    assert "There are 2 takes of this text, which is the limit." in answer.text and Generation.objects.count() == 2
    assert address("another", row) not in answer.text


def test_takes_are_shown_side_by_side_and_the_library_shows_one(page, three):
    shown = page.get(address("detail", three[1])).text
    assert [f'id="take-{row.pk}"' in shown for row in three] == [True] * 3
    assert (
        len(re.findall(r">\s*Use this take\s*<", shown)) == 2
        and shown.count("In the library") == 1
        and "How take 2 was made" in shown
    )
    library = page.get(reverse("synthesis:list")).text
    assert re.findall(r'id="row-([0-9a-f-]+)"', library) == [str(three[0].pk)] and re.search(
        r">\s*3 takes\s*</a>", library
    )
    assert str(three[1].pk) not in page.get("/").text


def test_another_one_is_picked(page, three):
    page.post(address("pick", three[2]))
    assert picked() == [three[2]]
    page.post(address("pick", three[2]))
    assert picked() == [three[2]]


def test_what_is_not_ready_is_not_picked(page, user, three):
    waits = GenerationFactory(owner=user, take_group=three[0].take_group, is_picked=False)
    assert "Only a finished take can be used." in page.post(address("pick", waits), follow=True).text
    assert picked() == [three[0]]
    gone = Generation.objects.get(pk=three[1].pk)
    takes.delete(three[1])
    assert not takes.pick(gone) and picked() == [three[0]]


def test_a_deleted_take_leaves_the_newest_good_one_picked(page, user, three):
    GenerationFactory(owner=user, take_group=three[0].take_group, is_picked=False, failed=True)
    answer = page.post(address("delete", three[0]), {"what": "take"})
    assert answer.url == address("detail", three[2]) and picked() == [three[2]]
    page.post(address("delete", three[1]), {"what": "take"})
    assert picked() == [three[2]] and Generation.objects.count() == 2


def test_all_takes_are_deleted_with_their_files(page, three, user):
    stays = GenerationFactory(owner=user, completed=True)
    names = [row.audio.name for row in three]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act: act())
        assert page.post(address("delete", three[1]), {"what": "all"}).url == reverse("synthesis:list")
    assert list(Generation.objects.all()) == [stays]
    assert not any(default_storage.exists(name) for name in names) and default_storage.exists(stays.audio.name)


def test_moving_takes_are_watched_and_keep_their_number(page, user, three):
    moves = GenerationFactory(owner=user, take_group=three[0].take_group, is_picked=False, running=True)
    shown = page.get(address("detail", three[0])).text
    watch = address("live_takes", three[0])
    assert f'hx-get="{watch}" hx-include="[name=watched]"' in shown and shown.count('name="watched"') == 1
    answer = page.get(f"{watch}?watched={moves.pk}", headers=HTMX)
    assert answer.status_code == 200 and "Take 4" in answer.text and str(three[1].pk) not in answer.text
    moves.request_cancel()
    moves.finish(State.CANCELLED)
    assert page.get(f"{watch}?watched={moves.pk}").status_code == 286
    takes.delete(Generation.objects.get(pk=moves.pk))
    assert f'<li id="take-{moves.pk}" hx-swap-oob="delete">' in page.get(f"{watch}?watched={moves.pk}").text


@pytest.mark.parametrize(
    ("name", "method"), [("another", "post"), ("pick", "post"), ("live_takes", "get"), ("check", "get")]
)
def test_who_may(client, page, user, stranger, name, method):
    theirs = GenerationFactory(owner=stranger, completed=True, is_picked=False)
    assert getattr(page, method)(address(name, theirs)).status_code == 404
    mine = GenerationFactory(owner=user, completed=True)
    wrong = {"post": "get", "get": "post"}[method]
    assert getattr(page, wrong)(address(name, mine)).status_code == 405
    page.logout()
    assert "/account/login/" in getattr(page, method)(address(name, mine)).url
    assert Generation.objects.count() == 2 and not Generation.objects.get(pk=theirs.pk).is_picked


def test_anothers_take_of_the_same_number_is_neither_seen_nor_picked(page, stranger, three):
    """Should two people's rows ever have `takes` in common, ownership goes before it."""
    theirs = GenerationFactory(
        owner=stranger, completed=True, take_group=three[0].take_group, is_picked=False, title="A secret"
    )
    assert str(theirs.pk) not in page.get(address("detail", three[0])).text


def test_a_page_of_takes_costs_the_same_for_two_and_for_nine(page, user, three, count_queries):
    one = count_queries(page, address("detail", three[0]))
    GenerationFactory.create_batch(6, owner=user, take_group=three[0].take_group, is_picked=False, completed=True)
    assert count_queries(page, address("detail", three[0])) == one
    alone = GenerationFactory(owner=user, completed=True, take_group=uuid.uuid4())
    assert count_queries(page, address("detail", alone)) <= one


@pytest.mark.django_db(transaction=True)
def test_takes_sound_different_and_are_each_tagged(user):
    row = GenerationFactory(owner=user, text="One two three.")
    takes.another(row).save(force_insert=True)
    while first := queue.claim_next():
        batch.BatchRun(first).speak()
    one, two = Generation.objects.filter(state=State.COMPLETED)
    with one.audio.open() as file, two.audio.open() as other:
        assert file.read() != other.read()


def test_a_title_is_whole_words_of_the_beginning():
    assert takes.title_of("  Good\nmorning ") == "Good morning"
    assert takes.title_of("one two three four", 10) == "one two…"
    assert takes.title_of("[pause 1s] # Not a heading\n\n**Bold** [laugh]") == "# Not a heading Bold"
    assert takes.title_of("[laugh]") == "[laugh]", "a title is never empty"


@pytest.mark.django_db
def test_forgetting_the_task_of_a_change_keeps_the_whole_that_there_is():
    changed = GenerationFactory(completed=True, state=State.PENDING)
    takes.forget(changed)
    changed.refresh_from_db()
    assert changed.state == State.CANCELLED and changed.audio and not changed.is_task
    first = GenerationFactory()
    takes.forget(first)
    assert not type(first).objects.filter(pk=first.pk).exists()
