"""System checks: report settings that can't work when the site starts."""

import os
import re
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.files.storage import default_storage

from voicesite.address.network import is_loopback
from voicesite.backups import making
from voicesite.backups.repository import Unusable
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.modelhost.protocol import ModelError
from voicesite.provenance import made
from voicesite.storage import why_unreachable


@register(Tags.security)
def check_people(app_configs, **kwargs):
    if settings.REGISTRATION not in ("closed", "invite", "open"):
        written = f"VOICESITE_REGISTRATION is “{settings.REGISTRATION}”."
        yield Error(written, hint="Set it to closed, invite or open.", id="voicesite.E001")
    elif settings.SPOKEN_CONSENT not in ("off", "asked", "required"):
        written = f"VOICESITE_CONSENT is “{settings.SPOKEN_CONSENT}”."
        yield Error(written, hint="Set it to off, asked or required.", id="voicesite.E052")
    elif settings.STAFF_ACCESS not in ("reports", "all"):
        written = f"VOICESITE_STAFF_ACCESS is “{settings.STAFF_ACCESS}”."
        yield Error(written, hint="Set it to reports or all.", id="voicesite.E031")
    elif len(settings.SECRET_KEY) < 32:
        hint = "Leave it unset, and a good one is made in the data folder."
        yield Error("SECRET_KEY is too short to keep sessions safe.", hint=hint, id="voicesite.E002")


@register(Tags.security)
def check_single_sign_on(app_configs, **kwargs):
    if not settings.OIDC_URL:
        return
    if urlsplit(settings.OIDC_URL).scheme not in ("https", "http") or not urlsplit(settings.OIDC_URL).netloc:
        written = f"VOICESITE_OIDC_URL is “{settings.OIDC_URL}”."
        yield Error(written, hint="Write it as in https://login.example.org/realms/people.", id="voicesite.E043")
    elif not (settings.OIDC_CLIENT and settings.OIDC_SECRET):
        hint = "Register Voicesite with the provider, which gives you both."
        yield Error("VOICESITE_OIDC_CLIENT or VOICESITE_OIDC_SECRET is not set.", hint=hint, id="voicesite.E044")
    elif urlsplit(settings.OIDC_URL).scheme == "http" and not is_loopback(urlsplit(settings.OIDC_URL).hostname or ""):
        words = "VOICESITE_OIDC_URL is not HTTPS: whoever sits between can sign in as anyone."
        yield Warning(words, hint="Take the provider’s https:// address.", id="voicesite.W011")


@register(Tags.security)
def check_webhooks(app_configs, **kwargs):
    for network in settings.WEBHOOK_ALLOW:
        try:
            ip_network(network)
        except ValueError as error:
            hint = "Name networks as in 192.168.1.0/24, with commas between them; one machine as in 192.168.1.5."
            yield Error(f"VOICESITE_WEBHOOK_ALLOW: {error}.", hint=hint, id="voicesite.E036")


