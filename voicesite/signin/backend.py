"""The way in by a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from voicesite.models import User


class Backend(ModelBackend):
    """Authenticate by user name or e-mail address.

    allauth's own backend checks the password of each account that an address may belong to. Here it is one account at
    most, and one hash for each try, whoever is meant: nobody can tell by the time it takes who has an account.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or not password:
            return None
        person = find(username)
        if person is None:
            make_password(password)
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None


def find(name: str) -> User | None:
    """Return whose user name or e-mail address it is. A user name is taken as it is written, an address in any case."""
    people = User.objects.filter(username=name) | User.objects.exclude(email="").filter(email__iexact=name)
    return min(people, key=lambda person: person.username != name, default=None)
