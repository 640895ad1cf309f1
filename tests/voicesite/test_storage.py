"""What the site expects of the storage of its files, of a folder and of a bucket alike."""

import errno
import io
import os
import pickle
import threading
from datetime import timedelta

import pytest
import soundfile
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils import timezone

from voicesite import resources, storage
from voicesite.resources import Unreachable
from voicesite.storage import stored_files

SOUND = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture(params=["folder", "bucket"])
def files(request):
    if request.param == "bucket":
        return request.getfixturevalue("bucket")
    return default_storage


def test_a_file_is_read_as_it_was_written(files):
    name = default_storage.save("clips/1/sound.wav", ContentFile(SOUND))
    assert name == "clips/1/sound.wav" and default_storage.exists(name) and default_storage.size(name) == len(SOUND)
    with default_storage.open(name) as file:
        assert file.size == len(SOUND) and b"".join(file.chunks(100_000)) == SOUND
        assert file.seek(-5, os.SEEK_END) == len(SOUND) - 5 and file.read() == SOUND[-5:] and file.read() == b""
        assert file.seek(300_001) == 300_001 and file.read(400_000) == SOUND[300_001:700_001]
        assert file.seek(10) == file.tell() == 10 and file.read(3) == SOUND[10:13]
        assert file.seek(2, os.SEEK_CUR) == 15 and file.read(1) == SOUND[15:16]
        assert file.seek(len(SOUND) + 9) and file.read(1) == b""
    assert file.closed and abs(timezone.now() - default_storage.get_modified_time(name)) < timedelta(minutes=1)
    file.open()
    assert file.read(2) == SOUND[:2]
    file.close()


def test_an_empty_file_is_a_file(files):
    name = default_storage.save("clips/empty", ContentFile(b""))
    with default_storage.open(name) as file:
        assert file.size == 0 and file.read() == b"" and file.read(5) == b""


def test_a_name_that_is_taken_is_not_given_again(files):
    first, second = (default_storage.save("clips/sound.wav", ContentFile(text)) for text in (b"one", b"two"))
    assert first != second and default_storage.open(first).read() == b"one"


