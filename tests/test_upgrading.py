"""A site of the first version, with a person, a voice and what it spoke, is one of today after `prepare`: docs/upgrading.md."""

import pytest

from tests.e2e.copy import Copy

pytestmark = [pytest.mark.processes]

FIRST = """
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
first = [(app, "0001_initial") for app in ("voicesite", "voices", "synthesis")]
executor.migrate(first)
apps = MigrationExecutor(connection).loader.project_state(first).apps
def of(name):
    return apps.get_model(*name.split(".")).objects
ada = of("voicesite.User").create(username="ada", email="Ada@example.org", password=make_password("a long enough one"),
                                  is_staff=True, is_superuser=True, is_founder=True)
of("voicesite.User").create(username="eve", email="ada@example.org")
recording = of("voices.Recording").create(owner=ada, original="clips/a.m4a", audio="clips/a.flac", seconds=9.0)
clip = of("voices.Clip").create(owner=ada, recording=recording, end=8.0, audio="clips/a.wav", sha256="0" * 64, seconds=8.0,
                                speech_seconds=7.0, snr_db=30.0, clipping=0.0, loudness=-23.0, transcript="Once upon a time.")
voice = of("voices.VoiceProfile").create(owner=ada, name="Mother", language="en-gb", clip=clip)
of("synthesis.Generation").create(owner=ada, voice=voice, voice_name="Mother", title="A tale", text="A tale.", language="en-gb",
                                  engine="kokoro", model="kokoro", seed=7, state="completed", audio="generations/a.wav", seconds=2.0)
"""
TODAY = """
from django.conf import settings
from django.test import Client
from synthesis.models import Generation
from voices.models import VoiceProfile
from voicesite.models import User
ada = User.objects.get(username="ada")
assert ada.check_password("a long enough one") and User.objects.count() == 2
spoken = Generation.objects.get(owner=ada, is_sample=False)
assert (spoken.text, spoken.state, spoken.voice.name) == ("A tale.", "completed", "Mother")
client = Client(HTTP_HOST="localhost")
client.force_login(ada, settings.AUTHENTICATION_BACKENDS[0])
for page in ("/", "/generations/", f"/generations/{spoken.pk}/", f"/voices/{VoiceProfile.objects.get(owner=ada).pk}/", "/account/"):
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
print("all is there")
"""


def test_what_the_first_version_had_is_there_today(tmp_path):
    site = Copy(tmp_path / "data")
    site.manage("shell", "--no-imports", "--command", FIRST)
    site.manage("prepare")
    assert site.manage("shell", "--no-imports", "--command", TODAY).strip().endswith("all is there")
    assert "No changes detected" in site.manage("makemigrations", "--check", "--dry-run")
