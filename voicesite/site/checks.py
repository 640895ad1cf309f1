"""System checks: report settings that can't work when the site starts."""

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.modelhost.protocol import ModelError


@register(Tags.security)
def check_people(app_configs, **kwargs):
    if settings.REGISTRATION not in ("closed", "invite", "open"):
        written = f"VOICESITE_REGISTRATION is “{settings.REGISTRATION}”."
        yield Error(written, hint="Set it to closed, invite or open.", id="voicesite.E001")
    elif len(settings.SECRET_KEY) < 32:
        hint = "Leave it unset, and a good one is made in the data folder."
        yield Error("SECRET_KEY is too short to keep sessions safe.", hint=hint, id="voicesite.E002")


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
    instead = f"{now.title} writes down recordings" if now else "people type what is said"
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


@register(Tags.security, deploy=True)
def check_proxy(app_configs, **kwargs):
    if settings.HTTPS and not settings.CSRF_TRUSTED_ORIGINS:
        yield Warning(
            "HTTPS is on, and CSRF_TRUSTED_ORIGINS is empty: a proxy that changes the host name breaks every form.",
            hint="Set it to the site’s address, as in https://voices.example.org.",
            id="voicesite.W001",
        )
    if settings.HOST not in ("127.0.0.1", "::1", "localhost") and not settings.HTTPS:
        yield Warning(
            "The site can be reached from other machines, without HTTPS: passwords travel in the open, and browsers "
            "allow no recording.",
            hint="Put a proxy with HTTPS in front and set HTTPS=1 (docs/deployment.md).",
            id="voicesite.W002",
        )
