"""`manage.py create_user NAME --password … [--staff]`"""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from voicesite.models import User


class Command(BaseCommand):
    help = "Make an account."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--password", help="asked for when left out")
        parser.add_argument("--email", default="")
        parser.add_argument("--staff", action="store_true", help="may use the administration, and manages people")

    def handle(self, *args, name, password, email, staff, **options):
        if User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"There already is someone called {name}.")
        password = password or getpass("Password: ")
        user = User(username=name, email=email, is_staff=staff, is_superuser=staff)
        try:
            validate_password(password, user)
            user.set_password(password)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        self.stdout.write(f"{name} can sign in.")
