"""`manage.py sweep`: run the sweeper about once a second, and less often while nobody wants anything."""

import logging
import signal
import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from synthesis.workers import discarded, retention, sweeper
from voicesite.backups.schedule import Schedule
from voicesite.resources import Refusal, Unreachable, refusal

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
        watch, backups, cleaned_at, is_cleaning = sweeper.Sweeper(), Schedule(), None, False
        refused: Refusal | None = None
        while True:
            pause = sweeper.TURN_SECONDS
            try:
                pause = watch.turn()
                if discarded.turn():
                    pause = sweeper.TURN_SECONDS
                backups.turn()
                if cleaned_at is None or time.monotonic() - cleaned_at > 3600:
                    sweeper.delete_leftovers()
                    cleaned_at, is_cleaning = time.monotonic(), True
                elif is_cleaning:
                    is_cleaning = retention.turn() > 0
                refused = None
            except DatabaseError as error:
                before, refused = refused, refusal(error)
                if refused is None:
                    logger.exception("The sweep failed; it is repeated")
                elif refused != before:
                    logger.warning("Nothing can be swept: %s. It is tried again and again", error)
            except Unreachable as error:
                logger.warning("No files can be deleted now: %s It is tried again in an hour", error)
                cleaned_at, is_cleaning = time.monotonic(), False
            if self.ended:
                return
            if is_cleaning:
                pause = sweeper.TURN_SECONDS
            while pause > 0 and not self.ended:  # a signal does not end a sleep
                time.sleep(min(pause, sweeper.TURN_SECONDS))
                pause -= sweeper.TURN_SECONDS
            close_old_connections()

    def _end(self, *args) -> None:
        self.ended = True
