"""`manage.py announce`: wait until the site serves, then print its address, as the last thing that `make run` says."""

import time
import urllib.error
import urllib.request

from django.conf import settings
from django.core.management.base import BaseCommand

from voicesite.models import User


class Command(BaseCommand):
    help = "Print the site's address once it answers."

    def handle(self, *args, **options):
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
        address = f"http://{host}:{settings.PORT}"
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if _serves(f"{address}/api/health"):
                first = "" if User.objects.exists() else "\n  Open it to make the administrator's account."
                self.stdout.write(f"\n  Voicesite {settings.VERSION} is ready; Ctrl-C ends it.{first}\n\n  {address}\n")
                return
            time.sleep(0.2)
        self.stderr.write("The site did not answer within a minute. What is printed above may say why.")


def _serves(address: str) -> bool:
    """Whether the site is all there: the web server answers, and says that workers serve the queue."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
