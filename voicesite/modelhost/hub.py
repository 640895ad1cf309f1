"""The model hub: which files a model has, and their bytes, from where an earlier attempt ended.

By the standard library, not by huggingface_hub. The engines' libraries want three major versions of that one, which
differ in their HTTP client and their errors; its 2.x begins an interrupted file anew; and an installation without those
libraries can fetch models too. What it takes is two kinds of requests.
"""

import hashlib
import http.client
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from . import certificates
from .protocol import ModelError

SILENCE = 20  # seconds without a byte after which a connection is given up, and another made
PATIENCE = 6  # attempts in a row that bring no byte, before the hub is given up
PAUSE = 1  # seconds before the second of them, then twice as long each time
_CHUNK = 1 << 20
_WANTED = (".json", ".safetensors", ".txt", ".jinja", ".model", ".npz")  # no pictures, no pickles, no code
_CTRANSLATE2 = "model.bin"  # no pickle, which PyTorch calls pytorch_model.bin

Going = Callable[[int], None]  # called with the bytes that are there, at least each second or so; raises to stop


@dataclass(frozen=True)
class File:
    """A file of a model on the hub."""

    name: str  # with the folders it is in
    size: int  # bytes
    checksum: str  # SHA-256 of large files, in hexadecimal; of small ones git's name of the blob, a SHA-1


def endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def home() -> Path:
    """The folder of Hugging Face's own tools: the cache that they share, and the token of who has logged in."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or default).expanduser()


def token() -> str:
    """Of the environment, else of the person who logged in with Hugging Face's tools."""
    path = Path(os.environ.get("HF_TOKEN_PATH") or home() / "token").expanduser()
    try:
        return (os.environ.get("HF_TOKEN") or path.read_text()).strip()
    except (OSError, ValueError):
        return ""


def listing(model: str, going: Going) -> tuple[str, list[File]]:
    """The commit that the hub has of `model` now, and the files of it that a model needs. Raises ModelError."""
    for attempt in (1, 2, 3):
        try:
            response = _open(f"/api/models/{model}?blobs=true", model)
            break
        except ModelError as error:
            if error.permanent or attempt == 3:
                raise
            _wait(PAUSE * attempt, 0, going)
    with response:
        try:
            answer = json.load(response)
            commit = answer["sha"]
            files = [
                File(each["rfilename"], each["size"], (each.get("lfs") or {}).get("sha256") or each["blobId"])
                for each in answer["siblings"]
                if each["rfilename"].endswith(_WANTED) or each["rfilename"] == _CTRANSLATE2
            ]
        except (ValueError, KeyError, TypeError, http.client.HTTPException) as error:
            raise ModelError(
                f"What answers at {endpoint()} is not the model hub. A network that wants a login first, or HF_ENDPOINT?"
            ) from error
    if not all(map(_is_safe, files)):
        raise ModelError(f"The files of {model} on the hub have names that are not accepted here.", permanent=True)
    names = [file.name for file in files]
    if "config.json" not in names or not any(name.endswith((".safetensors", ".npz", _CTRANSLATE2)) for name in names):
        raise ModelError(f"{model} on the hub is no model that can be loaded here.", permanent=True)
    return commit, files


def fetch(model: str, commit: str, file: File, part: Path, going: Going) -> None:
    """Append to `part` until it is `file`, whole and proven by its checksum; one that is wrong is begun anew, once.

    Raises ModelError, OSError when the disk does not take it, and what `going` raises; `part` is kept then.
    """
    for _ in range(2):
        digest = _append(model, commit, file, part, going)
        if digest == file.checksum:
            return
        part.unlink()
    raise ModelError(f"{file.name} of {model} arrived damaged, twice. Something on the way to the hub changes it.")


def checksum(path: Path, like: str, going: Going = lambda there: None) -> str:
    """The checksum of a file, of the kind that `like` is. Raises OSError."""
    digest = _digest(like, path.stat().st_size)
    with path.open("rb") as file:
        _read(file, digest, going)
    return digest.hexdigest()


def _append(model: str, commit: str, file: File, part: Path, going: Going) -> str:
    """Fetch what `part` lacks of `file`, over as many connections as it takes; the checksum of all of it."""
    digest = _digest(file.checksum, file.size)
    with part.open("a+b") as written:
        if written.tell() > file.size:
            written.truncate(0)
        written.seek(0)
        there = _read(written, digest, going)
        attempts = 0
        while there < file.size:
            before = there
            address = f"/{model}/resolve/{commit}/{quote(file.name)}"
            try:
                with _open(address, model, {"Range": f"bytes={there}-"} if there else {}) as response:
                    if there and response.status != http.HTTPStatus.PARTIAL_CONTENT:  # it does not know how to go on
                        written.truncate(0)
                        digest, there = _digest(file.checksum, file.size), 0
                    for chunk in _chunks(response, file.size - there, model):
                        written.write(chunk)
                        digest.update(chunk)
                        there += len(chunk)
                        going(there)
            except ModelError as error:
                attempts = attempts + 1 if there <= before else 1
                if error.permanent or attempts >= PATIENCE:
                    raise
                _wait(PAUSE * 2 ** (attempts - 1), there, going)
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest()


