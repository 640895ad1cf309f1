"""`Client` and `AsyncClient`: they do the steps of flows.py, one with blocking calls, the other with awaited ones."""

import functools
import inspect
import os
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

import anyio
import httpx

from . import flows
from .errors import ConnectionFailed, VoicesiteError
from .flows import Session
from .steps import Abandoned, Answer, Flow, Give, Read, Request, Sleep
from .things import Book, Generation, Voice
from .version import __version__

DEFAULT_SERVER = "http://127.0.0.1:8000"
P = ParamSpec("P")
T = TypeVar("T")


class Method(Generic[P, T]):
    """A flow as a method: of a `Client` it returns T, of an `AsyncClient` a coroutine."""

    def __init__(self, flow: Callable[Concatenate[Session, P], Flow[T]]):
        self.flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, client: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, client: "Client", owner: type[Any]) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: "AsyncClient", owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type[Any]) -> Any:
        return self if client is None else _method(client._run, self.flow, client._session)


class Listing(Generic[P, T]):
    """A flow that gives values, as a method: it returns an iterator over them, which asks for more as it goes on."""

    def __init__(self, flow: Callable[Concatenate[Session, P], Flow[None]], kind: type[T]):
        self.flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, client: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, client: "Client", owner: type[Any]) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, client: "AsyncClient", owner: type[Any]) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, client: Any, owner: type[Any]) -> Any:
        return self if client is None else _method(client._iterate, self.flow, client._session)


def _method(do: Callable[[Flow[Any]], Any], flow: Callable[..., Flow[Any]], session: Session) -> Callable[..., Any]:
    @functools.wraps(flow)
    def method(*args: Any, **kwargs: Any) -> Any:
        return do(flow(session, *args, **kwargs))

    signature = inspect.signature(flow)
    method.__signature__ = signature.replace(parameters=[*signature.parameters.values()][1:])  # type: ignore[attr-defined]
    return method


class Methods:
    """What both clients can do."""

    voices = Listing(flows.voices, Voice)
    voice = Method(flows.voice)
    create_voice = Method(flows.create_voice)
    delete_voice = Method(flows.delete_voice)
    speak = Method(flows.speak)
    submit = Method(flows.submit)
    speak_async = submit
    task = Method(flows.task)
    wait = Method(flows.wait)
    cancel = Method(flows.cancel)
    stream = Listing(flows.stream, bytes)
    generations = Listing(flows.generations, Generation)
    generation = Method(flows.generation)
    audio = Method(flows.audio)
    download = Method(flows.download)
    transcribe = Method(flows.transcribe)
    subtitles = Method(flows.subtitles)
    models = Method(flows.models)
    usage = Method(flows.usage)
    books = Listing(flows.books, Book)


class Connection:
    """Where the server is, and how it is asked."""

    def __init__(
        self,
        server: str | None = None,
        key: str | None = None,
        *,
        retries: int = 4,
        certificate: str | os.PathLike[str] | None = None,
    ):
        """Prepare to ask a server; nothing is sent yet.

        server, key: by default what VOICESITE_SERVER and VOICESITE_KEY say. retries: how often a call is repeated when
        it fails on the way or is refused for a while. certificate: a file with the certificate that a server made
        itself, in PEM. Raises ValueError for an address that is none, OSError for a certificate that can't be read.
        """
        server = server or os.environ.get("VOICESITE_SERVER") or DEFAULT_SERVER
        try:
            self.url = httpx.URL(server.rstrip("/") + "/")
        except httpx.InvalidURL as error:
            raise ValueError(f"{server} is not an address: {error}") from None
        if self.url.scheme not in ("http", "https") or not self.url.host:
            raise ValueError(f"{server} is not an address: it begins with http:// or https://")
        key = key or os.environ.get("VOICESITE_KEY") or ""
        headers = {"User-Agent": f"voicesite-client/{__version__}", "Accept": "application/json"}
        try:
            self.headers = httpx.Headers(headers | ({"Authorization": f"Bearer {key}"} if key else {}))
        except UnicodeEncodeError:
            raise ValueError("The key has letters in it that no key has.") from None
        self.verify = ssl.create_default_context(cafile=os.fspath(certificate)) if certificate else True
        self._session = Session(retries)

    def _asked(self, request: Request, files: Mapping[str, Any]) -> dict[str, Any]:
        """Return what httpx builds a request from. Raises VoicesiteError for an address of another server."""
        url = self.url.join(request.path)
        if (url.scheme, url.host, url.port) != (self.url.scheme, self.url.host, self.url.port):
            raise VoicesiteError(f"The server names an address elsewhere, which gets no key: {url}", code="elsewhere")
        timeout = httpx.Timeout(request.read_seconds, connect=min(request.read_seconds, 10.0), write=60.0)
        return {
            "method": request.method,
            "url": url,
            "params": dict(request.params) or None,
            "json": request.json,
            "data": dict(request.form) or None,
            "files": files or None,
            "headers": dict(request.headers),
            "timeout": timeout,
        }


