"""What programs are told of a job: when to ask again, an answer that waits, and events; here, of a text that is spoken."""

import asyncio
import json
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import httpx
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from synthesis.models import Generation
from tests import server
from tests.factories import GenerationFactory, VoiceFactory
from voices.models import ExcerptSearch, Transcription, VoiceImport
from voicesite.address.listening import ENDING
from voicesite.jobs import watching
from voicesite.jobs.job import State
from voicesite.models import ApiKey, User
from voicesite.people import keys
from voicesite.web import events

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def _often(monkeypatch, settings):
    monkeypatch.setattr(events, "CHECK_SECONDS", 0.05)
    # What live views have: other middleware would hold the thread of the test while one waits.
    kinds = (
        "security.SecurityMiddleware",
        "auth.middleware.AuthenticationMiddleware",
        "sessions.middleware.SessionMiddleware",
    )
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.endswith(kinds)]


@pytest.fixture
def program(user):
    _, secret = keys.issue(user, "Program", ["read"])
    client = AsyncClient()

    def get(address, headers=None):
        return client.get(address, headers={"Authorization": f"Bearer {secret}", **(headers or {})})

    return SimpleNamespace(get=get)


@pytest.fixture
def running(user):
    return GenerationFactory(owner=user, running=True, progress=40, stage="Speaking")


def address(generation, more=""):
    return f"/api/generations/tasks/{generation.pk}{more}"


def change(generation, **fields):
    Generation.objects.filter(pk=generation.pk).update(**fields)


def complete(generation):
    change(generation, state=State.COMPLETED, progress=100, stage="", audio="gone.wav", seconds=1.0)


async def meanwhile(answer, act):
    """Return the answer to a request during which something happens; whether it had come before that."""
    asked = asyncio.ensure_future(answer)
    await asyncio.sleep(0.1)
    came_first = asked.done()
    await sync_to_async(act)()
    async with asyncio.timeout(5):
        return await asked, came_first


