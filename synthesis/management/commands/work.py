"""`manage.py work synthesis|default`: run one cluster in a process group of its own."""

import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from multiprocessing import RawValue

import psutil
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from synthesis.engines import EngineError, choice
from synthesis.generations import samples
from synthesis.models import Cluster
from synthesis.workers import fittings, lanes, sweeper, tasks
from voicesite.jobs import attempts, doorbell, os_processes
from voicesite.supervision import share_memory

logger = logging.getLogger(__name__)


def prepare() -> None:
    """Import and ask what each worker does at its first ring: `supervise` calls this, so that workers share the memory."""
    with suppress(EngineError):
        choice.current()
    sweeper.has_waiting_jobs("synthesis")
    fittings.request_fittings()
    samples.enqueue()
    tasks.touch_cluster("")
    lanes.is_waiting()


class Command(BaseCommand):
    """Run a django-q2 cluster, and end all of it when any of its processes dies.

    django-q2 replaces a process that was killed, but the queue between them keeps the lock that it held: the others
    block for ever while the cluster looks healthy. So when one dies, the rest releases its jobs and ends as one process
    group, and the supervisor of this command restarts it.
    """

    help = "Run the workers of a cluster: “synthesis” speaks, “default” prepares voices."
    requires_system_checks = ()  # `serve`, which starts it, has run them

    def add_arguments(self, parser):
        parser.add_argument("cluster", choices=sorted(settings.DOORBELLS))

    def handle(self, *args, cluster: str, **options):
        mark = os_processes.mark()
        if any(os.environ.get(name) != value for name, value in mark.items()):  # others see what it began with
            os.environ |= mark
            os.execv(sys.executable, [sys.executable, sys.argv[0], "work", cluster])  # noqa: S606
        doorbell.answer(cluster)
        attempts.stopping = RawValue("b", 0)  # of this cluster alone, whatever it was forked from
        if os.getpgid(0) != os.getpid():
            os.setpgid(0, 0)
        for before in Cluster.objects.filter(name=cluster, host=socket.gethostname()):
            # The rest of a cluster whose first process was killed would run beside the new one.
            sweeper.end_cluster(before.process_group)
        tasks.register_cluster(cluster)
        doorbell.ring(cluster)
        connections.close_all()  # closing a fork's copy would close the connection of this process as well
        share_memory()
        call_command("qcluster")  # returns when all its processes run
        self.cluster, self.ending = cluster, False
        sentinel = next(iter(psutil.Process().children()), None)
        if sentinel is None:
            raise CommandError(f"The {cluster} cluster was killed while it began.")
        self.family = [sentinel, *sentinel.children()]
        self._stop_promptly()
        while not self.ending:
            if not all(map(os_processes.is_alive, self.family)):
                logger.error("A process of the %s cluster died: restarting the cluster", cluster)
                self._end_all()
            time.sleep(1)

    def _stop_promptly(self) -> None:
        """On a signal, tell the workers to release their jobs before django-q2 waits for them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            drain = signal.getsignal(number)

            def stop(signum, frame, drain=drain):
                self.ending = True
                attempts.stopping.value = 1
                if not all(map(os_processes.is_alive, self.family)):
                    self._end_all()
                drain(signum, frame)

            signal.signal(number, stop)

    def _end_all(self) -> None:
        """Kill the process group, this process too, once its workers have released their jobs, within 2 s."""
        attempts.stopping.value = 1
        alive = [f"{socket.gethostname()}:{process.pid}" for process in self.family if os_processes.is_alive(process)]
        end = time.monotonic() + 2
        try:
            held = [jobs.objects.running().filter(worker__in=alive) for jobs in sweeper.JOBS_BY_CLUSTER[self.cluster]]
            while time.monotonic() < end and any(rows.exists() for rows in held):
                time.sleep(0.1)
        except DatabaseError:
            logger.exception("What was being worked on could not be given back; it is taken up again all the same")
        os.killpg(0, signal.SIGKILL)
