"""Deletion that is undone: gone at once for everyone, brought back for a minute, then deleted by the sweeper."""

import html

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from synthesis.generations import takes
from synthesis.models import Evaluation, Folder, Generation, PronunciationEntry, Rendition
from synthesis.sharing import service as sharing
from synthesis.workers import discarded
from tests.factories import GenerationFactory, PronunciationFactory, SegmentFactory
from tests.undoing import button, later
from voicesite.jobs.job import Lost, State
from voicesite.models import Delivery, Webhook

pytestmark = pytest.mark.backends

LIST = reverse("synthesis:list")
SELECTED = reverse("synthesis:delete_selected")


@pytest.fixture(autouse=True)
def a_minute(settings):
    settings.UNDO_SECONDS = 60


def of(name, thing):
    return reverse(f"synthesis:{name}", args=[thing.pk])


def speech(owner, **fields):
    made = GenerationFactory(owner=owner, completed=True, **fields)
    SegmentFactory(generation=made, take=True)
    return made


def other_take(generation, **fields):
    same = {name: getattr(generation, name) for name in ("owner", "voice", "take_group", "title")}
    return GenerationFactory(**same, is_picked=False, completed=True, **fields)


# ---------------------------------------------------------------------------------------------------------------------
# Texts


def test_a_text_is_gone_at_once_and_back_by_one_press(page, user, client):
    text = speech(user, title="Good <b>morning</b>")
    link = sharing.share(text)
    answer = page.post(of("delete", text), follow=True)
    assert "Deleted “Good <b>morning</b>”." in html.unescape(answer.text) and "<b>morning" not in answer.text
    assert "Nothing here yet" in answer.text
    gone = [
        of("detail", text),
        of("audio", text),
        of("progress", text),
        f"/listen/{link.token}/",
        f"/listen/{link.token}/audio",
    ]
    gone += [f"/api/generations/{text.pk}", f"/api/generations/{text.pk}/audio", f"/api/generations/tasks/{text.pk}"]
    for where in gone:
        assert page.get(where).status_code in (404, 410), where
    assert page.get("/api/generations").json()["count"] == 0
    assert page.get("/api/usage").json()["stored_bytes"] == 0
    assert default_storage.exists(text.audio.name)
    back = page.post(button(answer), {"next": "/generations/?q=good"}, follow=True)
    assert back.request["PATH_INFO"] == LIST and back.request["QUERY_STRING"] == "q=good"
    assert "is back." in back.text and f"row-{text.pk}" in back.text
    for where in gone[:4]:
        assert page.get(where).status_code in (200, 286), where


def test_a_minute_later_it_is_deleted_with_its_files(page, user, django_capture_on_commit_callbacks):
    text = speech(user)
    stays = speech(user)
    answer = page.post(of("delete", text), follow=True)
    assert discarded.turn() == 0, "not yet"
    later(Generation)
    with django_capture_on_commit_callbacks(execute=True):
        assert discarded.turn() == 1
    assert list(Generation.everything.all()) == [stays]
    assert not default_storage.exists(text.audio.name) and default_storage.exists(stays.audio.name)
    assert "It is too late to undo this" in page.post(button(answer), follow=True).text
    assert discarded.turn() == 0


def test_a_selection_comes_back_with_its_takes_and_picks(page, user):
    texts = [speech(user, title=f"No {n}") for n in range(2)]
    take = other_take(texts[0])
    answer = page.post(SELECTED, {"selected": [one.pk for one in texts]}, follow=True)
    assert "Deleted 2 texts." in answer.text and not Generation.objects.exists()
    assert "2 texts are back." in page.post(button(answer), follow=True).text
    assert set(Generation.objects.filter(is_picked=True)) == set(texts) and take in Generation.objects.all()


def test_of_several_takes_another_is_picked_until_it_comes_back(page, user):
    text = speech(user)
    take = other_take(text)
    answer = page.post(of("delete", text), follow=True)
    take.refresh_from_db()
    assert take.is_picked and "Deleted this take" in answer.text
    page.post(button(answer))
    picks = dict(Generation.objects.values_list("pk", "is_picked"))
    assert picks == {text.pk: True, take.pk: False}
    answer = page.post(of("delete", text), {"what": "all"}, follow=True)
    assert not Generation.objects.exists() and "1 text" not in answer.text


def test_two_deletions_are_undone_each_by_itself_in_any_order(page, user):
    text = speech(user)
    take = other_take(text)
    first = page.post(of("delete", text), follow=True)
    second = page.post(of("delete", take), follow=True)
    page.post(button(first))
    assert list(Generation.objects.filter(is_picked=True)) == [text]
    page.post(button(second))
    assert Generation.objects.count() == 2 and Generation.objects.filter(is_picked=True).count() == 1


