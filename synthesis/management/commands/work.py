"""`manage.py work synthesis|default`: run one cluster, in a process group of its own that leaves nothing behind."""

import os
import signal
import socket
import sys

from django.core.management import call_command
from django.core.management.base import BaseCommand

from synthesis import sweeper, tasks, worker
from synthesis.models import Cluster


class Command(BaseCommand):
    help = "Run the workers of a cluster: “synthesis” speaks, “default” prepares voices."

    def add_arguments(self, parser):
        parser.add_argument("cluster", choices=sorted(tasks.BELLS))

    def handle(self, *args, cluster: str, **options):
        if os.environ.get("Q_CLUSTER_NAME") != cluster:  # django-q2 reads it while it is imported
            os.environ["Q_CLUSTER_NAME"] = cluster
            os.execv(sys.executable, [sys.executable, sys.argv[0], "work", cluster])  # noqa: S606
        if os.getpgid(0) != os.getpid():
            os.setpgid(0, 0)
        for before in Cluster.objects.filter(name=cluster, host=socket.gethostname()):
            # What is left of a cluster whose first process was killed would go on beside the new one.
            if before.process_group != os.getpgid(0) and sweeper.is_cluster(before.process_group):
                sweeper.end_group(before.process_group)
        tasks.enter_service(cluster)
        tasks.ring(cluster)
        call_command("qcluster")
        self._stop_promptly()

    def _stop_promptly(self) -> None:
        """Tell the workers to give back what they hold before django-q2 waits for them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            drain = signal.getsignal(number)

            def stop(signum, frame, drain=drain):
                worker.stopping.value = 1
                drain(signum, frame)

            signal.signal(number, stop)
