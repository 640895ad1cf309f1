"""A model hub of one's own: a real HTTP server on the loopback that serves folders as Hugging Face's hub serves models.

It speaks what clients of the hub need: a model's description, its tree, and files by HEAD and GET with ETag, commit,
size and Range; small ones by a redirect on the same host, large ones by one to another, as to a content delivery
network. And it can be told to behave as networks do: slow, broken off, damaged, or refusing.
"""

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGE_FILE_BYTES = 1000  # bytes from which a file is kept apart, under its SHA-256
COMMIT = "c" * 40


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Hub:
    """Serves `models`, folders by name. Use it with `with`; what it does may be changed while it runs."""

    models: dict[str, Path]
    rate: float = 0  # bytes a second of a file; 0 is as fast as it goes
    cuts: list[int] = field(
        default_factory=list
    )  # for the next answers with a large file: bytes after which each breaks off
    damaged: int = 0  # so many of the next answers with a large file have a wrong byte
    stalls: bool = False  # large files begin, and nothing more of them comes
    ranges: bool = True
    statuses: list[tuple[int, str]] = field(default_factory=list)  # the next answers: HTTP status, X-Error-Code
    token: str = ""  # refuses requests without it
    page: bytes = b""  # is answered to everything, as by a network that wants a login first
    requests: list[Request] = field(default_factory=list)
    sent: int = 0  # bytes of files

    def __enter__(self) -> "Hub":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.server.daemon_threads = True
        self.ended = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error) -> None:
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    @cached_property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @cached_property
    def delivery(self) -> str:
        """The other host, which large files come from: the same server by another name."""
        return f"http://localhost:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        hub.requests.append(Request(self.command, self.path, headers))
        if hub.page:
            return self._answer(hub.page, kind="text/html")
        if delivered := re.fullmatch(r"/delivery/(.+?)/-/(.+)", path):
            return self._file(hub.models[delivered[1]] / delivered[2])
        if hub.statuses:
            return self._refuse(*hub.statuses.pop(0))
        if hub.token and headers.get("authorization") != f"Bearer {hub.token}":
            return self._refuse(401, "RepoNotFound")
        if small := re.fullmatch(r"/api/resolve-cache/models/(.+?)/-/(.+)", path):
            path = hub.models[small[1]] / small[2]
            return self._file(path, {"X-Repo-Commit": COMMIT, "ETag": f'"{_checksum(path)}"'})
        for name, place in hub.models.items():
            if path in (f"/api/models/{name}", f"/api/models/{name}/revision/main"):
                return self._answer(self._description(name, place))
            if path.startswith(f"/api/models/{name}/tree/"):
                return self._answer(self._tree(place))
            if found := re.fullmatch(rf"/{re.escape(name)}/resolve/(main|{COMMIT})/(.+)", path):
                return self._resolve(name, place, found[2])
        return self._refuse(404, "RepoNotFound")

    def _resolve(self, name: str, place: Path, file: str) -> None:
        path = place / file
        if not path.is_file():
            return self._refuse(404, "EntryNotFound")
        size, checksum = path.stat().st_size, _checksum(path)
        about = {"X-Repo-Commit": COMMIT, "ETag": f'"{checksum}"'}
        if size < LARGE_FILE_BYTES:
            return self._answer(b"", 307, about | {"Location": f"/api/resolve-cache/models/{name}/-/{file}"})
        about |= {"X-Linked-Size": str(size), "X-Linked-ETag": f'"{checksum}"'}
        return self._answer(b"", 302, about | {"Location": f"{self.hub.delivery}/delivery/{name}/-/{file}"})

    def _file(self, path: Path, about: dict[str, str] | None = None) -> None:
        content, status, headers = path.read_bytes(), 200, dict(about or {})
        large = len(content) >= LARGE_FILE_BYTES
        if large and self.hub.damaged and self.command == "GET":
            self.hub.damaged -= 1
            content = content[:-1] + bytes([content[-1] ^ 1])
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and self.hub.ranges:
            begin = int(wanted[1])
            if begin >= len(content):
                return self._answer(b"", 416)
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            content, status = content[begin:], 206
        cut = self.hub.cuts.pop(0) if large and self.hub.cuts and self.command == "GET" else None
        self._answer(content, status, headers, cut=cut, slow=large)

    def _answer(self, content: bytes | object, status=200, headers=None, kind="application/json", cut=None, slow=False):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Accept-Ranges": "bytes",
            **(headers or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        step = max(1, round(self.hub.rate / 20)) if slow and self.hub.rate else 1 << 16
        for begin in range(0, len(content) if cut is None else cut, step):
            chunk = content[begin : min(begin + step, len(content) if cut is None else cut)]
            try:
                self.wfile.write(chunk)
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
            self.hub.sent += len(chunk)
            if slow and self.hub.rate:
                time.sleep(0.05)
            if slow and self.hub.stalls:
                self.hub.ended.wait()
        if cut is not None:
            self.close_connection = True

    def _refuse(self, status: int, code: str = "") -> None:
        self._answer({"error": "refused"}, status, {"X-Error-Code": code} if code else {})

    def _description(self, name: str, place: Path) -> dict:
        siblings = []
        for path in _files(place):
            size, checksum = path.stat().st_size, _checksum(path)
            sibling = {"rfilename": path.relative_to(place).as_posix(), "size": size, "blobId": _blob(path)}
            siblings.append(
                sibling
                | ({"lfs": {"sha256": checksum, "size": size, "pointerSize": 134}} if size >= LARGE_FILE_BYTES else {})
            )
        return {"id": name, "modelId": name, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings}

    def _tree(self, place: Path) -> list[dict]:
        entries = []
        for path in _files(place):
            size, checksum = path.stat().st_size, _checksum(path)
            entry = {"type": "file", "path": path.relative_to(place).as_posix(), "size": size, "oid": _blob(path)}
            entries.append(
                entry
                | ({"lfs": {"oid": checksum, "size": size, "pointerSize": 134}} if size >= LARGE_FILE_BYTES else {})
            )
        return entries


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.stat().st_size >= LARGE_FILE_BYTES else _blob(path)


def _blob(path: Path) -> str:
    """Git's name of the file's content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
