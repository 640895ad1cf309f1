import hashlib
import sys

import numpy as np
import pytest

from synthesis.engines import EngineError
from synthesis.engines.kokoro import data


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Four small data packages, whose whole is the model that the code expects."""
    whole = b"".join(bytes([number]) * 100 for number in range(4))
    for number in range(4):
        package = tmp_path / "packages" / f"voicesite_part_{number}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        monkeypatch.delitem(sys.modules, package.name, raising=False)  # of another test, in another folder
        (package / "part.bin").write_bytes(whole[number * 100 : number * 100 + 100])
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setenv("VOICESITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(data, "WEIGHT_PACKAGES", [f"voicesite_part_{number}" for number in range(4)])
    monkeypatch.setattr(data, "MODEL_SHA256", hashlib.sha256(whole).hexdigest())
    return tmp_path / "packages"


def test_the_model_is_put_together_once(parts):
    path = data.model_path()
    made = path.stat().st_mtime_ns

    assert path.read_bytes()[::100] == bytes(range(4))
    assert data.model_path().stat().st_mtime_ns == made
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # nothing half-made beside it


@pytest.mark.parametrize("damage", [b"", b"short", b"\xff" * 400])
def test_a_damaged_file_in_the_cache_is_made_anew(parts, damage):
    path = data.model_path()
    whole = path.read_bytes()
    path.write_bytes(damage)

    assert data.model_path().read_bytes() == whole


def test_a_damaged_package_is_a_permanent_error_that_says_what_to_do(parts):
    (parts / "voicesite_part_2" / "part.bin").write_bytes(b"\xff" * 100)

    with pytest.raises(EngineError, match="damaged.*--force-reinstall") as caught:
        data.model_path()

    assert caught.value.permanent
    assert not list(data.cache_folder().glob("*"))


def test_a_missing_package_is_a_permanent_error_and_is_named(parts, monkeypatch):
    monkeypatch.setattr(data, "WEIGHT_PACKAGES", [*data.WEIGHT_PACKAGES, "voicesite_part_9"])

    with pytest.raises(EngineError, match="voicesite_part_9.*make install") as caught:
        data.model_path()

    assert caught.value.permanent
    assert data.missing_packages() == ["voicesite-part-9"]


@pytest.mark.parametrize("name", ["speaker_map", "kokoro_voices"])
def test_a_damaged_data_file_is_named(name, tmp_path, monkeypatch):
    (tmp_path / f"{name}.npz").write_bytes(b"PK not an archive")
    monkeypatch.setattr(data, "_TABLES_FOLDER", tmp_path)
    read = {"speaker_map": lambda: data.load("speaker_map.npz"), "kokoro_voices": data.voices.__wrapped__}[name]

    with pytest.raises(EngineError, match=f"{name}.npz is damaged") as caught:
        read()

    assert caught.value.permanent


def test_the_voices_are_all_there():
    names, lengths, bases = data.voices()

    assert len(names) == len(set(names)) == 54
    assert (lengths @ bases).shape == (54, 510, 256)
    assert np.isfinite(lengths).all() and np.isfinite(bases).all()
