"""The tables of synthesis."""

from synthesis.aliases.models import VoiceAlias
from synthesis.drafts.models import Draft
from synthesis.pronunciations.models import PronunciationEntry

from .conditionings import Conditioning, Fitting
from .generations import (
    MAX_INSTRUCTIONS,
    MAX_SEED,
    MAX_TITLE,
    CastMember,
    Download,
    Evaluation,
    Generation,
    GenerationQuerySet,
)
from .library import Folder, TextTag
from .listening_links import ListeningLink
from .renditions import Rendition
from .segments import MAX_SEGMENT_TAKES, GenerationVoice, Segment, SegmentEdit, SegmentQuerySet, SegmentTake
from .workers import Cluster, LoadedModel

__all__ = [
    "MAX_INSTRUCTIONS",
    "MAX_SEED",
    "MAX_SEGMENT_TAKES",
    "MAX_TITLE",
    "CastMember",
    "Cluster",
    "Conditioning",
    "Download",
    "Draft",
    "Evaluation",
    "Fitting",
    "Folder",
    "Generation",
    "GenerationQuerySet",
    "GenerationVoice",
    "ListeningLink",
    "LoadedModel",
    "PronunciationEntry",
    "Rendition",
    "Segment",
    "SegmentEdit",
    "SegmentQuerySet",
    "SegmentTake",
    "TextTag",
    "VoiceAlias",
]