def test_a_file_that_is_gone_is_not_found(files):
    name = default_storage.save("clips/sound.wav", ContentFile(b"a"))
    default_storage.delete(name)
    default_storage.delete(name)  # as another may have done meanwhile
    assert not default_storage.exists(name) and not list(stored_files("clips"))
    for ask in (default_storage.open, default_storage.size, default_storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask(name)


def test_all_files_of_a_folder_are_listed(files):
    names = {default_storage.save(name, ContentFile(b"a")) for name in ("clips/1/a.wav", "clips/1/b/c.wav", "clips/d")}
    default_storage.save("clips2/e", ContentFile(b"a"))
    listed = dict(stored_files("clips"))
    assert listed.keys() == names and all(timezone.now() - at < timedelta(minutes=1) for at in listed.values())
    assert len(list(stored_files(""))) == 4
    assert default_storage.listdir("clips/1") == (["b"], ["a.wav"]) and not list(stored_files("nothing"))


def test_a_file_that_is_deleted_while_all_are_listed_is_passed_over(files):
    names = {default_storage.save(f"clips/{number}", ContentFile(b"a")) for number in range(2)}
    listing = stored_files("clips")
    (gone,) = names - {next(listing)[0]}
    default_storage.delete(gone)
    assert {name for name, _ in listing} <= {gone}


class Cut(File):
    """A file that can't be read to its end."""

    def read(self, size=-1):
        raise OSError(errno.ENOSPC, "")

    def chunks(self, chunk_size=None):
        yield b"one"
        raise OSError(errno.ENOSPC, "")


def test_half_a_file_is_none(files):
    with pytest.raises(OSError) as cut:  # noqa: PT011 -- its number counts
        default_storage.save("clips/sound.wav", Cut(io.BytesIO(b"one and two"), "sound.wav"))
    assert cut.value.errno == errno.ENOSPC and not list(stored_files("clips"))


def test_a_name_leads_nowhere_else(files):
    for name in ("../secret_key", "clips/../../secret_key"):
        with pytest.raises(Exception, match="secret_key"):
            default_storage.save(name, ContentFile(b"a"))


def test_a_library_that_reads_by_itself_hears_the_same(files):
    sound = io.BytesIO()
    samples = [0.25, -0.5] * 200_000
    soundfile.write(sound, samples, 24_000, format="WAV", subtype="PCM_16")
    name = default_storage.save("clips/sound.wav", ContentFile(sound.getvalue()))
    with default_storage.open(name) as file, soundfile.SoundFile(file) as read:
        read.seek(399_998)
        assert list(read.read()) == samples[-2:]


# ---- of a bucket alone


def test_reading_a_part_fetches_no_more_than_that_needs(bucket, monkeypatch):
    monkeypatch.setattr("voicesite.bucket.FIRST_BYTES", 1000)
    name = default_storage.save("clips/sound.wav", ContentFile(SOUND))
    bucket.asked.clear()
    with default_storage.open(name) as file:
        file.seek(700_000)
        assert file.read(500) == SOUND[700_000:700_500]
    assert bucket.asked == {"GetObject": 2} and bucket.bytes_read == 2000
    bucket.asked.clear()
    with default_storage.open(name) as file:
        assert file.read() == SOUND
    assert bucket.asked == {"GetObject": 11}, "who reads on gets twice as much each time"


def test_one_client_serves_all_threads_and_none_is_inherited(bucket, monkeypatch):
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(bucket.client)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(map(id, seen)) == {id(bucket.client)}
    before = bucket.client
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert bucket.client is not before
    with pytest.raises(TypeError):
        pickle.dumps(bucket)


def test_files_have_no_address(bucket):
    with pytest.raises(ValueError, match="views serve them"):
        default_storage.url(default_storage.save("clips/sound.wav", ContentFile(b"a")))


@pytest.fixture
def unreachable(bucket):
    """The bucket of before, deleted meanwhile with all that it had."""
    name = default_storage.save("clips/sound.wav", ContentFile(SOUND))
    opened = default_storage.open(name)
    bucket.client.delete_object(Bucket="voices", Key=f"site/files/{name}")
    bucket.client.delete_bucket(Bucket="voices")
    return opened


def test_a_bucket_that_is_gone_is_not_taken_for_files_that_are(unreachable):
    for ask in (default_storage.open, default_storage.size, default_storage.get_modified_time):
        with pytest.raises(Unreachable):
            ask("clips/sound.wav")
    with pytest.raises(Unreachable):
        default_storage.save("clips/another.wav", ContentFile(b"a"))
    with pytest.raises(Unreachable):
        list(stored_files("clips"))
    default_storage.delete("clips/sound.wav")  # the row is gone by then: the sweeper tries again
    assert storage.why_unreachable() == "The bucket voices does not exist."


def test_what_a_library_swallowed_is_said_when_the_file_is_closed(unreachable):
    """Else the beginning of a sentence would be taken for all of it."""
    unreachable.seek(600_000)
    with pytest.raises(Unreachable):
        unreachable.read(1)
    with pytest.raises(Unreachable):
        unreachable.close()
    unreachable.close()
    assert unreachable.closed


@pytest.mark.parametrize(
    "problem", [{"endpoint_url": "http://127.0.0.1:9"}, {"bucket_name": "another"}], ids=["address", "name"]
)
def test_a_storage_that_does_not_answer_is_unreachable(bucket, problem):
    from voicesite.bucket import Bucket

    elsewhere = Bucket(**{"bucket_name": "voices", "region_name": "eu-central-1"} | problem)
    with pytest.raises(Unreachable) as raised:
        elsewhere.open("clips/sound.wav")
    assert resources.refusal(raised.value) == "files_unreachable"
    with pytest.raises(Unreachable, match="bucket"):
        elsewhere.require()
