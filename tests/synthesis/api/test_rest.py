"""Speech by the API, beyond what tests/voices/profiles/test_api.py asks of every operation: who may, and what is wrong."""

import io
import threading
import time
from datetime import timedelta
from uuid import uuid4

import av
import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from synthesis.api import wait
from synthesis.delivery import renditions
from synthesis.models import CastMember, Folder, Generation, Rendition
from synthesis.workers import tasks
from tests.factories import FittingFactory, GenerationFactory, VoiceFactory, wav
from voicesite.jobs.job import State

pytestmark = pytest.mark.backends

ASYNC_URL, SYNC_URL = "/api/generations/async", "/api/generations"


@pytest.fixture
def voice(user):
    return FittingFactory(voice__owner=user, voice__name="Grandmother").voice


def post(page, address, **body):
    return page.post(address, body, content_type="application/json")


def error(response, status):
    assert response.status_code == status, response.content
    return response.json()["error"]


def test_a_task_goes_its_way_and_has_its_result(page, voice):
    response = post(page, ASYNC_URL, voice="Grandmother", text="One two three.", seed=7)
    payload = response.json()
    assert response.status_code == 202 and response["Location"] == f"/api/generations/tasks/{payload['task_id']}"
    assert (payload["status"], payload["progress"], payload["queue_position"], payload["result"]) == (
        "pending",
        0,
        0,
        None,
    )
    assert payload["message"] == "Next: 0%."
    tasks.run_next()
    payload = page.get(response["Location"]).json()
    assert (payload["status"], payload["progress"], payload["error"]) == ("completed", 100, None)
    result = payload["result"]
    assert (result["voice_name"], result["seed"], result["engine"]) == ("Grandmother", 7, "fake")
    sound = page.get(result["audio"])
    assert sound["Content-Type"] == "audio/wav" and b"".join(sound)[:4] == b"RIFF"


def test_those_before_it_are_counted(page, voice):
    first, second = (post(page, ASYNC_URL, voice=str(voice.pk), text="One two three.") for _ in range(2))
    payload = page.get(second["Location"]).json()
    assert (payload["queue_position"], payload["message"]) == (1, "Waiting: one goes before it: 0%.")


@pytest.mark.django_db(transaction=True)
def test_who_waits_gets_the_speech(page, voice):
    def work():
        end = time.monotonic() + 10
        while not Generation.objects.exists() and time.monotonic() < end:
            time.sleep(0.02)
        tasks.run_next()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    response = post(page, SYNC_URL, voice="grandmother", text="One two three.")
    worker.join()
    assert response.status_code == 200 and response.json()["seconds"] > 0.3


def test_who_waits_no_longer_gets_the_task(page, voice):
    response = post(page, SYNC_URL, voice="Grandmother", text="One two three.", wait=0.1)
    assert response.status_code == 202 and response.json()["status"] == "pending" and response["Location"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "status", "code"), [("failed", 500, "generation_failed"), ("cancelled", 409, "generation_cancelled")]
)
def test_what_comes_to_nothing_is_an_error(page, voice, monkeypatch, state, status, code):
    @sync_to_async
    def end(job, seconds):
        Generation.objects.filter(pk=job.pk).update(state=state, error="The engine failed.")

    monkeypatch.setattr(wait, "until_ended", end)
    payload = error(post(page, SYNC_URL, voice="Grandmother", text="One two three."), status)
    assert payload["code"] == code and (payload["message"] == "The engine failed." or state == "cancelled")


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"voice": "Grandfather"}, "voice", "no such voice"),
        ({"voice": ""}, "voice", "Choose a voice"),
        ({"text": ""}, "text", "Write something"),
        ({"text": "…"}, "text", "no words"),
        ({"text": "word " * 41_000}, "text", "the limit is"),
        ({"language": "ja"}, "language", "isn’t a language this site can speak"),
        ({"model": "gong"}, "model", "no such model"),
        ({"speed": 9}, "speed", "from 0.5 to 2"),
        ({"seed": -1}, "seed", "whole number"),
        ({"wait": 61}, "wait", ""),
    ],
)
def test_what_is_wrong_is_said_of_its_field(page, voice, changes, field, said):
    payload = error(post(page, SYNC_URL, **({"voice": "Grandmother", "text": "Good day.", "wait": 0} | changes)), 422)
    assert said in payload["fields"][field][0]
    assert not Generation.objects.exists()


