from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from synthesis.workers.tasks import silence
        from voices.curation.service import on_suspend

        on_suspend.append(silence)