class Client(Methods, Connection):
    """A Voicesite server, asked by blocking calls. Close it, or use it as a context manager.

    Several threads may use one. transport: another way to send than the network, for tests.
    """

    def __init__(
        self,
        server: str | None = None,
        key: str | None = None,
        *,
        retries: int = 4,
        certificate: str | os.PathLike[str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ):
        super().__init__(server, key, retries=retries, certificate=certificate)
        self._http = httpx.Client(headers=self.headers, verify=self.verify, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections, and cancel the speech that calls are still waiting for."""
        while self._session.running:
            self._run(flows.cancelled(self._session.running.pop()))
        self._http.close()

    def _run(self, flow: Flow[T]) -> T:
        steps = self._iterate(flow)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result

    def _iterate(self, flow: Flow[T]) -> Generator[Any, None, T | None]:
        """Do the steps of a flow; yield what it gives, return what it returns."""
        result: Any = None
        error: BaseException | None = None
        with ExitStack() as body:  # what is open of the answer that is being read
            chunks: Iterator[bytes] = iter(())
            while True:
                try:
                    step = flow.throw(error) if error else flow.send(result)
                except StopIteration as end:
                    returned: T = end.value
                    return returned
                except Abandoned:
                    return None
                result = error = None
                try:
                    match step:
                        case Give(value):
                            yield value
                        case Sleep(seconds):
                            time.sleep(seconds)
                        case Read():
                            result = next(chunks, b"")
                        case Request():
                            body.close()
                            response = self._send(step)
                            body.callback(response.close)
                            result = _answer(response)
                            if _is_left_open(step, response):
                                chunks = response.iter_bytes()
                            else:
                                result = _answer(response, response.read())
                except GeneratorExit:
                    error = Abandoned()
                except BaseException as failure:  # also KeyboardInterrupt: the flow cleans up
                    error = failure

    def _send(self, request: Request) -> httpx.Response:
        if self._http.is_closed:
            raise _closed()
        with ExitStack() as files:
            opened = {name: (file.name, files.enter_context(file.opened())) for name, file in request.files.items()}
            return self._http.send(self._http.build_request(**self._asked(request, opened)), stream=True)


class AsyncClient(Methods, Connection):
    """A Voicesite server, asked by awaited calls, in asyncio or trio. Close it, or use it as a context manager.

    transport: another way to send than the network, for tests.
    """

    def __init__(
        self,
        server: str | None = None,
        key: str | None = None,
        *,
        retries: int = 4,
        certificate: str | os.PathLike[str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ):
        super().__init__(server, key, retries=retries, certificate=certificate)
        self._http = httpx.AsyncClient(headers=self.headers, verify=self.verify, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the connections, and cancel the speech that calls are still waiting for."""
        while self._session.running:
            await self._run(flows.cancelled(self._session.running.pop()))
        await self._http.aclose()

    async def _run(self, flow: Flow[T]) -> T:
        returned: list[T] = []
        async for _ in self._iterate(flow, returned.append):
            pass
        return returned[0]

    async def _iterate(
        self, flow: Flow[T], take: Callable[[T], object] = lambda returned: None
    ) -> AsyncGenerator[Any, None]:
        """Do the steps of a flow; yield what it gives, and let `take` have what it returns."""
        result: Any = None
        error: BaseException | None = None
        async with AsyncExitStack() as body:  # what is open of the answer that is being read
            chunks: AsyncIterator[bytes] = aiter(_nothing())
            while True:
                try:
                    step = flow.throw(error) if error else flow.send(result)
                except StopIteration as end:
                    take(end.value)
                    return
                except Abandoned:
                    return
                result = error = None
                try:
                    match step:
                        case Give(value):
                            yield value
                        case Sleep(seconds):
                            with anyio.CancelScope(shield=step.last):
                                await anyio.sleep(seconds)
                        case Read():
                            result = await anext(chunks, b"")
                        case Request():
                            with anyio.CancelScope(shield=step.last):
                                await body.aclose()
                                response = await self._send(step)
                                body.push_async_callback(response.aclose)
                                result = _answer(response)
                                if _is_left_open(step, response):
                                    chunks = response.aiter_bytes()
                                else:
                                    result = _answer(response, await response.aread())
                except GeneratorExit:
                    error = Abandoned()
                except BaseException as failure:  # also what cancels a task: the flow cleans up
                    error = failure

    async def _send(self, request: Request) -> httpx.Response:
        if self._http.is_closed:
            raise _closed()
        with ExitStack() as files:
            opened = {name: (file.name, files.enter_context(file.opened())) for name, file in request.files.items()}
            return await self._http.send(self._http.build_request(**self._asked(request, opened)), stream=True)


def _answer(response: httpx.Response, body: bytes = b"") -> Answer:
    return Answer(response.status_code, response.headers, body)


def _is_left_open(request: Request, response: httpx.Response) -> bool:
    return request.streamed and response.status_code == 200


def _closed() -> ConnectionFailed:
    return ConnectionFailed("This client is closed.", code="closed")


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
