from django.apps import AppConfig


class VoicesiteConfig(AppConfig):
    name = "voicesite"

    def ready(self) -> None:
        from django.db.models.signals import pre_migrate

        from .hooks.views import account_section as webhook_section
        from .limits.account import account_section as usage_section
        from .people.account_sections import personal_sections, program_sections
        from .privacy.account_data import AccountData
        from .privacy.personal_data import personal_data
        from .privacy.views import account_section as privacy_section
        from .signin.account import account_section as signing_in_section
        from .site import checks, sentry  # noqa: F401  `checks` registers the system checks
        from .site.early_databases import rename_early_tables
        from .site.field_names import translate_field_names

        personal_sections.extend((signing_in_section, privacy_section, usage_section))
        program_sections.append(webhook_section)
        personal_data.append(AccountData())
        sentry.start()
        translate_field_names()
        pre_migrate.connect(rename_early_tables, sender=self)
