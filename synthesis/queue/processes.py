"""What a worker does with a row it claimed, whatever the work: heartbeat, patience with the database, the attempt rule."""

import logging

from django.conf import settings

from synthesis.engines.client import EngineProcess

logger = logging.getLogger(__name__)


_environment = {"VOICESITE_CACHE": str(settings.CACHE_DIR)}
synthesis_process = EngineProcess(settings.ENGINE_STALL_SECONDS, environment=_environment)
fitting_process = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15, environment=_environment)