@register()
def check_limits(app_configs, **kwargs):
    positive = {
        "VOICESITE_TEXT_LIMIT": settings.TEXT_LIMIT,
        "VOICESITE_CLIP_MAX_MB": settings.CLIP_MAX_BYTES,
        "VOICESITE_CLIP_MAX_SECONDS": settings.CLIP_MAX_SECONDS,
        "VOICESITE_SYNTHESIS_WORKERS": settings.SYNTHESIS_WORKERS,
        "VOICESITE_BACKGROUND_WORKERS": settings.BACKGROUND_WORKERS,
        "VOICESITE_STALL_SECONDS": settings.ENGINE_STALL_SECONDS,
        "VOICESITE_REMOTE_TIMEOUT": settings.REMOTE_TIMEOUT,
        "WEB_WORKERS": settings.WEB_WORKERS,
        "WEB_THREADS": settings.WEB_THREADS,
        "VOICESITE_IMPORT_MAX_MB": settings.IMPORT_MAX_BYTES,
    }
    for number, (variable, value) in enumerate(positive.items(), start=10):
        if value < 1:
            yield Error(f"{variable} is {value}.", hint="It must be 1 or more.", id=f"voicesite.E{number:03}")
    for variable, value in {
        "VOICESITE_REQUESTS_PER_MINUTE": settings.REQUESTS_PER_MINUTE,
        "VOICESITE_WORK_AT_ONCE": settings.WORK_AT_ONCE,
        "VOICESITE_SPEECH_SECONDS_A_DAY": settings.SPEECH_SECONDS_A_DAY,
        "VOICESITE_STORED_MB": settings.STORED_MAX_BYTES,
        "VOICESITE_DISK_RESERVE_MB": settings.DISK_RESERVE_BYTES,
        "VOICESITE_MEMORY_RESERVE_MB": settings.MEMORY_RESERVE_BYTES,
        **{f"VOICESITE_KEEP_{kind.upper()}_DAYS": days for kind, days in settings.KEEP_DAYS.items()},
        "VOICESITE_KEEP_LOG_DAYS": settings.KEEP_LOG_DAYS,
    }.items():
        if value < 0:
            yield Error(f"{variable} is {value}.", hint="It must be 0, for no limit, or more.", id="voicesite.E034")
    if settings.IMPORT_MAX_BYTES > 4095 * 2**20:
        written = f"VOICESITE_IMPORT_MAX_MB is {settings.IMPORT_MAX_BYTES // 2**20}."
        yield Error(written, hint="Archives of voices have 4095 MB at most.", id="voicesite.E005")
    if not 0 < settings.PORT < 65536:
        yield Error(f"PORT is {settings.PORT}.", hint="Choose one from 1 to 65535.", id="voicesite.E003")


@register()
def check_data_folder(app_configs, **kwargs):
    folder = settings.DATA_DIR
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        hint = "Give it to the user that runs Voicesite, or set VOICESITE_DATA to another folder."
        yield Error(f"Voicesite may not write to its data folder, {folder}.", hint=hint, id="voicesite.E004")


@register()
def check_files(app_configs, **kwargs):
    if settings.BUCKET and (find_spec("storages") is None or find_spec("boto3") is None):
        words = "VOICESITE_FILES is set, and the libraries for it are not installed."
        yield Error(
            words,
            hint="Install them: .venv/bin/pip install 'django-storages[s3]>=1.14.6,<1.15' 'boto3>=1.44,<2'",
            id="voicesite.E061",
        )


@register(deploy=True)
def check_bucket(app_configs, **kwargs):
    """Ask the bucket, which no other check does: a site starts while it does not answer, and says so on its pages."""
    if not settings.BUCKET or list(check_files(None)):
        return
    if why := why_unreachable():
        hint = "Compare VOICESITE_FILES, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with what the storage gave you."
        yield Error(why, hint=hint, id="voicesite.E062")
    elif default_storage.keeps_versions():  # type: ignore[attr-defined]
        words = "The bucket of VOICESITE_FILES keeps versions: what people delete stays there."
        yield Warning(words, hint="Suspend its versioning, or let older versions expire soon.", id="voicesite.W021")


@register()
def check_backups(app_configs, **kwargs):
    if not settings.BACKUP:
        return
    try:
        making.require_outside(Path(settings.BACKUP).expanduser())
    except Unusable as error:
        hint = "Set VOICESITE_BACKUP to a folder outside of it, best on another disk."
        yield Error(f"VOICESITE_BACKUP: {error}", hint=hint, id="voicesite.E050")
    for variable, value in {
        "VOICESITE_BACKUP_HOURS": settings.BACKUP_HOURS,
        "VOICESITE_BACKUPS_KEPT": settings.BACKUPS_KEPT,
    }.items():
        if value < 1:
            yield Error(f"{variable} is {value}.", hint="It must be 1 or more.", id="voicesite.E051")


@register()
def check_services(app_configs, **kwargs):
    if settings.REDIS_URL and not settings.REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        hint = "It looks like redis://host:6379/0. Leave it unset to do without Redis."
        yield Error("REDIS_URL is not an address of a Redis server.", hint=hint, id="voicesite.E006")
    cluster = settings.Q_CLUSTER["ALT_CLUSTERS"]["synthesis"]
    needed = cluster["timeout"] * (2 + cluster["queue_limit"] / cluster["workers"]) if cluster["workers"] else 0
    if cluster["retry"] <= needed:
        hint = "`retry` must exceed timeout × (2 + queue_limit / workers)."
        yield Error("Q_CLUSTER would repeat messages that are still being worked on.", hint=hint, id="voicesite.E007")