def _chunks(response, size: int, model: str) -> Iterator[bytes]:
    """The next `size` bytes as they come. Raises ModelError where the connection ends before."""
    while size:
        try:
            chunk = response.read1(min(_CHUNK, size))
        except (OSError, http.client.HTTPException) as error:
            raise _in_words(error, model) from error
        if not chunk:
            raise ModelError(
                f"The connection to {_host()} breaks off again and again. Try again later: what is here is kept."
            )
        yield chunk
        size -= len(chunk)


def _read(file, digest, going: Going) -> int:
    there = 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        there += len(chunk)
        going(there)
    return there


def _digest(like: str, size: int):
    if len(like) == hashlib.sha256().digest_size * 2:
        return hashlib.sha256()
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest


def _is_safe(file: File) -> bool:
    path = PurePosixPath(file.name)
    return not path.is_absolute() and "\\" not in file.name and not any(part.startswith(".") for part in path.parts)


def _wait(seconds: float, there: int, going: Going) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        going(there)
        time.sleep(0.1)


# ---------------------------------------------------------------------------------------------------------------------
# One request, and what can go wrong with it


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Large files come from another host by an address that is signed: the token is for the hub's own only."""

    def redirect_request(self, request, *arguments):
        new = super().redirect_request(request, *arguments)
        if new and urlsplit(new.full_url).netloc == urlsplit(request.full_url).netloc:
            new.unredirected_hdrs |= request.unredirected_hdrs
        return new


def _open(path: str, model: str, headers: dict[str, str] | None = None):
    """The hub's answer. Raises ModelError, permanent where asking again can't help."""
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in ("", "0", "false", "no", "off"):
        raise ModelError("HF_HUB_OFFLINE is set: this machine shall not ask the model hub.", permanent=True)
    if not endpoint().startswith(("http://", "https://")):
        raise ModelError(f"HF_ENDPOINT is “{endpoint()}”, which is no web address.", permanent=True)
    request = urllib.request.Request(endpoint() + path, headers={"User-Agent": "voicesite"} | (headers or {}))  # noqa: S310
    if token():
        request.add_unredirected_header("Authorization", f"Bearer {token()}")
    opener = urllib.request.build_opener(_Redirects, urllib.request.HTTPSHandler(context=certificates.context()))
    try:
        return opener.open(request, timeout=SILENCE)
    except (OSError, http.client.HTTPException) as error:
        raise _in_words(error, model) from error


def _host() -> str:
    return urlsplit(endpoint()).netloc


def _in_words(error: Exception, model: str) -> ModelError:
    """Why there was no answer, or not the wanted one, with what to do."""
    if isinstance(error, urllib.error.HTTPError):
        return _refused(error, model)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return ModelError(
            f"The certificate of {_host()} is not trusted here ({reason.verify_message}). Where a proxy inspects "
            "traffic, SSL_CERT_FILE names the file with its certificate.",
            permanent=True,
        )
    if isinstance(reason, ssl.SSLError):
        return ModelError(f"No secure connection to {_host()} could be made: {reason.reason or reason}.")
    if "Tunnel connection failed" in str(reason):
        return ModelError(f"The proxy does not let us through to {_host()}: {reason}. See HTTPS_PROXY.")
    if isinstance(reason, TimeoutError):
        return ModelError(f"The model hub, {_host()}, does not answer. Is this machine connected to the internet?")
    return ModelError(
        f"The model hub, {_host()}, can't be reached ({getattr(reason, 'strerror', None) or reason}). "
        "Is this machine connected to the internet?"
    )


def _refused(error: urllib.error.HTTPError, model: str) -> ModelError:
    code, said = error.code, error.headers.get("X-Error-Code", "")
    if said == "GatedRepo" or code == 403:
        return ModelError(
            f"The hub does not give {model} to everyone: accept its conditions at {endpoint()}/{model}, "
            "and set HF_TOKEN to a token of that account.",
            permanent=True,
        )
    if code == 401 and token():
        return ModelError(f"The hub does not accept this HF_TOKEN, or does not show {model} to it.", permanent=True)
    if code == 401:  # what does not exist, it says so of as well
        return ModelError(
            f"The hub has no model called {model}, or shows it only to those who log in: check the name, or set "
            "HF_TOKEN.",
            permanent=True,
        )
    if code == 404:
        return ModelError(f"The hub has no model called {model}. Check the name.", permanent=True)
    if code == 407:
        return ModelError("The proxy wants a login: HTTPS_PROXY=http://name:password@host:port.", permanent=True)
    if code == 429:
        return ModelError("The hub says that too much was asked of it from here. Try again in some minutes.")
    return ModelError(f"The hub has a problem of its own (error {code}). Try again later.")
