import pytest

from synthesis.workers import lanes
from tests.receiver import receiving
from voicesite.hooks.events import EVENTS
from voicesite.hooks.models import Delivery, Webhook
from voicesite.jobs import attempts


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    with receiving() as one:
        yield one


@pytest.fixture
def webhook(user, receiver):
    return Webhook.objects.create(owner=user, url=receiver.url, events=list(EVENTS))


@pytest.fixture
def work():
    """Let a worker deliver what is due, as `run_background` does; return how many tries there were."""

    (lane,) = (lane for lane in lanes.LANES if lane.kinds[0].jobs is Delivery)

    def run() -> int:
        tries = 0
        while claimed := lane.claim_next():
            kind, delivery = claimed
            attempts.run(delivery, kind.work)
            tries += 1
        return tries

    return run
