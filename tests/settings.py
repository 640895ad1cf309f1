"""The site's settings, but for what would only cost the tests time."""

from voicesite.settings import *  # noqa: F403
from voicesite.settings import DATA_DIR, DATABASES, STATIC_ROOT, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
# Redis keeps counts from test to test, which have the same people by their primary keys. Tests of limits set them.
REQUESTS_PER_MINUTE = 0
UNDO_SECONDS = 0  # what is deleted is, and so are its files; tests/synthesis/pages/test_undo.py has the minute
STATIC_ROOT.mkdir(exist_ok=True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as on a site: a database in memory has neither WAL nor turns at BEGIN. Its tables are made of the models as
    # they are: the sites of tests/e2e go through every migration, and so does PostgreSQL.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "tests.sqlite3", "MIGRATE": False}
