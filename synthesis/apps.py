from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from synthesis.generations.storage import account_section
        from synthesis.voice_extension import SpeechExtension
        from voices.extensions import extensions
        from voicesite.people.account_sections import account_sections

        extensions.append(SpeechExtension())
        account_sections.append(account_section)