def test_of_two_voices_of_a_name_ones_own_speaks(page, user, voice, stranger):
    theirs = VoiceFactory(owner=stranger, name="Grandmother", visibility="shared")
    VoiceFactory(owner=stranger, name="Reader", visibility="shared")
    VoiceFactory(name="Reader", visibility="shared")
    for named, spoken in (("Grandmother", voice), (str(theirs.pk), theirs)):
        assert post(page, ASYNC_URL, voice=named, text="Good day.").json()["status"] == "pending"
        assert Generation.objects.order_by("-created_at")[0].voice == spoken
    assert "Several voices" in error(post(page, ASYNC_URL, voice="Reader", text="Good day."), 422)["message"]


def test_a_suspended_or_retired_voice_speaks_for_nobody(page, voice):
    type(voice).objects.update(retired_at="2026-01-01T00:00Z")
    assert "no such voice" in error(post(page, ASYNC_URL, voice="Grandmother", text="Good day."), 422)["message"]


def test_a_deleted_task_is_cancelled_and_forgotten(page, user):
    waits, speaks = GenerationFactory(owner=user), GenerationFactory(owner=user, running=True)
    for generation in (waits, speaks):
        assert page.delete(f"/api/generations/tasks/{generation.pk}").status_code == 204
        assert page.get(f"/api/generations/tasks/{generation.pk}").status_code == 404
    assert not Generation.objects.exists()


def test_what_is_ready_outlives_its_task(page, user):
    ready = GenerationFactory(owner=user, completed=True)
    assert page.delete(f"/api/generations/tasks/{ready.pk}").status_code == 204
    assert page.get(f"/api/generations/tasks/{ready.pk}").status_code == 404
    assert page.get(f"/api/generations/{ready.pk}").json()["status"] == "completed"


def test_the_list_is_narrowed_ordered_and_paged(page, user, stranger):
    voice = VoiceFactory(owner=user, name="Jane")
    for number, words in enumerate(("apple", "pear", "apple pie")):
        GenerationFactory(owner=user, voice=voice, text=words, completed=True, similarity=number / 10)
    GenerationFactory(owner=user, voice=voice, text="plum")
    GenerationFactory(owner=user, voice=voice, is_sample=True, text="sample")
    GenerationFactory(owner=stranger, text="apple")

    def texts(query=""):
        return [one["text"] for one in page.get(f"/api/generations?{query}").json()["results"]]

    assert texts() == ["plum", "apple pie", "pear", "apple"]
    assert texts("q=apple") == ["apple pie", "apple"] and texts("state=moving") == ["plum"]
    assert texts("order=similarity") == ["apple pie", "pear", "apple"]
    assert texts(f"voice={voice.pk}&limit=1&offset=1") == ["apple pie"]
    assert page.get("/api/generations?limit=2").json()["count"] == 4
    error(page.get("/api/generations?state=dancing"), 422)


