"""How much room speech takes on the disk, of a person and of the whole site."""

from typing import NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from synthesis.models import Generation, Rendition, SegmentTake
from voicesite.limits.quotas import Source
from voicesite.modelhost.weights import in_words
from voicesite.models import User


class Storage(NamedTuple):
    """Bytes, by what they hold."""

    wholes: int
    sentences: int
    renditions: int  # in other formats

    @property
    def total(self) -> int:
        return sum(self)

    @property
    def parts(self) -> str:
        """What takes how much, in words."""
        kinds = (_("whole files"), "sentences", _("other formats"))
        return ", ".join(f"{in_words(size)} {kind}" for size, kind in zip(self, kinds, strict=True))


def storage(user: User | None = None) -> Storage:
    """Return what the speech of a person takes; without one, that of everybody. Three queries."""
    wholes = Generation.objects.all()
    takes = SegmentTake.objects.filter(segment__generation__deleted_at=None)
    renditions = Rendition.objects.filter(generation__deleted_at=None)
    if user:
        wholes = wholes.filter(owner=user)
        takes = takes.filter(segment__generation__owner=user)
        renditions = renditions.filter(generation__owner=user)
    return Storage(*(rows.aggregate(sum=Sum("bytes"))["sum"] or 0 for rows in (wholes, takes, renditions)))


source = Source(
    what="speech",
    active=lambda: [Generation.objects.active().filter(is_sample=False)],
    stored=lambda person: storage(person).total,
    reserves="reserved_seconds",
)
