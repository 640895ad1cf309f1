"""`manage.py wyoming`: serve the Wyoming protocol, by which Home Assistant speaks and listens."""

import asyncio

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Speak and listen for Home Assistant, by the Wyoming protocol. `serve` starts it where its port is set."
    requires_system_checks = (Tags.security,)  # which say what its settings mean, and whether its library is there

    def handle(self, *args, **options):
        host, port, user = settings.WYOMING_HOST, settings.WYOMING_PORT, settings.WYOMING_USER
        if not (port and user):
            raise CommandError(
                "Set VOICESITE_WYOMING_PORT, usually to 10300, and VOICESITE_WYOMING_USER to an account."
            )
        from synthesis.protocols import wyoming_server

        try:
            asyncio.run(wyoming_server.serve(host, port, user))
        except OSError as error:
            raise CommandError(f"Wyoming can’t listen on {host}, port {port}: {error.strerror}.") from error
