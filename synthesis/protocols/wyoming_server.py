"""The Wyoming protocol, by which Home Assistant speaks and listens: a server over TCP, in a process of its own.

The protocol knows no sign-in: whoever reaches the port acts as one account of the site. Speech is a generation like any
other; it is sent while it is made, and a client that hangs up cancels it. After an error event the connection is closed,
since clients wait on for sound that will not come.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import numpy as np
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioFormat, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, Eventable, async_read_event, async_write_event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from synthesis.api import wait
from synthesis.delivery.live_audio import POLL_SECONDS, looks
from synthesis.generations.forms import ApiGenerationForm
from synthesis.models import Generation
from synthesis.segments.timeline import RATE
from voices.models import VoiceProfile
from voices.transcription import requests as transcription
from voices.written_languages import language_of
from voicesite.jobs.job import State
from voicesite.jobs.threads import Threads
from voicesite.limits import rates
from voicesite.models import User
from voicesite.web.rejection import Rejected
from voicesite.web.rest import MESSAGE_BY_CODE

from . import wyoming_info
from .wyoming_input import Recording, Text, without_halves

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 16
MAX_REQUESTS = 8  # of one connection that wait for their turn
MAX_EVENT_BYTES = 256 * 1024
SILENCE_SECONDS = 60.0  # of a client that is expected to send, or to take what is sent
SILENT_SECONDS = 0.1  # with less speech in it, a recording says nothing
MAX_WAIT_SECONDS = 900.0  # for a transcript
THREADS = 4
CHUNK_SAMPLES = RATE // 10
MALFORMED = (
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    RecursionError,
)  # what a malformed event makes of the parser


async def serve(host: str, port: int, username: str) -> None:
    """Serve until the process is told to end. Raises OSError if the address can't be listened on."""
    server = Server(username)
    listening = await asyncio.start_server(server.connected, host, port)
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    logger.info("Wyoming: listening on %s, port %d", host, port)
    with contextlib.suppress(asyncio.CancelledError):
        await listening.serve_forever()
    await server.end()


class Server:
    """What the connections share: the account, and a few threads for the database, each of which asks for a moment."""

    def __init__(self, username: str):
        self.username = username
        self.connections: set[asyncio.Task] = set()
        self.threads = Threads(THREADS, "wyoming")
        self.decoding = asyncio.Semaphore(THREADS)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end. What asyncio calls for each."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        connection = Connection(self, reader, writer)
        try:
            if len(self.connections) > MAX_CONNECTIONS:
                await connection.send(_error(Rejected("busy", "Too many programs are connected. Try again later.")))
            else:
                await connection.run()
        except (OSError, asyncio.CancelledError):  # it has left, or the server ends
            pass
        finally:
            self.connections.discard(task)
            writer.close()

    async def end(self) -> None:
        """End all connections, and cancel what they wait for."""
        for task in list(self.connections):
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        self.threads.shutdown(wait=False, cancel_futures=True)

    def in_thread(self, function: Callable, *args: Any) -> asyncio.Future:
        """Call a function that may use the database in a thread; await its result."""
        return asyncio.get_running_loop().run_in_executor(self.threads, function, *args)

    def user(self) -> User:
        """Return the account. Raises Rejected."""
        user = User.objects.filter(username=self.username, is_active=True).first()
        if user is None:
            words = f"There is no account “{self.username}” here, as VOICESITE_WYOMING_USER says, or it is not active."
            raise Rejected("unknown_account", words)
        return user

    def admitted(self) -> User:
        """Return the account once a request of it is counted, as the API's are. Raises Rejected."""
        user = self.user()
        rates.admit_without_key(user)
        return user


