"""Passwords that are guessed: how often one may be wrong, and what a try may cost the others.

1. A try is counted before its password is hashed, by one atomic statement for each limit (`voicesite.limits.rates`). So of
   many tries at once no more are hashed than a limit allows, and what is refused costs no hash.
2. A right password gives its count back: only wrong ones use a limit up.
3. Hashing is admitted like other long work: one at once in a process and few that wait, for addresses where nobody is
   signed in, and apart from them two of different addresses where somebody is. So however many guess, from wherever,
   threads and processor time are left for the pages, and people who were here before don't wait behind those who guess.
4. A browser in which the person has signed in before (`devices`) has a limit of its own, so that nobody else's guesses
   lock them out there.
5. A name that nobody has is counted, hashed and written down like one that somebody has: neither words nor time tell.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from voicesite.limits import rates
from voicesite.models import FailedSignIn, User
from voicesite.texts import N_
from voicesite.web.admission import Admission
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import devices
from .address import address_of

logger = logging.getLogger(__name__)

WINDOW = 15 * 60  # seconds
# Wrong passwords in that time: for a name from an address, from an address, and for a name from anywhere. The last is high,
# since whoever uses it up locks out the person whose name it is, until the time is over; not from a browser in which they
# have signed in before, which has a limit of its own.
FOR_NAME_FROM_ADDRESS, FROM_ADDRESS, FOR_NAME = 10, 50, 100
FOR_NAME_FROM_DEVICE = 10
REGISTRATIONS = 20  # in that time, from an address
KEPT = timedelta(days=30)

TOO_MANY = "too_many"  # the code of a refusal
BUSY = N_("Too many people are signing in at this moment. Try again in a few seconds.")

_of_strangers = Admission(Rejected, BUSY, share=4, per_person=2, workers=1, patience=5.0)
_of_known = Admission(Rejected, BUSY, share=3, per_person=4, workers=2, patience=5.0)


class TooMany(ValidationError):
    """A refusal in words, which costs nothing."""

    def __init__(self, words: str):
        super().__init__(words, code=TOO_MANY)


@contextmanager
def hashing(request: HttpRequest) -> Iterator[None]:
    """Compute hashes of passwords when it is this address's turn. Raises TooMany if that does not come soon."""
    address = address_of(request)
    who = int.from_bytes(hashlib.sha256(address.encode()).digest()[:8])
    kind = _of_known if UserSession.objects.filter(ip=address).exists() else _of_strangers
    try:
        with kind.slot(who):
            yield
    except Rejected as rejected:
        raise TooMany(translated(rejected.message)) from None


class Guess:
    """A try of a password, counted when it is made. Raises TooMany beyond a limit. person: whose name it is, if anybody's."""

    def __init__(self, request: HttpRequest, name: str, person: User | None):
        self.address, self.person = address_of(request), person
        self._counted: list[rates.Limit] = []
        name, device = name.casefold(), devices.number_of(request, person)
        limits: list[tuple[int, list[str]]] = [
            (FOR_NAME_FROM_ADDRESS, [name, self.address]),
            (FROM_ADDRESS, [self.address]),
            (FOR_NAME, [name]),
        ]
        if device:
            limits = [(FOR_NAME_FROM_DEVICE, [name, "device", device])]
        for most, whose in limits:
            limit = _limit("sign-in", most, whose)
            standing = rates.count(limit)
            if standing.is_refused:
                self.was_right()  # of what it was counted for before, which did not refuse it
                raise TooMany(_wrong_passwords(standing.reset))
            self._counted.append(limit)

    def was_right(self) -> None:
        for limit in self._counted:
            rates.uncount(limit)

    def was_wrong(self) -> None:
        """Write down that it failed, for the person whose name was given."""
        FailedSignIn.objects.create(person=self.person, address=self.address)
        whose = f"of person {self.person.pk}" if self.person else "of a name that nobody has"
        logger.warning("A sign-in %s failed, from %s", whose, self.address)


def count_registration(request: HttpRequest) -> None:
    """Raises TooMany where an address makes accounts by the dozen, or tries which names are taken."""
    standing = rates.count(_limit("registration", REGISTRATIONS, [address_of(request)]))
    if standing.is_refused:
        raise TooMany(_registrations(standing.reset))


def forget_old() -> None:
    """Delete what was written down of sign-ins that failed long ago."""
    FailedSignIn.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _limit(what: str, most: int, whose: list[str]) -> rates.Limit:
    # Hashed, as what is typed for a name may be long, or a password in the wrong field.
    digest = hashlib.sha256("\0".join(whose).encode()).hexdigest()[:40]
    return rates.Limit(what, f"{what}:{most}:{digest}", most, WINDOW)


def _wrong_passwords(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many wrong passwords. Try again in {minutes} minute.",
        "Too many wrong passwords. Try again in {minutes} minutes.",
        minutes,
    ).format(minutes=minutes)


def _registrations(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many tries to register. Try again in {minutes} minute.",
        "Too many tries to register. Try again in {minutes} minutes.",
        minutes,
    ).format(minutes=minutes)
