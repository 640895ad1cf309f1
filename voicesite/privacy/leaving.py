"""How a person leaves: they ask, the account is locked for a day in which they may come back, and then all is deleted.

1. `ask` locks the account in one transaction: nobody can sign in, keys and listening links work no more, and what waits
   is cancelled. The last administrator can't: nobody could let people in, or put anything right.
2. `stay` opens it again, by a signed address that only they were given. Of both, the one that commits first wins.
3. `delete_due`, called by the sweeper, deletes a portion of what is due at a time. A crash in between costs nothing: what
   is left is found again. The row of the person goes last, and whatever is only a row with it.
"""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from voicesite.models import RequestCount, User
from voicesite.web.rejection import Rejected

from .personal_data import personal_data

WAIT = timedelta(days=1)
PORTION = 20  # things that the sweeper deletes at once, of maybe thousands of files each, while it does nothing else
_SALT = "voicesite.privacy.leaving"

on_asked: list[Callable[[User, str], None]] = []  # called with the person and the address by which to come back


def is_last_administrator(person: User) -> bool:
    """Return whether nobody else can manage people. In a transaction, others who leave at the same time wait for it."""
    # Ordered, so that two who lock them don't wait for each other.
    administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    if transaction.get_connection().in_atomic_block:
        administrators = administrators.select_for_update()
    return [one.pk for one in administrators.only("pk")] == [person.pk]


def why_not(person: User) -> str:
    """Return why a person can't leave, in words; empty if they can."""
    if is_last_administrator(person):
        return _("You are the only administrator of this site. Make somebody else one first, in the administration.")
    return ""


def ask(person: User) -> str:
    """Lock the account of a person, to be deleted after WAIT; return the token to come back by. Raises Rejected."""
    with transaction.atomic():
        if why := why_not(person):
            raise Rejected("conflict", why)
        person.is_active, person.leaves_at = False, timezone.now() + WAIT
        person.save(update_fields=["is_active", "leaves_at"])
        for data in personal_data:
            data.stop(person)
    return _token(person)


def _token(person: User) -> str:
    assert person.leaves_at is not None
    # The moment makes it good for this time only.
    return signing.dumps([person.pk, person.leaves_at.timestamp()], salt=_SALT)


def leaving(token: str) -> User | None:
    """Return who may come back by this token; None if nobody may, or may any more."""
    try:
        pk, moment = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=False, leaves_at__gt=timezone.now()).first()
    return person if person and person.leaves_at and person.leaves_at.timestamp() == moment else None


def stay(person: User) -> bool:
    """Open the account of a person who asked to leave; return False if there is nothing left to open."""
    waiting = User.objects.filter(pk=person.pk, leaves_at__gt=timezone.now())
    return bool(waiting.update(is_active=True, leaves_at=None))


def delete_due() -> int:
    """Delete a portion of what belongs to one person whose time has come; return of how many things, 0 if nobody's has."""
    person = User.objects.filter(is_active=False, leaves_at__lte=timezone.now()).order_by("leaves_at").first()
    return _delete_some(person, PORTION) if person else 0


def delete(person: User) -> None:
    """Delete the account of a person now, with all that goes with it. Raises Rejected for the last administrator."""
    with transaction.atomic():
        if why := why_not(person):
            raise Rejected("conflict", why)
        # So that nothing new is made meanwhile, and the sweeper goes on if this is interrupted.
        User.objects.filter(pk=person.pk).update(is_active=False, leaves_at=timezone.now())
    while User.objects.filter(pk=person.pk).exists():
        _delete_some(person, PORTION)


def _delete_some(person: User, most: int) -> int:
    for data in reversed(personal_data):  # speech before voices, and these before accounts
        if deleted := data.delete_some(person, most):
            return deleted
    with transaction.atomic():
        askers = [f"person:{person.pk}", *(f"key:{key}" for key in person.api_keys.values_list("pk", flat=True))]
        counted = Q(asker__in=askers) | Q(asker__startswith=f"person:{person.pk}:")
        RequestCount.objects.filter(counted).delete()
        # What administrators did to this person says the name.
        of_person = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
        LogEntry.objects.filter(of_person).delete()
        person.delete()
    return 1
