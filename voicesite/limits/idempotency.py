"""The header Idempotency-Key: a POST that is sent again is answered again, and done once.

By the IETF's draft (draft-ietf-httpapi-idempotency-key-header). A key belongs to a person, and to one request of theirs:

1. The first request claims the row of its key before any work: the unique constraint lets one of many do so.
2. While it works, a thread renews its lease, and others with that key are told to come back. One whose process died
   renews nothing: after LEASE the next request takes the row over, by a conditional UPDATE.
3. A success is kept in the row for KEPT and given again. Its work and its answer are one transaction (`with_answer`): a
   process that is killed has done both or neither. One that was slow, and whose row another has taken over, has done
   neither as well: it keeps its answer by an UPDATE that names its claim, and all is undone if that changes no row.
4. Any other answer frees the key and undoes the work: what was refused, or failed, may go well the next time.
5. Where the answer comes long after the work, as speech does, the transaction of the work notes in the row what it has made
   (`note`). Who asks again, after a kill or because the client hung up, is answered for that (`noted`). So is sound that is
   streamed, of which nothing else is kept.
6. Another method, address or body with a key that is taken is refused, whatever became of the first.

What leaves nothing behind, as a transcription at /v1/ whose client waits for it, is done again after a kill.
"""

import functools
import hashlib
import threading
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from voicesite.models import IdempotencyKey, User
from voicesite.web.rejection import Rejected

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0
LONGEST = 255  # characters of a key
KEPT_HEADERS = ("Content-Type", "Location", "Retry-After")  # and all that begin with X-


class Answered(Exception):
    """The request was answered before; `response` is that answer."""

    def __init__(self, kept: IdempotencyKey):
        self.response = HttpResponse(bytes(kept.body or b""), status=kept.status)
        for name, value in kept.headers.items():
            self.response.headers[name] = value
        self.response.headers["Idempotency-Replayed"] = "true"


class _Claim:
    """A row that this request holds; a thread keeps it while the request works."""

    def __init__(self, row: IdempotencyKey):
        self.row, self.is_done = row, threading.Event()
        self.work = ExitStack()  # the transaction of the work, from `begin_work` on
        self.is_working = False
        self.thread = threading.Thread(target=self._renew, name="idempotency", daemon=True)
        self.thread.start()

    def _renew(self) -> None:
        try:
            while not self.is_done.wait(RENEW_SECONDS):
                self.mine().update(lease_expires_at=timezone.now() + LEASE)
        finally:
            connection.close()

    def begin_work(self) -> None:
        if not self.is_working:
            self.work.enter_context(transaction.atomic())
            self.is_working = True

    def mine(self):
        return IdempotencyKey.objects.filter(pk=self.row.pk, claim=self.row.claim)


class _Undone(Exception):
    """The request was not answered by a success."""


_working: ContextVar[_Claim | None] = ContextVar("working", default=None)  # for the request whose view this thread runs


