from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from synthesis.voice_extension import SpeechExtension
        from voices.extensions import extensions

        extensions.append(SpeechExtension())
