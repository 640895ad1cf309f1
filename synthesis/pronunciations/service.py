"""What pages and programs do with a dictionary: list it, delete of it, and hear how a word is said."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.engines import EngineError, engine_class
from synthesis.engines import choice as engine_choice
from synthesis.generations import takes
from synthesis.models import Generation
from synthesis.queue.estimates import set_waits
from voices.languages import LANGUAGES_AND_ACCENTS, best_match
from voices.models import VoiceProfile
from voices.text.pronunciation import fold
from voicesite.deleted import can_undo, due
from voicesite.jobs.job import State
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

from .models import PronunciationEntry, PronunciationQuerySet

MAX_ENTRIES = 2000  # of a person, or of the site
MAX_TRIALS = 20  # of a person, kept to be heard again
TRIAL_SEED = 0  # an entry in a voice sounds the same each time


def matching(user: User, words: str = "", language: str = "", whose: str = "") -> PronunciationQuerySet:
    """Return the entries that apply to what `user` speaks, and match what was asked; nonsense is ignored.

    words: a part of the word, or of how it is said. whose: “mine” or “site”.
    """
    found = PronunciationEntry.objects.visible_to(user)
    if words := words.replace("\x00", "").strip():
        found = found.filter(Q(key__contains=fold(words)) | Q(said__icontains=words))
    if language in LANGUAGES_AND_ACCENTS:
        found = found.for_language(language)
    if whose in ("mine", "site"):
        found = found.filter(owner=user if whose == "mine" else None)
    return found


def why_full(owner: User | None, more: int = 1) -> str:
    """Return why a dictionary can't take `more` entries, in words; empty if it can. owner: None for the site's."""
    if PronunciationEntry.objects.filter(owner=owner).count() + more <= MAX_ENTRIES:
        return ""
    return _(
        "A dictionary has room for {max_entries} words, and this one is full. Delete some that you no longer need."
    ).format(max_entries=thousands(MAX_ENTRIES))


def discard(entry: PronunciationEntry) -> datetime | None:
    """Delete an entry so that `restore` brings it back for a minute, and what was spoken to hear it; return the mark."""
    if not can_undo():
        delete(entry)
        return None
    now = timezone.now()
    with transaction.atomic():
        for trial in entry.trials.all():
            takes.delete(trial)
        PronunciationEntry.objects.filter(pk=entry.pk).update(deleted_at=now)
    return now


def restore(user: User, moment: datetime) -> PronunciationEntry | None:
    """Bring back the entry that was deleted then, of a dictionary that `user` may change; None if it is gone.

    Raises Rejected if there is an entry for its word now.
    """
    with transaction.atomic():
        gone = PronunciationEntry.everything.editable_by(user).select_for_update(of=("self",))
        entry = gone.filter(deleted_at=moment).first()
        if entry is None:
            return None
        same = PronunciationEntry.objects.filter(owner=entry.owner_id, language=entry.language, key=entry.key)
        if same.exists():
            raise Rejected(
                "conflict", _("“%(word)s” is in the dictionary again. Edit that entry.") % {"word": entry.word}
            )
        PronunciationEntry.everything.filter(pk=entry.pk).update(deleted_at=None)
    return entry


def delete_discarded(most: int) -> int:
    """Delete up to `most` entries that can't be brought back any more; return how many."""
    gone = list(PronunciationEntry.everything.filter(deleted_at__lt=due())[:most])
    for entry in gone:
        delete(entry)
    return len(gone)


def delete(entry: PronunciationEntry) -> None:
    """Delete an entry, and what was spoken to hear it."""
    with transaction.atomic():
        for trial in entry.trials.all():
            takes.delete(trial)
        entry.delete()


# ---------------------------------------------------------------------------------------------------------------------
# Hearing an entry: a generation of its word, by the queue as any other, which no library shows


def with_trials(entries: PronunciationQuerySet, user: User) -> PronunciationQuerySet:
    """Return `entries`, each with `heard`: the trials of `user`, the newest first."""
    mine = Generation.objects.filter(owner=user).order_by("-created_at", "pk")
    return entries.prefetch_related(Prefetch("trials", mine, to_attr="heard"))


