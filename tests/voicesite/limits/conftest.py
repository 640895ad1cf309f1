import pytest

from voicesite.limits import rates


@pytest.fixture(autouse=True)
def _count_afresh(settings):
    """Counts of other tests, in this process and in Redis, are of people with the same primary keys."""
    rates._seen.clear()
    if settings.REDIS_URL:
        store = rates._redis(settings.REDIS_URL)
        if names := store.keys("voicesite:requests:*"):
            store.delete(*names)
    yield
    rates._seen.clear()
