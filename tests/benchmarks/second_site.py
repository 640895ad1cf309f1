"""Voices move from one site to another, with databases and files of their own, and are the same there; and an import
whose process is killed leaves nothing half.

Run with `python -m tests.benchmarks.second_site [--database postgres://…]`, the second site's, which must be empty.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import FIXTURES, fakes

STATE_PROGRAM = """
import hashlib, json
from voices.models import VoiceProfile
from django.core.management import call_command
digest = lambda file: hashlib.sha256(file.read()).hexdigest() if file else ""
print(json.dumps([
    {
        "name": voice.name, "description": voice.description, "language": voice.language,
        "tags": sorted(tag.name for tag in voice.tags.all()), "consent": voice.consent_wording,
        "by": voice.consented, "shown": voice.clip.sha256,
        "clips": [
            [c.start, c.end, c.language, c.transcript, c.words, c.sha256, digest(c.audio), digest(c.original_audio),
             digest(c.recording.original), digest(c.recording.audio), c.recording.original_name]
            for c in voice.clips.select_related("recording").order_by("start", "end")
        ],
    }
    for voice in VoiceProfile.objects.order_by("name")
]))
"""
DRESS_PROGRAM = """
from voices.clips import service as clips
from voices.models import Clip, Tag, VoiceProfile
for voice in VoiceProfile.objects.all():
    Clip.objects.filter(voice=voice).update(words=[["Hello", 0.5, 0.9, 0.75]])
    clips.attach(clips.cut(voice.clip.recording, 0.5, 2.6), voice)
    voice.tags.set([Tag.objects.get_or_create(name=name)[0] for name in ("story", "warm")])
"""
SWEEP_PROGRAM = """
from datetime import timedelta
from django.utils import timezone
from synthesis.workers import sweeper
from voices.archives import importing
from voicesite.jobs import attempts
from voices.models import Clip, Recording, VoiceImport, VoiceProfile
counts = lambda: [model.objects.count() for model in (VoiceProfile, Recording, Clip)]
before = counts()
VoiceImport.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))  # ten seconds later
deleted = sweeper.delete_leftovers(timedelta(0))
job = VoiceImport.objects.claimable().get()
assert job.claim()
attempts.run(job, importing.take_in)
job.refresh_from_db()
print(before, deleted, job.state, job.error, counts())
"""


class Site:
    def __init__(self, folder: Path, database: str = ""):
        self.data = folder
        self.environment = os.environ | {
            "VOICESITE_DATA": str(folder),
            "VOICESITE_ENGINE": fakes.ENGINE,
            "DATABASE_URL": database,
        }
        if not database:
            del self.environment["DATABASE_URL"]
        self("migrate", "--verbosity", "0")
        self("create_user", "ada", "--password", "a long enough one")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, code: str) -> str:
        return self("shell", "--verbosity", "0", "-c", code)

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.data)) for p in (self.data / "media").rglob("*") if p.is_file())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="voicesite-"))
    try:
        (folder / "one").mkdir()
        (folder / "two").mkdir()
        one, two = Site(folder / "one"), Site(folder / "two", given.database)
        for name in ("english_austen_1", "english_ivr", "spanish_ivr"):
            language = "es" if name.startswith("spanish") else "en"
            one(
                "create_voice",
                str(FIXTURES / f"{name}.wav"),
                "--user",
                "ada",
                "--name",
                name,
                "--language",
                language,
                "--transcript",
                "Hello there.",
            )
        one.run(DRESS_PROGRAM)
        archive = folder / "voices.zip"
        print(one("export_voices", str(archive), "--user", "ada").strip())

        began = time.perf_counter()
        two("import_voices", str(archive), "--user", "ada")
        print(f"imported in {time.perf_counter() - began:.1f} s, with the start of Python and Django")
        before, after = json.loads(one.run(STATE_PROGRAM)), json.loads(two.run(STATE_PROGRAM))
        for left, came in zip(before, after, strict=True):
            earlier, later = left.pop("consent"), came.pop("consent")
            assert left == came, (left, came)
            assert later.startswith(earlier) and "record says that ada confirmed" in later
        print(f"{len(after)} voices, {sum(len(voice['clips']) for voice in after)} clips: equal, by hash of every file")

        whole = two.files()
        killed = subprocess.Popen(
            [sys.executable, "manage.py", "import_voices", str(archive), "--user", "ada"],
            env=two.environment, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while len(two.files()) < len(whole) + 6 and killed.poll() is None:
            time.sleep(0.01)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        print(f"killed when {len(two.files()) - len(whole)} new files were there (the archive is one)")
        print("voices, recordings, clips before; files swept away; the next attempt; after:")
        print(two.run(SWEEP_PROGRAM).strip())
        assert json.loads(two.run(STATE_PROGRAM))[0] == after[0] | {
            "consent": json.loads(two.run(STATE_PROGRAM))[0]["consent"]
        }
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
