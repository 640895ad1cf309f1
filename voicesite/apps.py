from django.apps import AppConfig


class VoicesiteConfig(AppConfig):
    name = "voicesite"

    def ready(self) -> None:
        from django.db.models.signals import pre_migrate

        from .site import checks  # noqa: F401  registers the system checks
        from .site.early_databases import rename_early_tables

        pre_migrate.connect(rename_early_tables, sender=self)
