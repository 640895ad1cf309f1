"""`voicesite transcribe` and `voicesite clone`: from recordings to words, and to voices."""

import json
import locale
import sys
from argparse import Namespace
from dataclasses import asdict

from voicesite.client.client import Client
from voicesite.client.steps import Source

from . import profiles
from .targets import PIPE, by_suffix, targets, write
from .terminal import Usage, ask, is_interactive, note, plain

FORMATS = ("text", "json", "srt", "vtt")
FORMAT_BY_SUFFIX = {"txt": "text", "text": "text", "json": "json", "srt": "srt", "vtt": "vtt"}
SUFFIX = {"text": "txt"}


def transcribe(asked: Namespace) -> None:
    """Write down each recording: into files, or one after the other."""
    format = asked.format or by_suffix(asked.output, FORMAT_BY_SUFFIX) or "text"
    if len(asked.file) > 1 and not asked.output and format in ("srt", "vtt"):
        raise Usage("Subtitles of many recordings need a folder: -o FOLDER")
    names = ["recording" if name == PIPE else name for name in asked.file]
    places = targets(names, asked.output, SUFFIX.get(format, format)) if asked.output else [None] * len(names)
    with profiles.chosen(asked.profile).client() as client:
        for name, place in zip(asked.file, places, strict=True):
            written = _written(client, asked, sys.stdin.buffer.read() if name == PIPE else name, format)
            if len(asked.file) > 1 and not place and format == "text":
                written = f"{plain(name)}:\n{written}\n"
            write(written.encode(), place)


def _written(client: Client, asked: Namespace, recording: Source, format: str) -> str:
    if format in ("srt", "vtt"):
        return client.subtitles(recording, format, asked.language)
    found = client.transcribe(recording, asked.language, words=asked.words)
    if format == "json":
        return json.dumps(asdict(found), ensure_ascii=False) + "\n"
    return found.text + "\n"


def clone(asked: Namespace) -> None:
    """Make a voice, once it is said that its speaker agrees."""
    with profiles.chosen(asked.profile).client() as client:
        language = asked.language or _language()
        if not (asked.consent or _agrees(asked.clip)):
            raise Usage("Without the consent of the person who speaks no voice is made.")
        voice = client.create_voice(asked.clip, asked.name, language, asked.transcript, consent=True)
    for advice in voice.clip.advice if voice.clip else ():
        note(plain(advice.text))
    print(f'{plain(voice.name)} can speak: voicesite speak "Good morning." --voice {voice.id} --play')


def _language() -> str:
    if not is_interactive():
        raise Usage("Say what is spoken in the recording: --language en-us")
    usual = (locale.getlocale()[0] or "en_US").replace("_", "-").lower()
    return ask(f"Language of the recording [{usual}]: ") or usual


def _agrees(clip: str) -> bool:
    if not is_interactive():
        raise Usage("Say that the person who speaks agrees to be cloned: --i-have-consent")
    answer = ask(f"Is the person who speaks in {plain(clip)} you, or do they agree to be cloned? [y/N] ")
    return answer.lower() in ("y", "yes")
