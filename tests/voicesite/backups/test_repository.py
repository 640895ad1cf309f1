"""Contents and snapshots in a folder: each once, sealed where there is a key, and whole or reported."""

import gzip
import io
import itertools
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from voicesite.backups import repository as repositories
from voicesite.backups import sealing
from voicesite.backups.repository import Repository, Unusable
from voicesite.backups.sealing import PIECE_BYTES, Damaged, Key

KEYS = ("", "correct horse battery staple")
SIZES = (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES)


@pytest.fixture(params=KEYS, ids=["open", "sealed"])
def folder(tmp_path, request):
    return Repository(tmp_path / "backups", request.param, create=True)


def files(repository: Repository) -> list[str]:
    return sorted(path.name for path in repository.folder.rglob("*") if path.is_file() and path.name != "backups.json")


def contents(manifest: dict) -> list[str]:
    return manifest["contents"]


def only_object(repository: Repository):
    (path,) = (repository.folder / "objects").glob("*/*")
    return path


@pytest.mark.parametrize("size", SIZES)
def test_a_content_comes_back(folder, size):
    content = os.urandom(size)
    name = folder.add([content[:100], content[100:]])
    assert b"".join(folder.read(name)) == content


def test_the_same_is_kept_once(folder):
    names = {folder.add([b"morning"]), folder.add([b"mor", b"ning"])}
    assert len(names) == 1 and files(folder) == [*names]


def test_what_is_sealed_tells_nothing_and_opens_only_by_its_key(tmp_path):
    sealed = Repository(tmp_path / "backups", "one key of many", create=True)
    plain = Repository(tmp_path / "plain", create=True)
    assert sealed.add([b"Anne of Green Gables"]) != plain.add([b"Anne of Green Gables"])  # its hash would tell too
    name = sealed.write_snapshot({"contents": ["Anne of Green Gables"]})
    for path in sealed.folder.rglob("*"):
        assert path.is_dir() or b"Gables" not in path.read_bytes()
    assert Repository(tmp_path / "backups", "one key of many").read_snapshot(name)
    for wrong, words in (("", "set VOICESITE_BACKUP_KEY"), ("another key", "not the key")):
        with pytest.raises(Unusable, match=words):
            Repository(tmp_path / "backups", wrong)
    with pytest.raises(Unusable, match="have no key"):
        Repository(tmp_path / "plain", "one key of many")


def test_a_guess_is_dear_and_a_passphrase_opens_the_same_for_ever(guess_cost, monkeypatch):
    monkeypatch.setattr(sealing, "GUESS_COST", guess_cost)
    known = "dff540cfb9df3076efe5dc5ab8c487ba805283022866a4be251682bc0cbe070a"
    assert Key("one key of many", bytes(16)).fingerprint() == known


def test_two_sealed_alike_are_not_alike_on_the_disk():
    key = Key("one key of many", bytes(16))
    assert b"".join(key.seal([b"morning"])) != b"".join(key.seal([b"morning"]))


def test_a_stream_that_ends_after_a_whole_piece_is_not_taken_for_all_of_it():
    key = Key("one key of many", bytes(16))
    first, second, *_ = pieces = list(key.seal([bytes(2 * PIECE_BYTES)]))
    assert b"".join(key.open(io.BytesIO(b"".join(pieces)))) == bytes(2 * PIECE_BYTES)
    with pytest.raises(Damaged):
        list(key.open(io.BytesIO(first + second)))


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


HARM = {
    "a bit": flipped,
    "its end": lambda data: data[:-1],
    "its last piece": lambda data: data[: PIECE_BYTES + 32],
    "the order of its pieces": lambda data: (
        data[:16] + data[16 + PIECE_BYTES + 16 :] + data[16 : 16 + PIECE_BYTES + 16]
    ),
    "all of it": lambda data: b"",
}


@pytest.mark.parametrize("harm", HARM)
def test_whatever_is_harmed_is_found(folder, harm):
    name = folder.add([os.urandom(2 * PIECE_BYTES)])
    place = only_object(folder)
    place.write_bytes(HARM[harm](place.read_bytes()))
    with pytest.raises(Damaged, match=name):
        list(folder.read(name))


def test_a_content_that_is_missing_is_said(folder):
    name = folder.add([b"morning"])
    only_object(folder).unlink()
    assert not folder.has(name)
    with pytest.raises(Damaged, match="is missing"):
        list(folder.read(name))


