"""Long requests leave threads to the pages: each kind, all kinds together, and on a site that is served."""

import asyncio
import http.client
import json
import threading
import time
from contextlib import ExitStack

import pytest

from tests.factories import UserFactory, VoiceFactory
from voices.analysis.reference_audio import AudioRejected
from voices.archives import exporting
from voices.clips import service as clips
from voices.intake import process as intake
from voicesite.people import keys
from voicesite.web import admission
from voicesite.web.admission import Admission, Places, Stream
from voicesite.web.rejection import Rejected

OTHERS = [Admission(Rejected, "Busy.", share=share, per_person=2) for share in (3, 2)]
ADMISSIONS = (clips.uploads, *OTHERS)
DOWNLOADS = Places(Rejected, "Wait.", 2)


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.fixture
def let_go():
    """An event until which slots are held; afterwards, check that none is."""
    event = threading.Event()
    yield event
    event.set()
    assert until(lambda: not admission._held)
    assert not any(kind._admitted or kind._working for kind in ADMISSIONS)


def hold(let_go, kind, people):
    """Request a slot for each of `people`, on a thread each; return the list that collects the codes of rejections."""
    codes = []

    def ask(person):
        try:
            with kind.slot(person):
                let_go.wait(10)
        except Rejected as rejected:
            codes.append(rejected.code)

    for person in people:
        threading.Thread(target=ask, args=[person]).start()
    return codes


def test_of_one_persons_uploads_one_is_decoded_and_one_waits(let_go):
    codes = hold(let_go, clips.uploads, [1] * 6)
    assert until(lambda: len(codes) == 4) and set(codes) == {"busy"}
    assert clips.uploads._admitted == [1, 1] and clips.uploads._working == [1]
    hold(let_go, clips.uploads, [2])
    assert until(lambda: clips.uploads._working == [1, 2])


@pytest.mark.parametrize(("threads", "held"), [(1, 1), (2, 1), (4, 3), (16, 12)])
def test_all_kinds_together_leave_threads_to_the_pages(let_go, settings, threads, held):
    settings.WEB_THREADS = threads
    refused = [hold(let_go, kind, range(threads)) for kind in ADMISSIONS]
    assert until(lambda: sum(map(len, refused)) == 3 * threads - held)
    assert len(admission._held) == held


@pytest.mark.parametrize("threads", [1, 2])
def test_a_request_of_two_kinds_takes_one_thread(let_go, settings, threads):
    settings.WEB_THREADS = threads
    with OTHERS[0].slot(1), clips.uploads.slot(1):
        assert len(admission._held) == 1
        codes = hold(let_go, OTHERS[1], [2])
        assert until(lambda: codes == ["busy"])


def test_whoever_waits_in_vain_holds_nothing(let_go):
    kind = Admission(AudioRejected, "Busy.", share=3, workers=1, patience=0.01)
    with kind.slot(1), pytest.raises(AudioRejected, match=r"Busy\."), kind.slot(2):
        pass
    assert not kind._admitted and not kind._working


def test_a_stream_that_is_never_read_gives_its_place_back():
    with ExitStack() as held:
        held.enter_context(DOWNLOADS.place(1))
        stream = Stream([b"one", b"two"], held.pop_all())
    assert admission._places == {(DOWNLOADS, 1): 1}
    stream.close()
    assert not admission._places
    stream.close()  # Django closes once more than is needed


def test_the_places_of_one_person_are_nobody_elses():
    with DOWNLOADS.place(1), DOWNLOADS.place(1), DOWNLOADS.place(2):
        with pytest.raises(Rejected, match="Wait."), DOWNLOADS.place(1):
            pass
        assert not admission._held, "no thread is held"
    with DOWNLOADS.place(1):
        pass


