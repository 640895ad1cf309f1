"""The engine hosts of a worker: one that speaks, and one that fits voices."""

from django.conf import settings

from synthesis.engines.client import EngineProcess

_environment = {"VOICESITE_CACHE": str(settings.CACHE_DIR)}
synthesis_process = EngineProcess(settings.ENGINE_STALL_SECONDS, environment=_environment)
fitting_process = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15, environment=_environment)
