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
from urllib.parse import parse_qsl, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from voicesite import logs

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.Env):
    """Report the name of a variable that can't be parsed: errors of `int` and `float` only contain the value."""

    FALSE = ("", "0", "false", "off", "n", "no")

    def get_value(self, var, *args, **kwargs):
        kind = getattr(kwargs.get("cast", args[0] if args else None), "__name__", "")
        written = os.environ.get(var, "")
        if kind == "bool" and written.lower() not in (*self.BOOLEAN_TRUE_STRINGS, *self.FALSE):
            or_self = ", or self" if var == "HTTPS" else ""
            raise ImproperlyConfigured(f"{var}={written} is neither on nor off: write 1 or 0{or_self}.")
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

# HTTPS=self: served with a certificate of its own, on the network. HTTPS=1: behind a proxy that terminates TLS.
HTTPS_SELF = env.str("HTTPS", default="").strip().lower() == "self"
HTTPS = HTTPS_SELF or env.bool("HTTPS", default=False)
CERTIFICATE_FILE = DATA_DIR / "https.pem"
HOST = env.str("HOST", default="0.0.0.0" if HTTPS_SELF else "127.0.0.1")  # noqa: S104
# HOST=unix:/run/voicesite/web.sock: on a Unix socket, for a proxy of this machine.
SOCKET_FILE = Path(HOST.removeprefix("unix:")).expanduser() if HOST.startswith("unix:") else None
if SOCKET_FILE:
    if not SOCKET_FILE.is_absolute() or HTTPS_SELF:
        raise ImproperlyConfigured(
            f"HOST={HOST} can't be listened on: name a whole path, as in unix:/run/voicesite/web.sock, without HTTPS=self."
        )
    HOST = "localhost"
PORT = env.int("PORT", default=8000)
PUBLIC_NAME = env.str("VOICESITE_NAME", default="") or "Voicesite"  # for people without an account
SITE_NAME = env.str("VOICESITE_NAME", default="") or socket.gethostname()  # in the metadata of downloaded files
_LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]", HOST, socket.gethostname()]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if HOST in ("0.0.0.0", "::") else _LOCAL_NAMES)  # noqa: S104
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _site_url() -> tuple[str, str]:
    """Return VOICESITE_URL as browsers write it, without a slash at its end, and its host; two empty ones if unset."""
    written = env.str("VOICESITE_URL", default="")
    with suppress(ValueError):  # of a port that is none
        parsed = urlsplit(written.strip().lower())
        host = f"[{parsed.hostname}]" if ":" in (parsed.hostname or "") else parsed.hostname
        is_bare = parsed.path in ("", "/") and not (parsed.query or parsed.fragment or parsed.username)
        if parsed.scheme in ("http", "https") and host and is_bare:
            port = f":{parsed.port}" if parsed.port not in (None, {"http": 80, "https": 443}[parsed.scheme]) else ""
            return f"{parsed.scheme}://{host}{port}", host
    if written:
        raise ImproperlyConfigured(
            f"VOICESITE_URL={written} is not the address of a site: write it as in https://voices.example.org."
        )
    return "", ""


# What links for others begin with. Without it, that is what the visitor called the site (voicesite/address/links.py).
SITE_URL, _site_host = _site_url()
if SITE_URL:
    ALLOWED_HOSTS.append(_site_host)
    CSRF_TRUSTED_ORIGINS.append(SITE_URL)

# Other sites whose pages may ask the API with a key, as https://app.example.org, or * for all (voicesite/web/cors.py).
CORS_ORIGINS = [
    origin.strip().rstrip("/").lower() for origin in env.list("VOICESITE_CORS_ORIGINS", default=[]) if origin.strip()
]

# One process keeps memory small; its threads mostly wait for files and the database.
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=16)

