"""What pages cost on a site with 25,000 generations (20,000 of one person) and 5,000 voices (100 of that person),
on SQLite: pages and the administration.

First in this process: queries, and the median of the time from request to the whole answer. Then the fragments that a
page polls, from a running site that is speaking: requests a second that its web server answers on one core.
"""

import http.client
import os
import random
import re
import statistics
import tempfile
import threading
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from unittest import mock

from tests import fakes
from tests.e2e.copy import CLIP, PASSWORD, Copy, wait_for

OWN_GENERATIONS, OTHER_GENERATIONS, VOICE_COUNT = 20_000, 5_000, 5_000
REVIEW_REQUESTS, REPORTED_VOICES, AUDIT_ENTRIES = (
    200,
    50,
    20_000,
)  # voices that ask to be shared, and are reported; lines of the audit log
REQUESTS_PER_PAGE = 15
SECONDS, THREADS = 5, 4
VOICE_ADMIN = "/admin/voices/voiceprofile/"
WORDS = ("the", "harbour", "was", "silent", "and", "nobody", "knew", "when", "another", "letter", "would", "arrive")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        os.environ |= {
            "VOICESITE_DATA": str(data),
            "VOICESITE_ENGINE": fakes.ENGINE,
            "DJANGO_SETTINGS_MODULE": "voicesite.settings",
        }
        import django

        django.setup()
        fill()
        print(f"{'page':<44}{'queries':>8}{'ms':>8}{'kB':>6}")
        pages()
        fragments(Copy(data))


