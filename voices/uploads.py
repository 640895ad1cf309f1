"""Uploads as they arrive: to a temporary file, and never more of them than a recording may have."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

SLACK = 4096  # bytes kept beyond the limit, so that what was cut is still seen to be too large


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Reads a request of any length to its end, so that it can be answered politely, and stores only what is allowed.

    The limit holds for all files of the request together. `file.size` is what was sent, not what was stored.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.stored = 0

    def receive_data_chunk(self, raw_data, start):
        if self.stored + len(raw_data) <= settings.CLIP_MAX_BYTES + SLACK:
            self.stored += len(raw_data)
            self.file.write(raw_data)
