from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from synthesis.workers.tasks import cancel_for_voice
        from voices.curation.service import on_suspend

        on_suspend.append(cancel_for_voice)
