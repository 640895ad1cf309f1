"""The sentences of a generation by the API, beyond what tests/voices/profiles/test_api.py asks of every operation."""

import io

import pytest
import soundfile

from synthesis.models import Generation, Segment
from synthesis.workers import tasks
from tests.factories import GenerationFactory, SegmentFactory, SegmentTakeFactory, VoiceFactory
from voicesite.jobs.job import State

SENTENCES = ("The ferry left at dawn.", "Nobody had slept.", "A gull cried twice.")


@pytest.fixture
def generation(user):
    made = GenerationFactory(owner=user, completed=True, text=" ".join(SENTENCES))
    for index, text in enumerate(SENTENCES):
        SegmentFactory(generation=made, index=index, text=text, take__seconds=0.5 + index / 10, pause=0.2)
    return made


@pytest.fixture
def address(generation):
    return f"/api/generations/{generation.pk}/segments"


def post(page, address, **body):
    return page.post(address, body, content_type="application/json")


def patch(page, address, **body):
    return page.patch(address, body, content_type="application/json")


def error(response, status):
    assert response.status_code == status, response.content
    return response.json()["error"]


def test_sentences_have_their_place_in_the_whole(page, generation, address):
    voice = str(generation.voice_id)
    first, second, third = page.get(address).json()["results"]
    assert (first["index"], first["text"], first["spoken"], first["voice"]) == (0, SENTENCES[0], SENTENCES[0], voice)
    assert [first["start"], second["start"], third["start"]] == [0.0, 0.7, 1.5]
    assert (second["seconds"], second["pause"], second["state"], second["marked"]) == (0.6, 0.2, "completed", False)
    assert (second["takes"], second["take"], second["tries"]) == (1, 1, 0)
    page_two = page.get(f"{address}?limit=2&offset=2").json()
    assert page_two["results"] == [third] and page_two["count"] == 3


def test_what_is_not_spoken_has_no_place_yet(page, generation, address):
    Segment.objects.filter(index=1).update(take=None, state="generating")
    first, second, third = page.get(address).json()["results"]
    assert [one["start"] for one in (first, second, third)] == [0.0, None, None]
    assert (second["seconds"], second["audio"], second["take"]) == (None, None, None)
    assert second["state"] == "pending", "nobody speaks it"
    GenerationFactory(owner=generation.owner, running=True, id="00000000-0000-4000-8000-000000000000")
    Generation.objects.filter(pk=generation.pk).update(
        **Generation.objects.running().values("state", "claim_token", "lease_expires_at").get()
    )
    assert page.get(address).json()["results"][1]["state"] == "generating"


def test_the_list_costs_as_many_queries_for_many(page, generation, address, count_queries):
    few = count_queries(page, address)
    for _ in range(10):
        SegmentFactory(generation=generation, take=True)
    assert count_queries(page, address) == few <= 7


def test_an_address_of_sound_stays_while_its_take_is_heard(page, generation, address):
    before = [one["audio"] for one in page.get(address).json()["results"]]
    response = page.get(before[1])
    assert response["Content-Type"] == "audio/flac" and "immutable" in response["Cache-Control"]
    samples, rate = soundfile.read(io.BytesIO(b"".join(response)))
    assert len(samples) / rate == 0.6
    part = page.get(before[1], headers={"Range": "bytes=0-3"})
    assert part.status_code == 206 and b"".join(part) == b"fLaC"
    page.delete(f"{address}/0")
    assert [one["audio"] for one in page.get(address).json()["results"]] == before[1:]
    assert page.get(before[0]).status_code == 200, "an undo needs it"


def test_a_place_has_the_sound_that_is_there_now(page, generation, address):
    heard = b"".join(page.get(f"{address}/1/audio"))
    SegmentTakeFactory(segment=generation.segments.get(index=1), seconds=0.9)
    response = page.get(f"{address}/1/audio")
    assert b"".join(response) == heard and response["Cache-Control"] == "private, no-cache"
    other = b"".join(page.get(f"{address}/1/audio?take=2"))
    assert other != heard and b"".join(page.get(f"{address}/1/audio?take=1")) == heard
    for gone in (f"{address}/1/audio?take=3", f"{address}/7/audio", f"{address}/takes/999999/audio"):
        error(page.get(gone), 404)
    Segment.objects.filter(index=1).update(take=None)
    error(page.get(f"{address}/1/audio"), 404)


