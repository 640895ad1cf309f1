"""The site's files in a bucket of S3-compatible storage: voicesite.storage.Folder, for several machines.

Only VOICESITE_FILES brings this module in, and with it boto3. What differs from django-storages' own:

1. A file is read by ranges, as much as is asked for; that of django-storages fetches all of it first.
2. A file that is gone is FileNotFoundError, as in a folder; whatever else goes wrong is Unreachable, never taken for it.
3. One client serves all threads of a process, since a client costs memory and a handshake, and none survives a fork: two
   processes on one connection would read each other's files.
4. Nothing has a URL: sound is served only by views, which authorise.

An object appears whole or not at all, and is kept once the storage has said so: nothing has to be fsynced.
"""

import errno
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from voicesite.resources import Unreachable

logger = logging.getLogger(__name__)

FIRST_BYTES, MOST_BYTES = 2**18, 2**22  # of a range: a sentence comes at once; who reads on gets more each time
TRIES = 3  # at a range that breaks off
PART_BYTES = 2**26  # of a file that is larger, each part is sent again by itself


class Bucket(S3Storage):
    """django-storages' storage, held to what the site expects of a folder."""

    def __init__(self, **options: Any):
        """options: those of S3Storage; bucket_name, location, and where it isn't Amazon's, endpoint_url."""
        has_endpoint = bool(options.get("endpoint_url"))
        super().__init__(
            client_config=Config(
                connect_timeout=3,
                read_timeout=10,  # with the repeats, about the lease of a job that waits for an answer
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=32,  # about as many as there are threads in a web process
                s3={"addressing_style": options.pop("addressing_style", None) or ("path" if has_endpoint else "auto")},
                # Others than Amazon don't understand the checksums that boto3 adds to bodies.
                **(
                    {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
                    if has_endpoint
                    else {}
                ),
            ),
            # In the thread that asks: what is read may be a BeatingFile, which asks the database.
            transfer_config=TransferConfig(
                use_threads=False, multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES
            ),
            file_overwrite=False,
            **options,
        )
        self._by_process: dict[int, Any] = {}

    def __reduce__(self) -> NoReturn:
        raise TypeError("A storage stays in its process.")

    @property
    def connection(self) -> Any:
        process = os.getpid()
        if process not in self._by_process:
            made = self._create_session().resource(
                "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
            )
            self._by_process, self._bucket = {process: made}, None
        return self._by_process[process]

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(self.bucket_name)

    def require(self) -> None:
        """Raise Unreachable where the bucket can't be used: one request."""
        try:
            self.client.head_bucket(Bucket=self.bucket_name)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            why = {403: "may not be used with these credentials", 404: "does not exist"}.get(status, f"says {status}")
            raise Unreachable(f"The bucket {self.bucket_name} {why}.") from error
        except BotoCoreError as error:
            raise Unreachable(f"The bucket {self.bucket_name} can't be reached: {error}") from error

    def keeps_versions(self) -> bool:
        """Return whether the bucket keeps what is deleted, as a version; False where it does not say."""
        try:
            return self.client.get_bucket_versioning(Bucket=self.bucket_name).get("Status") == "Enabled"
        except (ClientError, BotoCoreError):
            return False

    # ---- reading

    def _open(self, name: str, mode: str = "rb") -> "BucketFile":
        if mode not in ("r", "rb"):
            raise ValueError("Files of a bucket are written by save() only.")
        return BucketFile(self, name)

    def read_range(self, name: str, first: int, size: int) -> tuple[bytes, int]:
        """Return up to `size` bytes of a file from the first on, and how many the whole has.

        Raises FileNotFoundError and Unreachable.
        """
        with _errors(name):
            for number in range(TRIES):
                try:
                    asked = {"Range": f"bytes={first}-{first + size - 1}"}
                    answer = self.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name), **asked)
                    data = answer["Body"].read()
                    break
                except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                    if number == TRIES - 1:
                        raise
                except ClientError as error:
                    if first or error.response["Error"]["Code"] not in ("InvalidRange", "416"):
                        raise
                    return b"", 0  # it is empty: no range lies in it
        whole = answer.get("ContentRange", "").rpartition("/")[2]
        return (data, int(whole)) if whole else (data[first : first + size], len(data))

    def exists(self, name: str) -> bool:
        with _errors(name):
            return super().exists(name)

    def size(self, name: str) -> int:
        return self._head(name)["ContentLength"]

    def get_modified_time(self, name: str) -> datetime:
        return self._head(name)["LastModified"]

    def _head(self, name: str) -> dict[str, Any]:
        try:
            with _errors(name):
                return self.client.head_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        except FileNotFoundError:
            self.require()  # such an answer has no body, that says whether the file is gone or the bucket
            raise

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _errors(name):
            return super().listdir(name)

    def files(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Yield as `Folder.files`, a thousand by one request."""
        place, above = (self._normalize_name(name).rstrip("/") for name in (folder, ""))
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket_name, Prefix=f"{place}/" if place else ""
        )
        with _errors(folder):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(f"{above}/"), found["LastModified"]

    # ---- writing

    def _save(self, name: str, content: File) -> str:
        with _errors(name):
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        """Delete a file, if it is there. Where the storage does not answer, the sweeper does it: no row names it by then."""
        try:
            with _errors(name):
                self.client.delete_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        except Unreachable:
            logger.warning("A file could not be deleted now, and is deleted later", exc_info=True)

    def url(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ValueError("Files have no URL: views serve them, which authorise.")


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Raise what the site knows for what boto3 raises: FileNotFoundError for a file that is gone, else Unreachable."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("NoSuchKey", "NotFound", "404"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None
        raise Unreachable(f"The storage says {code}.") from error
    except (BotoCoreError, Boto3Error) as error:
        raise Unreachable(f"The storage does not answer: {type(error).__name__}.") from error


class BucketFile(File):
    """A file that is read by ranges. It holds no connection between them, and memory for one."""

    def __init__(self, bucket: Bucket, name: str):
        self.bucket = bucket
        super().__init__(None, name)
        self.open()

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> "BucketFile":
        """Go back to the beginning; of a file that was closed too. Raises FileNotFoundError and Unreachable."""
        if self.closed:
            assert self.name
            self.raw = _Ranges(self.bucket, self.name)
            self.file = io.BufferedReader(self.raw)
        else:
            self.seek(0)
        return self

    @property
    def size(self) -> int:
        return self.raw.size

    def close(self) -> None:
        """Close it. Raises what reading met: libsndfile reads through callbacks, which keep it to themselves."""
        super().close()
        failure, self.raw.failure = self.raw.failure, None
        if failure:
            raise failure


class _Ranges(io.RawIOBase):
    def __init__(self, bucket: Bucket, name: str):
        super().__init__()
        self.bucket, self.stored_name = bucket, name
        self.at, self.begin, self.ahead = 0, 0, FIRST_BYTES
        self.failure: Exception | None = None
        # The first range says whether the file is there, and how large it is.
        self.data, self.size = bucket.read_range(name, 0, self.ahead)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence], 0)
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any) -> int:
        if self.at >= self.size:
            return 0
        if not self.begin <= self.at < self.begin + len(self.data):
            self._fetch()
        data = memoryview(self.data)[self.at - self.begin :][: len(buffer)]
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)

    def _fetch(self) -> None:
        goes_on = self.at == self.begin + len(self.data)
        self.ahead = min(2 * self.ahead, MOST_BYTES) if goes_on else FIRST_BYTES
        try:
            self.data, _ = self.bucket.read_range(self.stored_name, self.at, self.ahead)
        except (OSError, Unreachable) as error:
            self.failure = error
            raise
        self.begin = self.at