@pytest.fixture
def turns():
    """A kind of which two work at once, and who has worked, in order; they work until they are let go."""
    kind, worked, go = Admission(Rejected, "Busy.", share=3, workers=2), [], threading.Semaphore(0)

    def ask(person):
        def work():
            worked.append(person)
            assert go.acquire(timeout=10)
            return person

        return asyncio.ensure_future(kind.in_turn(person, work))

    yield kind, worked, go, ask
    assert until(lambda: not kind._working) and not kind._line
    kind._threads.shutdown()


async def soon(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_turns_are_taken_one_a_person_in_the_order_of_asking(turns):
    kind, worked, go, ask = turns

    async def asking():
        asked = []
        for person in (1, 1, 1, 2, 3):
            asked.append(ask(person))
            await asyncio.sleep(0)
        await soon(lambda: len(worked) == 2)
        assert worked == [1, 2], "the second of the first person waits for their first"
        threads = threading.active_count()
        go.release(5)
        assert await asyncio.gather(*asked) == [1, 1, 1, 2, 3] and threading.active_count() == threads

    asyncio.run(asking())
    assert sorted(worked) == [1, 1, 1, 2, 3]


def test_who_leaves_the_line_or_their_work_gives_the_turn_back(turns):
    kind, worked, go, ask = turns

    async def leaving():
        first, second = ask(1), ask(1)
        await soon(lambda: worked == [1])
        for one in (first, second):
            one.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        third = ask(1)
        await asyncio.sleep(0.1)
        assert worked == [1] and kind._working == [1], "what was begun is still being worked on"
        go.release(2)
        assert await third == 1

    asyncio.run(leaving())


def test_what_fails_gives_the_turn_back(turns):
    kind, _, _, _ = turns

    def fail():
        raise ValueError("It failed.")

    with pytest.raises(ValueError, match="It failed"):
        asyncio.run(kind.in_turn(1, fail))


def request(site, person, method, address, body=b"", kind="application/json"):
    """Send a request on its own connection, and leave that open."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.request(method, address, body, {"Authorization": f"Bearer {person}", "Content-Type": kind})
    return connection


RECORDING = (
    b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\nRIFF....WAVE\r\n'
    b'--x\r\nContent-Disposition: form-data; name="language"\r\n\r\nen-us\r\n--x--\r\n'
)


def test_pages_answer_while_all_long_requests_are_at_their_limit(live_site, let_go, monkeypatch):
    def take_in(path, limits):
        let_go.wait(10)
        raise AudioRejected("no_speech", "None.")

    monkeypatch.setattr(intake, "take_in", take_in)
    secrets = []
    for number in range(4):
        person = UserFactory(username=f"person-{number}")
        VoiceFactory(owner=person, name="Jane")
        secrets.append(keys.issue(person, "Program", ["read", "voices", "speak"])[1])
    form = "multipart/form-data; boundary=x"
    sent = []
    hold(let_go, OTHERS[1], range(8))
    for secret in secrets * 3:
        sent.append(request(live_site, secret, "POST", "/api/recordings", RECORDING, form))
    assert until(lambda: len(admission._held) == 12)
    for secret in secrets:
        begun = time.monotonic()
        answer = request(live_site, secret, "GET", "/api/voices").getresponse()
        assert answer.status == 200 and json.load(answer)["count"] == 1
        assert time.monotonic() - begun < 2
    assert len(admission._held) == 12
    for connection in sent:  # all of them hang up
        connection.close()


def test_a_client_that_goes_away_gives_its_place_back(live_site, let_go, monkeypatch):
    class Endless:
        voices = ({"name": "Jane"},)

        def __len__(self):
            return 2**30

        def __iter__(self):
            while True:
                yield bytes(2**16)

    monkeypatch.setattr(exporting, "Archive", lambda *_: Endless())
    person = UserFactory()
    voice = VoiceFactory(owner=person)
    secret = keys.issue(person, "Program", ["voices"])[1]
    connection = request(live_site, secret, "GET", f"/api/voices/{voice.pk}/export")
    answer = connection.getresponse()
    assert answer.read(2**16) and admission._places == {(exporting.exports, person.pk): 1} and not admission._held
    answer.close()
    connection.close()
    assert until(lambda: not admission._places)
