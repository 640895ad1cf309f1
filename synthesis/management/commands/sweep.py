"""`manage.py sweep`: run the sweeper about once a second."""

import logging
import signal
import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from synthesis.workers import retention, sweeper

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Watch over the queue: ring for unclaimed jobs, end what hangs, delete leftovers."
    requires_system_checks = ()  # `serve`, which starts it, has run them

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="sweep once, then exit")

    def handle(self, *args, once: bool, **options):
        self.ended = once
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        watch, cleaned_at, is_cleaning = sweeper.Sweeper(), None, False
        while True:
            try:
                watch.turn()
                if cleaned_at is None or time.monotonic() - cleaned_at > 3600:
                    sweeper.delete_leftovers()
                    cleaned_at, is_cleaning = time.monotonic(), True
                elif is_cleaning:
                    is_cleaning = retention.delete_old_segments() > 0
            except DatabaseError:
                logger.exception("The sweep failed; it is repeated")
            if self.ended:
                return
            time.sleep(1)
            close_old_connections()

    def _end(self, *args) -> None:
        self.ended = True