# Whose X-Forwarded-Proto and -For are believed: the web server takes scheme and client from them.
PROXIES = [] if HTTPS_SELF else env.list("VOICESITE_PROXIES", default=["127.0.0.1", "::1"])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS  # over HTTPS only
SECURE_SSL_REDIRECT = HTTPS and not HTTPS_SELF
SECURE_REDIRECT_EXEMPT = [r"^api/health$", r"^metrics$"]  # monitors come by plain HTTP, from inside
# With HSTS, browsers would not let people pass the warning of a certificate that they don't know.
SECURE_HSTS_SECONDS = 0 if HTTPS_SELF else env.int("HSTS_SECONDS", default=0)
# HSTS can't be revoked in browsers: the operator decides whether to send it, and for which names.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
# Two copies on one machine differ only by port, which cookies ignore. And a browser that has a secure cookie takes no
# other of that name on plain HTTP: whoever goes back from HTTPS=self could not sign in.
_COPY = f"{PORT}_https" if HTTPS_SELF else f"{PORT}"
_HOST = "__Host-" if HTTPS else ""  # browsers take such a cookie from this very host only, by HTTPS, for all its pages
SESSION_COOKIE_NAME = f"{_HOST}voicesite_session_{_COPY}"
CSRF_COOKIE_NAME = f"{_HOST}voicesite_csrf_{_COPY}"
DEVICE_COOKIE_NAME = f"{_HOST}voicesite_device_{_COPY}"  # voicesite/signin/devices.py
LANGUAGE_COOKIE_NAME = f"{_HOST}voicesite_language_{_COPY}"  # voicesite/web/languages.py
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE = True, "Lax", HTTPS
SESSION_COOKIE_AGE = 30 * 24 * 3600

# ---------------------------------------------------------------------------------------------------------------------
# Django

INSTALLED_APPS = [
    "voicesite.site.administration.AdministrationConfig",
    "allauth",  # before ours, which takes their tables out of the administration
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.contrib.auth",
    "voicesite",
    "voices",
    "synthesis",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "csp",
    "ninja",  # for the pages that show the API: their scripts and styles
    "django_q",
]

CSRF_FAILURE_VIEW = "voicesite.site.errors.forged"

MIDDLEWARE = [
    "voicesite.web.cors.middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "voicesite.web.permissions.middleware",
    "voicesite.web.visits.middleware",
    "voicesite.site.errors.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "voicesite.web.languages.LanguageMiddleware",
    "voicesite.signin.sessions.SeenMiddleware",
    "voicesite.web.moments.TimeZoneMiddleware",
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
LANGUAGE_CODE = "en"  # of programs, commands and the log too
LANGUAGES = [("en", "English"), ("es", "Español")]  # each by its own name: docs/translating.md
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "voicesite.formats"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")  # where a browser does not tell its own
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE={TIME_ZONE} is not a time zone: write it as in Europe/Madrid.")

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
    _database["CONN_MAX_AGE"] = 60  # opening it anew for each request takes longer than what most of them ask
elif _database.get("ENGINE") == "django.db.backends.postgresql":
    _database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
else:
    raise ImproperlyConfigured(
        "DATABASE_URL names a kind of database that Voicesite doesn't support. "
        "Use postgres://user:password@host:5432/name, or leave it unset for SQLite."
    )
DATABASES = {"default": _database}

REDIS_URL = env.str("REDIS_URL", default="")
# Only accounts use it: codes that were used, and how often something was tried. Processes must agree on that.
CACHES: dict = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "voicesite_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# ---------------------------------------------------------------------------------------------------------------------
# People

AUTH_USER_MODEL = "voicesite.User"
REGISTRATION = env.str("VOICESITE_REGISTRATION", default="invite")  # closed, invite or open
# Limits of each person, which administrators may change for one; 0: none. See voicesite.limits.
REQUESTS_PER_MINUTE = env.int("VOICESITE_REQUESTS_PER_MINUTE", default=600)  # of programs
WORK_AT_ONCE = env.int("VOICESITE_WORK_AT_ONCE", default=500)  # texts, transcriptions, imports: waiting or running
SPEECH_SECONDS_A_DAY = env.int("VOICESITE_SPEECH_SECONDS_A_DAY", default=0)
STORED_MAX_BYTES = env.int("VOICESITE_STORED_MB", default=0) * 1_000_000
# What staff may see and hear of other people's private things: "reports" (what is reported, or asked to be shared) or "all".
STAFF_ACCESS = env.str("VOICESITE_STAFF_ACCESS", default="reports")
PUBLIC_VOICES = env.bool("VOICESITE_PUBLIC_VOICES", default=False)  # whether programs list shared ones without a key
LISTENING_LINKS = env.bool("VOICESITE_LISTENING_LINKS", default=True)  # by which people without an account hear speech
# Networks (CIDR) to which webhooks may lead beside the public internet.
WEBHOOK_ALLOW = env.list("VOICESITE_WEBHOOK_ALLOW", default=[])
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = ["voicesite.signin.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
        "voicesite.signin.passwords.OwnWordsValidator",
        "voicesite.signin.passwords.RepetitionValidator",
        "voicesite.signin.passwords.LeakedPasswordValidator",
    )
]
# Whether what is written down of sign-ins and sessions names the address, or only tells one from another.
HASH_ADDRESSES = env.bool("VOICESITE_HASH_ADDRESSES", default=False)
STAFF_2FA = env.bool("VOICESITE_STAFF_2FA", default=False)  # whether the administration asks for a second step

