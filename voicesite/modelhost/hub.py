"""A client of the model hub: list the files of a model, and download them with resumption.

Not huggingface_hub, which gives its partial files random names and so can't resume one. Besides, the engines' libraries
need three major versions of it, with different HTTP clients and errors, and a site without those libraries downloads
models too (Whisper's).
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions
from urllib3.util import make_headers, parse_url

from voicesite.texts import N_

from . import certificates
from .network_errors import explain
from .protocol import ModelError

STALL_SECONDS = 20  # without a byte, after which a connection is closed and another is made
MAX_FRUITLESS_ATTEMPTS = 6  # connections in a row that bring no byte
FIRST_RETRY_SECONDS = 1  # before the second of them; doubled each time
MAX_REDIRECTS = 5
_CHUNK_BYTES = 1 << 20
_FILE_SUFFIXES = (".json", ".safetensors", ".txt", ".jinja", ".model", ".npz")  # no pictures, no pickles, no code
_CTRANSLATE2_WEIGHTS = "model.bin"  # not a pickle: PyTorch's are called pytorch_model.bin

OnBytes = Callable[[int], None]  # called at least once a second with the bytes so far; raises to stop


@dataclass(frozen=True)
class File:
    """A file of a model on the hub."""

    name: str  # with its folders
    size: int  # bytes
    checksum: str  # in hexadecimal: a large file's SHA-256, or the SHA-1 by which git names a small one's blob


def endpoint() -> str:
    """Return the hub's address: HF_ENDPOINT, else Hugging Face's."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def home() -> Path:
    """Return the folder of Hugging Face's tools, with their shared cache and the token of a login."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or default).expanduser()


def token() -> str:
    """Return HF_TOKEN, else the token that a login with Hugging Face's tools stored; empty if there is none."""
    path = Path(os.environ.get("HF_TOKEN_PATH") or home() / "token").expanduser()
    try:
        return (os.environ.get("HF_TOKEN") or path.read_text()).strip()
    except (OSError, ValueError):
        return ""


def listing(model: str, on_bytes: OnBytes) -> tuple[str, list[File]]:
    """Return the latest commit of `model` on the hub, and the files that loading it takes. Raises ModelError."""
    for attempt in (1, 2, 3):
        try:
            with _request(f"/api/models/{model}?blobs=true", model) as response:
                content = response.data
            break
        except ModelError as error:
            if error.permanent or attempt == 3:
                raise
            _wait(FIRST_RETRY_SECONDS * attempt, 0, on_bytes)
    try:
        answer = json.loads(content)
        commit = answer["sha"]
        files = [
            File(each["rfilename"], each["size"], (each.get("lfs") or {}).get("sha256") or each["blobId"])
            for each in answer["siblings"]
            if each["rfilename"].endswith(_FILE_SUFFIXES) or each["rfilename"] == _CTRANSLATE2_WEIGHTS
        ]
    except (ValueError, KeyError, TypeError) as error:
        message = N_("What answers at {endpoint} is not the model hub.").format(endpoint=endpoint())
        raise ModelError(
            N_("{message} Does this network need a login first, or is HF_ENDPOINT wrong?").format(message=message)
        ) from error
    if not all(map(_is_safe, files)):
        raise ModelError(
            N_("The files of {model} on the hub have names that are not accepted here.").format(model=model),
            permanent=True,
        )
    names = [file.name for file in files]
    weights = (".safetensors", ".npz", _CTRANSLATE2_WEIGHTS)
    if "config.json" not in names or not any(name.endswith(weights) for name in names):
        raise ModelError(
            N_("{model} on the hub is not a model that can be loaded here.").format(model=model), permanent=True
        )
    return commit, files


def fetch(model: str, commit: str, file: File, part: Path, on_bytes: OnBytes) -> None:
    """Append to `part` until it is complete, and verify it. A file that arrives damaged is downloaded once more.

    Raises ModelError, OSError if the disk fails, and what `on_bytes` raises; `part` is kept then.
    """
    for _ in range(2):
        if _append(model, commit, file, part, on_bytes) == file.checksum:
            return
        part.unlink()
    raise ModelError(
        N_("{name} of {model} arrived damaged, twice. Something between here and the hub alters it.").format(
            name=file.name, model=model
        )
    )


def checksum(path: Path, like: str, on_bytes: OnBytes = lambda received: None) -> str:
    """Return the checksum of a file, by the same algorithm as the checksum `like`. Raises OSError."""
    digest = _digest(like, path.stat().st_size)
    with path.open("rb") as file:
        _hash_rest(file, digest, on_bytes)
    return digest.hexdigest()


def _append(model: str, commit: str, file: File, part: Path, on_bytes: OnBytes) -> str:
    """Download what `part` lacks of `file`, over as many connections as it takes, and return the file's checksum."""
    digest = _digest(file.checksum, file.size)
    with part.open("a+b") as written:
        if written.tell() > file.size:
            written.truncate(0)
        written.seek(0)
        received = _hash_rest(written, digest, on_bytes)
        attempts = 0
        while received < file.size:
            before = received
            path = f"/{model}/resolve/{commit}/{quote(file.name)}"
            try:
                with _request(path, model, {"Range": f"bytes={received}-"} if received else {}) as response:
                    if received and response.status != HTTPStatus.PARTIAL_CONTENT:  # the server can't resume
                        written.truncate(0)
                        digest, received = _digest(file.checksum, file.size), 0
                    for chunk in _chunks(response, file.size - received):
                        written.write(chunk)
                        digest.update(chunk)
                        received += len(chunk)
                        on_bytes(received)
            except ModelError as error:
                attempts = attempts + 1 if received <= before else 1
                if error.permanent or attempts >= MAX_FRUITLESS_ATTEMPTS:
                    raise
                _wait(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), received, on_bytes)
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest()