def test_a_disk_that_keeps_something_else_is_found_at_once(folder, monkeypatch):
    settle = repositories._settle

    def forgetful(file):
        settle(file)
        with open(file.name, "r+b") as again:
            again.seek(-1, os.SEEK_END)
            again.write(b"?")

    monkeypatch.setattr(repositories, "_settle", forgetful)
    with pytest.raises(Damaged):
        folder.add([b"morning"])
    assert files(folder) == []


def test_what_fails_midway_leaves_nothing(folder):
    def broken():
        yield b"morning"
        raise FileNotFoundError("deleted meanwhile")

    with pytest.raises(FileNotFoundError):
        folder.add(broken())
    assert files(folder) == []


def test_snapshots_come_back_and_are_told_apart_within_a_second(folder):
    names = [folder.write_snapshot({"contents": [number]}) for number in range(3)]
    assert folder.snapshots() == names
    assert [folder.read_snapshot(name)["contents"] for name in names] == [[0], [1], [2]]
    assert abs(repositories.latest(folder.folder) - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_harmed_snapshot_is_found(folder):
    name = folder.write_snapshot({"contents": []})
    place = folder.folder / "snapshots" / name
    place.write_bytes(place.read_bytes()[:-4])
    with pytest.raises(Damaged, match=name):
        folder.read_snapshot(name)
    with pytest.raises(Unusable, match="no snapshot ../backups"):
        folder.read_snapshot("../backups.json")


@pytest.mark.parametrize(
    "harmed",
    [
        gzip.compress(b"{}")[:10] + b"\xff" * 9,  # which is an error of zlib's own
        gzip.compress(b"[" * 100_000),
        gzip.compress(b"\xff"),
    ],
    ids=["not deflated", "nested", "not UTF-8"],
)
def test_a_snapshot_that_is_no_such_thing_is_refused_in_words(tmp_path, harmed):
    repository = Repository(tmp_path / "backups", create=True)
    (repository.folder / "snapshots" / "one").write_bytes(harmed)
    with pytest.raises(Damaged, match="can't be read"):
        repository.read_snapshot("one")


def test_what_is_forgotten_takes_along_what_nothing_else_needs(folder):
    both, old, young = (folder.add([word]) for word in (b"both", b"old", b"young"))
    (folder.folder / "incoming" / "left-by-a-kill").write_bytes(b"half")
    folder.write_snapshot({"contents": [both, old]})
    latest = folder.write_snapshot({"contents": [both, young]})
    assert folder.forget(5, contents) == 0 and folder.has(old)
    assert folder.forget(1, contents) == 1
    assert files(folder) == sorted([both, young, latest])


def test_nothing_is_forgotten_while_a_snapshot_cannot_be_read(folder):
    content = folder.add([b"morning"])
    names = [folder.write_snapshot({"contents": [content]}) for _ in range(2)]
    (folder.folder / "snapshots" / names[1]).write_bytes(b"?")
    before = files(folder)
    with pytest.raises(Damaged):
        folder.forget(1, contents)
    assert files(folder) == before


def test_one_backup_at_a_time_and_none_while_one_is_restored(folder):
    again = Repository(folder.folder, "" if folder.key is None else KEYS[1])
    for mine, others in itertools.product((True, False), repeat=2):
        with folder.lock(shared=mine):
            if mine and others:
                with again.lock(shared=True):
                    continue
            with pytest.raises(Unusable, match="in use"), again.lock(shared=others):
                pass
    with again.lock():
        pass


def test_a_folder_with_other_things_is_not_used(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"?")
    with pytest.raises(Unusable, match="holds other things"):
        Repository(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (None, "no backups in"),
        ("{", "can't be read"),
        (json.dumps({"format": 2}), "newer version"),
        ("[]", "can't be read"),
        ("[" * 100_000, "can't be read"),
        (json.dumps({"format": 1, "key": "ab"}), "can't be read"),
        (json.dumps({"format": 1, "key": "ab", "salt": "x"}), "can't be read"),
        (json.dumps({"format": 1, "key": 1, "salt": "ab"}), "can't be read"),
    ],
    ids=lambda value: (value or "none")[:40],
)
def test_a_folder_of_another_kind_is_refused_in_words(tmp_path, about, words):
    if about is not None:
        (tmp_path / "backups.json").write_text(about)
    with pytest.raises(Unusable, match=words):
        Repository(tmp_path, "one key of many" if about and "key" in about else "")
