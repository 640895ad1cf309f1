"""The body of a request, gathered before a view runs: a client that sends slowly holds no thread."""

import asyncio
import tempfile
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from django.conf import settings
from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.http import HttpRequest

from voicesite.resources import has_room, refusal

from .rejection import Rejected

SMALL_BYTES = 64 * 1024  # of a body that is gathered before anything is known of who sends it
BODIES_OF_ONE_PERSON = 4  # larger ones, gathered at once; others wait for their turn
MEMORY_BYTES = 256 * 1024  # of one body; what is longer goes into a file without a name, which ends with its request
SILENCE_SECONDS = 60.0  # between two pieces of a body, after which it is given up

_turns: WeakValueDictionary[Any, asyncio.Semaphore] = WeakValueDictionary()  # by person


class Incoming:
    """The body of a request while it comes in, and after it the end of the connection."""

    def __init__(self, scope: Any, receive: Any):
        self.scope, self.receive = scope, receive
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        # Without a declared length the body comes in chunks; a request without either header has none.
        self.length = int(length) if length.isdigit() else None if b"transfer-encoding" in headers else 0
        self.size, self.is_whole = 0, self.length == 0
        self.is_kept = True  # as long as there is room for it
        self.is_settled = asyncio.Event()  # all of it that is wanted is here: what comes next is the end
        self.file = tempfile.SpooledTemporaryFile(MEMORY_BYTES, dir=str(settings.DATA_DIR))  # noqa: SIM115 — closed with its request

    async def gather(self, limit: int) -> bool:
        """Take in the body, and return whether it is all there; False, with the rest unread, if it exceeds `limit` bytes.

        Raises RequestAborted when the client goes away, and TooSlow when nothing comes for SILENCE_SECONDS.
        """
        if self.length is not None and self.length > limit:
            return False
        while not self.is_whole and self.size <= limit:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = await self.receive()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.disconnect":
                raise RequestAborted
            data = message.get("body", b"")
            self.size += len(data)
            await self._keep(data)
            self.is_whole = not message.get("more_body", False)
        if self.is_whole and self.length is None:
            self.length = self.size
            self.scope["headers"] = [*self.scope["headers"], (b"content-length", str(self.size).encode())]
        self.file.seek(0 if self.is_whole else self.size)
        if self.is_whole:
            self.is_settled.set()
        return self.is_whole

    async def _keep(self, data: bytes) -> None:
        """Write what came to the file, as long as there is room for it."""
        try:
            if self.is_kept and self.size > MEMORY_BYTES:
                await asyncio.to_thread(self.file.write, data)  # a disk may be slow
            elif self.is_kept:
                self.file.write(data)
        except OSError as error:
            if not refusal(error):
                raise
            self.is_kept = False

    async def gather_for(self, sender: "Sender") -> Any:
        """Take in a body that a view wants, and return it; TooLong in its place where it is longer than they may send.

        NoRoom where the disk is full: it is read all the same, since a browser shows an answer only once it has sent all.

        The view is run again with it. Raises as `gather`.
        """
        fits_in_memory = self.length is not None and self.length <= MEMORY_BYTES
        self.is_kept = fits_in_memory or has_room(self.length or 0)
        async with _turns.setdefault(sender.person, asyncio.Semaphore(BODIES_OF_ONE_PERSON)):
            is_whole = await self.gather(sender.limit)
        self.is_settled.set()
        if not self.is_kept:
            return NoRoom()
        self.scope["is_again"] = True  # it was counted already (voicesite/limits/rates.py)
        return self.file if is_whole else TooLong()

    async def hung_up(self) -> None:
        """Return when the client has gone, or has its answer. What else it sends is dropped."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class Sender:
    """Who sends a body, and how many bytes of it: strangers send forms, and no files. Asks the database."""

    def __init__(self, request: HttpRequest):
        user = getattr(request, "user", None)  # of middleware that comes before the one for authentication, nobody
        is_known = user is not None and user.is_authenticated
        self.person = user.pk if user else None
        largest = max(settings.IMPORT_MAX_BYTES, settings.CLIP_MAX_BYTES) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.limit = largest if is_known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class TooSlow(Exception):
    """Nothing more of a body has come for SILENCE_SECONDS."""


class BodyWanted(BaseException):  # unlike an Exception, nothing that handles errors takes it for one
    """A view reads a body that has not been gathered yet."""


class Unread:
    """Stands for a body that has not been gathered: who reads it, wants it."""

    def read(self, size: int = -1) -> NoReturn:
        raise BodyWanted

    def close(self) -> None:
        pass


class NoRoom(Unread):
    """Stands for a body that the disk has no room for."""

    def read(self, size: int = -1) -> NoReturn:
        raise Rejected("disk_full")  # Django would take an OSError for a client that hung up


class TooLong(Unread):
    """Stands for a body that is longer than anything that is accepted here."""

    def read(self, size: int = -1) -> NoReturn:
        raise RequestDataTooBig("The body is longer than any that is accepted here.")
