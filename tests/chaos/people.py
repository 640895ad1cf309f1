"""Five people at work: each asks for speech, follows it, downloads it, changes sentences, uploads and imports.

They are patient, as programs should be: what the site refuses while it is in trouble is asked for again, under the same
key. What they were told is kept in a ledger, with which findings.py compares what is there in the end.
"""

import asyncio
import contextlib
import hashlib
import http.client
import io
import json
import random
import re
import sqlite3
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field, replace

import httpx
import psycopg
import soundfile

from tests.e2e.copy import CLIP, PASSWORD, Copy

NAMES = ("ada", "ben", "cleo", "dan", "eve")
EDITORS = NAMES[:3]  # of the others, the seconds of speech that are counted are known exactly
LOST_CAUSES = ("Do-fail", "Do-runaway")  # words that the engine never speaks
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "falcon",
    "garden",
    "harbor",
    "island",
    "juniper",
    "kettle",
    "lantern",
    "meadow",
    "north",
    "ocean",
]
ENDS = ("completed", "failed", "cancelled")
AGAIN = ("in_progress", "busy", "rate_limited")  # codes of what is asked for again, beside all 5xx
UNREAD = re.compile("could not be read|took too long to read")  # by a process that was killed or frozen
MOST_FOLLOWED = 12  # tasks of a person that are followed at once
OPEN_PROGRAM = """
import json
from voicesite.hooks.models import Webhook
from voicesite.models import User
from voicesite.people import keys
made = {{}}
for name in {names}:
    person = User.objects.filter(username=name).first() or User.objects.create_user(name, password={password!r})
    made[name] = keys.issue(person, "Chaos", ["read", "speak", "voices"])[1]
    ends = ["generation.completed", "generation.failed", "generation.cancelled"]
    Webhook.objects.create(owner=person, url={address!r}, events=ends)
print(json.dumps(made))
"""


@dataclass
class Speech:
    """A text that somebody asked for, and what they were told about it."""

    pk: str
    person: str
    text: str
    edits: int = 0  # that were sent: an answer that was lost may have been one
    sentence: str = ""  # the last that was put in the place of the first
    cancelled: bool = False
    deleted: bool = False
    ended: str = ""  # as it was told last
    sound: str = ""  # the hash of the file that was downloaded, since the last edit


@dataclass
class Ledger:
    speeches: list[Speech] = field(default_factory=list)
    recordings: dict[str, str] = field(default_factory=dict)  # hashes of uploads that were accepted, and whose they are
    imports: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)  # what was said and was not so
    refusals: Counter = field(default_factory=Counter)  # what was asked for again, by the reason
    had: int = 0  # answers that people waited for

    def as_json(self) -> str:
        return json.dumps(asdict(replace(self, refusals=None)))