@register()
def check_sentry(app_configs, **kwargs):
    if settings.SENTRY_DSN and find_spec("sentry_sdk") is None:
        words = "SENTRY_DSN is set, and the library sentry-sdk is not installed."
        yield Error(words, hint="Install it: .venv/bin/pip install 'sentry-sdk>=2.75,<3'", id="voicesite.E060")


@register(Tags.security)
def check_proxies(app_configs, **kwargs):
    for proxy in settings.PROXIES:
        try:
            ip_network(proxy, strict=False)
        except ValueError:
            written = f"VOICESITE_PROXIES has “{proxy}”, which is no address."
            hint = "Write each as 10.0.0.2, or as a network such as 172.16.0.0/12."
            yield Error(written, hint=hint, id="voicesite.E040")


@register(Tags.security)
def check_provenance(app_configs, **kwargs):
    hint = "Both are PEM files: the certificate with its chain, and its key, which has no password."
    if bool(settings.C2PA_CERT) != bool(settings.C2PA_KEY):
        written = "Of VOICESITE_C2PA_CERT and VOICESITE_C2PA_KEY, one is not set."
        yield Error(written, hint=hint, id="voicesite.E053")
    elif find_spec("c2pa") is None:
        lacking = "Speech can’t be signed here: c2pa-python is not installed. It only has tags that say that it is made by AI."
        yield Warning(lacking, hint="docs/provenance.md says what that means.", id="voicesite.W020")
    elif settings.C2PA_CERT and (why := made.why_unusable()):
        yield Error(f"VOICESITE_C2PA_CERT can’t sign speech: {why}.", hint=hint, id="voicesite.E054")


@register(Tags.security)
def check_cors(app_configs, **kwargs):
    for origin in settings.CORS_ORIGINS:
        if not re.fullmatch(r"\*|https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?", origin):
            hint = "Write each as https://app.example.org, without a path, or a single * for every site."
            written = f"VOICESITE_CORS_ORIGINS has “{origin}”, which no browser sends."
            yield Error(written, hint=hint, id="voicesite.E041")


@register(Tags.security)
def check_mail(app_configs, **kwargs):
    sends = not settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".locmem.EmailBackend"))
    if sends and "*" in settings.ALLOWED_HOSTS and not settings.SITE_URL:
        yield Warning(
            "Links to a new password begin with whatever the one who asks for it calls the site: it may be a trap.",
            hint="Set VOICESITE_URL to the site’s address, as in http://192.168.1.5:8000.",
            id="voicesite.W009",
        )


@register()
def check_engine(app_configs, **kwargs):
    """Report an error only if no engine can speak: otherwise the embedded engine replaces the chosen one."""
    from synthesis.engines import ENGINES, EngineError
    from synthesis.engines import choice as engine_choice

    try:
        unavailable = engine_choice.unavailable()
    except EngineError as error:
        names = f"auto, or one of: {', '.join(sorted(ENGINES.paths))}"
        yield Error(f"VOICESITE_ENGINE: {error.message}", hint=f"Set it to {names}.", id="voicesite.E008")
        return
    try:
        options, choice = engine_choice.options(), engine_choice.current()
    except EngineError:
        reasons = " ".join(f"{name}: {why}" for name, why in unavailable.items())
        yield Error("No engine can speak on this machine.", hint=reasons, id="voicesite.E009")
        return
    if settings.ENGINE in unavailable:
        words = f"VOICESITE_ENGINE is {settings.ENGINE}, which cannot run here: {choice.title} speaks."
        yield Warning(words, hint=unavailable[settings.ENGINE], id="voicesite.W003")
    elif settings.REMOTE_URL and "remote" in unavailable:
        words = f"VOICESITE_REMOTE_URL is “{settings.REMOTE_URL}”, which cannot be used: {choice.title} speaks."
        yield Warning(words, hint=unavailable["remote"], id="voicesite.W006")
    first = options[0]
    if settings.MODEL not in ("", first.model):
        chosen = ENGINES.short_name(settings.ENGINE)
        models = [option.model for option in options if chosen in ("auto", option.engine)]
        words = f"VOICESITE_MODEL is “{settings.MODEL}”, which no engine that may speak here can load."
        yield Warning(words, hint=f"There are: {', '.join(models)}.", id="voicesite.W004")
    if not first.is_here:
        words = f"{choice.title} speaks here: {engine_choice.reason()}."
        yield Warning(words, hint=_how_to_get(first, "It"), id="voicesite.W005")


