"""The record of what staff hear and read of other people's speech."""

from synthesis.models import Generation
from voices.audit import Look, record_looks
from voicesite.models import User


def record_hearing(staff: User, generation: Generation, act: str = "listened", why: str = "") -> None:
    """Log that `staff` heard a generation, or "looked" at its text, unless it is their own or a sample that everyone hears.

    why: they may, where that is not for its voice.
    """
    voice = generation.voice
    if generation.owner_id == staff.pk or (generation.is_sample and voice and voice.is_public):
        return
    record_looks(
        staff,
        act,
        [Look(f"speech {generation.pk}", generation.owner_id, voice, generation.voice_name, why)],
    )
