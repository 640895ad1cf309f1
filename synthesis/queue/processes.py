"""The engine hosts of a worker: one that speaks, and one that fits voices."""

from django.conf import settings

from synthesis.engines.client import EngineProcess

synthesis_process = EngineProcess(settings.ENGINE_STALL_SECONDS)
fitting_process = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15)