def test_what_is_being_made_stops_and_is_told_once(user, django_capture_on_commit_callbacks):
    Webhook.objects.create(owner=user, url="https://8.8.8.8/hook", events=["generation.cancelled"])
    running, waiting = GenerationFactory(owner=user, running=True), GenerationFactory(owner=user)
    done = GenerationFactory(owner=user, completed=True)
    jobs = [Rendition.objects.create(generation=done, audio_format="mp3"), Evaluation.objects.create(generation=done)]
    moment = takes.discard(running, waiting, done)
    with pytest.raises(Lost):
        running.advance(progress=60)
    with pytest.raises(Lost):
        running.finish(State.COMPLETED)
    assert not Generation.objects.claimable().exists()
    assert Delivery.objects.count() == 2
    for job in jobs:
        job.refresh_from_db()
        assert job.state == State.CANCELLED
    assert len(takes.restore(user, moment)) == 3
    states = dict(Generation.objects.values_list("pk", "state"))
    assert states == {running.pk: State.CANCELLED, waiting.pk: State.CANCELLED, done.pk: State.COMPLETED}
    assert Delivery.objects.count() == 2, "it stays cancelled, and can be tried again"


def test_a_program_deletes_by_the_same_mechanism(page, user):
    text, task = speech(user), GenerationFactory(owner=user)
    assert page.delete(f"/api/generations/{text.pk}").status_code == 204
    assert page.delete(f"/api/generations/tasks/{task.pk}").status_code == 204
    for address in (f"/api/generations/{text.pk}", f"/api/generations/tasks/{task.pk}"):
        assert page.get(address).status_code == page.delete(address).status_code == 404
    assert Generation.everything.count() == 2


def test_where_nothing_can_be_undone_it_is_deleted_at_once(page, user, settings, django_capture_on_commit_callbacks):
    settings.UNDO_SECONDS = 0
    text = speech(user)
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(of("delete", text), follow=True)
    assert "Deleted “Good morning”." in answer.text and "/undo/" not in answer.text
    assert not Generation.everything.exists() and not default_storage.exists(text.audio.name)


def test_who_may_undo(page, client, user, stranger):
    text = speech(user)
    address = button(page.post(of("delete", text), follow=True))
    assert page.get(address).status_code == 405
    assert page.post(address.replace("texts", "nonsense")).status_code == 404
    for wrong in ("1", "9" * 30):
        assert "too late" in page.post(f"/undo/texts/{wrong}", follow=True).text
    client.force_login(stranger)
    assert "too late" in client.post(address, {"next": "//evil.example"}, follow=True).text
    assert client.post(address, {"next": "https://evil.example/"}).url == "/"
    client.logout()
    assert client.post(address).url.startswith("/account/login/")
    assert not Generation.objects.exists()


# ---------------------------------------------------------------------------------------------------------------------
# Folders and pronunciations


def test_a_folder_comes_back_with_its_texts_under_another_name_if_need_be(page, user):
    folder = Folder.objects.create(owner=user, name="Audiobook")
    text, moved = speech(user, folder=folder), speech(user, folder=folder)
    answer = page.post(of("delete_folder", folder), follow=True)
    assert "Deleted the folder “Audiobook”." in answer.text
    text.refresh_from_db()
    assert text.folder is None and page.get("/api/folders").json() == []
    page.post(reverse("synthesis:make_folder"), {"name": "AUDIOBOOK"})
    Generation.objects.filter(pk=moved.pk).update(folder=Folder.objects.get())
    assert "The folder “Audiobook (2)” is back" in page.post(button(answer), follow=True).text
    text.refresh_from_db()
    moved.refresh_from_db()
    assert text.folder == folder and moved.folder != folder
    page.post(of("delete_folder", folder))
    later(Folder)
    assert discarded.turn() == 1 and Folder.everything.count() == 1


def test_a_pronunciation_comes_back_unless_its_word_was_written_again(page, user, stranger):
    entry = PronunciationFactory(owner=user, word="Nike", language="")
    where = reverse("pronunciations:delete", args=[entry.pk])
    assert page.get(where).status_code == 405
    answer = page.post(where, follow=True)
    assert "Deleted “Nike”." in answer.text and not PronunciationEntry.objects.for_text(user, "en-us")
    assert "“Nike” is back." in page.post(button(answer), follow=True).text
    again = button(page.post(where, follow=True))
    PronunciationFactory(owner=user, word="nike", language="")
    assert "is in the dictionary again. Edit that entry." in page.post(again, follow=True).text
    PronunciationEntry.objects.all().delete()
    theirs = PronunciationFactory(owner=stranger, word="Puma")
    PronunciationEntry.objects.filter(pk=theirs.pk).update(
        deleted_at=PronunciationEntry.everything.get(pk=entry.pk).deleted_at
    )
    page.post(again)
    assert [one.word for one in PronunciationEntry.objects.all()] == ["Nike"], "and nobody else's"
    later(PronunciationEntry)
    assert discarded.turn() == 1


def test_nothing_of_it_outlives_its_account(user, django_capture_on_commit_callbacks):
    from synthesis.personal_data import SpeechData

    text = speech(user)
    takes.discard(text)
    with django_capture_on_commit_callbacks(execute=True):
        while SpeechData().delete_some(user, 10):
            pass
    assert not Generation.everything.exists() and not default_storage.exists(text.audio.name)