class Person:
    def __init__(self, name: str, key: str, site: Copy, ledger: Ledger, seed: int):
        self.name, self.site, self.ledger = name, site, ledger
        self.seed = seed
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{site.port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            limits=httpx.Limits(max_connections=50),
        )
        self.places = asyncio.Semaphore(MOST_FOLLOWED)
        self.voice = ""

    async def ask(self, method: str, path: str, **options) -> httpx.Response:
        """Ask until there is an answer that will not change: what is told is a refusal, or done."""
        key = str(uuid.uuid4())
        while True:
            headers = {"Idempotency-Key": key} if method == "POST" else {}
            reason = ""
            try:
                answer = await self.client.request(method, path, headers=headers, **options)
            except httpx.HTTPError as error:
                reason = type(error).__name__
            else:
                if answer.is_success:
                    self.ledger.had += method != "GET"
                    return answer
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    reason = answer.json()["error"]["code"]
                if answer.status_code == 404:
                    return answer
                if answer.status_code < 500 and reason not in AGAIN and not UNREAD.search(answer.text):
                    self.ledger.lies.append(f"{self.name}: {method} {path} was refused: {answer.text[:300]}")
                    return answer
                reason = f"{answer.status_code} {reason}"
            self.ledger.refusals[reason] += 1
            await asyncio.sleep(random.uniform(0.3, 1.0))

    # ---- what they do

    async def settle_in(self) -> None:
        self.voice = (await self._new_voice(f"{self.name} herself"))["id"]
        exported = await self.ask("GET", f"/api/voices/{self.voice}/export")
        self.archive = exported.content

    async def work(self, texts: int, seconds: float) -> None:
        """Ask for so many texts within the time, doing now and then something else; return when all have ended."""
        begun, tasks = time.monotonic(), []
        for number in range(texts):
            chooser = random.Random(f"{self.seed} {self.name} {number}")
            pause = begun + seconds * (number + chooser.random()) / texts - time.monotonic()
            await asyncio.sleep(max(pause, 0))
            tasks.append(asyncio.create_task(self._speech(chooser)))
            if number % 12 == 5:
                tasks.append(asyncio.create_task(self._upload(number)))
            if number % 25 == 10:
                tasks.append(asyncio.create_task(self._import()))
        await asyncio.gather(*tasks)
        await self.client.aclose()

    async def _speech(self, chooser: random.Random) -> None:
        text, watch = _text(chooser), chooser.choice((self._hear, self._poll, self._see))
        cancels, deletes, edits = (chooser.random() < share for share in (0.04, 0.04, 0.3))
        sentences = [_sentence(chooser) for _ in range(2)] if edits and self.name in EDITORS else []
        body = {"voice": self.voice, "text": text, "language": "en-us", "seed": chooser.randrange(10**6)}
        answer = await self.ask("POST", "/api/generations/async", json=body)
        if not answer.is_success:
            return
        speech = Speech(answer.json()["task_id"], self.name, text)
        self.ledger.speeches.append(speech)
        if cancels:
            speech.cancelled = True
            await self.ask("DELETE", f"/api/generations/tasks/{speech.pk}")
            return
        async with self.places:
            await watch(speech)
            await self._download(speech)
            for sentence in sentences if speech.ended == "completed" else ():
                await self._edit(speech, sentence)
                await watch(speech)
                await self._download(speech)
            if deletes:
                speech.deleted = True
                await self.ask("DELETE", f"/api/generations/{speech.pk}")

    async def _edit(self, speech: Speech, sentence: str) -> None:
        speech.sound = ""
        before = self.ledger.refusals.total()
        answer = await self.ask("PATCH", f"/api/generations/{speech.pk}/segments/0", json={"text": sentence})
        speech.edits += 1 + self.ledger.refusals.total() - before
        if answer.is_success:
            speech.sentence = sentence

    async def _download(self, speech: Speech) -> None:
        if speech.ended == "completed":
            answer = await self.ask("GET", f"/api/generations/{speech.pk}/audio")
            speech.sound = hashlib.sha256(answer.content).hexdigest()

    async def _new_voice(self, name: str) -> dict:
        form = {"name": name, "language": "en-us", "consent": "true"}
        return (await self._send("/api/voices", form)).json()

    async def _upload(self, number: int) -> None:
        if number % 24 == 5:
            await self._new_voice(f"{self.name} {number}")
        else:
            await self._send(f"/api/voices/{self.voice}/clips", {"consent": "true"})

    async def _send(self, path: str, form: dict) -> httpx.Response:
        """Send a recording that nobody else sends."""
        samples, rate = soundfile.read(CLIP, dtype="int16")
        samples[:4] = [random.randrange(-99, 99) for _ in range(4)]
        written = io.BytesIO()
        soundfile.write(written, samples, rate, format="WAV")
        content = written.getvalue()
        answer = await self.ask("POST", path, data=form, files={"audio": ("speech.wav", content, "audio/wav")})
        if answer.is_success:
            self.ledger.recordings[hashlib.sha256(content).hexdigest()] = self.name
        return answer

    async def _import(self) -> None:
        archive = {"archive": ("voices.zip", self.archive, "application/zip")}
        answer = await self.ask("POST", "/api/voices/import", files=archive)
        if not answer.is_success:
            return
        pk = answer.json()["id"]
        choices = {"consent": True, "voices": [{"act": "new"}]}
        if (await self.ask("POST", f"/api/voices/import/{pk}", json=choices)).is_success:
            self.ledger.imports.append(pk)

    # ---- how they follow what they asked for

    async def _check(self, speech: Speech, told: str, where: str) -> None:
        """Note what they were told, and whether it is so: nobody else changes it."""
        speech.ended = told
        self.ledger.had += 1
        if (state := await self._state(speech)) != told:
            self.ledger.lies.append(f"{where} said that {speech.pk} is {told}, and it is {state}")

    async def _state(self, speech: Speech) -> str:
        """Return what the database says, without the site."""
        while True:
            with contextlib.suppress(psycopg.Error, sqlite3.OperationalError):
                return (await asyncio.to_thread(self.site.row, speech.pk))["state"]
            await asyncio.sleep(0.2)

    async def _hear(self, speech: Speech) -> None:
        """By the stream of its events, which goes on where it was broken off."""
        last, address = "", f"/api/generations/tasks/{speech.pk}/events"
        while True:
            headers = {"Last-Event-ID": last} if last else {}
            with contextlib.suppress(httpx.HTTPError):
                async with self.client.stream("GET", address, headers=headers) as events:
                    async for line in events.aiter_lines():
                        name, _, value = line.partition(": ")
                        if name == "id":
                            last = value
                        elif name == "data" and (told := json.loads(value)["status"]) in ENDS:
                            return await self._check(speech, told, "the stream")
                    if events.status_code == 204:  # the last event was told, and lost on its way
                        return await self._poll(speech)
            await asyncio.sleep(0.3)

    async def _poll(self, speech: Speech) -> None:
        while True:
            answer = await self.ask("GET", f"/api/generations/tasks/{speech.pk}", params={"wait": 10})
            if answer.is_success and (told := answer.json()["status"]) in ENDS:
                return await self._check(speech, told, "the task")

    async def _see(self, speech: Speech) -> None:
        """By its page, which asks for its moving part each second: only the site's first person has a browser."""
        while self.name == NAMES[0]:
            with contextlib.suppress(http.client.HTTPException):
                status, _, _ = await asyncio.to_thread(self.site.open, f"/generations/{speech.pk}/progress")
                if status == 286:
                    break
            await asyncio.sleep(1)
        if self.name == NAMES[0] and (state := await self._state(speech)) not in ENDS:
            self.ledger.lies.append(f"the page said that {speech.pk} ended, and it is {state}")
        await self._poll(speech)


def _sentence(chooser: random.Random) -> str:
    return " ".join(chooser.choices(WORDS, k=chooser.randint(3, 9))).capitalize() + "."


def _text(chooser: random.Random) -> str:
    sentences = [_sentence(chooser) for _ in range(chooser.choice((1, 1, 2, 3, 9)))]
    if chooser.random() < 0.03:
        sentences.append(f"Then {chooser.choice(LOST_CAUSES)} again.")
    return " ".join(sentences)


def open_accounts(site: Copy, seed: int, ledger: Ledger, receiver: str) -> list[Person]:
    """Return five people with accounts; each has a webhook, which counts the ends of what they asked for."""
    program = OPEN_PROGRAM.format(names=NAMES, password=PASSWORD, address=receiver)
    keys = json.loads(site.manage("shell", "--verbosity", "0", "-c", program))
    return [Person(name, keys[name], site, ledger, seed) for name in NAMES]
