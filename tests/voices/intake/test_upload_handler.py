"""The upload handler: how much of an upload is stored on the disk."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import resolve, reverse

from tests.factories import UserFactory
from voices.intake.upload_handler import SLACK_BYTES, BoundedUploadHandler

LIMIT_BYTES, ARCHIVE_LIMIT_BYTES = 100_000, 500_000


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.CLIP_MAX_BYTES, settings.IMPORT_MAX_BYTES = LIMIT_BYTES, ARCHIVE_LIMIT_BYTES


def receive(*contents: bytes, page="voices:new", user=None):
    """Return the files of a request with these contents, as the upload handler stores them."""
    files = {f"file{number}": SimpleUploadedFile("a.wav", content) for number, content in enumerate(contents)}
    request = RequestFactory().post(reverse(page), files)
    request.resolver_match, request.user = resolve(request.path), user or AnonymousUser()
    request.upload_handlers = [BoundedUploadHandler(request)]
    return request.FILES


def stored(upload) -> int:
    upload.flush()
    return Path(upload.temporary_file_path()).stat().st_size


@pytest.mark.parametrize(
    "size", [0, 1, LIMIT_BYTES, LIMIT_BYTES + SLACK_BYTES, LIMIT_BYTES + SLACK_BYTES + 1, 2_000_000, 20_000_000]
)
def test_no_more_is_stored_than_the_page_takes(size):
    upload = receive(bytes(size))["file0"]
    assert stored(upload) == min(size, LIMIT_BYTES + SLACK_BYTES)
    assert upload.size == size, "what was sent is known, so that it can be refused by its size"


def test_what_is_stored_is_the_start_of_what_was_sent():
    content = bytes(range(256)) * 2000
    upload = receive(content)["file0"]
    assert upload.read() == content[: LIMIT_BYTES + SLACK_BYTES]


def test_one_file_of_a_request_is_stored():
    assert set(receive(b"one", bytes(2_000_000))) == {"file0"}


@pytest.mark.parametrize("page", ["voices:import", "api:import_voices"])
def test_an_archive_may_be_larger_but_has_a_limit_too(page, db):
    sent = bytes(2_000_000)
    assert stored(receive(sent, page=page, user=UserFactory())["file0"]) == ARCHIVE_LIMIT_BYTES + SLACK_BYTES
    assert stored(receive(sent, user=UserFactory())["file0"]) == LIMIT_BYTES + SLACK_BYTES, "a recording has its own"
    assert stored(receive(sent, page=page)["file0"]) == LIMIT_BYTES + SLACK_BYTES, "nobody sends archives as a visitor"