def test_the_list_costs_as_many_queries_for_many(page, user, count_queries):
    GenerationFactory.create_batch(2, owner=user, completed=True)
    few = count_queries(page, "/api/generations")
    GenerationFactory.create_batch(10, owner=user, completed=True)
    assert count_queries(page, "/api/generations") == few <= 6


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "m4a", "pcm"])
def test_speech_comes_in_every_format(page, user, form):
    generation = GenerationFactory(owner=user, completed=True, title="Good morning")
    response = page.get(f"/api/generations/{generation.pk}/audio?format={form}&download")
    data = b"".join(response)
    assert response.status_code == 200 and f".{form}" in response["Content-Disposition"]
    if form != "pcm":
        with av.open(io.BytesIO(data)) as file:
            assert sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0)) == pytest.approx(
                0.5, abs=0.1
            )
    page_s = page.get(f"/generations/{generation.pk}/audio?format={form}")
    assert b"".join(page_s)[:4] == data[:4]


@pytest.mark.parametrize("form", ["mp3", "m4a"])
def test_a_format_is_made_once_and_comes_by_parts(page, user, form):
    generation = GenerationFactory(owner=user, completed=True)
    address = f"/api/generations/{generation.pk}/audio?format={form}"
    whole = page.get(address)
    data = b"".join(whole)
    assert whole["Content-Length"] == str(len(data)) and whole["Accept-Ranges"] == "bytes"
    part = page.get(address, headers={"Range": "bytes=10-19", "If-Range": whole["ETag"]})
    assert part.status_code == 206 and b"".join(part) == data[10:20]
    assert page.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    assert page.head(address)["Content-Length"] == str(len(data))
    generation.audio = ContentFile(wav(0.7), "speech.wav")
    generation.save()
    again = page.get(address)
    assert again["ETag"] != whole["ETag"] and b"".join(again) != data, "a changed generation is encoded anew"