async def listen(program, generation, *acts, last_id=None):
    """Return the parts of a stream of events; after each of the first ones, something happens."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    async with asyncio.timeout(5):
        response = await program.get(address(generation, "/events"), headers=headers)
        assert response.status_code == 200 and response["Content-Type"] == "text/event-stream"
        parts, acts = [], list(acts)
        async for part in response.streaming_content:
            parts.append(part.decode())
            if acts:
                await sync_to_async(acts.pop(0))()
        return parts


def hear(*arguments, **options):
    """Return the ids and the data of the events of a stream, as of `listen`."""
    ids, data = [], []
    for part in async_to_sync(listen)(*arguments, **options):
        first, second, *rest = part.split("\n")
        assert first.startswith("id: ") and second.startswith("data: ") and rest == ["", ""], part
        ids.append(first[4:])
        data.append(json.loads(second[6:]))
    return ids, data


# --- when to ask again


def test_what_moves_says_when_to_ask_again_and_what_has_ended_does_not(page, user, running):
    ended = GenerationFactory(owner=user, completed=True)
    for generation, said in ((running, "1"), (ended, None)):
        assert page.get(address(generation)).headers.get("Retry-After") == said
        assert page.get(f"/api/generations/{generation.pk}").headers.get("Retry-After") == said
    assert page.get(f"/api/generations/tasks/{user.pk:032}").headers.get("Retry-After") is None


def test_so_do_other_jobs(page, user):
    voice = VoiceFactory(owner=user)
    job = Transcription.objects.create(clip=voice.clip, language="en-us")
    search = ExcerptSearch.objects.create(recording=voice.clip.recording)
    archive = VoiceImport.objects.create(owner=user, file="x.zip", preview={"voices": [], "made_by": "x"})
    addresses = {
        f"/api/clips/{voice.clip_id}": job,
        f"/api/clips/{voice.clip_id}/transcription": job,
        f"/api/recordings/{voice.clip.recording_id}": search,
        f"/api/voices/import/{archive.pk}": archive,
    }
    assert "Retry-After" not in page.get(f"/api/voices/import/{archive.pk}").headers, "it waits for its owner"
    VoiceImport.objects.update(choices=[])
    for path, job in addresses.items():
        type(job).objects.update(state=State.GENERATING)
        assert page.get(path).headers.get("Retry-After") == "1", path
        type(job).objects.update(state=State.FAILED)
        assert "Retry-After" not in page.get(path).headers, path


def test_a_202_says_it_too(page, user):
    failed = GenerationFactory(owner=user, failed=True)
    response = page.post(f"/api/generations/{failed.pk}/retry")
    assert response.status_code == 202 and response["Retry-After"] == "1"


# --- an answer that waits


@pytest.fixture(autouse=True)
def _gathers_briefly(monkeypatch):
    monkeypatch.setattr(events, "GATHER_SECONDS", 0.2)


def test_stages_that_follow_each_other_are_told_together(program, running, monkeypatch):
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.01)

    async def two_changes():
        asked = asyncio.ensure_future(program.get(address(running, "?wait=60")))
        for stage in ("Loading the model", "Preparing the voice"):
            await asyncio.sleep(0.05)
            await sync_to_async(change)(running, stage=stage)
        async with asyncio.timeout(5):
            return await asked

    assert async_to_sync(two_changes)().json()["stage"] == "Preparing the voice"


@pytest.mark.parametrize("happens", [{"state": State.PROCESSING}, {"stage": "Joining"}])
def test_it_waits_for_the_next_stage(program, running, happens):
    asked = program.get(address(running, "?wait=60"))
    response, came_first = async_to_sync(meanwhile)(asked, partial(change, running, **happens))
    assert not came_first and set(happens.values()) <= {response.json()["status"], response.json()["stage"]}


def test_it_waits_for_the_end_and_not_for_what_has_ended(program, running):
    asked = program.get(address(running, "?wait=60"))
    response, came_first = async_to_sync(meanwhile)(asked, partial(complete, running))
    assert not came_first and response.json()["status"] == "completed" and "Retry-After" not in response.headers
    response, _ = async_to_sync(meanwhile)(program.get(address(running, "?wait=60")), dict)
    assert response.json()["status"] == "completed"


def test_who_waits_for_what_is_deleted_is_told(program, running):
    asked = program.get(address(running, "?wait=60"))
    response, _ = async_to_sync(meanwhile)(asked, Generation.objects.all().delete)
    assert response.status_code == 404


def test_it_waits_no_longer_than_it_was_told_and_progress_is_no_news(program, running):
    asked = program.get(address(running, "?wait=1"))
    response, came_first = async_to_sync(meanwhile)(asked, partial(change, running, progress=50))
    assert not came_first and response.json()["progress"] == 50 and response["Retry-After"]


@pytest.mark.parametrize("seconds", ["61", "9999", "-1", "long", "1.5", "nan"])
def test_a_wait_that_is_none_is_refused_in_words(page, running, seconds):
    response = page.get(address(running, f"?wait={seconds}"))
    assert response.status_code == 422 and response.json()["error"]["fields"]["wait"]


# --- events


def test_events_are_the_answers_as_they_change(program, running):
    ids, data = hear(program, running, partial(change, running, progress=60), partial(complete, running))
    assert [one["progress"] for one in data] == [40, 60, 100] and len(set(ids)) == 3
    assert data[-1] == async_to_sync(program.get)(address(running)).json()


def test_proxies_neither_gather_nor_keep_them(program, running):
    response = async_to_sync(program.get)(address(running, "/events"))
    assert response["X-Accel-Buffering"] == "no" and response["Cache-Control"] == "no-store"
    assert "Retry-After" not in response.headers


def test_what_has_ended_has_one_event(program, user):
    for generation in (GenerationFactory(owner=user, completed=True), GenerationFactory(owner=user, failed=True)):
        ids, _ = hear(program, generation)
        assert len(ids) == 1
        seen = async_to_sync(program.get)(address(generation, "/events"), headers={"Last-Event-ID": ids[0]})
        assert seen.status_code == 204 and not seen.content


def test_progress_never_goes_back_when_an_attempt_begins_anew(program, running):
    def killed():
        running.refresh_from_db()
        change(running, lease_expires_at=timezone.now() - timedelta(seconds=1))

    def claimed_again():
        running.refresh_from_db()
        assert running.claim() and running.progress == 10

    def given_back():
        running.give_back(failed=True)

    acts = (partial(change, running, progress=60), killed, claimed_again, given_back, partial(complete, running))
    _, data = hear(
        program, running, *acts[:1], lambda: (killed(), claimed_again()), given_back, partial(complete, running)
    )
    assert [one["progress"] for one in data] == [40, 60, 60, 60, 100]
    assert [one["status"] for one in data] == ["generating", "generating", "initializing", "pending", "completed"]
    assert data[3]["message"].endswith(": 60%.")


def test_who_comes_back_is_told_nothing_twice_and_no_progress_that_goes_back(program, running):
    (seen, last_id), _ = hear(program, running, partial(change, running, progress=60), Generation.objects.all().delete)
    created_at = running.created_at
    running.save(force_insert=True)  # the site has begun anew, and the attempt too
    change(running, progress=60, created_at=created_at)
    ids, data = hear(program, running, partial(complete, running), last_id=seen)
    assert [one["progress"] for one in data] == [60, 100] and ids[0] == last_id
    change(running, state=State.INITIALIZING, progress=10)
    _, data = hear(program, running, partial(complete, running), last_id=last_id)
    assert [one["progress"] for one in data] == [60, 100]


def test_what_was_seen_last_is_not_told_again(program, running):
    (last_id, _), _ = hear(program, running, partial(complete, running))
    change(running, state=State.GENERATING, progress=40, stage="Speaking", audio="", seconds=None)
    listening = listen(program, running, last_id=last_id)
    parts, came_first = async_to_sync(meanwhile)(listening, partial(complete, running))
    assert not came_first and len(parts) == 1 and '"completed"' in parts[0]


@pytest.mark.parametrize("last_id", ["", "7", "101.00000000", "-5.00000000", "99.zzzzzzzz", "end.00000000", "9" * 5000])
def test_ids_that_are_none_are_ignored(program, running, last_id):
    change(running, progress=5)
    _, data = hear(program, running, partial(complete, running), last_id=last_id)
    assert [one["progress"] for one in data] == [5, 100]


def test_a_text_that_is_spoken_anew_begins_at_the_beginning(program, user):
    generation = GenerationFactory(owner=user, failed=True, progress=60)
    (last_id,), _ = hear(program, generation)
    generation.retry()
    _, data = hear(program, generation, partial(complete, generation), last_id=last_id)
    assert [one["progress"] for one in data] == [0, 100]


def test_a_silent_stream_says_that_it_is_there(program, running, monkeypatch):
    monkeypatch.setattr(events, "COMMENT_SECONDS", 0.02)
    parts = async_to_sync(listen)(program, running, dict, dict, partial(complete, running))
    assert parts[1] == ": still here\n\n" and parts[-1].startswith("id: end.")


def revoke():
    ApiKey.objects.update(revoked_at=timezone.now())


def expire():
    ApiKey.objects.update(expires_at=timezone.now())


def leave():
    User.objects.update(is_active=False)


@pytest.mark.parametrize("act", [revoke, expire, leave, lambda: Generation.objects.all().delete()])
def test_a_stream_ends_with_the_key_its_person_and_the_task(program, running, act):
    assert len(hear(program, running, act)[0]) == 1


@pytest.mark.parametrize("how", ["the person leaves", "they sign out", "the password is another"])
def test_a_stream_of_a_session_ends_with_it(user, running, how):
    client = AsyncClient()
    client.force_login(user)

    def end():
        if how == "the person leaves":
            leave()
        elif how == "they sign out":
            client.session.flush()
        else:
            user.set_password("another long one")
            user.save()

    assert len(hear(client, running, end)[0]) == 1


# --- what it costs


def test_all_who_wait_share_one_look_at_the_database(running, user, monkeypatch):
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.05)
    others = GenerationFactory.create_batch(3, owner=user, voice=running.voice, running=True)
    job = Transcription.objects.create(clip=running.voice.clip, language="en-us")

    async def wait():
        jobs = [running, *others, job] * 20
        known = [watching.seen(job) for job in jobs]
        await asyncio.gather(*(watching.changed(job, seen, 0.13) for job, seen in zip(jobs, known, strict=True)))
        assert not next(iter(watching._watches.values())).waiters

    with CaptureQueriesContext(connection) as queries:
        async_to_sync(wait)()
    looks = {query["sql"].split(" WHERE")[0] for query in queries}
    assert len(looks) == 2 and len(queries) <= 6, "one for each kind and look"


def test_an_outage_of_the_database_is_outlasted(running, monkeypatch):
    rows, failures = watching._rows, [OperationalError("gone"), OperationalError("gone")]

    def look(watched):
        if failures:
            raise failures.pop()
        return rows(watched)

    monkeypatch.setattr(watching, "_rows", look)
    known = watching.seen(running)
    change(running, progress=60)
    began = timezone.now()
    async_to_sync(watching.changed)(running, known, 30)
    assert not failures and timezone.now() - began < timedelta(seconds=10)


def test_who_hangs_up_is_forgotten(program, running):
    async def hang_up():
        response = await program.get(address(running, "/events"))
        stream = response.streaming_content
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.02)
        watch = watching._watches[asyncio.get_running_loop()]
        assert len(watch.waiters) == 1
        waiting.cancel()
        await asyncio.sleep(0.05)
        assert not watch.waiters and watch.task.done()

    async_to_sync(hang_up)()


# --- the end of the server


@pytest.fixture
def asked_of_one_that_ends(user):
    """Ask for an address, and end the server meanwhile: the answer, as a text."""
    _, secret = keys.issue(user, "Program", ["read"])

    async def ask(path):
        end = asyncio.get_running_loop().create_future()
        client = AsyncClient()
        answer = client.handler
        client.handler = lambda scope: answer({**scope, "state": {ENDING: end}})
        async with asyncio.timeout(5):
            asyncio.get_running_loop().call_later(0.2, end.set_result, None)
            response = await client.get(path, headers={"Authorization": f"Bearer {secret}"})
            if response.streaming:
                return b"".join([part async for part in response.streaming_content]).decode()
            return response.content.decode()

    return async_to_sync(ask)


@pytest.mark.django_db(transaction=True)
def test_a_stream_ends_with_its_server_as_a_whole(asked_of_one_that_ends, running):
    said = asked_of_one_that_ends(address(running, "/events"))
    assert said.count("data: ") == 1 and said.endswith("\n\n")


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_waits_comes_when_its_server_ends(asked_of_one_that_ends, running):
    said = json.loads(asked_of_one_that_ends(address(running, "?wait=60")))
    assert (said["status"], said["progress"]) == ("generating", 40)


def test_a_stream_of_a_real_server_ends_with_it(transactional_db, user, running, monkeypatch, caplog):
    from voicesite.asgi import application  # by the settings, which are read first

    monkeypatch.setattr(events, "CHECK_SECONDS", 60)
    _, secret = keys.issue(user, "Program", ["read"])
    with server.serve(application) as served:
        url, headers = f"{served.url}{address(running, '/events')}", {"Authorization": f"Bearer {secret}"}
        with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
            lines = answer.iter_lines()
            assert next(lines).startswith("id: ")
            served.server.should_exit = True
            assert next(lines).startswith("data: ") and list(lines) == [""]
    assert [record.message for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []
