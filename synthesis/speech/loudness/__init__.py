"""How loud speech is: measured, brought to one level, and kept from clipping and clicking. Pure."""

from .click_detector import clicks
from .levelling import CEILING_DBTP, TARGET_LUFS, Leveller, VoiceMeter, check_finite, check_speech, level
from .meter import Loudness, Meter, measure

__all__ = [
    "CEILING_DBTP",
    "TARGET_LUFS",
    "Leveller",
    "Loudness",
    "Meter",
    "VoiceMeter",
    "check_finite",
    "check_speech",
    "clicks",
    "level",
    "measure",
]
