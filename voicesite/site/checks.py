"""System checks: each setting that can be wrong is refused at the start, with an id and a hint."""

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from voicesite.modelhost import weights


@register(Tags.security)
def check_people(app_configs, **kwargs):
    if settings.REGISTRATION not in ("closed", "invite", "open"):
        written = f"VOICESITE_REGISTRATION is “{settings.REGISTRATION}”."
        return [Error(written, hint="Set it to closed, invite or open.", id="voicesite.E001")]
    if len(settings.SECRET_KEY) < 32:
        return [
            Error(
                "SECRET_KEY is too short to keep sessions safe.",
                hint="Leave it unset, and a good one is made in the data folder.",
                id="voicesite.E002",
            )
        ]
    return []


@register()
def check_limits(app_configs, **kwargs):
    """Numbers that must be positive."""
    problems = []
    for number, (variable, value) in enumerate(
        (
            ("VOICESITE_TEXT_LIMIT", settings.TEXT_LIMIT),
            ("VOICESITE_CLIP_MAX_MB", settings.CLIP_MAX_BYTES),
            ("VOICESITE_CLIP_MAX_SECONDS", settings.CLIP_MAX_SECONDS),
            ("VOICESITE_SYNTHESIS_WORKERS", settings.SYNTHESIS_WORKERS),
            ("VOICESITE_BACKGROUND_WORKERS", settings.BACKGROUND_WORKERS),
            ("VOICESITE_STALL_SECONDS", settings.ENGINE_STALL_SECONDS),
            ("VOICESITE_REMOTE_TIMEOUT", settings.REMOTE_TIMEOUT),
            ("WEB_WORKERS", settings.WEB_WORKERS),
            ("WEB_THREADS", settings.WEB_THREADS),
            ("VOICESITE_IMPORT_MAX_MB", settings.IMPORT_MAX_BYTES),
        ),
        start=10,
    ):
        if value < 1:
            problems.append(
                Error(f"{variable} is {value}.", hint="It must be 1 or more.", id=f"voicesite.E{number:03}")
            )
    if settings.IMPORT_MAX_BYTES > 4095 * 2**20:
        problems.append(
            Error(
                f"VOICESITE_IMPORT_MAX_MB is {settings.IMPORT_MAX_BYTES // 2**20}.",
                hint="Archives of voices have 4095 MB at most.",
                id="voicesite.E005",
            )
        )
    if not 0 < settings.PORT < 65536:
        problems.append(Error(f"PORT is {settings.PORT}.", hint="Choose one from 1 to 65535.", id="voicesite.E003"))
    return problems


@register()
def check_data_folder(app_configs, **kwargs):
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"Voicesite may not write to its data folder, {folder}.",
            hint="Give it to the user that runs Voicesite, or set VOICESITE_DATA to another folder.",
            id="voicesite.E004",
        )
    ]


@register()
def check_services(app_configs, **kwargs):
    problems = []
    if settings.REDIS_URL and not settings.REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        problems.append(
            Error(
                "REDIS_URL is not an address of a Redis server.",
                hint="It looks like redis://host:6379/0. Leave it unset to do without Redis.",
                id="voicesite.E006",
            )
        )
    cluster = settings.Q_CLUSTER["ALT_CLUSTERS"]["synthesis"]
    needed = cluster["timeout"] * (2 + cluster["queue_limit"] / cluster["workers"]) if cluster["workers"] else 0
    if cluster["retry"] <= needed:
        problems.append(
            Error(
                "Q_CLUSTER would repeat messages that are still being worked on.",
                hint="`retry` must exceed timeout × (2 + queue_limit / workers).",
                id="voicesite.E007",
            )
        )
    return problems