def begin(request: HttpRequest, owner: User) -> None:
    """Claim the key of a POST, if it has one. Call it when its owner is known, and `end` with the response.

    Raises Answered, and Rejected where the key is another request's, or that request is not ready.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return
    key = key.strip().strip('"')
    if not (0 < len(key) <= LONGEST and key.isprintable()):
        raise Rejected("bad_request", f"{HEADER} has 1 to {LONGEST} printable characters.")
    request.idempotency = _Claim(_claimed(owner, key, fingerprint(request)))  # type: ignore[attr-defined]


def with_answer(view: Callable, *, at_once: bool = True) -> Callable:
    """Return a view that answers a POST, whose work is one transaction with the keeping of its answer.

    at_once: whether the work begins with the view. One that decodes an upload first, or asks the network, must not keep
    others from writing meanwhile: it calls `begin_work` when it is about to write.
    """

    @functools.wraps(view)
    def working(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        token = _working.set(getattr(request, "idempotency", None))
        try:
            if at_once:
                begin_work()
            return view(request, *args, **kwargs)
        finally:
            _working.reset(token)

    return working


def begin_work() -> None:
    """Make one transaction of all that a view `with_answer` writes from here on; for a request without a key, nothing."""
    if claim := _working.get():
        claim.begin_work()


def note(request: HttpRequest, **made: str) -> None:
    """Note what the request makes, in the transaction that makes it. Raises Rejected where another has taken over."""
    if claim := getattr(request, "idempotency", None):
        if not claim.mine().update(made=made):
            raise _in_progress()
        claim.row.made = made


def noted(request: HttpRequest) -> dict[str, str]:
    """Return what the same request has made before; nothing where it has not, or has no key."""
    claim = getattr(request, "idempotency", None)
    return claim.row.made if claim else {}


def end(request: HttpRequest, response: HttpResponseBase | None) -> None:
    """Keep a success as the answer to the request, and free the key otherwise; None: there is no answer.

    Raises Rejected, with the work undone, where another request has taken over.
    """
    claim = getattr(request, "idempotency", None)
    if claim is None:
        return
    del request.idempotency  # type: ignore[attr-defined]
    claim.is_done.set()
    try:
        with claim.work:
            if response is None or not 200 <= response.status_code < 300:
                raise _Undone
            if not claim.mine().update(**_kept(response)) and claim.is_working:
                raise _in_progress()
    except _Undone:
        if response is None and claim.row.made:  # the client hung up, and what it asked for goes on
            claim.mine().update(lease_expires_at=timezone.now())
        else:
            claim.mine().delete()


def _kept(response: HttpResponseBase) -> dict[str, Any]:
    """Return the fields of a row that keep a response."""
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS or name.startswith("X-")}
    body = None if response.streaming else response.content  # type: ignore[attr-defined]
    return {"status": response.status_code, "headers": headers, "body": body}


def fingerprint(request: HttpRequest) -> str:
    """Return a hash of what is asked: the method, the address and what is sent, but for how a form's parts are divided."""
    parts = hashlib.sha256()

    def add(*written: str | bytes) -> None:
        for one in written:
            data = one.encode("utf-8", "surrogatepass") if isinstance(one, str) else one
            parts.update(b"%d:" % len(data) + data)

    add(
        request.method or "", request.path.rstrip("/"), request.META.get("QUERY_STRING", ""), request.content_type or ""
    )
    if request.content_type != "multipart/form-data":
        add(request.body)
        return parts.hexdigest()
    for name, values in sorted(request.POST.lists()):
        add(name, *values)
    for name, file in sorted(request.FILES.items()):
        assert isinstance(file, UploadedFile)
        add(name, file.name or "", str(file.size))
        for chunk in file.chunks():
            parts.update(chunk)
        file.seek(0)
    return parts.hexdigest()


def forget_old() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _claimed(owner: User, key: str, asked: str) -> IdempotencyKey:
    """Return the row of a key, claimed. Raises Answered and Rejected."""
    now = timezone.now()
    lease: dict[str, Any] = {"claim": uuid4(), "lease_expires_at": now + LEASE}
    theirs = IdempotencyKey.objects.filter(owner=owner, key=key)
    theirs.filter(created_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return theirs.create(owner=owner, key=key, fingerprint=asked, **lease)
    except IntegrityError:
        row = theirs.first()
    if row is None:  # it was freed just now
        raise _in_progress()
    if row.fingerprint != asked:
        raise Rejected("key_reused", f"This {HEADER} was sent with another request. Send a new one with each.")
    if row.status and row.body is not None:
        raise Answered(row)
    # A lease that is too long was taken before the clock was put back: twice the length is for two machines' clocks.
    is_held = now < row.lease_expires_at < now + 2 * LEASE
    may_take = row.status or not is_held  # it was streamed, or its process died
    unchanged = theirs.filter(pk=row.pk, claim=row.claim, status=row.status)
    if not (may_take and unchanged.update(status=None, **lease)):
        raise _in_progress()
    row.refresh_from_db()  # who held it may have noted something until then
    return row


def _in_progress() -> Rejected:
    return Rejected("in_progress", "The same request is being answered. Ask again for its answer.", retry=1)
