"""`manage.py create_user NAME --password … [--staff]`"""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from voicesite.models import User


class Command(BaseCommand):
    help = "Create an account. The first account of a site is its administrator's, as on the page /setup/."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--password", help="asked for when left out")
        parser.add_argument("--email", default="")
        parser.add_argument("--staff", action="store_true", help="curates voices and generations in the administration")

    def handle(self, *args, name, password, email, staff, **options):
        if User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"There already is someone called {name}.")
        if email and User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"Another account has the email {email}.")
        founds = not User.objects.exists()
        user = User(username=name, email=email, is_founder=founds, is_superuser=founds, is_staff=staff or founds)
        password = password or getpass("Password: ")
        try:
            validate_password(password, user)
            user.set_password(password)
            user.full_clean(validate_constraints=False)  # the database checks those
            with transaction.atomic():
                user.save()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:  # a second founder, or another account of this name, at the same time
            raise CommandError("Someone else just created an account. Try again.") from error
        self.stdout.write(f"{name} can sign in{', and is the administrator of this site' if founds else ''}.")
