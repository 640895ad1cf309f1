"""What may be done with a webhook; pages and the API share it. Callers authorise."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voicesite.jobs.job import ACTIVE
from voicesite.models import User
from voicesite.web.rejection import Rejected

from .deliveries import cancel_waiting
from .events import TEST
from .models import Delivery, Webhook
from .signing import new_secret

MAX_WEBHOOKS = 20  # of one person
ROTATION = timedelta(hours=24)  # that a replaced secret stays valid


def create(webhook: Webhook) -> None:
    """Save a new webhook. Raises Rejected when its owner has MAX_WEBHOOKS."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=webhook.owner_id)  # of two requests at once one waits, and counts both
        if Webhook.objects.filter(owner=webhook.owner_id).count() >= MAX_WEBHOOKS:
            raise Rejected(
                "conflict",
                _("You have {max_webhooks} webhooks, which is the limit. Delete one that you no longer use.").format(
                    max_webhooks=MAX_WEBHOOKS
                ),
            )
        webhook.save(force_insert=True)


def switch(webhook: Webhook, *, on: bool) -> None:
    """Turn it on, with a clean record, or off: what waits for it is cancelled."""
    with transaction.atomic():
        if on:
            webhook.off_reason, webhook.failing_since = "", None
        elif webhook.is_active:
            cancel_waiting(webhook)
        webhook.is_active = on
        webhook.save(update_fields=["is_active", "off_reason", "failing_since"])


def rotate(webhook: Webhook) -> str:
    """Replace the secret and return the new one. The old one stays valid for a while: messages have both signatures."""
    webhook.previous_secret, webhook.secret = webhook.secret, new_secret()
    webhook.previous_secret_until = timezone.now() + ROTATION
    webhook.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    return webhook.secret


def test(webhook: Webhook) -> Delivery:
    """Enqueue an event that says nothing, and is tried once. Return it, or the one that is on its way. Raises Rejected."""
    _check_on(webhook)
    if active := Delivery.objects.filter(webhook=webhook, event=TEST, state__in=ACTIVE).first():
        return active
    delivery = Delivery(webhook=webhook, event=TEST)
    delivery.submit()
    return delivery


def repeat(delivery: Delivery) -> None:
    """Send an event again, with the same `webhook-id`. Raises Rejected while it waits or is sent."""
    _check_on(delivery.webhook)
    if not delivery.retry():
        raise Rejected("conflict", _("It is being delivered, or waits for its next try."))


def _check_on(webhook: Webhook) -> None:
    if not webhook.is_active:
        raise Rejected("conflict", _("This webhook is turned off: turn it on first."))