def set_trials(entries: Iterable[PronunciationEntry]) -> None:
    """Set the `trial` of each entry of `with_trials`, with its place in the queue: one that has not become outdated."""
    for entry in entries:
        newest = next(iter(entry.heard), None)  # type: ignore[attr-defined]
        fresh = newest and (newest.is_active or newest.created_at >= entry.updated_at)
        entry.trial = newest if fresh else None  # type: ignore[attr-defined]
    set_waits(*(entry.trial for entry in entries if entry.trial))  # type: ignore[attr-defined]


def ipa_models() -> list[str]:
    """Return the titles of the models that can speak here and pronounce IPA; others read such a word as it is written."""
    return [option.title for option in _options_with_ipa()]


def unknown_ipa(said: str, language: str) -> list[str]:
    """Return the symbols of IPA that every model here that takes it leaves out; none where no model does.

    language: of an entry, and so perhaps of two accents, or empty for every language.
    """
    unknown = [
        engine_class(option.engine).unknown_ipa(said, code)
        for option in _options_with_ipa()
        for code in _spoken(option, language)
    ]
    return min(unknown, key=len, default=[])


def _options_with_ipa() -> list[ModelOption]:
    try:
        return [option for option in engine_choice.options() if option.is_here and _takes_ipa(option)]
    except EngineError:
        return []


def voice_of(user: User) -> VoiceProfile | None:
    """Return the voice in which `user` hears entries: the last that they used, else their first; None without any.

    Built-in voices are the last resort.
    """
    usable = VoiceProfile.objects.usable_by(user)
    spoken = Generation.objects.filter(owner=user, is_sample=False, voice__in=usable).order_by("-created_at")
    last = spoken.select_related("voice").first()
    return last.voice if last else usable.order_by("preset", "created_at", "pk").first()


def listen(user: User, entry: PronunciationEntry) -> Generation:
    """Return a trial of `entry`: one that is there and not outdated, or a new one, which is enqueued. Raises Rejected."""
    voice = voice_of(user)
    if voice is None:
        raise Rejected("conflict", _("Create a voice first to hear words in it."))
    option, language = _option(entry, voice)
    trials = Generation.objects.filter(owner=user).exclude(pronounces=None).order_by("-created_at")
    for trial in trials.filter(pronounces=entry):
        same = (trial.voice_id, trial.engine, trial.model, trial.language) == (
            voice.pk,
            option.engine,
            option.model,
            language,
        )
        if same and trial.created_at >= entry.updated_at and (trial.is_active or trial.state == State.COMPLETED):
            return trial
        takes.delete(trial)
    for old in trials[MAX_TRIALS - 1 :]:
        takes.delete(old)
    trial = takes.first(
        voice,
        f"{entry.word}, {entry.word}.",  # twice: engines speak a word alone badly
        option,
        language,
        owner=user,
        pronounces=entry,
        is_task=False,
        seed=TRIAL_SEED,
    )
    trial.title = entry.word
    trial.submit()
    return trial


def _option(entry: PronunciationEntry, voice: VoiceProfile) -> tuple[ModelOption, str]:
    """Return the model to hear an entry by, and the language: the default where it can. Raises Rejected."""
    try:
        options = engine_choice.options()
    except EngineError as error:
        raise Rejected("no_engine", error.message) from error
    for option in sorted(options, key=lambda option: not option.is_default):
        spoken = _spoken(option, entry.language)
        if option.is_here and spoken and (_takes_ipa(option) or not entry.is_ipa):
            return option, best_match(voice.language, spoken)
    if entry.is_ipa:
        raise Rejected(
            "conflict", _("No model here can pronounce IPA in this language: the word is read as it is written.")
        )
    raise Rejected(
        "conflict",
        _("No model here speaks {get_language_display}.").format(get_language_display=entry.get_language_display()),
    )


def _spoken(option: ModelOption, language: str) -> list[str]:
    """Return the codes under which a model speaks the language of an entry."""
    return [code for code in option.languages if language in ("", code, code.split("-")[0])]


def _takes_ipa(option: ModelOption) -> bool:
    return engine_class(option.engine).takes_ipa