# django-allauth: voicesite/signin says where we depart from it.
ACCOUNT_ADAPTER = "voicesite.signin.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "voicesite.signin.forms.SignInForm",
    "change_password": "voicesite.signin.forms.ChangePasswordForm",
    "set_password": "voicesite.signin.forms.SetPasswordForm",
    "reset_password": "voicesite.signin.forms.ResetPasswordForm",
    "reset_password_from_key": "voicesite.signin.forms.ResetPasswordKeyForm",
    "reauthenticate": "voicesite.signin.forms.ConfirmPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # voicesite/signin/emails.py confirms addresses
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# Of codes of a second step; passwords are counted by voicesite/signin/guesses.py, before they are hashed.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "30/5m/ip,5/5m/key"}
MFA_ADAPTER = "voicesite.signin.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = (
    1  # a code is right for 30 seconds more, as RFC 6238 advises: people type, and phones' clocks differ
)
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Single sign-on by one OpenID Connect provider
OIDC_URL = env.str("VOICESITE_OIDC_URL", default="")
OIDC_CLIENT = env.str("VOICESITE_OIDC_CLIENT", default="")
OIDC_SECRET = env.str("VOICESITE_OIDC_SECRET", default="")
OIDC_NAME = env.str("VOICESITE_OIDC_NAME", default="") or "single sign-on"
SOCIALACCOUNT_ADAPTER = "voicesite.signin.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS: dict = {}
if OIDC_URL:
    _app = {"provider_id": "oidc", "name": OIDC_NAME, "client_id": OIDC_CLIENT, "secret": OIDC_SECRET}
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [_app | {"settings": {"server_url": OIDC_URL}}],
        "OAUTH_PKCE_ENABLED": True,
    }

# Mail (password resets, news of voices) is printed to the log until a server is set: smtp+tls://user:password@host:587
try:
    # Not so where the log is JSON: nobody's address, and no link to a password, shall be in there.
    _mail = env.email_url("EMAIL_URL", default="dummymail://" if logs.is_json() else "consolemail://")
except ImproperlyConfigured:
    raise ImproperlyConfigured("EMAIL_URL is not a mail server: write smtp+tls://user:password@host:587.") from None
