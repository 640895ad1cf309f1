"""What the commands of all apps do with their arguments."""

from django.core.management.base import CommandError
from django.forms import BaseForm

from voicesite.models import User


def find_user(name: str) -> User:
    """Return the user called `name`. Raises CommandError."""
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is nobody called {name}. `manage.py create_user` makes an account.")
    return user


def form_error(form: BaseForm) -> CommandError:
    """Return the messages of an invalid form as an error of the command."""
    return CommandError(" ".join(str(message) for messages in form.errors.values() for message in messages))
