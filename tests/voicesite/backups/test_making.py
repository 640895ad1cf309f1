"""What a backup holds, while files come and go."""

import os
import threading
import zlib
from collections import Counter
from pathlib import Path

import pytest
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import connection, transaction

from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory
from voices.clips.service import delete_voice
from voicesite.backups import database, making, restoring
from voicesite.backups.repository import Repository, Unusable
from voicesite.backups.sealing import Damaged
from voicesite.models import FailedSignIn, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.backends]

HEAD = b'["id", "person_id", "address", "at"]\n'


@pytest.fixture
def site(settings, tmp_path, monkeypatch):
    """A data folder, as the tests' own holds what is not a site's. Their tables know no migrations."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    settings.STATIC_ROOT = settings.DATA_DIR / "static"
    monkeypatch.setattr(database, "migrations", list)
    return settings.DATA_DIR


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "backups", create=True)


def make(repository) -> dict:
    name, manifest = making.make(repository, lambda *said: None)
    assert repository.snapshots()[-1] == name
    return repository.read_snapshot(name)


def test_each_file_that_a_row_names_is_there_by_its_hash(site, repository):
    generation = GenerationFactory(completed=True)
    SegmentFactory(generation=generation, take=True)
    manifest = make(repository)
    assert manifest["files"].keys() == making.named_files() and len(manifest["files"]) >= 4
    for name, (content, size, _) in manifest["files"].items():
        kept = b"".join(repository.read(content))
        assert len(kept) == size and kept == default_storage.open(name).read()
    assert manifest["lost"] == []


def test_the_next_backup_only_adds(site, repository, monkeypatch):
    GenerationFactory(completed=True)
    first = make(repository)
    read, opened = default_storage.open, Counter()

    def counting(name, *args):
        opened[name] += 1
        return read(name, *args)

    monkeypatch.setattr(default_storage, "open", counting)
    before = {path for path in (repository.folder / "objects").rglob("*") if path.is_file()}
    assert make(repository)["tables"] == first["tables"]
    added = {path for path in (repository.folder / "objects").rglob("*") if path.is_file()} - before
    assert not added and not opened
    new = GenerationFactory(completed=True, owner=User.objects.first(), voice=VoiceFactory._meta.model.objects.first())
    make(repository)
    assert [*opened] == [new.audio.name]


def test_a_file_whose_copy_is_gone_is_copied_again(site, repository):
    GenerationFactory(completed=True)
    for content, *_ in make(repository)["files"].values():
        repository._place(content).unlink(missing_ok=True)
    for content, *_ in make(repository)["files"].values():
        assert b"".join(repository.read(content))


def test_a_file_that_somebody_changed_by_hand_is_copied_again(site, repository):
    name = GenerationFactory(completed=True).audio.name
    make(repository)
    path = Path(default_storage.path(name))
    for content, modified in ((b"another sound", 1_700_000_000), (b"a third sound", 1_700_000_001)):
        path.write_bytes(content)
        os.utime(path, (modified, modified))
        assert b"".join(repository.read(make(repository)["files"][name][0])) == content


@pytest.mark.parametrize("when", ["before the moment", "after the moment"])
def test_what_is_deleted_meanwhile_is_in_neither_rows_nor_files(site, repository, monkeypatch, when):
    kept, deleted = GenerationFactory(completed=True), VoiceFactory()
    gone = {deleted.clip.audio.name, deleted.clip.recording.original.name}
    copy, calls = making._Copying.copy, Counter()

    def deleting(self, names):
        calls["copies"] += 1
        if calls["copies"] == 1 and when == "before the moment":
            delete_voice(deleted)
        if calls["copies"] == 1 and when == "after the moment":
            names = names - gone  # they were not there yet
        if calls["copies"] == 2 and when == "after the moment":
            delete_voice(deleted)
        copy(self, names)

    monkeypatch.setattr(making._Copying, "copy", deleting)
    manifest = make(repository)
    assert kept.audio.name in manifest["files"] and not gone & manifest["files"].keys() and not manifest["lost"]
    rows = b"".join(database._unpacked(repository.read(manifest["tables"]["voices.voiceprofile"])))
    assert str(deleted.pk).encode() not in rows and str(kept.voice.pk).encode() in rows
    assert calls["copies"] == (2 if when == "before the moment" else 4)


def test_a_file_that_was_copied_before_it_was_deleted_is_kept_with_its_row(site, repository, monkeypatch):
    """Of a moment at which it was there, all is there: nobody need begin again."""
    deleted = VoiceFactory()
    copy, calls = making._Copying.copy, Counter()

    def deleting(self, names):
        calls["copies"] += 1
        if calls["copies"] == 2:
            delete_voice(deleted)
        copy(self, names)

    monkeypatch.setattr(making._Copying, "copy", deleting)
    assert deleted.clip.audio.name in make(repository)["files"] and calls["copies"] == 2


def test_a_file_that_the_site_lost_is_told_and_stops_nothing(site, repository):
    generation = GenerationFactory(completed=True)
    default_storage.delete(generation.audio.name)
    manifest = make(repository)
    assert manifest["lost"] == [generation.audio.name] and generation.voice.clip.audio.name in manifest["files"]


def test_files_that_always_go_before_they_are_copied_end_it(site, repository, monkeypatch):
    numbers = iter(range(1000))
    monkeypatch.setattr(making, "named_files", lambda: {f"gone-{next(numbers)}"})
    with pytest.raises(Unusable, match="faster than they can be copied"):
        making.make(repository, lambda *said: None)
    assert repository.snapshots() == []


def test_files_of_a_storage_elsewhere(site, repository, settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    generation = GenerationFactory(completed=True)
    assert isinstance(generation.audio.storage._wrapped, InMemoryStorage)
    content, *_ = make(repository)["files"][generation.audio.name]
    assert b"".join(repository.read(content)) == generation.audio.read()


def test_keys_of_the_data_folder_are_kept_and_caches_are_not(site, repository, settings, tmp_path):
    for name in (
        "secret_key",
        "keys/provenance.pem",
        "cache/model",
        "models/model",
        "run/bell",
        "static/x.css",
        "media/y",
    ):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    (site / "secret_key").chmod(0o600)
    (site / "c2pa.pem").symlink_to(tmp_path / "elsewhere.pem")  # a key that is kept on another disk
    (tmp_path / "elsewhere.pem").write_text("elsewhere")
    (site / "round").symlink_to(site)
    settings.CACHE_DIR, settings.MODELS_DIR, settings.MEDIA_ROOT = site / "cache", site / "models", site / "media"
    kept = make(repository)["data_folder"]
    assert kept.keys() == {"secret_key", "c2pa.pem", "keys/provenance.pem"} and kept["secret_key"][1] == 0o600
    assert b"".join(repository.read(kept["secret_key"][0])) == b"secret_key"


def test_the_data_folder_is_no_place_for_backups(site):
    with pytest.raises(Unusable, match="belongs elsewhere"):
        making.make(Repository(site / "backups", create=True), lambda *said: None)


def test_all_rows_are_of_one_moment_and_others_write_meanwhile(site):
    VoiceFactory()

    def write():
        VoiceFactory()
        connection.close()

    with database.one_moment():
        people = User.objects.count()
        other = threading.Thread(target=write)
        other.start()
        other.join()
        assert User.objects.count() == people
        assert b"".join(database._unpacked(database.dump(User))).count(b"md5$") == people
    assert User.objects.count() > people


def test_rows_come_back_as_they_were(site):
    """Each value of each table, into tables that are emptied: dates, numbers, bytes and keys."""
    generation = GenerationFactory(completed=True)
    SegmentFactory(generation=generation, take=True)
    dumped = {label: list(database.dump(model)) for label, model in database.tables().items()}
    assert sum(len(list(database._unpacked(pieces))) > 1 for pieces in dumped.values()) >= 9
    with transaction.atomic(), connection.cursor() as cursor:  # whether all keys lead somewhere is asked at its end
        for model in database.tables().values():
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        for label, model in database.tables().items():
            database.load(model, dumped[label])
    assert {label: list(database.dump(model)) for label, model in database.tables().items()} == dumped
    restored = type(generation).objects.get(pk=generation.pk)
    assert (restored.created_at, restored.finished_at) == (generation.created_at, generation.finished_at)


@pytest.mark.parametrize("name", ["../.ssh/authorized_keys", "/etc/cron.d/job", "a/../../b"])
def test_nothing_is_restored_outside_of_the_data_folder(site, repository, name):
    manifest = make(repository)
    manifest["data_folder"][name] = next(iter(manifest["data_folder"].values()), (repository.add([b"x"]), 0o600))
    with pytest.raises(Damaged, match="outside of the data folder"):
        restoring.check(repository, repository.write_snapshot(manifest), lambda *said: None)


@pytest.mark.parametrize(
    "changes",
    [
        {"data_folder": {"secret_key\0": ["ab" * 32, 0o600]}},
        {"files": {"/etc/cron.d/x": ["ab" * 32, 1, 1.0]}},
        {"files": {"clips/../../x": ["ab" * 32, 1, 1.0]}},
        {"tables": {"voicesite.user": "../../secret_key"}},
        {"tables": []},
        {"migrations": None},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_snapshot_that_somebody_changed_is_refused_before_anything_is_touched(site, repository, changes):
    name = repository.write_snapshot(make(repository) | changes)
    with pytest.raises(Damaged, match=f"{name} is not as this site writes them: see “{next(iter(changes))}”"):
        restoring.check(repository, name, lambda *said: None)


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"null\n",
        b"[1]\n",
        b'{"id": 1}\n',
        HEAD + b"{\n",
        HEAD + b"[1]\n",
        HEAD + b'["x", 1, "a", "b"]\n',
        b"[" * 10_000,
    ],
    ids=lambda lines: str(lines)[-24:],
)
def test_rows_that_somebody_changed_are_refused_in_words(site, lines):
    with pytest.raises(Damaged):
        database.load(FailedSignIn, [zlib.compress(lines, wbits=31)])
    with pytest.raises(Damaged):
        database.load(FailedSignIn, [b"no gzip"])
    assert not FailedSignIn.objects.exists()


def test_what_tells_of_processes_is_not_restored():
    """Rows of workers and clusters that run nowhere any more would be shown for ever."""
    assert database._of_processes() == {"synthesis.cluster", "synthesis.loadedmodel"}
