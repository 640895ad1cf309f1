"""Make, open and end listening links. Callers authorise."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.models import CastMember, Generation, ListeningLink, Segment
from voices.audit import record
from voices.curation import service as curation
from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected

DAYS = (1, 7, 30)  # that a link may be made for
DEFAULT_DAYS = 7
KEPT_DAYS = 30  # that staff and owners still see a link which has expired or ended
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")

Ending = ListeningLink.Ending


def why_not(generation: Generation) -> str:
    """Return why a link must not let others hear it now, in words for its owner; empty if it may. Five queries at most.

    Asked when a link is made and each time one is opened: a voice may be taken back from those it was shared with.
    """
    if not settings.LISTENING_LINKS:
        return _("Listening links are switched off on this site.")
    if not generation.is_heard:
        return _("There’s nothing to play yet.")
    speakers = {generation.voice_id, *generation.cast.values_list("voice", flat=True)}
    if None in speakers:
        return _("A voice in it was deleted, so it can’t be shared by a link.")
    sentences = generation.segments.in_text().exclude(voice=None).order_by().values_list("voice", flat=True)
    needed = {voice for voice in speakers | set(sentences.distinct()) if voice}
    voices = VoiceProfile.objects.visible_to(generation.owner).filter(suspended_at=None, pk__in=needed)
    if voices.count() < len(needed):
        return _("A voice in it is suspended, or no longer shared with you, so it can’t be shared by a link.")
    if ListeningLink.objects.filter(generation__take_group=generation.take_group, ending=Ending.STAFF).exists():
        return _("Staff turned off a link to this text. Ask them before you share it again.")
    return ""


def share(generation: Generation, *, days: int = DEFAULT_DAYS, **shown: Any) -> ListeningLink:
    """Return the link to it, made now if there is none, with the fields `shown`; it works for `days` from now on.

    Raises Rejected where it must not be shared.
    """
    with transaction.atomic():
        Generation.objects.select_for_update().get(pk=generation.pk)  # of two requests, the second finds the link
        if why := why_not(generation):
            raise Rejected("conflict", why)
        link = generation.links.active().first()
        if is_new := link is None:
            generation.links.filter(ended_at=None).delete()  # it has expired: its address never works again
            link = ListeningLink(generation=generation)
        changed = shown | {"expires_at": timezone.now() + timedelta(days=days)}
        for name, value in changed.items():
            setattr(link, name, value)
        link.save(update_fields=None if is_new else changed)
        if is_new:
            assert generation.voice is not None
            record(generation.owner, generation.voice, "link_made", f"{link.pk}, “{link.title}”")
    return link


def opened(token: str) -> ListeningLink | None:
    """Return the link with this token, with its generation and the owner of that; None if it must not be heard."""
    if not _TOKEN.fullmatch(token):
        return None
    links = ListeningLink.objects.active().filter(token=token, generation__owner__is_active=True)
    link = links.select_related("generation__owner", "generation__voice").first()
    return None if link is None or why_not(link.generation) else link


def count_listen(link: ListeningLink) -> None:
    ListeningLink.objects.filter(pk=link.pk).update(listens=F("listens") + 1)


def end(link: ListeningLink, ending: Ending, actor: User) -> bool:
    """End the link. Return False if it had ended."""
    with transaction.atomic():
        open_ones = ListeningLink.objects.filter(pk=link.pk, ended_at=None)
        if not open_ones.update(ended_at=timezone.now(), ending=ending):
            return False
        generation = link.generation
        if generation.voice:
            record(
                actor,
                generation.voice,
                "link_ended",
                f"{link.pk}, “{link.title}”, of {generation.owner}",
            )
    return True


def end_all_of(voice: VoiceProfile) -> None:
    """End the links to all that a voice speaks in, as it is suspended."""
    speaks = (
        Q(generation__voice=voice)
        | Exists(CastMember.objects.filter(generation=OuterRef("generation"), voice=voice))
        | Exists(Segment.objects.in_text().filter(generation=OuterRef("generation"), voice=voice))
    )
    ListeningLink.objects.active().filter(speaks).update(ended_at=timezone.now(), ending=Ending.VOICE)


def report(link: ListeningLink, reason: str) -> None:
    """Report what a listener says of it to staff, as a report of its voice: whoever listens has no account."""
    generation = link.generation
    assert generation.voice is not None
    about = _("Said by a listener of “{title}”, which {owner} shares by listening link {pk}.").format(
        title=link.title, owner=generation.owner, pk=link.pk
    )
    curation.report_anonymously(generation.voice, f"{reason}\n\n{about}")


def account_section(request: Request) -> str:
    """Return the part of the account page that says what of a person's is heard by links."""
    links = ListeningLink.objects.active().filter(generation__owner=request.user)
    return render_to_string("synthesis/sharing/_links_of_account.html", {"links": links})


def delete_old() -> None:
    """Delete links that expired or ended long ago; not those that staff ended, which keep their owners from new ones."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = Q(expires_at__lt=before) | Q(ended_at__lt=before)
    ListeningLink.objects.filter(old).exclude(ending=Ending.STAFF).delete()
