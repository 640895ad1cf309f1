from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from voices.curation import on_suspend

        from .tasks import silence

        on_suspend.append(silence)
