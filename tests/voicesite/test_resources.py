"""What is left of disk and memory, and which errors say that nothing is."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import DatabaseError

from tests.outages import fill_disk, let_change
from voicesite import resources
from voicesite.models import User


def test_the_reserve_is_at_most_a_tenth_of_the_disk(monkeypatch, settings):
    settings.DISK_RESERVE_BYTES = 200
    usage = resources.shutil.disk_usage(".")
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: usage._replace(total=1000, free=150))
    assert resources.disk() == resources.Disk(free=150, total=1000, reserve=100)
    assert resources.lacking("disk") is None and resources.has_room(50) and not resources.has_room(51)
    monkeypatch.setattr(resources.shutil, "disk_usage", lambda folder: usage._replace(total=1000, free=99))
    assert resources.lacking("disk") == "disk"


def test_the_fuller_of_two_disks_counts(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT, usage = tmp_path, resources.shutil.disk_usage(".")
    monkeypatch.setattr(
        resources.shutil, "disk_usage", lambda folder: usage._replace(free=5 if folder == tmp_path else usage.free)
    )
    assert resources.disk().free == 5


def test_a_container_may_have_less_memory_than_its_machine(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(resources.psutil, "virtual_memory", lambda: SimpleNamespace(available=9_000))
    monkeypatch.setattr(resources, "_CGROUP", tmp_path)
    assert resources.free_memory() == 9_000
    (tmp_path / "memory.max").write_text("max\n")
    assert resources.free_memory() == 9_000
    for name, text in {"max": "5000", "current": "4000", "stat": "anon 1\ninactive_file 500\n"}.items():
        (tmp_path / f"memory.{name}").write_text(text)
    assert resources.free_memory() == 1_500
    settings.MEMORY_RESERVE_BYTES = 1_501
    assert resources.lacking("disk", "memory") == "memory"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, ""), "disk_full"),
        (OSError(errno.EDQUOT, ""), "disk_full"),
        (OSError(errno.EROFS, ""), "read_only"),
        (OSError(errno.EIO, ""), None),
        (FileNotFoundError(), None),
        (ValueError(), None),
        (None, None),
    ],
)
def test_errors_of_the_disk(error, code):
    assert resources.refusal(error) == code


def test_a_device_that_is_always_full():
    with pytest.raises(OSError) as full, Path("/dev/full").open("wb", buffering=0) as file:  # noqa: PT011 -- its number counts
        file.write(b"one")
    assert resources.refusal(full.value) == "disk_full"


@pytest.mark.backends
@pytest.mark.django_db(transaction=True)
def test_a_database_that_can_only_be_read(user):
    let_change(False)
    try:
        with pytest.raises(DatabaseError) as refused:
            User.objects.update(first_name="Ada")
    finally:
        let_change(True)
    assert resources.refusal(refused.value) == "read_only"
    assert resources.refusal(DatabaseError("no such table")) is None


@pytest.mark.django_db(transaction=True)
def test_a_database_without_room(user):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL’s disk is its own")
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            with pytest.raises(DatabaseError) as refused:
                User.objects.bulk_create(User(username=f"{n}", first_name="x" * 150) for n in range(10_000))
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert resources.refusal(refused.value) == "disk_full"


class Cut(File):
    """A file of which the second piece finds no room."""

    def chunks(self, chunk_size=None):
        yield b"one"
        raise OSError(errno.ENOSPC, "")


def test_nothing_is_left_of_a_file_that_was_not_written_to_its_end():
    with pytest.raises(OSError):  # noqa: PT011
        default_storage.save("a/b.bin", Cut(None, "b"))
    assert default_storage.listdir("a") == ([], [])
    assert default_storage.save("a/b.bin", ContentFile(b"whole")) == "a/b.bin"
    with pytest.raises(OSError):  # noqa: PT011
        default_storage._save("a/b.bin", Cut(None, "b"))
    assert default_storage.open("a/b.bin").read() == b"whole", "one that was there before stays"


def test_a_full_disk_is_remembered_for_a_moment(monkeypatch):
    resources.note("disk_full")
    assert resources.lacking("disk") == "disk"
    monkeypatch.setattr(resources, "_refused_until", 0.0)
    assert resources.lacking("disk") is None
    fill_disk(monkeypatch)
    assert resources.lacking("disk") == "disk" and resources.lacking("memory") is None
