"""`manage.py create_api_key USER [--name NAME] [--scope SCOPE …] [--days DAYS]`"""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from voicesite.management.arguments import form_error
from voicesite.models import ApiKey, User
from voicesite.people import keys


class Command(BaseCommand):
    help = "Make an API key with which a program acts as USER. It is printed once, and kept nowhere."

    def add_arguments(self, parser):
        parser.add_argument("user")
        parser.add_argument("--name", default="From a terminal", help="what it is for")
        scope_help = f"what it may do; may be repeated; {' and '.join(keys.DEFAULT_SCOPES)} if left out"
        parser.add_argument("--scope", action="append", choices=ApiKey.Scope.values, help=scope_help)
        days_help = "after which it expires; never if left out"
        parser.add_argument("--days", type=int, choices=keys.LIFETIMES, help=days_help)

        parser.add_argument("--requests-per-minute", type=int, help="a limit of this key; its person's if left out")
        parser.add_argument("--work-at-once", type=int, help="how much asked for with it may wait; likewise")

    def handle(self, *args, user, name, scope, days, requests_per_minute, work_at_once, **options):
        owner = User.objects.filter(username__iexact=user, is_active=True).first()
        if owner is None:
            raise CommandError(f"There is no user called {user}.")
        limits = {"requests_per_minute": requests_per_minute, "work_at_once": work_at_once}
        form = keys.KeyForm({"name": name, "scopes": scope or keys.DEFAULT_SCOPES, "days": days} | limits)
        if not form.is_valid():
            raise form_error(form)
        try:
            _, secret = keys.issue(owner, **form.cleaned_data)
        except IntegrityError as error:
            raise CommandError(f"{owner} already has a key called {name}: give this one another --name.") from error
        except keys.TooManyKeys as error:
            raise CommandError(f"{owner} has {keys.MAX_KEYS} keys: revoke one first.") from error
        self.stdout.write(secret)
