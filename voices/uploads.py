"""Uploads as they arrive: one recording a request, to a temporary file, and never more than one may have."""

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

SLACK = 4096  # bytes kept beyond the limit


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Reads a request of any length to its end, so that it can be answered politely, and stores only what is allowed:
    the first file, and of that as much as a recording may have. `file.size` is what was sent, not what was stored.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.stored = None

    def new_file(self, *args, **kwargs):
        if self.stored is not None:
            raise SkipFile
        self.stored = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        room = settings.CLIP_MAX_BYTES + SLACK - self.stored
        self.file.write(raw_data[: max(room, 0)])
        self.stored += min(len(raw_data), max(room, 0))
