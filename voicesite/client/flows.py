"""What each method of the clients does, described once: flows of steps, as steps.py says.

A session is what a client remembers between calls.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import httpx

from .errors import VoicesiteError, retry_after, stranger
from .retries import sent, with_key
from .steps import Answer, Flow, Give, Read, Request, Sleep, Source, Upload
from .things import Book, Generation, Model, Speech, Task, Thing, Transcription, Usage, Voice
from .waiting import OnProgress, finished

PAGE_SIZE = 100  # rows of a list that are asked for at once
CLEANUP_SECONDS = 5.0  # to tell the server of an interruption, at most
CLEANUP_TRIES = 10
LONG_SECONDS = 960.0  # a recording that is written down, or a file that is made, while its request waits

StrPath: TypeAlias = str | os.PathLike[str]
SomeThing = TypeVar("SomeThing", bound=Thing)


@dataclass
class Session:
    retries: int
    running: set[str] = field(default_factory=set)  # tasks that end with the call, or with the client


# ---------------------------------------------------------------------------------------------------------------------
# Voices


def voices(session: Session, q: str = "", *, language: str = "", whose: str = "", tag: str = "") -> Flow[None]:
    """Your voices, and those that are shared, by name. Yields Voice.

    q: words of its name, description or tags. language: only those that speak it. whose: mine, shared or builtin.
    """
    return _listed(session, "api/voices", Voice, {"q": q, "language": language, "whose": whose, "tag": tag})


def voice(session: Session, id: str) -> Flow[Voice]:
    """One voice."""
    return Voice.read((yield from _asked(session, Request("GET", f"api/voices/{id}"))))


def create_voice(
    session: Session,
    clip: Source,
    name: str,
    language: str,
    transcript: str | None = None,
    *,
    consent: bool,
    description: str = "",
) -> Flow[Voice]:
    """Clone a voice from a recording: a few seconds of one person, in any common format.

    consent: whether the speaker agrees to be cloned; without that nothing is made. transcript: what is said in it, word
    for word; left out, the server writes it down.
    """
    form = {
        "name": name,
        "language": language,
        "transcript": transcript or "",
        "consent": "true" if consent else "false",
        "description": description,
    }
    request = Request("POST", "api/voices", form=form, files={"audio": Upload(clip)})
    return Voice.read((yield from _asked(session, with_key(request))))


def delete_voice(session: Session, voice: Voice | str) -> Flow[None]:
    """Delete a voice with its recordings. Speech that was made in it stays."""
    yield from sent(Request("DELETE", f"api/voices/{_id(voice)}"), session.retries)


# ---------------------------------------------------------------------------------------------------------------------
# Speech


def speak(
    session: Session,
    text: str,
    voice: Voice | str,
    *,
    format: str = "wav",
    on_progress: OnProgress | None = None,
    speed: float = 1.0,
    seed: int | None = None,
    language: str = "",
    model: str = "",
    cast: Mapping[str, str | None] | None = None,
) -> Flow[Speech]:
    """Speak a text, wait for it, and return it with its sound. voice: an id or a name.

    on_progress is called with the Task whenever it has moved. When the wait is interrupted, by Ctrl-C, by cancellation
    of the task that awaits it, by `close` or by an exception of on_progress, the server is told to stop; on_progress
    hears of that too, as a Task that is cancelled.
    """
    request = _order(text, voice, speed, seed, language, model, cast)
    generation = yield from _watched(session, request, on_progress)
    return Speech(generation, (yield from audio(session, generation, format)), format)


def submit(
    session: Session,
    text: str,
    voice: Voice | str,
    *,
    speed: float = 1.0,
    seed: int | None = None,
    language: str = "",
    model: str = "",
    cast: Mapping[str, str | None] | None = None,
) -> Flow[Task]:
    """Ask for speech and return its task at once. Nothing cancels it but `cancel`."""
    return Task.read((yield from _asked(session, _order(text, voice, speed, seed, language, model, cast))))


def task(session: Session, id: str) -> Flow[Task]:
    """A task as it is now."""
    return Task.read((yield from _asked(session, Request("GET", f"api/generations/tasks/{id}"))))


def wait(session: Session, task: Task | str, on_progress: OnProgress | None = None) -> Flow[Generation]:
    """Return the speech of a task once it is completed. Raises GenerationFailed, GenerationCancelled."""
    return (yield from finished(_id(task), session.retries, on_progress or _ignore))


def cancel(session: Session, task: Task | str) -> Flow[None]:
    """Stop a task, and delete what is not completed of it. Finished speech stays in the library."""
    yield from sent(Request("DELETE", f"api/generations/tasks/{_id(task)}"), session.retries)


def stream(
    session: Session,
    text: str,
    voice: Voice | str,
    *,
    format: str = "mp3",
    speed: float = 1.0,
    seed: int | None = None,
    language: str = "",
    model: str = "",
) -> Flow[None]:
    """Speak a text. Yields the file in parts, bytes, while it is made: the first long before the last is spoken.

    format: mp3, opus, aac, flac, wav or pcm (24 kHz, 16 bits, mono). Who stops early cancels the rest.
    """
    order = {"model": model or "tts-1", "input": text, "voice": _id(voice), "response_format": format, "speed": speed}
    order |= {"language": language} if language else {}
    order |= {} if seed is None else {"seed": seed}
    request = with_key(Request("POST", "v1/audio/speech", json=order, read_seconds=LONG_SECONDS, streamed=True))
    answer = yield from sent(request, session.retries)
    id = answer.headers.get("x-generation-id", "")
    session.running.add(id)
    try:
        while part := (yield Read()):
            yield Give(part)
    except GeneratorExit:
        raise
    except httpx.RequestError as failure:
        session.running.discard(id)
        raise VoicesiteError("The speech broke off: the server failed, or the connection.", code="broken") from failure
    except BaseException:
        session.running.discard(id)
        yield from cancelled(id)
        raise
    session.running.discard(id)


def generations(session: Session, q: str = "", *, state: str = "", voice: Voice | str = "") -> Flow[None]:
    """What you had spoken, the newest first. Yields Generation.

    q: words of the text, or of the voice's name. state: such as completed, or moving: all that have not ended.
    """
    return _listed(session, "api/generations", Generation, {"q": q, "state": state, "voice": _id(voice)})


def generation(session: Session, id: str) -> Flow[Generation]:
    """One generation."""
    return Generation.read((yield from _asked(session, Request("GET", f"api/generations/{id}"))))


def audio(session: Session, generation: Generation | Task | str, format: str = "wav") -> Flow[bytes]:
    """The sound of a generation: wav, mp3, opus, aac, m4a, flac or pcm."""
    parts: list[bytes] = []
    yield from _fetched(session, generation, format, parts.append)
    return b"".join(parts)


def download(session: Session, generation: Generation | Task | str, format: str | None, path: StrPath) -> Flow[Path]:
    """Save the sound of a generation, and return where. format: that of the path's suffix, if it is None.

    The file is there once it is whole. Raises OSError.
    """
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            yield from _fetched(session, generation, format or target.suffix.lstrip(".").lower(), file.write)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return target


# ---------------------------------------------------------------------------------------------------------------------
# The rest


def transcribe(session: Session, file: Source, language: str | None = None, words: bool = False) -> Flow[Transcription]:
    """Write down what is said in a recording. words: with the time of each. The server keeps nothing of it."""
    levels = ["segment", "word"] if words else ["segment"]
    form: dict[str, str | list[str]] = {"response_format": "verbose_json", "timestamp_granularities[]": levels}
    return Transcription.read(_json((yield from _heard(session, file, language, form))))


def subtitles(session: Session, file: Source, format: str = "srt", language: str | None = None) -> Flow[str]:
    """What is said in a recording, as subtitles. format: srt or vtt."""
    return (yield from _heard(session, file, language, {"response_format": format})).body.decode()


def models(session: Session) -> Flow[list[Model]]:
    """The models of the server, the preferred ones first."""
    found = yield from _asked(session, Request("GET", "api/models"))
    return [Model.read(each) for each in found.get("models", ())]


def usage(session: Session) -> Flow[Usage]:
    """What you used of what you may. Raises NotFound where the server has no limits."""
    return Usage.read((yield from _asked(session, Request("GET", "api/usage"))))


def books(session: Session) -> Flow[None]:
    """Your books. Yields Book. Raises NotFound where the server has none."""
    return _listed(session, "api/books", Book, {})


def cancelled(id: str) -> Flow[bool]:
    """Tell the server to stop a task, once and briefly, whatever is going on here; return whether it heard."""
    request = Request("DELETE", f"api/generations/tasks/{id}", read_seconds=CLEANUP_SECONDS, last=True)
    with suppress(httpx.RequestError, VoicesiteError):
        answer: Answer = yield request
        return answer.status in (204, 404)
    return False


# ---------------------------------------------------------------------------------------------------------------------


def _id(thing: Voice | Generation | Task | str) -> str:
    return thing if isinstance(thing, str) else thing.id


def _ignore(task: Task) -> None:
    pass


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        raise stranger() from None


def _asked(session: Session, request: Request) -> Flow[Any]:
    found = _json((yield from sent(request, session.retries)))
    if not isinstance(found, dict):
        raise stranger()
    return found


def _listed(session: Session, path: str, kind: type[SomeThing], wanted: Mapping[str, str]) -> Flow[None]:
    """Give each row of a list, and ask for a page when the one before it is used up."""
    params: dict[str, str | int] = {"limit": PAGE_SIZE} | {name: value for name, value in wanted.items() if value}
    page: str | None = path
    while page:
        found = yield from _asked(session, Request("GET", page, params))
        for row in found.get("results", ()):
            yield Give(kind.read(row))
        page, params = found.get("next"), {}


def _order(
    text: str,
    voice: Voice | str,
    speed: float,
    seed: int | None,
    language: str,
    model: str,
    cast: Mapping[str, str | None] | None,
) -> Request:
    order: dict[str, Any] = {"text": text, "voice": _id(voice), "speed": speed}
    order |= {name: value for name, value in {"language": language, "model": model, "cast": cast}.items() if value}
    order |= {} if seed is None else {"seed": seed}
    return with_key(Request("POST", "api/generations/async", json=order))


def _watched(session: Session, request: Request, on_progress: OnProgress | None) -> Flow[Generation]:
    """Make a generation and wait for it; cancel it when that is interrupted, at whatever moment."""
    report, id = on_progress or _ignore, ""
    try:
        task = Task.read((yield from _asked(session, request)))
        id = task.id
        session.running.add(id)
        report(task)
        found = yield from finished(id, session.retries, report)
        session.running.discard(id)
        return found
    except GeneratorExit:  # nobody is there to do further steps: `close` cancels it
        raise
    except VoicesiteError:  # it has ended, or can't be reached
        session.running.discard(id)
        raise
    except BaseException:
        session.running.discard(id)
        if (id := id or (yield from _made(request))) and (yield from cancelled(id)):
            report(Task(id, "cancelled"))
        raise


def _made(request: Request) -> Flow[str]:
    """Return which task an interrupted request made: asked again, with its key, the server gives the same answer."""
    again = Request(
        "POST", request.path, json=request.json, headers=request.headers, read_seconds=CLEANUP_SECONDS, last=True
    )
    with suppress(httpx.RequestError, VoicesiteError):
        for _ in range(CLEANUP_TRIES):
            answer: Answer = yield again
            if answer.status == 202:
                return Task.read(_json(answer)).id
            if answer.status != 409:  # the first is still at work
                break
            yield Sleep(CLEANUP_SECONDS / CLEANUP_TRIES, last=True)
    return ""


def _fetched(
    session: Session, generation: Generation | Task | str, format: str, take: Callable[[bytes], Any]
) -> Flow[None]:
    """Read a file of a generation, part by part; wait while the server makes it. A read that breaks off is an error."""
    request = Request(
        "GET",
        f"api/generations/{_id(generation)}/audio",
        {"format": format},
        read_seconds=LONG_SECONDS,
        streamed=True,
    )
    while (answer := (yield from sent(request, session.retries))).status == 202:
        yield Sleep(retry_after(answer.headers) or 1.0)
    try:
        while part := (yield Read()):
            take(part)
    except httpx.RequestError as failure:
        raise VoicesiteError("The file broke off: ask again.", code="broken") from failure


def _heard(session: Session, file: Source, language: str | None, form: Mapping[str, str | list[str]]) -> Flow[Answer]:
    form = {"model": "whisper-1", **form} | ({"language": language} if language else {})
    request = Request(
        "POST", "v1/audio/transcriptions", form=form, files={"file": Upload(file)}, read_seconds=LONG_SECONDS
    )
    return (yield from sent(with_key(request), session.retries))
