"""Back up a site while people work at it, and restore it elsewhere: all that it says is there, is there."""

import contextlib
import io
import os
import random
import signal
import subprocess
import threading
from pathlib import Path

import httpx
import psycopg
import pytest
import soundfile

from voicesite.backups.repository import Repository

from .conftest import served
from .copy import CLIP, PASSWORD, Copy, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("backup")]

SECRET = "correct horse battery staple"
TEXT = "One two three. Do-slow four five six seven. Ten eleven twelve."
ROUNDS = 2  # backups, of which the second only adds


class Person:
    """A program that speaks, uploads and deletes at one site, until the block ends."""

    def __init__(self, site: Copy, name: str, seed: int, key: str = ""):
        self.site, self.random = site, random.Random(seed)
        self.key = key or site.manage("create_api_key", name, "--scope", "speak", "--scope", "voices").split()[-1]
        self.did: list[str] = []

    def ask(self, method: str, path: str, **options) -> httpx.Response:
        url, headers = f"http://127.0.0.1:{self.site.port}/api{path}", {"Authorization": f"Bearer {self.key}"}
        return httpx.request(method, url, headers=headers, timeout=60, **options)

    def all(self, path: str) -> list[dict]:
        answer = self.ask("GET", path, params={"limit": 100, "whose": "mine"})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def sounds(self) -> dict[str, bytes]:
        """All that this person can hear: finished speech, and the clips of voices."""
        finished = [each["id"] for each in self.all("/generations") if each["status"] == "completed"]
        paths = [f"/generations/{pk}/audio" for pk in finished]
        paths += [f"/voices/{each['id']}/audio" for each in self.all("/voices")]
        answers = {path: self.ask("GET", path) for path in paths}
        return {path: answer.content for path, answer in answers.items() if answer.status_code == 200}

    def ended(self) -> dict[str, str]:
        """When each speech was finished. One that was cut off is spoken, signed and dated anew: another sound."""
        return {f"/generations/{each['id']}/audio": each["finished_at"] for each in self.all("/generations")}

    def speak(self):
        voice = self.random.choice(self.all("/voices"))["id"]
        return self.ask("POST", "/generations/async", json={"voice": voice, "text": TEXT, "language": "en-us"})

    def upload(self):
        form = {"name": f"Voice {len(self.did)}", "language": "en-us", "consent": "true"}
        return self.ask("POST", "/voices", data=form, files={"audio": (CLIP.name, CLIP.read_bytes())})

    def delete_speech(self):
        return self._delete("/generations", keep=2)

    def delete_voice(self):
        return self._delete("/voices", keep=1)

    def _delete(self, path: str, keep: int):
        if len(there := self.all(path)) > keep:
            return self.ask("DELETE", f"{path}/{self.random.choice(there)['id']}")
        return None

    @contextlib.contextmanager
    def at_work(self):
        ended, failures = threading.Event(), []

        def work():
            while not ended.wait(0.05):
                act = self.random.choice((self.speak, self.speak, self.upload, self.delete_speech, self.delete_voice))
                try:
                    answer = act()
                except (AssertionError, httpx.HTTPError) as error:
                    failures.append(f"{act.__name__}: {error!r}")
                    return
                self.did.append(act.__name__)
                if answer is not None and answer.status_code >= 400 and answer.status_code not in (404, 409):
                    failures.append(f"{act.__name__}: {answer.status_code} {answer.text}")

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        assert not failures


def kill_in_the_middle(site: Copy, folder: Path) -> None:
    """Start a backup, and kill it while it writes."""
    before = set((folder / "objects").rglob("*"))
    process = subprocess.Popen(site.command("backup", str(folder)), env=site.environment, cwd=site.source)
    wait_for(lambda: set((folder / "objects").rglob("*")) - before or process.poll() is not None, 60)
    assert process.poll() is None, "it was done before the kill"
    process.kill()
    assert process.wait() == -signal.SIGKILL


def kept(folder: Path) -> dict[str, bytes]:
    """What is in a folder of backups but for what is being written."""
    places = [path for name in ("objects", "snapshots") for path in (folder / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in places}


@contextlib.contextmanager
def database(kind: str, name: str):
    """The variables of a site with a database of this kind, which is empty."""
    if kind == "sqlite":
        yield {}
        return
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield {"DATABASE_URL": f"{server}/{name}"}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.services("postgres"))])
def test_a_site_at_work_is_backed_up_and_all_of_it_is_there_elsewhere(kind, tmp_path):
    folder = tmp_path / "backups"
    (tmp_path / "one").mkdir()
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(database(kind, f"voicesite_backed_up_{os.getpid()}"))
        other = stack.enter_context(database(kind, f"voicesite_restored_{os.getpid()}"))
        if one:  # its tables take longer than a start may
            Copy(tmp_path / "one" / "data", **one).manage("migrate", "--no-input", "-v0")
        site = stack.enter_context(served(tmp_path / "one", VOICESITE_BACKUP_KEY=SECRET, **one))
        site.settle_in()
        ada = Person(site, "ada", seed=1)
        ada.upload()
        with ada.at_work():
            wait_for(lambda: any(each["status"] == "completed" for each in ada.all("/generations")), 120)
            for _ in range(ROUNDS):
                site.manage("backup", str(folder))
            before = kept(folder)
            kill_in_the_middle(site, folder)
            assert before.items() <= kept(folder).items()
            assert len(site.manage("restore", str(folder), "--list").split()) == ROUNDS
            site.manage("backup", str(folder))
        assert {"speak", "upload", "delete_speech"} <= set(ada.did), ada.did
        heard, ended = ada.sounds(), ada.ended()

        repository = Repository(folder, SECRET)
        snapshot = repository.read_snapshot(repository.snapshots()[-1])
        assert snapshot["lost"] == [] and len(snapshot["files"]) > 5

        restored = Copy(tmp_path / "other" / "data", VOICESITE_BACKUP_KEY=SECRET, **other)
        (tmp_path / "other").mkdir()
        restored.manage("restore", str(folder))
        for name, (content, size, _) in snapshot["files"].items():
            data = (restored.folder / "media" / name).read_bytes()
            digest = repository.digest()
            digest.update(data)
            assert (len(data), digest.hexdigest()) == (size, content)

        stack.callback(restored.stop)
        restored.start()
        restored.wait_until_ready()
        assert restored.open("/account/login/", username="ada", password=PASSWORD)[0] == 200
        assert "Sign out" in restored.open("/")[1]
        theirs = Person(restored, "ada", seed=1, key=ada.key)  # a key of the one site opens the other
        moving = {"pending", "initializing", "generating", "processing"}
        wait_for(lambda: not moving & {each["status"] for each in theirs.all("/generations")}, 180)
        rows, sounds = theirs.all("/generations"), theirs.sounds()
        silent = [each for each in rows if each["status"] != "completed"]
        assert all("voice" in each["error"] for each in silent), silent  # which was deleted while it was spoken
        assert len(sounds) == len(rows) - len(silent) + len(theirs.all("/voices")) > 2, "one does not play"
        assert all(soundfile.info(io.BytesIO(sound)).duration > 0.5 for sound in sounds.values())
        again = {path for path, at in theirs.ended().items() if at != ended.get(path)}
        both = heard.keys() & sounds.keys() - again
        assert any("/generations/" in path for path in both)
        assert [path for path in both if sounds[path] != heard[path]] == []
