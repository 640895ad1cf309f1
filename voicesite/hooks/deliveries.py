"""Deliver events to webhooks, by the Standard Webhooks specification 1.0.

1. An answer of 200 to 299 completes a delivery. Any other, and none, is followed by another try, after waits that grow for
   a day; each is a turn of the same row, so each has the same `webhook-id`.
2. A worker that dies between the request and the end of the row leaves a row that another sends again: a receiver may
   hear of an event twice, with the same `webhook-id`, and never not at all.
3. A webhook that answers 410 Gone is turned off, and one to which nothing got through for days; its owner is told.
"""

import json
import random
import time
from collections.abc import Callable
from copy import copy
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.responses import NinjaJSONEncoder

from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import ENDED, State
from voicesite.texts import N_

from .events import TEST, data_of
from .models import Delivery, Webhook
from .post import Answer, Unanswered, post
from .signing import signed_headers

_HOUR = 3600.0
WAITS = (5.0, 30.0, 120.0, 600.0, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR)  # seconds between two tries
JITTER = 0.2  # of a wait, so that what failed together does not come again together
MAX_RETRY_AFTER = _HOUR  # seconds that a receiver may ask for
FAILING_DAYS = 3  # without a success, after which a delivery that is given up turns the webhook off
KEPT_DAYS = 30

on_turned_off: list[Callable[[Webhook], None]] = []  # called in the transaction: how its owner is told


def deliver(delivery: Delivery, heartbeat: Heartbeat) -> None:
    """Send an event, and end its row or put it off."""
    webhook = delivery.webhook
    if not (webhook.is_active and webhook.owner.is_active):
        delivery.finish(State.CANCELLED, error=N_("The webhook was turned off."))
        return
    heartbeat.flush(state=State.PROCESSING, progress=80)
    body = payload_of(delivery)
    headers = signed_headers(str(delivery.pk), int(time.time()), body, webhook.secrets)
    headers |= {"Content-Type": "application/json", "User-Agent": f"Voicesite/{settings.VERSION}"}
    answer, why = None, ""
    try:
        answer = post(webhook.url, body, headers)
        why = "" if 200 <= answer.status < 300 else _("It answered {status}.").format(status=answer.status)
    except Unanswered as error:
        why = str(error)
    retry_on_database_error(lambda: _record(copy(delivery), answer, why))  # a copy: on a rollback the row is still held


def payload_of(delivery: Delivery) -> bytes:
    payload = {
        "type": delivery.event,
        "timestamp": delivery.created_at,
        "data": data_of(delivery, delivery.webhook.owner),
    }
    return json.dumps(payload, cls=NinjaJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def _record(delivery: Delivery, answer: Answer | None, why: str) -> None:
    """Write down what came of a try."""
    webhook, tries = delivery.webhook, delivery.failures + 1
    row = Webhook.objects.filter(pk=webhook.pk)
    answered: dict = {"status_code": answer and answer.status, "answer": answer.beginning if answer else ""}
    if not why:
        row.exclude(failing_since=None).update(failing_since=None)
        delivery.finish(State.COMPLETED, **answered)
        return
    row.filter(failing_since=None).update(failing_since=timezone.now())
    is_gone = answer is not None and answer.status == 410
    if not is_gone and delivery.event != TEST and tries <= len(WAITS):
        seconds = wait(tries, answer.retry_after if answer else None)
        not_before = timezone.now() + timedelta(seconds=seconds)
        delivery.give_back(failed=True, attempts=0, error=why, not_before=not_before, **answered)
        return
    delivery.finish(State.FAILED, error=why, stage="", failures=tries, **answered)
    if is_gone:
        turn_off(webhook, _("It answered 410 Gone."))
    elif row.filter(failing_since__lt=timezone.now() - timedelta(days=FAILING_DAYS)).exists():
        turn_off(
            webhook,
            _("Nothing got through for {failing_days} days. Last: {why}").format(failing_days=FAILING_DAYS, why=why)[
                :200
            ],
        )


def wait(tries: int, asked: float | None) -> float:
    """Return how many seconds after the try of this number there is another; asked: by the receiver, in `Retry-After`."""
    planned = WAITS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  keeps no secret
    return max(planned, min(asked or 0.0, MAX_RETRY_AFTER))


def turn_off(webhook: Webhook, reason: str) -> None:
    """Turn a webhook off, and cancel what waits for it. Its owner is told, but not when it is off already."""
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook.pk, is_active=True).update(is_active=False, off_reason=reason):
            return
        webhook.is_active, webhook.off_reason = False, reason
        cancel_waiting(webhook)
        for tell in on_turned_off:
            tell(webhook)


def cancel_waiting(webhook: Webhook) -> None:
    waiting = Delivery.objects.filter(webhook=webhook, state=State.PENDING)
    waiting.close(State.CANCELLED, error=N_("The webhook was turned off."))


def delete_old() -> None:
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    Delivery.objects.filter(state__in=ENDED, created_at__lt=before).delete()
