"""POST /v1/audio/transcriptions: transcribe a recording."""

from typing import Any

from django.core.files.base import ContentFile
from django.http import HttpResponse, JsonResponse

from synthesis.delivery import cues
from voices.clips.service import limits, uploads
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voices.models import TranscriptionRequest
from voices.transcription.requests import why_not
from voicesite.jobs.job import State
from voicesite.people.requests import Request
from voicesite.web.media import as_path
from voicesite.web.rejection import Rejected

from . import wait
from .openai_errors import choice_of, endpoint, language_of

MAX_WAIT_SECONDS = 900.0
RESPONSE_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")


@endpoint("speak", "POST")
def transcriptions(request: Request) -> HttpResponse:
    """Transcribe `file`. Neither the recording nor its text is kept."""
    response_format = choice_of(request.POST, "response_format", RESPONSE_FORMATS, "json")
    upload = request.FILES.get("file")
    if upload is None:
        raise Rejected("bad_request", "Send the recording as `file`, in a multipart form.").about("file")
    language = language_of(request.POST.get("language"))
    if why := why_not(language):
        raise Rejected("language_not_supported", why).about("language")
    granularities = request.POST.getlist("timestamp_granularities[]")
    with wait.waiting.slot(request.user.pk):
        job = _receive(request, upload, language)
        try:
            wait.wait_until_ended(job, MAX_WAIT_SECONDS)
            job.refresh_from_db()
            if job.state != State.COMPLETED:
                job.request_cancel()
                raise Rejected("transcription_failed", job.error or "It took too long.")
            return _transcription_response(job, response_format, granularities)
        finally:
            job.audio.delete(save=False)
            TranscriptionRequest.objects.filter(pk=job.pk).delete()


def _receive(request: Request, upload, language: str) -> TranscriptionRequest:
    """Decode an upload in the sandboxed intake process, and enqueue its transcription. Raises AudioRejected."""
    check_size(upload.size or 0, limits())
    with uploads.slot(request.user.pk), as_path(upload) as sent:
        received = intake.take_in(sent, limits())
    job = TranscriptionRequest(owner=request.user, seconds=received.seconds, language=language)
    job.audio.save("recording.flac", ContentFile(received.flac), save=False)
    job.submit()
    return job


def _transcription_response(job: TranscriptionRequest, response_format: str, granularities: list[str]) -> HttpResponse:
    shown = cues.of_transcript(job.words)
    match response_format:
        case "text":
            return HttpResponse(f"{job.text}\n", content_type="text/plain; charset=utf-8")
        case "srt" | "vtt":
            written = "".join(cues.written(shown, response_format))
            return HttpResponse(written, content_type=f"{cues.CONTENT_TYPES[response_format]}; charset=utf-8")
        case "json":
            return JsonResponse({"text": job.text})
    body: dict[str, Any] = {
        "task": "transcribe",
        "language": job.language.split("-")[0],
        "duration": round(job.seconds, 3),
        "text": job.text,
    }
    if "word" in granularities:
        body["words"] = [{"word": text.strip(), "start": start, "end": end} for text, start, end, _ in job.words]
    if "segment" in granularities or not granularities:
        body["segments"] = [
            {"id": number, "start": cue.start, "end": cue.end, "text": cue.lines[0]} for number, cue in enumerate(shown)
        ]
    return JsonResponse(body)