@register()
def check_transcriber(app_configs, **kwargs):
    """Report an error only for an unknown name: otherwise another transcriber replaces it, or people type transcripts."""
    from voices.transcription import choice as transcriber_choice
    from voices.transcription.transcribers import TRANSCRIBERS

    try:
        options, unavailable = transcriber_choice.options(), transcriber_choice.unavailable()
    except ModelError as error:
        names = f"auto, none, or one of: {', '.join(sorted(TRANSCRIBERS.paths))}"
        yield Error(f"VOICESITE_TRANSCRIBER: {error.message}", hint=f"Set it to {names}.", id="voicesite.E010")
        return
    now = transcriber_choice.current()
    instead = f"{now.title} transcribes recordings" if now else "people type transcripts"
    chosen = TRANSCRIBERS.short_name(settings.TRANSCRIBER)
    if chosen in unavailable:
        words = f"VOICESITE_TRANSCRIBER is {settings.TRANSCRIBER}, which cannot run here: {instead}."
        yield Warning(words, hint=unavailable[chosen], id="voicesite.W007")
    elif (settings.TRANSCRIBER != "auto" or settings.TRANSCRIBER_MODEL) and options and not options[0].is_here:
        words = f"The model {options[0].model} is not on this machine: {instead}."
        yield Warning(words, hint=_how_to_get(options[0], "The folder"), id="voicesite.W008")


def _how_to_get(option: ModelOption, folder: str) -> str:
    """Return a hint on how to get a missing model; `folder` is the subject of the sentence about a folder."""
    if weights.is_path(option.model):
        return f"{folder} lacks {', '.join(weights.missing(Path(option.model).expanduser()))}."
    return f"Fetch it with `manage.py models download {option.model}`, or on the status page."


@register(Tags.security)
def check_wyoming(app_configs, **kwargs):
    if not settings.WYOMING_PORT:
        return
    if not 0 < settings.WYOMING_PORT < 65536 or settings.WYOMING_PORT == settings.PORT:
        written = f"VOICESITE_WYOMING_PORT is {settings.WYOMING_PORT}."
        yield Error(written, hint="Choose one from 1 to 65535, and not that of the site.", id="voicesite.E032")
    elif not settings.WYOMING_USER:
        yield Error(
            "VOICESITE_WYOMING_PORT is set, and VOICESITE_WYOMING_USER is not.",
            hint="Name the account whose voices Home Assistant may use.",
            id="voicesite.E033",
        )
    elif find_spec("wyoming") is None:
        words = "VOICESITE_WYOMING_PORT is set, and the library wyoming is not installed."
        yield Error(words, hint="Run `make install`.", id="voicesite.E042")
    elif not is_loopback(settings.WYOMING_HOST):
        yield Warning(
            f"Everyone who reaches port {settings.WYOMING_PORT} of {settings.WYOMING_HOST} speaks with the voices of "
            f"“{settings.WYOMING_USER}”, without a password, and what is said travels in the open.",
            hint="Let a firewall admit Home Assistant only, or run both on one machine with "
            "VOICESITE_WYOMING_HOST=127.0.0.1.",
            id="voicesite.W010",
        )


@register(Tags.security, deploy=True)
def check_proxy(app_configs, **kwargs):
    if settings.HTTPS and not (settings.HTTPS_SELF or settings.CSRF_TRUSTED_ORIGINS):
        yield Warning(
            "HTTPS is on, and CSRF_TRUSTED_ORIGINS is empty: a proxy that changes the host name breaks every form.",
            hint="Set VOICESITE_URL to the site’s address, as in https://voices.example.org.",
            id="voicesite.W001",
        )
    if settings.HOST not in ("127.0.0.1", "::1", "localhost") and not settings.HTTPS:
        yield Warning(
            "The site can be reached from other machines, without HTTPS: passwords travel in the open, and browsers "
            "allow no recording.",
            hint="Set HTTPS=self, or put a proxy with HTTPS in front and set HTTPS=1 (docs/deployment.md).",
            id="voicesite.W002",
        )
