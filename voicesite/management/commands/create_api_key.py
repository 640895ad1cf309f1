"""`manage.py create_api_key USER [--name NAME] [--scope SCOPE …]`"""

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
        scope_help = "what it may do; may be repeated; all scopes if left out"
        parser.add_argument("--scope", action="append", choices=ApiKey.Scope.values, help=scope_help)

    def handle(self, *args, user, name, scope, **options):
        owner = User.objects.filter(username__iexact=user, is_active=True).first()
        if owner is None:
            raise CommandError(f"Nobody here is called {user}.")
        form = keys.KeyForm({"name": name, "scopes": scope or ApiKey.Scope.values})
        if not form.is_valid():
            raise form_error(form)
        try:
            _, secret = keys.issue(owner, form.cleaned_data["name"], form.cleaned_data["scopes"])
        except IntegrityError as error:
            raise CommandError(f"{owner} already has a key called {name}: give this one another --name.") from error
        except keys.TooManyKeys as error:
            raise CommandError(f"{owner} has {keys.MAX_KEYS} keys: revoke one first.") from error
        self.stdout.write(secret)