@pytest.mark.backends
def test_a_changed_sentence_is_a_task_and_the_whole_is_heard_meanwhile(page, generation, address):
    Generation.objects.update(is_task=False)
    voice = VoiceFactory(owner=generation.owner, name="Ben")
    response = patch(page, f"{address}/1", text="Nobody had eaten.", voice="ben", pause=1)
    assert response.status_code == 202 and response["Location"] == f"/api/generations/tasks/{generation.pk}"
    assert response.json()["status"] == "pending" and page.get(response["Location"]).status_code == 200
    shown = page.get(f"/api/generations/{generation.pk}").json()
    assert shown["audio"] and shown["status"] == "pending" and "Nobody had eaten." in shown["text"]
    second = page.get(address).json()["results"][1]
    assert (second["text"], second["voice"], second["pause"], second["state"], second["take"]) == (
        "Nobody had eaten.",
        str(voice.pk),
        1.0,
        "pending",
        1,
    )


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"text": ""}, "text", "Delete the sentence instead"),
        ({"text": "…"}, "text", "Delete the sentence instead"),
        ({"text": "a\0b"}, "text", "null character"),
        ({"text": "word " * 200}, "text", "the limit is"),
        ({"voice": "Grandfather"}, "voice", "no such voice"),
        ({"pause": 11}, "pause", "from 0 to 10"),
        ({"pause": -0.1}, "pause", "from 0 to 10"),
        ({"pause": "long"}, "pause", "number"),
        ({"speaker": "Ben"}, "speaker", "no such field"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(page, generation, address, settings, body, field, said):
    settings.TEXT_LIMIT = 500
    assert said in error(patch(page, f"{address}/1", **body), 422)["fields"][field][0]
    assert Generation.objects.get().state == State.COMPLETED and not generation.edits.exists()


def test_of_several_voices_of_a_name_the_id_is_asked_for(page, generation, address, stranger):
    for _ in range(2):
        VoiceFactory(name="Reader", visibility="shared")
    assert "Several voices" in error(patch(page, f"{address}/1", voice="Reader"), 422)["fields"]["voice"][0]
    hidden = VoiceFactory(owner=stranger, name="Hidden")
    error(patch(page, f"{address}/1", voice=str(hidden.pk)), 422)


def test_takes_are_listed_with_what_was_heard_in_them(page, generation, address):
    segment = generation.segments.get(index=1)
    words = [["Nobody", 0, 0.2], [" swept.", 0.2, 0.5]]
    SegmentTakeFactory(segment=segment, words=words, is_marked=True, text="Nobody slept.")
    first, second = page.get(f"{address}/1/takes").json()["results"]
    assert (first["number"], first["is_picked"], first["heard"], first["marked"]) == (1, True, None, False)
    assert (second["text"], second["is_picked"], second["heard"], second["marked"]) == (
        "Nobody slept.",
        False,
        "Nobody swept.",
        True,
    )
    assert page.get(second["audio"]).status_code == 200
    assert post(page, f"{address}/1/takes/2/pick").status_code == 202
    assert page.get(address).json()["results"][1]["text"] == "Nobody slept."
    error(post(page, f"{address}/1/takes/3/pick"), 404)


def test_what_is_not_possible_is_a_conflict(page, generation, address):
    assert "No sentence is marked" in error(post(page, f"{address}/marked/takes"), 409)["message"]
    assert "nothing to undo" in error(post(page, f"/api/generations/{generation.pk}/undo"), 409)["message"]
    assert "last sentence" in error(post(page, f"{address}/2/join"), 409)["message"]
    assert "no sentence 4" in error(post(page, f"{address}/3/takes"), 404)["message"]
    error(post(page, f"{address}/1/split", at=-1), 422)


def test_a_text_that_waits_for_the_first_time_has_no_sentences(page, user):
    waits = GenerationFactory(owner=user)
    address = f"/api/generations/{waits.pk}/segments"
    assert page.get(address).json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert "no sentences yet" in error(patch(page, f"{address}/0", text="Yes."), 409)["message"]


def test_samples_have_no_sentences_to_change(page, generation, address):
    Generation.objects.update(is_sample=True)
    error(page.get(address), 404)
    error(patch(page, f"{address}/0", text="Yes."), 404)


@pytest.mark.backends
@pytest.mark.django_db(transaction=True)
def samples_of(data: bytes) -> list[int]:
    return soundfile.read(io.BytesIO(data), dtype="int16")[0].tolist()


def test_a_sentence_goes_its_way(page, user):
    voice = VoiceFactory(owner=user, name="Jane")
    body = {"voice": "Jane", "text": "One two three. [pause 1.5s] Four five."}
    task = post(page, "/api/generations/async", **body).json()["task_id"]
    tasks.run_next()
    address = f"/api/generations/{task}"
    first, second = before = page.get(f"{address}/segments").json()["results"]
    assert second["start"] - first["seconds"] == pytest.approx(1.5) and first["voice"] == str(voice.pk)
    whole = b"".join(page.get(f"{address}/audio"))

    assert patch(page, f"{address}/segments/0", text="Six seven eight nine.").status_code == 202
    assert b"".join(page.get(f"{address}/audio")) == whole
    tasks.run_next()
    assert page.get(f"{address}").json()["status"] == "completed"
    after = page.get(f"{address}/segments").json()["results"]
    assert (after[0]["take"], after[0]["takes"], after[0]["seconds"] > first["seconds"]) == (2, 2, True)
    assert after[0]["audio"] != first["audio"] and after[1]["audio"] == second["audio"]
    assert b"".join(page.get(f"{address}/audio")) != whole

    post(page, f"{address}/undo")
    tasks.run_next()
    shown = page.get(f"{address}/segments").json()["results"]
    assert [one["audio"] for one in shown] == [one["audio"] for one in before]
    assert samples_of(b"".join(page.get(f"{address}/audio"))) == samples_of(whole)


@pytest.mark.parametrize("index", [7, 2**31, 2**63, 10**30])
def test_an_index_beyond_all_is_a_404_of_every_operation(page, generation, address, index):
    one = f"{address}/{index}"
    asked = [
        page.get(f"{one}/audio"),
        page.get(f"{one}/takes"),
        page.delete(one),
        patch(page, one, pause=1.0),
        post(page, f"{one}/split", at=3),
        post(page, f"{one}/join"),
        post(page, f"{one}/takes"),
        post(page, f"{one}/takes/1/pick"),
        post(page, f"{address}/0/takes/{index}/pick"),
    ]
    for response in asked:
        assert error(response, 404)["code"] == "not_found"
    assert generation.edits.count() == 0


@pytest.mark.parametrize("body", [{}, {"text": None, "pause": None}, {"voice": ""}])
def test_a_change_of_nothing_is_asked_for(page, generation, address, body):
    assert "what to change" in error(patch(page, f"{address}/0", **body), 422)["message"]


@pytest.mark.parametrize("pause", [-0.0, 1e-320, 0.0004])
def test_a_pause_too_short_to_hear_is_none(page, generation, address, pause):
    assert patch(page, f"{address}/0", pause=pause).status_code == 202
    generation.refresh_from_db()
    assert generation.text == f"{SENTENCES[0]} [pause 0s] {SENTENCES[1]} {SENTENCES[2]}"
    assert Segment.objects.get(index=0).pause == 0.0


def test_a_sentence_is_not_changed_to_a_book(page, generation, address, monkeypatch):
    monkeypatch.setattr("synthesis.segments.editing.prepare", lambda *given: pytest.fail("it was read"))
    found = error(patch(page, f"{address}/1", text="A word. " * 25_000), 422)
    assert "200,000 characters" in found["fields"]["text"][0] and "5,000" in found["message"]