vars().update(_mail)
EMAIL_TIMEOUT = 5  # seconds: less than LEASE_SECONDS of the job that sends a mail
SENDS_MAIL = not str(_mail["EMAIL_BACKEND"]).endswith((".console.EmailBackend", ".dummy.EmailBackend"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Voicesite <voicesite@localhost>")

# ---------------------------------------------------------------------------------------------------------------------
# Files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"  # no MEDIA_URL: audio is served only by views, which authorise


def _bucket() -> dict[str, str]:
    """Return the options of the bucket that VOICESITE_FILES names; none if the files are in MEDIA_ROOT."""
    written = env.str("VOICESITE_FILES", default="").strip()
    if not written:
        return {}
    with suppress(ValueError):  # of brackets that are not closed, and of parameters without a value
        parsed = urlsplit(written)
        asked = dict(parse_qsl(parsed.query, keep_blank_values=True, strict_parsing=True) if parsed.query else ())
        endpoint, addressing = asked.get("endpoint"), asked.get("addressing")
        is_bare = parsed.netloc == parsed.hostname and not parsed.fragment
        is_known = set(asked) <= {"endpoint", "region", "addressing"} and all(asked.values())
        is_endpoint = endpoint is None or (
            urlsplit(endpoint).scheme in ("http", "https") and bool(urlsplit(endpoint).hostname)
        )
        if parsed.scheme == "s3" and is_bare and is_known and is_endpoint and addressing in (None, "path", "virtual"):
            options = {"bucket_name": parsed.netloc, "location": parsed.path.strip("/"), "endpoint_url": endpoint}
            options |= {"region_name": asked.get("region"), "addressing_style": addressing}
            return {name: value for name, value in options.items() if value}
    raise ImproperlyConfigured(
        "VOICESITE_FILES is not a bucket: write it as in s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-west-1. "
        "The credentials are variables of their own, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )


BUCKET = _bucket()
STORAGES = {
    "default": {"BACKEND": "voicesite.bucket.Bucket", "OPTIONS": BUCKET}
    if BUCKET
    else {"BACKEND": "voicesite.storage.Folder"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "voicesite.static_files.StaticFiles"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["voices.intake.upload_handler.BoundedUploadHandler"]

# A folder to which the site is backed up by itself, on another disk at best; empty: only `manage.py backup FOLDER` does.
BACKUP = env.str("VOICESITE_BACKUP", default="")
BACKUP_HOURS = env.int("VOICESITE_BACKUP_HOURS", default=24)  # from one to the next
BACKUPS_KEPT = env.int("VOICESITE_BACKUPS_KEPT", default=14)
BACKUP_KEY = env.str("VOICESITE_BACKUP_KEY", default="")  # seals backups: who has lost it can't restore them

# Kept free, for the database and sessions: below it nothing begins that makes files (voicesite/resources.py).
DISK_RESERVE_BYTES = env.int("VOICESITE_DISK_RESERVE_MB", default=200) * 1_000_000

# Whether a speaker reads a sentence aloud to agree: "off", "asked" or "required" (voices/consent).
SPOKEN_CONSENT = env.str("VOICESITE_CONSENT", default="off")

# Limits of an uploaded recording, checked before and during decoding.
CLIP_MAX_BYTES = env.int("VOICESITE_CLIP_MAX_MB", default=50) * 1024 * 1024
CLIP_MAX_SECONDS = env.int("VOICESITE_CLIP_MAX_SECONDS", default=600)
IMPORT_MAX_BYTES = env.int("VOICESITE_IMPORT_MAX_MB", default=500) * 1024 * 1024  # of an archive of voices
# Files of speech in another format than WAV, which can be made again, are deleted when nobody asks for them so long.
RENDITION_DAYS = env.int("VOICESITE_RENDITION_DAYS", default=30)
# For how long what somebody deleted can be brought back, before it is really deleted. 0: it is deleted at once.
UNDO_SECONDS = env.int("VOICESITE_UNDO_SECONDS", default=60)
# Sentences of finished speech are kept so long: without them it can't be changed any more. 0: for ever.
SEGMENT_DAYS = env.int("VOICESITE_SEGMENT_DAYS", default=0)
# For how many days things are kept, by kind: see voicesite.privacy.keeping. 0: until their owners delete them.
KEEP_DAYS = {
    "speech": env.int("VOICESITE_KEEP_SPEECH_DAYS", default=0),
    "uploads": env.int("VOICESITE_KEEP_UPLOADS_DAYS", default=0),
    "drafts": env.int("VOICESITE_KEEP_DRAFTS_DAYS", default=0),
}
KEEP_LOG_DAYS = env.int("VOICESITE_KEEP_LOG_DAYS", default=0)  # the audit log
TEXT_LIMIT = env.int("VOICESITE_TEXT_LIMIT", default=200_000)
# Of a request without its files. A draft may be twice as long as a text, and a form needs 12 bytes for an emoji.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(2 * 12 * TEXT_LIMIT, 1024 * 1024) + 1024 * 1024

# With what speech is signed (voicesite/provenance): the operator's certificate with its chain and its key, PEM files, or
# else one that is made on first use.
C2PA_CERT = env.str("VOICESITE_C2PA_CERT", default="")
C2PA_KEY = env.str("VOICESITE_C2PA_KEY", default="")
C2PA_FILE = DATA_DIR / "c2pa.pem"

# ---------------------------------------------------------------------------------------------------------------------
# Engines and the queue

BUILTIN_VOICES = env.bool("VOICESITE_BUILTIN_VOICES", default=True)  # whether people may use them

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

# The server of the Wyoming protocol, for Home Assistant. It knows no sign-in: whoever reaches it acts as that account.
WYOMING_PORT = env.int("VOICESITE_WYOMING_PORT", default=0)  # 0: there is none
WYOMING_HOST = env.str("VOICESITE_WYOMING_HOST", default="127.0.0.1")
WYOMING_USER = env.str("VOICESITE_WYOMING_USER", default="")

SYNTHESIS_WORKERS = env.int("VOICESITE_SYNTHESIS_WORKERS", default=1)  # one per device: each keeps a model loaded
BACKGROUND_WORKERS = env.int("VOICESITE_BACKGROUND_WORKERS", default=1)
# The lanes of synthesis.workers.lanes: one each for downloads, imports, encoding and mails, two for webhooks, and those for
# transcription and fitting.
BACKGROUND_PLACES = 6 + 2 * BACKGROUND_WORKERS
MAX_FAILURES = 3  # failed attempts, such as a crash of the engine
MAX_ATTEMPTS = 10  # attempts in all, including those whose worker was killed
LEASE_SECONDS = 10  # renewed twice a second while a job runs; after it expires, another worker may claim the job
ENGINE_STALL_SECONDS = env.int("VOICESITE_STALL_SECONDS", default=120)  # without output: then an engine is killed
IDLE_SECONDS = env.int("VOICESITE_IDLE_SECONDS", default=1800)  # before an unused model is unloaded; 0: never
MEMORY_RESERVE_BYTES = env.int("VOICESITE_MEMORY_RESERVE_MB", default=200) * 1_000_000  # with less, no model is loaded
DEAF_SECONDS = 20  # that an idle cluster may leave a message unanswered before it is restarted

# The task of each cluster, which voicesite.jobs.doorbell sends.
DOORBELLS = {"synthesis": "synthesis.workers.tasks.run_next", "default": "synthesis.workers.tasks.run_background"}
# What a worker does that is only asked whether it hears. One that speaks also loads its model then, or gives it up.
PROBES = {"synthesis": "synthesis.workers.tasks.run_next", "default": "synthesis.workers.tasks.answer"}
# A message only wakes a worker, and the job's row says what to do: messages are not kept, repeated or limited in time.
# The broker's clock starts when a message is dequeued, so `retry` must exceed timeout × (2 + queue_limit / workers). No
# worker is recycled, since the next would have to load the model again.
_DAY = 24 * 3600
_CLUSTER = {"timeout": _DAY, "retry": 4 * _DAY, "recycle": 1_000_000_000, "queue_limit": 1, "bulk": 1, "poll": 0.5}
Q_CLUSTER = {
    "name": "voicesite",
    "save_limit": -1,
    "ack_failures": True,
    "scheduler": False,
    "max_attempts": 1,
    "guard_cycle": 5,  # `work` watches its processes by itself, each second
    "label": "Queue",
    **_CLUSTER,
    **(
        {"redis": REDIS_URL}
        if REDIS_URL
        else {"orm": "default", "broker_class": "voicesite.jobs.broker.DatabaseBroker"}
    ),
    "ALT_CLUSTERS": {
        "synthesis": {**_CLUSTER, "workers": SYNTHESIS_WORKERS},
        "default": {**_CLUSTER, "workers": BACKGROUND_PLACES},
    },
}

# ---------------------------------------------------------------------------------------------------------------------
# Browsers


def _origin(address: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(address))


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # Where browsers have trusted types, text becomes HTML only as static/trusted.js lets it.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default", "inert"],
        # A form leads on to the sign-in page of the provider, where there is one.
        "form-action": ["'self'", *([_origin(OIDC_URL)] if OIDC_URL else [])],
    }
}

# ---------------------------------------------------------------------------------------------------------------------
# Logs


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for a 503 of /api/health, which monitors poll: Django's log line would lack the reason.

    Any other 503 or 507 becomes a warning: the site says so on purpose while its disk is full or its database is only to be
    read. That is the operator's to put right, and no fault for Sentry to collect.
    """
    status = getattr(record, "status_code", None)
    if status in (503, 507):
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return status != 503 or getattr(getattr(record, "request", None), "path", "") != "/api/health"


# Also read by processes that know nothing of Django (voicesite/logs.py).
_logs = env.str("VOICESITE_LOGS", default="line").strip().lower()
if _logs not in ("line", "json"):
    raise ImproperlyConfigured(f"VOICESITE_LOGS={_logs} is no form of a log: write line or json.")
METRICS_TOKEN = env.str("VOICESITE_METRICS_TOKEN", default="")  # with which /metrics can be read
SENTRY_DSN = env.str("SENTRY_DSN", default="")  # where errors are reported (voicesite/site/sentry.py)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news}},
    "formatters": {"line": {"format": logs.LINE}, "json": {"()": logs.JsonFormatter}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _logs}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR", "filters": ["news"]},
        "mcp": {"level": "WARNING"},  # a request is four lines else
        "voicesite.requests": {"level": "INFO" if logs.is_json() else "WARNING"},  # for machines: one line a request
    },
}
