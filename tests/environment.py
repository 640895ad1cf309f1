"""Where tests run: loaded before Django's settings are read (`-p tests.environment`), so that none touches var/."""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

from tests import fakes

# What the machine's own site is configured with is not the tests' business; DATABASE_URL and REDIS_URL are, on purpose.
for variable in [name for name in os.environ if name.startswith("VOICESITE_") and name != "VOICESITE_CACHE"]:
    del os.environ[variable]
for variable in ("HOST", "PORT", "HTTPS", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"):
    os.environ.pop(variable, None)
for variable in [name for name in os.environ if name.startswith(("HF_", "HUGGINGFACE_"))]:
    del os.environ[variable]


def _own_redis(address: str, worker: str) -> str:
    """The address of the database of Redis for this worker of pytest-xdist: each clears what the others count."""
    parts = urlsplit(address)
    first = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{first + int(worker.removeprefix('gw'))}").geturl()


if os.environ.get("REDIS_URL") and "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["REDIS_URL"] = _own_redis(os.environ["REDIS_URL"], os.environ["PYTEST_XDIST_WORKER"])


def _quick_place() -> str | None:
    """Memory that looks like a folder, where there is one with room: tests write and sync much that nobody keeps."""
    memory = "/dev/shm"
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30
    return memory if roomy else None


DATA_FOLDER = tempfile.mkdtemp(prefix="voicesite-tests-", dir=_quick_place())
atexit.register(shutil.rmtree, DATA_FOLDER, ignore_errors=True)
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", DATA_FOLDER)  # for tmp_path; --basetemp keeps what a test left
os.environ["VOICESITE_DATA"] = DATA_FOLDER
os.environ["HF_HOME"] = os.path.join(
    DATA_FOLDER, "huggingface"
)  # models that the machine's user has are not the tests'
os.environ["VOICESITE_ENGINE"] = fakes.ENGINE
os.environ["VOICESITE_TRANSCRIBER"] = fakes.TRANSCRIBER
os.environ["VOICESITE_STALL_SECONDS"] = "30"
os.environ["OMP_NUM_THREADS"] = "1"  # tests run side by side: threads of one would only wait for those of another
# The 92 MB model is put together once for all workers and runs. It is checked by its hash whenever it is used.
os.environ.setdefault("VOICESITE_CACHE", os.path.join(tempfile.gettempdir(), f"voicesite-cache-{os.getuid()}"))
