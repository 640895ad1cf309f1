"""Let an API request wait for a job."""

import time

from voicesite.jobs.job import Job
from voicesite.web.admission import Admission
from voicesite.web.rejection import Rejected

POLL_SECONDS = 0.2

waiting = Admission(
    Rejected, "Too much is going on for you, or here, at this moment. Try again in a few seconds.", share=2
)


def wait_until_ended(job: Job, seconds: float) -> None:
    """Return when the job has ended or was deleted, or after `seconds`."""
    end, active = time.monotonic() + seconds, type(job).objects.active().filter(pk=job.pk)
    while time.monotonic() < end and active.exists():
        time.sleep(min(POLL_SECONDS, max(end - time.monotonic(), 0)))