def _chunks(response: urllib3.BaseHTTPResponse, size: int) -> Iterator[bytes]:
    """Yield the next `size` bytes as they arrive. Raises ModelError if the connection ends early."""
    while size:
        try:
            chunk = response.read1(min(_CHUNK_BYTES, size), decode_content=False)
        except exceptions.ProtocolError:
            chunk = b""
        if not chunk:
            advice = N_("Try again later: what is here is kept.")
            raise ModelError(
                N_("The connection to {host} breaks off again and again. {advice}").format(host=_host(), advice=advice)
            )
        yield chunk
        size -= len(chunk)


def _hash_rest(file: BinaryIO, digest, on_bytes: OnBytes) -> int:
    """Update `digest` with the rest of `file`, and return how many bytes that are."""
    received = 0
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
        received += len(chunk)
        on_bytes(received)
    return received


def _digest(like: str, size: int):
    """Return a digest for a file of `size` bytes, by the same algorithm as the checksum `like`."""
    if len(like) == hashlib.sha256().digest_size * 2:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def _is_safe(file: File) -> bool:
    path = PurePosixPath(file.name)
    return not path.is_absolute() and "\\" not in file.name and not any(part.startswith(".") for part in path.parts)


def _wait(seconds: float, received: int, on_bytes: OnBytes) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        on_bytes(received)
        time.sleep(min(0.1, seconds))


# ---------------------------------------------------------------------------------------------------------------------
# Requests and their errors


@contextmanager
def _request(path: str, model: str, headers: Mapping[str, str] | None = None) -> Iterator[urllib3.BaseHTTPResponse]:
    """Yield the hub's response with its body unread. Raises ModelError, also while the body is read."""
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in ("", "0", "false", "no", "off"):
        raise ModelError(N_("HF_HUB_OFFLINE is set, so this machine may not contact the model hub."), permanent=True)
    if not endpoint().startswith(("http://", "https://")):
        raise ModelError(
            N_("HF_ENDPOINT is “{endpoint}”, which is not a web address.").format(endpoint=endpoint()), permanent=True
        )
    try:
        with _get(endpoint() + path, headers or {}) as response:
            if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise _refusal(response.status, response.headers.get("X-Error-Code", ""), model)
            yield response
    except exceptions.HTTPError as error:
        advice = N_("Is this machine connected to the internet?")
        raise ModelError(
            *explain(error, N_("the model hub, {host},").format(host=_host()), _host(), advice, STALL_SECONDS)
        ) from error


def _get(url: str, headers: Mapping[str, str], redirects: int = MAX_REDIRECTS) -> urllib3.BaseHTTPResponse:
    """Get `url`, following redirects: large files come from other hosts, at signed addresses.

    urllib3 would follow them through one proxy, but NO_PROXY is a matter of each host; and only the hub gets the token.
    """
    sent = {"User-Agent": "voicesite", **headers}
    if token() and urlsplit(url)[:2] == urlsplit(endpoint())[:2]:
        sent["Authorization"] = f"Bearer {token()}"
    response = _manager(url).request(
        "GET", url, headers=sent, timeout=STALL_SECONDS, retries=False, redirect=False, preload_content=False
    )
    location = response.get_redirect_location()
    if location and redirects:
        response.close()
        return _get(urljoin(url, location), headers, redirects - 1)
    return response


def _manager(url: str) -> urllib3.PoolManager:
    """Return a pool manager for `url`, through the proxy that the environment names for its host, if any."""
    host = parse_url(url)
    proxy = None if proxy_bypass(host.netloc or "") else getproxies().get(host.scheme or "")
    if not proxy:
        return urllib3.PoolManager(ssl_context=certificates.context())
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    login = unquote(parse_url(proxy).auth or "")
    headers = make_headers(proxy_basic_auth=login) if login else None
    return urllib3.ProxyManager(proxy, ssl_context=certificates.context(), proxy_headers=headers)


def _host() -> str:
    return parse_url(endpoint()).netloc or ""


def _refusal(status: int, code: str, model: str) -> ModelError:
    """Return the error for a status other than success, with what to do about it."""
    if code == "GatedRepo" or status == 403:
        terms = N_("accept its conditions at {endpoint}/{model}, and set HF_TOKEN to a token of that account.").format(
            endpoint=endpoint(), model=model
        )
        return ModelError(
            N_("The hub does not give {model} to everyone: {terms}").format(model=model, terms=terms), permanent=True
        )
    if status == 401 and token():
        return ModelError(
            N_("The hub does not accept this HF_TOKEN, or does not show {model} to it.").format(model=model),
            permanent=True,
        )
    if status == 401:  # also the answer for a model that does not exist
        message = N_("The hub has no model called {model}, or shows it only to those who log in").format(model=model)
        return ModelError(N_("{message}: check the name, or set HF_TOKEN.").format(message=message), permanent=True)
    if status == 404:
        return ModelError(
            N_("The hub has no model called {model}. Check the name.").format(model=model), permanent=True
        )
    if status == 407:
        return ModelError(N_("The proxy requires a login: HTTPS_PROXY=http://name:password@host:port."), permanent=True)
    if status == 429:
        return ModelError(N_("The hub is limiting requests from here. Try again in a few minutes."))
    return ModelError(N_("The hub has a problem (error {status}). Try again later.").format(status=status))
