"""Write a transcription as SubRip or WebVTT."""

from django.http import HttpResponse


def subtitles(lines: list[tuple[float, float, str]], response_format: str) -> HttpResponse:
    """Return a response with subtitles. response_format: `srt` or `vtt`."""
    mark = "," if response_format == "srt" else "."
    cues = [f"{_clock(start, mark)} --> {_clock(end, mark)}\n{text}\n" for start, end, text in lines]
    if response_format == "vtt":
        return HttpResponse("\n".join(["WEBVTT\n", *cues]), content_type="text/vtt; charset=utf-8")
    numbered = "\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1))
    return HttpResponse(numbered, content_type="application/x-subrip; charset=utf-8")


def subtitle_lines(words: list) -> list[tuple[float, float, str]]:
    """Return subtitles as (start, end, text), of 84 characters at most. A pause, a sentence or 7 seconds end one."""
    lines: list[list] = []
    for text, start, end, _ in words:
        last = lines[-1] if lines else None
        full = last and (
            len(last[2]) + len(text) > 84 or end - last[0] > 7 or start - last[1] > 1 or last[2][-1:] in ".?!。？！"
        )
        if last is None or full:
            lines.append([start, end, text.strip()])
        else:
            last[1], last[2] = end, last[2] + text
    return [(start, end, text) for start, end, text in lines]


def _clock(seconds: float, mark: str) -> str:
    thousandths = round(seconds * 1000)
    hours, minutes, whole = thousandths // 3_600_000, thousandths // 60_000 % 60, thousandths // 1000 % 60
    return f"{hours:02}:{minutes:02}:{whole:02}{mark}{thousandths % 1000:03}"
