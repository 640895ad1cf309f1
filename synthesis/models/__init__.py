"""The tables of synthesis."""

from synthesis.drafts.models import Draft
from synthesis.pronunciations.models import PronunciationEntry

from .conditionings import Conditioning, Fitting
from .generations import MAX_SEED, CastMember, Download, Evaluation, Generation, GenerationQuerySet
from .renditions import Rendition
from .segments import MAX_SEGMENT_TAKES, GenerationVoice, Segment, SegmentEdit, SegmentQuerySet, SegmentTake
from .workers import Cluster, LoadedModel

__all__ = [
    "MAX_SEED",
    "MAX_SEGMENT_TAKES",
    "CastMember",
    "Cluster",
    "Conditioning",
    "Download",
    "Draft",
    "Evaluation",
    "Fitting",
    "Generation",
    "GenerationQuerySet",
    "GenerationVoice",
    "LoadedModel",
    "PronunciationEntry",
    "Rendition",
    "Segment",
    "SegmentEdit",
    "SegmentQuerySet",
    "SegmentTake",
]