class Connection:
    """One client: a task reads its events at once, so that a hang-up is noticed, and another does what they ask, in turn."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.server, self.reader, self.writer = server, _Bounded(reader), writer
        self.requests: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self.pending = 0  # requests that are not answered yet
        self.text: Text | None = None  # that is arriving
        self.recording: Recording | None = None  # likewise
        self.language: Any = None  # of the recording

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._answer())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            if self.recording:
                self.recording.close()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError | EOFError):
                await self.send(_error(outcome))

    async def send(self, event: Eventable) -> None:
        """Raises TimeoutError, an OSError, when the client takes nothing."""
        async with asyncio.timeout(SILENCE_SECONDS):
            await async_write_event(event.event(), self.writer)

    # ---- what comes

    async def _read(self) -> None:
        """Take events until the client hangs up, or is silent for too long. Raises Rejected, EOFError."""
        while event := await self._next_event():
            try:
                self._take(event)
            except MALFORMED:
                raise Rejected("bad_request", f"The event “{event.type}” is malformed.") from None

    async def _next_event(self) -> Event | None:
        reading = asyncio.ensure_future(async_read_event(self.reader))  # type: ignore[arg-type]
        try:
            while not (await asyncio.wait({reading}, timeout=SILENCE_SECONDS))[0]:
                if not self.pending:
                    return None
            return without_halves(reading.result())
        except MALFORMED:
            raise Rejected("bad_request", "This is no event of the Wyoming protocol.") from None
        finally:
            reading.cancel()

    def _take(self, event: Event) -> None:
        kind = event.type
        if Describe.is_type(kind):
            self._ask(self._describe)
        elif Ping.is_type(kind):
            self._ask(partial(self.send, Pong(Ping.from_event(event).text)))
        elif Synthesize.is_type(kind):
            if self.text is None:  # else it repeats the text that arrives in pieces, for older servers
                whole = Synthesize.from_event(event)
                text = Text(whole.voice)
                text.add(whole.text)
                text.end()
                self._ask(partial(self._speak, text))
        elif SynthesizeStart.is_type(kind):
            if self.text:
                self.text.end()
            self.text = Text(SynthesizeStart.from_event(event).voice, is_streamed=True, patience=SILENCE_SECONDS)
            self._ask(partial(self._speak, self.text))
        elif SynthesizeChunk.is_type(kind) and self.text:
            self.text.add(SynthesizeChunk.from_event(event).text)
        elif SynthesizeStop.is_type(kind) and self.text:
            self.text.end()
            self.text = None
        elif Transcribe.is_type(kind):
            self.language = Transcribe.from_event(event).language
        elif AudioStart.is_type(kind):
            self._record(AudioStart.from_event(event))
        elif AudioChunk.is_type(kind):
            chunk = AudioChunk.from_event(event)
            (self.recording or self._record(chunk)).add(chunk)
        elif AudioStop.is_type(kind) and self.recording:
            self._ask(partial(self._transcribe, self.recording, self.language))
            self.recording = self.language = None

    def _record(self, sound: AudioFormat) -> Recording:
        if self.recording:
            self.recording.close()
        self.recording = Recording(sound)
        return self.recording

    def _ask(self, request: Callable[[], Awaitable[None]]) -> None:
        if self.pending >= MAX_REQUESTS:
            raise Rejected("busy", "Too many requests wait on this connection. Wait for their answers.")
        self.pending += 1
        self.requests.put_nowait(request)

    # ---- what is answered

    async def _answer(self) -> None:
        while True:
            request = await self.requests.get()
            await request()
            self.pending -= 1

    async def _describe(self) -> None:
        await self.send(await self.server.in_thread(lambda: wyoming_info.info(self.server.admitted())))

    async def _speak(self, text: Text) -> None:
        """Speak a text, of one that arrives in pieces what there is of it, and send the sound while it is made."""
        voice = await self.server.in_thread(lambda: wyoming_info.voice(self.server.admitted(), text.voice))
        sent = 0  # samples
        while part := await text.part(voice.language):
            sent = await self._speak_part(part, voice, sent)
        if sent:
            await self.send(AudioStop(_milliseconds(sent)))
        elif not text.is_streamed:
            raise Rejected("invalid", "There is nothing to say here: the text has no words.")
        if text.is_streamed:
            await self.send(SynthesizeStopped())

    async def _speak_part(self, text: str, voice: VoiceProfile, sent: int) -> int:
        """Return how many samples are sent then."""
        generation = await self.server.in_thread(self._generation, text, voice)
        submitting = self.server.in_thread(generation.submit)
        try:
            await asyncio.shield(submitting)
            looked = looks(generation)
            while (samples := await self.server.in_thread(next, looked, None)) is not None:
                if not len(samples):
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                if not sent:
                    await self.send(AudioStart(RATE, 2, 1, timestamp=0))
                for start in range(0, len(samples), CHUNK_SAMPLES):
                    chunk = samples[start : start + CHUNK_SAMPLES]
                    sound = np.rint(np.clip(chunk, -1, 1) * 32767).astype("<i2").tobytes()
                    await self.send(AudioChunk(RATE, 2, 1, sound, timestamp=_milliseconds(sent)))
                    sent += len(chunk)
        except BaseException:
            await asyncio.wait({submitting})
            await self.server.in_thread(generation.request_cancel)
            raise
        return sent

    def _generation(self, text: str, voice: VoiceProfile) -> Generation:
        """Return what is asked for, unsaved. Raises Rejected."""
        form = ApiGenerationForm({"voice": str(voice.pk), "text": text}, user=self.server.user())
        if not form.is_valid():
            raise Rejected("invalid", " ".join(str(words) for words in next(iter(form.errors.values()))))
        return form.generation()

    async def _transcribe(self, recording: Recording, language: object) -> None:
        with contextlib.closing(recording):
            user, code = await self.server.in_thread(self._listening, language)
            if recording.seconds < SILENT_SECONDS:
                await self.send(Transcript(""))
                return
            async with self.server.decoding:
                decoded = await asyncio.to_thread(recording.taken_down)
        if decoded.speech_seconds < SILENT_SECONDS:  # a transcriber would make something up
            await self.send(Transcript(""))
            return
        asking = self.server.in_thread(transcription.ask, user, decoded.flac, decoded.seconds, code)
        try:
            job = await asyncio.shield(asking)
            await wait.until_ended(job, MAX_WAIT_SECONDS)
            await self.server.in_thread(job.refresh_from_db)
        finally:
            await asyncio.wait({asking})
            if not asking.exception():
                await self.server.in_thread(transcription.forget, asking.result())
        if job.state != State.COMPLETED:
            raise Rejected("transcription_failed", job.error or "This took too long.")
        await self.send(Transcript(job.text.strip(), language=job.language or None))

    def _listening(self, language: object) -> tuple[User, str]:
        """Return for whom, and in which language, is listened. Raises Rejected."""
        user, code = self.server.admitted(), language_of(language)
        if why := transcription.why_not(code):
            raise Rejected("language_not_supported", why)
        return user, code


class _Bounded:
    """What the library reads events from: it would take as many bytes as a client announces."""

    def __init__(self, reader: asyncio.StreamReader):
        self.reader = reader
        self.readline = reader.readline  # of 64 KiB at most, else a ValueError, which the library takes for the end

    async def readexactly(self, count: int) -> bytes:
        if count > MAX_EVENT_BYTES:
            raise Rejected("too_large", f"An event has {MAX_EVENT_BYTES // 1024} KiB at most here. Send smaller ones.")
        return await self.reader.readexactly(count)


def _error(error: Exception) -> Error:
    """Return the event that tells of an error, in words."""
    if isinstance(error, Rejected):
        return Error(error.message, error.code)
    logger.error("Wyoming: a request failed", exc_info=error)
    return Error(MESSAGE_BY_CODE["internal"], "internal")


def _milliseconds(samples: int) -> int:
    return samples * 1000 // RATE