def fill() -> None:
    """Make the database: people, voices, of which one can really speak, and what they spoke."""
    from django.core.management import call_command
    from django.utils import timezone

    from synthesis.models import Fitting, Generation
    from voices.models import AuditEntry, Clip, Collection, Recording, Report, Tag, VoiceProfile
    from voicesite.jobs.job import State
    from voicesite.models import User

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("create_user", "ada", "--password", PASSWORD)
    people = [User.objects.get(), *User.objects.bulk_create(User(username=f"person{n}") for n in range(50))]
    chance = random.Random(1)
    peaks = [chance.randrange(100) for _ in range(240)]
    words = [[f" {word}", n / 3, n / 3 + 0.3, 0.9] for n, word in enumerate(WORDS * 2)]
    measures = {"seconds": 9, "speech_seconds": 8, "snr_db": 30, "clipping": 0, "loudness": -23, "peaks": peaks}
    measures |= {
        "end": 9,
        "grade": 3,
        "words": words,
        "transcript": " ".join(WORDS * 2),
        "advice": [["good", "Clear."]],
    }
    recordings = Recording.objects.bulk_create(
        Recording(owner=people[0 if n < 100 else 1 + n % 50], original_name=f"{n}.wav", seconds=9, peaks=peaks)
        for n in range(VOICE_COUNT)
    )
    clips = Clip.objects.bulk_create(
        Clip(owner=recording.owner, recording=recording, sha256=f"{n:064}", audio=f"clips/{n}.wav", **measures)
        for n, recording in enumerate(recordings)
    )
    asked = timezone.now()
    voices = VoiceProfile.objects.bulk_create(
        VoiceProfile(
            owner=clip.owner,
            clip=clip,
            name=f"Voice {n}",
            language=chance.choice(("en-us", "es")),
            consent_wording="Agreed.",
            share_requested_at=asked - timedelta(hours=n) if n % (VOICE_COUNT // REVIEW_REQUESTS) == 0 else None,
        )
        for n, clip in enumerate(clips)
    )
    for clip, voice in zip(clips, voices, strict=True):
        clip.voice = voice
    Clip.objects.bulk_update(clips, ["voice"], batch_size=500)
    tags = Tag.objects.bulk_create(Tag(name=word) for word in WORDS)
    through = VoiceProfile.tags.through
    through.objects.bulk_create(
        through(voiceprofile=voice, tag=tag) for voice in voices for tag in chance.sample(tags, 2)
    )
    Collection.objects.create(name="Winter play").voices.set(voices[:300])
    Report.objects.bulk_create(
        Report(voice=voice, reporter=people[1], reason="Not me.") for voice in voices[:REPORTED_VOICES]
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=people[n % 51], actor_name=people[n % 51].username, voice=voice, voice_name=voice.name, act="made"
        )
        for n, voice in zip(range(AUDIT_ENTRIES), voices * (AUDIT_ENTRIES // VOICE_COUNT + 1), strict=False)
    )
    ended = {"engine": "fake", "model": "tone", "state": State.COMPLETED, "progress": 100}
    Fitting.objects.bulk_create(Fitting(voice=voice, clip_id=voice.clip_id, **ended) for voice in voices)

    def generation(number: int) -> Generation:
        voice = voices[number % 99]
        text = " ".join(chance.choices(WORDS, k=60))
        made = Generation(
            owner=people[0] if number % 5 else people[1 + number % 50],
            voice=voice,
            voice_name=voice.name,
            title=text[:60],
            text=f"{text} needle" if number == 12_345 else text,
            language="en-us",
            seed=number,
            **ended,
            audio=f"generations/{number}.wav",
            seconds=20.0,
            peaks=peaks,
        )
        if number % 20 == 1:
            made.state, made.audio, made.error = State.FAILED, "", "The engine failed."
        return made

    now, minutes = timezone.now(), count(-(OWN_GENERATIONS + OTHER_GENERATIONS))
    with mock.patch("django.utils.timezone.now", lambda: now + timedelta(minutes=next(minutes))):
        Generation.objects.bulk_create(map(generation, range(OWN_GENERATIONS + OTHER_GENERATIONS)), batch_size=500)
    Generation.objects.update(started_at=now, finished_at=now)
    call_command("create_voice", "--user", "ada", "--name", "A real one", "--language", "en", str(CLIP))


def pages() -> None:
    from django.test import Client

    from synthesis.generations.older import Key
    from synthesis.models import Generation
    from voicesite.models import User

    client = Client(headers={"host": "localhost"})
    ada = User.objects.get(username="ada")
    client.force_login(ada)
    rows = Generation.objects.filter(owner=ada)
    one = rows.first()
    for name, address in (
        ("studio", "/"),
        ("library, page 1", "/generations/"),
        ("library, last page", f"/generations/?after={Key.of(rows[OWN_GENERATIONS - 20], '')}"),
        ("library, search with a thousand hits", "/generations/?q=Voice+77"),
        ("library, search with one hit", "/generations/?q=needle"),
        ("library, search without a hit", "/generations/?q=zebra"),
        ("library, failed ones", "/generations/?state=failed"),
        ("library, one voice", f"/generations/?voice={one.voice_id}"),
        ("one generation", f"/generations/{one.pk}/"),
        ("voices", "/voices/"),
        ("voices, search", "/voices/?q=Voice+77"),
        ("one voice", f"/voices/{one.voice_id}/"),
        ("status", "/status/"),
        ("administration, generations", "/admin/synthesis/generation/"),
        ("administration, generations, search", "/admin/synthesis/generation/?q=needle"),
        ("administration, people", "/admin/voicesite/user/"),
        ("administration, first page", "/admin/"),
        ("administration, voices", VOICE_ADMIN),
        ("administration, voices, last page", f"{VOICE_ADMIN}?p={VOICE_COUNT // 50}"),
        ("administration, voices, search", f"{VOICE_ADMIN}?q=Voice+77"),
        ("administration, voices, search without a hit", f"{VOICE_ADMIN}?q=zebra"),
        ("administration, voices by quality", f"{VOICE_ADMIN}?o=5"),
        ("administration, voices that are doubled", f"{VOICE_ADMIN}?standing=doubled"),
        ("administration, to review", f"{VOICE_ADMIN}review/"),
        ("administration, one voice", f"{VOICE_ADMIN}{one.voice_id}/change/"),
        ("administration, reports", "/admin/voices/report/"),
        ("administration, tags", "/admin/voices/tag/"),
        ("administration, audit log", "/admin/voices/auditentry/"),
        ("administration, audit log, search", "/admin/voices/auditentry/?q=Voice+77"),
        ("fragment: a generation", f"/generations/{one.pk}/progress"),
        ("fragment: 20 rows", "/generations/live?" + watched(Generation.objects.filter(owner=ada)[:20])),
    ):
        measure(client, name, address)
    waiting = list(Generation.objects.filter(owner=ada)[:5])
    changed = Generation.objects.filter(pk__in=[row.pk for row in waiting])
    changed.update(state="pending")
    measure(client, "fragment: 5 rows that wait", "/generations/live?" + watched(waiting))
    changed.update(state="completed")


def measure(client, name: str, address: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    costs = len(queries)
    assert response.status_code in (200, 286), (address, response.status_code)
    took = []
    for _ in range(REQUESTS_PER_PAGE):
        began = time.perf_counter()
        client.get(address)
        took.append(1000 * (time.perf_counter() - began))
    print(f"{name:<44}{costs:>8}{statistics.median(took):>8.1f}{len(response.content) / 1000:>6.0f}", flush=True)


def watched(rows) -> str:
    return "&".join(f"watched={row.pk}" for row in rows)


def fragments(copy: Copy) -> None:
    """Poll a running site that speaks one text while four more wait."""
    copy.start()
    try:
        copy.wait_until_ready()
        copy.open("/account/login/", username="ada", password=PASSWORD)
        copy.voice = re.search(r'value="([0-9a-f-]{36})"[^>]*>A real one<', copy.open("/")[1])[1]
        rows = [copy.speak(f"Do-slow {'word ' * 30}. " * 25) for _ in range(5)]
        wait_for(lambda: copy.row(rows[0])["state"] == "generating", 30, lambda: copy.row(rows[0]))
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        if len(cores) > 1:
            copy.find("web worker").cpu_affinity(cores[:1])
            os.sched_setaffinity(0, cores[1:])
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in copy.cookies)
        for name, address in (
            ("fragment: the one that is spoken", f"/generations/{rows[0]}/progress"),
            ("fragment: all five", "/generations/live?" + "&".join(f"watched={pk}" for pk in rows)),
            ("health", "/api/health"),
        ):
            rate, slowest = poll(copy.port, address, cookie)
            print(f"{name:<44}{rate:>8.0f} requests a second on one core, 95 % within {slowest:.0f} ms", flush=True)
        assert copy.row(rows[0])["state"] == "generating", "the worker was busy all the while"
    finally:
        copy.stop()


def poll(port: int, address: str, cookie: str) -> tuple[float, float]:
    """Requests a second and the 95th percentile of their times in ms, as THREADS browsers make them for SECONDS."""
    took: list[float] = []
    end = time.perf_counter() + SECONDS

    def browse():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while time.perf_counter() < end:
            began = time.perf_counter()
            connection.request("GET", address, headers={"Cookie": cookie, "HX-Request": "true"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            took.append(1000 * (time.perf_counter() - began))
        connection.close()

    threads = [threading.Thread(target=browse) for _ in range(THREADS)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return len(took) / SECONDS, statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    main()
