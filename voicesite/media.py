"""Sound, served by views that asked whose it is: with ranges, since Safari plays nothing without them."""

import re

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.utils.text import slugify

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def sound_response(
    request: HttpRequest, file: File, *, etag: str, name: str, content_type: str = "audio/wav"
) -> HttpResponse:
    """The file, or the one range of it that was asked for. `?download` saves it as `name` instead of playing it.

    `etag` names these very bytes: they may be kept for ever, but only by this person's browser.
    Raises Http404 when the file is gone.
    """
    etag = f'"{etag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers=headers)
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    size = stream.size
    saved = {"as_attachment": "download" in request.GET, "filename": name, "content_type": content_type}
    wanted = _RANGE.match(request.headers.get("Range", ""))
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    if not wanted or wanted.groups() == ("", ""):
        return FileResponse(stream, **saved, headers=headers | {"Content-Length": str(size)})
    first, last = wanted.groups()
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    else:
        start, end = max(size - int(last), 0), size - 1
    if start > end:
        stream.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    stream.seek(start)
    return FileResponse(
        _Part(stream, end - start + 1),
        status=206,
        **saved,
        headers=headers | {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)},
    )


def file_name(*words: str, extension: str) -> str:
    """A name that every system can store and a person can read: `anna-good-morning.wav`."""
    name = "-".join(filter(None, (slugify(word, allow_unicode=True)[:60].strip("-") for word in words)))
    return f"{name or 'voicesite'}.{extension}"


class _Part:
    """The next `left` bytes of a file, as FileResponse reads them."""

    def __init__(self, file: File, left: int):
        self.file, self.left = file, left

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else min(size, self.left)
        data = self.file.read(size)
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.file.close()