@register()
def check_engine(app_configs, **kwargs):
    """Errors only where nothing could speak: whatever else is amiss, the embedded engine speaks meanwhile."""
    from synthesis.engines import ENGINES, EngineError
    from synthesis.engines import choice as engine_choice

    if settings.ENGINE not in ("auto", *ENGINES):
        return [
            Error(
                f"VOICESITE_ENGINE: There is no engine called “{settings.ENGINE}”.",
                hint=f"Set it to auto, or one of: {', '.join(sorted(ENGINES))}.",
                id="voicesite.E008",
            )
        ]
    unavailable = engine_choice.unavailable()
    try:
        choice = engine_choice.current()
    except EngineError:
        reasons = " ".join(f"{name}: {why}" for name, why in unavailable.items())
        return [Error("No engine can speak on this machine.", hint=reasons, id="voicesite.E009")]
    problems = []
    if settings.ENGINE in unavailable:
        problems.append(
            Warning(
                f"VOICESITE_ENGINE is {settings.ENGINE}, which cannot run here: {choice.title} speaks.",
                hint=unavailable[settings.ENGINE],
                id="voicesite.W003",
            )
        )
    elif settings.REMOTE_URL and "remote" in unavailable:
        problems.append(
            Warning(
                f"VOICESITE_REMOTE_URL is “{settings.REMOTE_URL}”, which cannot be used: {choice.title} speaks.",
                hint=unavailable["remote"],
                id="voicesite.W006",
            )
        )
    offers = engine_choice.offers()
    if settings.MODEL not in ("", offers[0].model):
        models = [offer.model for offer in offers if settings.ENGINE in ("auto", offer.engine)]
        problems.append(
            Warning(
                f"VOICESITE_MODEL is “{settings.MODEL}”, which no engine that may speak here can load.",
                hint=f"There are: {', '.join(models)}.",
                id="voicesite.W004",
            )
        )
    if not offers[0].is_here:
        hint = f"Fetch it with `manage.py models download {offers[0].model}`, or on the status page."
        if weights.is_path(offers[0].model):
            hint = f"It lacks {', '.join(weights.missing(Path(offers[0].model).expanduser()))}."
        problems.append(
            Warning(
                f"{choice.title} speaks here: {choice.reason}.",
                hint=hint,
                id="voicesite.W005",
            )
        )
    return problems


@register()
def check_transcriber(app_configs, **kwargs):
    """A wrong name is an error; whatever else is amiss, another transcriber listens, or people type."""
    from voices.transcription import choice as transcriber_choice
    from voices.transcription.transcribers import TRANSCRIBERS

    if settings.TRANSCRIBER not in ("auto", transcriber_choice.NONE, *TRANSCRIBERS):
        return [
            Error(
                f"VOICESITE_TRANSCRIBER: There is no transcriber called “{settings.TRANSCRIBER}”.",
                hint=f"Set it to auto, none, or one of: {', '.join(sorted(TRANSCRIBERS))}.",
                id="voicesite.E010",
            )
        ]
    if settings.TRANSCRIBER == transcriber_choice.NONE:
        return []
    now, unavailable = transcriber_choice.current(), transcriber_choice.unavailable()
    instead = f"{now.title} writes down recordings" if now else "people type what is said"
    if settings.TRANSCRIBER in unavailable:
        return [
            Warning(
                f"VOICESITE_TRANSCRIBER is {settings.TRANSCRIBER}, which cannot run here: {instead}.",
                hint=unavailable[settings.TRANSCRIBER],
                id="voicesite.W007",
            )
        ]
    wanted = next(iter(transcriber_choice.choices()), None)
    if (settings.TRANSCRIBER != "auto" or settings.TRANSCRIBER_MODEL) and wanted and not wanted.is_here:
        hint = f"Fetch it with `manage.py models download {wanted.model}`, or on the status page."
        if not wanted.is_fetched:
            hint = f"The folder lacks {', '.join(weights.missing(Path(wanted.model).expanduser()))}."
        return [Warning(f"The model {wanted.model} is not on this machine: {instead}.", hint=hint, id="voicesite.W008")]
    return []


@register(Tags.security, deploy=True)
def check_proxy(app_configs, **kwargs):
    if settings.HTTPS and not settings.CSRF_TRUSTED_ORIGINS:
        return [
            Warning(
                "HTTPS is on, and CSRF_TRUSTED_ORIGINS is empty: a proxy that changes the host name breaks every form.",
                hint="Set it to the site’s address, as in https://voices.example.org.",
                id="voicesite.W001",
            )
        ]
    if settings.HOST not in ("127.0.0.1", "::1", "localhost") and not settings.HTTPS:
        return [
            Warning(
                "The site can be reached from other machines, without HTTPS: passwords travel in the open, and browsers "
                "allow no recording.",
                hint="Put a proxy with HTTPS in front and set HTTPS=1 (docs/deployment.md).",
                id="voicesite.W002",
            )
        ]
    return []
