"""Audio responses with byte ranges, without which Safari plays nothing, and names for downloaded files.

Views authorise before they call this: there is no MEDIA_URL.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from voicesite.temporary import PREFIX

from .names import slug

_RANGE_HEADER = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)
_NAME_BYTES = 180  # file systems allow 255; browsers append to a name that is taken


def sound_response(
    request: HttpRequest, file: File, *, etag: str, name: str, content_type: str = "audio/wav"
) -> HttpResponseBase:
    """Return the file, or the single range requested (RFC 9110, section 14). `?download` saves it as `name`.

    `etag` identifies exactly these bytes, so browsers may cache them for ever, and shared caches never. Multiple and
    malformed ranges get the whole file, as the RFC allows. Raises Http404 if the file is gone.
    """
    etag = f'"{etag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    size = stream.seek(0, 2)  # a stored file would be asked how large it is, by a request where that is far away
    start, end, status = 0, size, 200
    asked = _RANGE_HEADER.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    if asked and request.headers.get("If-Range", etag) == etag:
        first, last, suffix = asked.groups()
        from_, to = (int(first), int(last or size) + 1) if first else (max(size - int(suffix), 0), size)
        if from_ >= size:
            stream.close()
            return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        if from_ < to:  # else it ends before it starts, and is no range
            start, end, status = from_, min(to, size), 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response = FileResponse(
        _Part(stream, start, end),
        status=status,
        as_attachment="download" in request.GET,
        filename=name,
        content_type=content_type,
        headers=headers | {"Content-Length": str(end - start)},
    )
    if request.method == "HEAD":
        response.streaming_content = ()
    # Django's types forget that a response may stream.
    answer = get_conditional_response(request, etag=etag, response=response)  # type: ignore[arg-type]
    if answer is not response:
        stream.close()
    return answer or response


@contextlib.contextmanager
def as_path(file: FieldFile | UploadedFile) -> Iterator[Path]:
    """Yield a local path of a stored file or an upload, copying it to a temporary file if it has none."""
    if path := _local_path(file):
        yield Path(path)
        return
    with tempfile.NamedTemporaryFile(prefix=PREFIX) as copy:
        copy.writelines(file.chunks())
        copy.flush()
        yield Path(copy.name)


def _local_path(file: FieldFile | UploadedFile) -> str:
    if isinstance(file, TemporaryUploadedFile):
        file.flush()
        return file.temporary_file_path()
    try:
        return getattr(file, "path", "")
    except NotImplementedError:  # a storage on another machine
        return ""


def file_name(*words: str, extension: str) -> str:
    """Return a name that every system can store and a person can read, in any script: `anna-good-morning.wav`."""
    name = "-".join(filter(None, (slug(word[:60]) for word in words)))
    name = name.encode()[:_NAME_BYTES].decode(errors="ignore").rstrip("-")
    return f"{name or 'voicesite'}.{extension}"


class _Part:
    """A file-like view of bytes [start, end) of `file`, for FileResponse."""

    def __init__(self, file: File, start: int, end: int):
        self.file, self.left = file, end - start
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.file.close()