def test_browsers_keep_only_what_an_address_names_for_ever(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    for form in ("wav", "flac"):
        address = f"/generations/{generation.pk}/audio?format={form}"
        assert page.get(address)["Cache-Control"] == "private, no-cache", "as a change makes other sound of it"
        assert "immutable" in page.get(f"{address}&version=1a2b")["Cache-Control"]


def test_what_is_long_is_polled_until_it_is_there(page, user, monkeypatch):
    monkeypatch.setattr(renditions, "SHORT_SECONDS", 0.1)
    generation = GenerationFactory(owner=user, completed=True)
    address = f"/api/generations/{generation.pk}/audio?format=mp3"
    waits = page.get(address)
    assert waits.status_code == 202 and waits["Retry-After"] == "1"
    assert waits.json() == {"status": "pending", "progress": 0, "message": "Waiting: 0%."}
    Rendition.objects.update(state=State.GENERATING, progress=46, stage="Making the MP3 file")
    assert page.get(address).json()["message"] == "Making the MP3 file: 46%."
    Rendition.objects.update(state=State.PENDING)
    tasks.run_background()
    assert page.get(address).status_code == 200
    assert page.delete(address).status_code == 204 and not Rendition.objects.exists(), "its file is not kept"
    error(page.delete(address), 404)
    page.get(address)
    assert page.delete(address).status_code == 204
    assert Rendition.objects.get().state == State.CANCELLED
    assert error(page.get(address), 409)["code"] == "generation_cancelled"
    assert page.get(address).status_code == 202, "who asks again gets it"


def test_the_last_whole_is_heard_while_a_change_is_spoken(page, user):
    generation = GenerationFactory(owner=user, completed=True)
    Generation.objects.update(state=State.PENDING)
    shown = page.get(f"/api/generations/{generation.pk}").json()
    assert shown["status"] == "pending" and page.get(shown["audio"]).status_code == 200


def test_there_is_no_other_format_and_nothing_to_hear_before_the_end(page, user):
    waits, ready = GenerationFactory(owner=user), GenerationFactory(owner=user, completed=True)
    error(page.get(f"/api/generations/{ready.pk}/audio?format=midi"), 422)
    error(page.get(f"/api/generations/{waits.pk}/audio"), 404)
    assert page.get(f"/generations/{ready.pk}/audio?format=midi").status_code == 404


def test_takes_are_made_listed_and_picked(page, voice):
    first = GenerationFactory(owner=voice.owner, voice=voice, completed=True)
    response = post(page, f"/api/generations/{first.pk}/takes")
    assert response.status_code == 202
    tasks.run_next()
    second = response.json()["task_id"]
    listed = page.get(f"/api/generations/{first.pk}/takes").json()
    assert [one["id"] for one in listed] == [str(first.pk), second]
    assert post(page, f"/api/generations/{second}/pick").json()["is_picked"]
    assert not page.get(f"/api/generations/{first.pk}").json()["is_picked"]
    waits = GenerationFactory(owner=voice.owner, voice=voice)
    error(post(page, f"/api/generations/{waits.pk}/pick"), 409)
    error(post(page, f"/api/generations/{waits.pk}/retry"), 409)


def test_what_failed_is_tried_again(page, voice):
    failed = GenerationFactory(owner=voice.owner, voice=voice, failed=True)
    page.delete(f"/api/generations/tasks/{GenerationFactory(owner=voice.owner, voice=voice, failed=True).pk}")
    assert post(page, f"/api/generations/{failed.pk}/retry").json()["status"] == "pending"
    tasks.run_next()
    failed.refresh_from_db()
    assert failed.state == State.COMPLETED


def test_models_say_what_they_are(page, db):
    payload = page.get("/api/models").json()
    tone = next(model for model in payload["models"] if model["model"] == "tone")
    assert tone["is_default"] and tone["is_here"] and not tone["is_loaded"]
    assert tone["fidelity"] == "approximate" and "en-us" in tone["languages"]
    assert post(page, ASYNC_URL, voice="x", text="Good day.", model=tone["id"]).json()["error"]["fields"].keys() == {
        "voice"
    }


def test_a_dialogue_has_a_cast(page, voice, user):
    low = VoiceFactory(owner=user, name="Low")
    text = "Anna: Did you hear that?\nBen: Only the wind."
    lacking = error(post(page, ASYNC_URL, voice="Grandmother", text=text, cast={"Anna": "Low"}), 422)
    assert lacking["fields"]["cast"] == ["Ben has no voice: choose one, or null where the name is no speaker’s."]
    assert not Generation.objects.exists()
    cast = {"Anna": "Low", "Ben": str(voice.pk)}
    task = post(page, ASYNC_URL, voice="Grandmother", text=text, cast=cast).json()["task_id"]
    tasks.run_next()
    shown = page.get(f"/api/generations/{task}").json()
    assert shown["status"] == "completed" and shown["cast"] == {"Anna": str(low.pk), "Ben": str(voice.pk)}
    assert page.get("/api/generations").json()["results"][0]["cast"] == shown["cast"]
    spoken = Generation.objects.get().segments.in_text().values_list("voice", "speaker", "text")
    assert list(spoken) == [(low.pk, "Anna", "Did you hear that?"), (voice.pk, "Ben", "Only the wind.")]
    low.delete()
    assert page.get(f"/api/generations/{task}").json()["cast"]["Anna"] is None
    refused = post(page, f"/api/generations/{task}/takes")
    assert "Low, the voice of Anna, is no longer available" in error(refused, 409)["message"]


def test_lists_cost_the_same_with_many_casts(page, user, voice, count_queries):
    def add():
        row = GenerationFactory(owner=user, voice=voice, completed=True)
        CastMember.objects.create(generation=row, name="Anna", voice=voice, voice_name=voice.name)

    add()
    few = count_queries(page, "/api/generations")
    [add() for _ in range(5)]
    assert count_queries(page, "/api/generations") == few


def test_a_task_that_waits_says_how_long_it_will_take(page, user):
    voice = VoiceFactory(owner=user)
    end = timezone.now()
    began = end - timedelta(seconds=10)
    times = {"started_at": began, "engine_started_at": began, "engine_finished_at": end, "finished_at": end}
    GenerationFactory(owner=user, voice=voice, completed=True, text="x" * 100, seconds=5, attempts=1, **times)
    first = GenerationFactory(owner=user, voice=voice, text="x" * 200)
    second = GenerationFactory(owner=user, voice=voice, text="x" * 100)
    eta = [page.get(f"/api/generations/tasks/{row.pk}").json()["eta_seconds"] for row in (first, second)]
    assert eta == [pytest.approx(20), pytest.approx(30)]
    preview = page.post("/api/text/preview", {"text": "y" * 50}, content_type="application/json").json()
    expected = {"seconds": pytest.approx(35), "speech_seconds": pytest.approx(2.5), "texts_before": 2}
    assert preview["estimate"] == expected


# ---------------------------------------------------------------------------------------------------------------------
# How texts are kept


def test_a_text_is_put_into_a_folder_with_tags_and_found_by_them(page, user):
    made = page.post("/api/folders", {"name": " My book "}, content_type="application/json")
    assert made.status_code == 201 and made.json()["name"] == "My book" and made.json()["texts"] == 0
    folder = made.json()["id"]
    text, other = GenerationFactory.create_batch(2, owner=user, completed=True)
    where = f"/api/generations/{text.pk}"
    change = {"folder": folder, "tags": ["Draft", "draft", "one"], "starred": True, "title": "A  title"}
    kept = page.patch(where, change, content_type="application/json").json()
    assert [kept[name] for name in ("folder", "tags", "starred", "title")] == [
        folder,
        ["draft", "one"],
        True,
        "A title",
    ]
    kept = page.patch(where, {"tags": ["one"]}, content_type="application/json").json()
    assert [kept[name] for name in ("folder", "tags", "starred")] == [folder, ["one"], True], "the rest stays"
    for query in (f"folder={folder}", "tag=One", "starred=true"):
        assert [one["id"] for one in page.get(f"/api/generations?{query}").json()["results"]] == [str(text.pk)]
    for query in ("folder=none", "tag=two", "until=2020-01-01", "language=es"):
        assert str(text.pk) not in page.get(f"/api/generations?{query}").text
    assert page.get("/api/generations?since=2020-01-01&language=en-us").json()["count"] == 2
    assert page.get("/api/folders").json()[0]["texts"] == 1
    assert (
        page.patch(f"/api/folders/{folder}", {"name": "Yours"}, content_type="application/json").json()["name"]
        == "Yours"
    )
    assert page.delete(f"/api/folders/{folder}").status_code == 204
    assert page.get(where).json()["folder"] is None and page.get(where).json()["tags"] == ["one"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 81}, "title"),
        ({"title": "\0"}, "title"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"folder": str(uuid4())}, "folder"),
    ],
)
def test_how_a_text_can_not_be_kept_is_said(page, user, change, field):
    text = GenerationFactory(owner=user, title="As it was")
    answer = page.patch(f"/api/generations/{text.pk}", change, content_type="application/json")
    assert field in error(answer, 422)["fields"]
    text.refresh_from_db()
    assert (text.title, text.folder, text.tags.count()) == ("As it was", None, 0)


def test_folders_of_others_are_not_there(page, user, stranger):
    theirs = Folder.objects.create(owner=stranger, name="Theirs")
    text, mine = GenerationFactory(owner=stranger), GenerationFactory(owner=user)
    for method in ("patch", "delete"):
        error(
            getattr(page, method)(f"/api/folders/{theirs.pk}", {"name": "Mine"}, content_type="application/json"), 404
        )
    error(page.patch(f"/api/generations/{text.pk}", {"starred": True}, content_type="application/json"), 404)
    error(page.patch(f"/api/generations/{mine.pk}", {"folder": str(theirs.pk)}, content_type="application/json"), 422)
    assert page.get("/api/folders").json() == []
    for name, status in (("", 422), ("Twice", 201), ("TWICE", 422)):
        assert page.post("/api/folders", {"name": name}, content_type="application/json").status_code == status
