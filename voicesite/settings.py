"""The settings of Voicesite, from environment variables and the file `.env` in the project's folder.

docs/deployment.md lists every variable; `voicesite.site.checks` reports values that can't work.
"""

import logging
import os
import socket
import tempfile
import zoneinfo
from contextlib import suppress
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.Env):
    """Report the name of a variable that can't be parsed: errors of `int` and `float` only contain the value."""

    FALSE = ("", "0", "false", "off", "n", "no")

    def get_value(self, var, *args, **kwargs):
        kind = getattr(kwargs.get("cast", args[0] if args else None), "__name__", "")
        written = os.environ.get(var, "")
        if kind == "bool" and written.lower() not in (*self.BOOLEAN_TRUE_STRINGS, *self.FALSE):
            raise ImproperlyConfigured(f"{var}={written} is neither on nor off: write 1 or 0.")
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError:
            wanted = {"int": "a whole number", "float": "a number"}.get(kind, "what is wanted there")
            raise ImproperlyConfigured(f"{var}={written} is not {wanted}.") from None


env = Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

VERSION = "0.1.0"
DEBUG = env.bool("DEBUG", default=False)

# ---------------------------------------------------------------------------------------------------------------------
# Run-time data: the database, recordings, speech and the secret key are all in one folder.

DATA_DIR = Path(env.str("VOICESITE_DATA", default=str(BASE_DIR / "var"))).expanduser().resolve()


