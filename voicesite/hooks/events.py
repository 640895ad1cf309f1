"""What webhooks are told. An app registers its events in `AppConfig.ready`, and calls `send` where one happens."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.module_loading import import_string

from voicesite.models import User

from .models import Delivery, Webhook

TEST = "webhook.test"  # to one webhook, when its owner asks


class Event(NamedTuple):
    words: str  # when it happens, for people
    shown_by: str  # the dotted path of a function (owner, key): what the API's GET says, None where that is a 404


EVENTS: dict[str, Event] = {}


def register(name: str, words: str, shown_by: str) -> None:
    EVENTS[name] = Event(words, shown_by)


def send(owner_id: int | None, name: str, key: Any) -> None:
    """Enqueue an event for each webhook of a person that wants it; the transaction of what happened carries it.

    key: of what it happened to. Nothing else is kept, and what the API says of it is read when it is sent: what was
    deleted meanwhile is told to nobody.
    """
    assert name in EVENTS, name
    for webhook in Webhook.objects.filter(owner=owner_id, owner__is_active=True, is_active=True).only("pk", "events"):
        if name in webhook.events:
            Delivery(webhook=webhook, event=name, subject=str(key)).submit()


def data_of(delivery: Delivery, owner: User) -> dict:
    """Return the `data` of an event, as its owner may see it now; of what is gone, that it is."""
    if delivery.event == TEST:
        return {"id": str(delivery.webhook_id)}
    show: Callable[[User, str], dict | None] = import_string(EVENTS[delivery.event].shown_by)
    return show(owner, delivery.subject) or {"id": delivery.subject, "deleted": True}
