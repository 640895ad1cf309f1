from django.apps import AppConfig


class VoicesiteConfig(AppConfig):
    name = "voicesite"

    def ready(self) -> None:
        from .site import checks  # noqa: F401  registers the system checks
