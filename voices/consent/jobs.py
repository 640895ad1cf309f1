"""The background job of listening to a spoken consent."""

from django.utils.translation import gettext as _

from voices.analysis import speaker_encoder
from voices.clips.jobs import read_samples
from voices.models import Clip, SpokenConsent
from voices.transcription.listener_process import transcription_process
from voices.transcription.transcribers.base import RATE
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError

from . import listening
from .phrases import SPELLINGS, WORDS_IN_SENTENCE

MOST_COMPARED = 2000  # consents of the site, the latest, with which a recording is compared


def listen(job: SpokenConsent, heartbeat: Heartbeat) -> None:
    """Find its words, compare the voice with that of the clip, and the sound with what was sent before."""
    heartbeat.flush(stage=_("Getting ready"))
    samples = read_samples(job.audio, 0.0, job.seconds)
    write = heartbeat.on_progress(20, 70, state=State.GENERATING, stage=_("Listening"))
    heard = transcription_process.transcribe(samples, job.language, write, heartbeat).text
    reading = listening.read(job.sentence, job.words, heard, SPELLINGS)
    heartbeat.flush(state=State.PROCESSING, progress=75, stage=_("Comparing the voices"))
    similarity = _similarity(job, samples, heartbeat)
    shape = listening.envelope(samples)
    others = SpokenConsent.objects.exclude(pk=job.pk).exclude(envelope=[]).order_by("-created_at")
    is_replay = listening.is_replay(shape, others.values_list("envelope", flat=True)[:MOST_COMPARED])
    found = {
        "heard": heard,
        "words_heard": len(job.words) - len(reading.missing),
        "similarity": similarity,
        "envelope": shape,
        "problem": _problem(reading, similarity, is_replay),
    }
    retry_on_database_error(lambda: job.finish(State.COMPLETED, **found))


def _similarity(job: SpokenConsent, samples, heartbeat: Heartbeat) -> float | None:
    """Return the similarity to the latest clip of the recording, -1 to 1; None where one of the two is silent."""
    clip = Clip.objects.filter(recording=job.recording_id).order_by("-created_at").first()
    if clip is None or job.recording is None:
        raise ModelError(_("The recording of the voice has been deleted."), permanent=True)
    try:
        of_clip = read_samples(job.recording.audio, clip.start, clip.end)
        one = transcription_process.embed(of_clip, RATE, heartbeat)
        other = transcription_process.embed(samples, RATE, heartbeat)
    except ModelError as error:
        if error.permanent:
            return None
        raise
    return round(speaker_encoder.similarity(one, other), 4)


def _problem(reading: listening.Reading, similarity: float | None, is_replay: bool) -> str:
    """Return why the recording does not count, and one thing to do about it; empty if it counts."""
    missing = [f"“{word}”" for word in reading.missing]
    if is_replay:
        return _("This recording was used before. Read a new sentence aloud now, and record that.")
    if len(missing) == WORDS_IN_SENTENCE:
        return _("None of the words was heard. Read a new sentence, closer to the microphone.")
    if len(missing) > WORDS_IN_SENTENCE - listening.MIN_WORDS:
        words = _("{names} and {missing}").format(names=", ".join(missing[:-1]), missing=missing[-1])
        return _("{words} were not heard. Read a new sentence, a little slower.").format(words=words)
    if not reading.agrees:
        return _("Only the words at the end were heard. Read all of a new sentence, from its first word on.")
    if similarity is None or similarity < listening.MIN_SIMILARITY:
        return _(
            "This doesn’t sound like the same voice as the recording. Let the same person read a new sentence, with the "
            "same microphone."
        )
    return ""