def _secret_key() -> str:
    """Return the key in DATA_DIR/secret_key, made on first use. If two processes make one at once, the first wins."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        try:
            DATA_DIR.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=DATA_DIR) as file:  # readable by this user only
                file.write(get_random_secret_key())
                file.flush()
                with suppress(FileExistsError):
                    os.link(file.name, path)  # unlike a rename, a link never replaces the other process's key
        except OSError as error:
            raise ImproperlyConfigured(f"VOICESITE_DATA={DATA_DIR} cannot be written to: {error.strerror}.") from None
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", default="") or _secret_key()

# ---------------------------------------------------------------------------------------------------------------------
# Where the site is served

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SITE_NAME = env.str("VOICESITE_NAME", default="") or socket.gethostname()  # in the metadata of downloaded files
_LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]", HOST, socket.gethostname()]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if HOST in ("0.0.0.0", "::") else _LOCAL_NAMES)  # noqa: S104
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# One process keeps memory small; its threads mostly wait for files and the database.
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=16)

# Behind a proxy that terminates TLS: cookies over HTTPS only, and the proxy's header on the scheme is trusted.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/health$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
# HSTS can't be revoked in browsers: the operator decides whether to send it, and for which names.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
# Two copies on one machine differ only by port, which cookies ignore.
SESSION_COOKIE_NAME = f"voicesite_session_{PORT}"
CSRF_COOKIE_NAME = f"voicesite_csrf_{PORT}"
SESSION_COOKIE_AGE = 30 * 24 * 3600

# ---------------------------------------------------------------------------------------------------------------------
# Django

INSTALLED_APPS = [
    "voicesite.web.admin_site.VoicesiteAdminConfig",
    "django.contrib.auth",
    "voicesite",
    "voices",
    "synthesis",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "csp",
    "ninja",  # for the pages that show the API: their scripts and styles
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "voicesite.people.views.SetupMiddleware",
    "voicesite.people.views.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "voicesite.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "voicesite.context.site",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # templates/django/forms/field.html

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE={TIME_ZONE} is no time zone: write it as in Europe/Madrid.")

# ---------------------------------------------------------------------------------------------------------------------
# Database and cache

_database = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'voicesite.sqlite3'}")
if _database.get("ENGINE") == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # With WAL, readers never wait for the writer. With IMMEDIATE, a transaction waits for its lock at BEGIN, where
        # the timeout applies, instead of failing later with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
elif _database.get("ENGINE") == "django.db.backends.postgresql":
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
else:
    raise ImproperlyConfigured(
        "DATABASE_URL names no database that Voicesite is made for. "
        "Use postgres://user:password@host:5432/name, or leave it unset for SQLite."
    )
DATABASES = {"default": _database}

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# ---------------------------------------------------------------------------------------------------------------------
# People

AUTH_USER_MODEL = "voicesite.User"
REGISTRATION = env.str("VOICESITE_REGISTRATION", default="invite")  # closed, invite or open
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{kind}Validator"}
    for kind in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]

# Mail (password resets) is printed to the log until a server is set: smtp+tls://user:password@host:587
try:
    vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
except ImproperlyConfigured:
    raise ImproperlyConfigured("EMAIL_URL is no mail server: write smtp+tls://user:password@host:587.") from None
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Voicesite <voicesite@localhost>")

# ---------------------------------------------------------------------------------------------------------------------
# Files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"  # no MEDIA_URL: audio is served only by views, which authorise
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["voices.intake.upload_handler.BoundedUploadHandler"]

# Limits of an uploaded recording, checked before and during decoding.
CLIP_MAX_BYTES = env.int("VOICESITE_CLIP_MAX_MB", default=50) * 1024 * 1024
CLIP_MAX_SECONDS = env.int("VOICESITE_CLIP_MAX_SECONDS", default=600)
IMPORT_MAX_BYTES = env.int("VOICESITE_IMPORT_MAX_MB", default=500) * 1024 * 1024  # of an archive of voices
# Files of speech in another format than WAV, which can be made again, are deleted when nobody asks for them so long.
RENDITION_DAYS = env.int("VOICESITE_RENDITION_DAYS", default=30)
# Sentences of finished speech are kept so long: without them it can't be changed any more. 0: for ever.
SEGMENT_DAYS = env.int("VOICESITE_SEGMENT_DAYS", default=0)
TEXT_LIMIT = env.int("VOICESITE_TEXT_LIMIT", default=200_000)
# Of a request without its files. A draft may be twice as long as a text, and a form needs 12 bytes for an emoji.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(2 * 12 * TEXT_LIMIT, 1024 * 1024) + 1024 * 1024

# ---------------------------------------------------------------------------------------------------------------------
# Engines and the queue

# A name of synthesis.engines.ENGINES, or the dotted path of a class; TRANSCRIBER likewise.
ENGINE = env.str("VOICESITE_ENGINE", default="auto")
MODEL = env.str("VOICESITE_MODEL", default="")  # of that engine; by default its first
CACHE_DIR = Path(env.str("VOICESITE_CACHE", default=str(DATA_DIR / "cache"))).expanduser().resolve()
MODELS_DIR = Path(env.str("VOICESITE_MODELS", default=str(DATA_DIR / "models"))).expanduser().resolve()
# The speech server. The engine reads these from the environment, like VOICESITE_REMOTE_KEY and VOICESITE_REMOTE_MODEL.
REMOTE_URL = env.str("VOICESITE_REMOTE_URL", default="")
REMOTE_TIMEOUT = env.int("VOICESITE_REMOTE_TIMEOUT", default=60)  # seconds without a byte from the server
# Engines don't import Django: they find these folders by the variables.
os.environ |= {"VOICESITE_CACHE": str(CACHE_DIR), "VOICESITE_MODELS": str(MODELS_DIR)}

TRANSCRIBER = env.str("VOICESITE_TRANSCRIBER", default="auto")
TRANSCRIBER_MODEL = env.str("VOICESITE_TRANSCRIBER_MODEL", default="")  # of that transcriber

SYNTHESIS_WORKERS = env.int("VOICESITE_SYNTHESIS_WORKERS", default=1)  # one per device: each keeps a model loaded
BACKGROUND_WORKERS = env.int("VOICESITE_BACKGROUND_WORKERS", default=1)
# The lanes of synthesis.workers.lanes: one for downloads, one for imports, one for encoding, and those for transcription
# and fitting.
BACKGROUND_PLACES = 3 + 2 * BACKGROUND_WORKERS
MAX_FAILURES = 3  # failed attempts, such as a crash of the engine
MAX_ATTEMPTS = 10  # attempts in all, including those whose worker was killed
LEASE_SECONDS = 10  # renewed twice a second while a job runs; after it expires, another worker may claim the job
ENGINE_STALL_SECONDS = env.int("VOICESITE_STALL_SECONDS", default=120)  # without output: then an engine is killed
IDLE_SECONDS = env.int("VOICESITE_IDLE_SECONDS", default=1800)  # before an unused model is unloaded; 0: never
DEAF_SECONDS = 20  # that an idle cluster may leave a message unanswered before it is restarted

# The task of each cluster, which voicesite.jobs.doorbell sends.
DOORBELLS = {"synthesis": "synthesis.workers.tasks.run_next", "default": "synthesis.workers.tasks.run_background"}
# A message only wakes a worker, and the job's row says what to do: messages are not kept, repeated or limited in time.
# The broker's clock starts when a message is dequeued, so `retry` must exceed timeout × (2 + queue_limit / workers). No
# worker is recycled, since the next would have to load the model again.
_DAY = 24 * 3600
_CLUSTER = {"timeout": _DAY, "retry": 4 * _DAY, "recycle": 1_000_000_000, "queue_limit": 1, "bulk": 1, "poll": 0.1}
Q_CLUSTER = {
    "name": "voicesite",
    "save_limit": -1,
    "ack_failures": True,
    "scheduler": False,
    "max_attempts": 1,
    "guard_cycle": 0.5,
    "label": "Queue",
    **_CLUSTER,
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "ALT_CLUSTERS": {
        "synthesis": {**_CLUSTER, "workers": SYNTHESIS_WORKERS},
        "default": {**_CLUSTER, "workers": BACKGROUND_PLACES},
    },
}

# ---------------------------------------------------------------------------------------------------------------------
# Browsers

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

# ---------------------------------------------------------------------------------------------------------------------
# Logs


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for a 503 of /api/health, which monitors poll: Django's log line would lack the reason."""
    request = getattr(record, "request", None)
    return getattr(record, "status_code", None) != 503 or getattr(request, "path", "") != "/api/health"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django-q": {"level": "WARNING"}, "django.request": {"level": "ERROR", "filters": ["news"]}},
}
