"""`voicesite speak`: texts into files, into a pipe, or into the air."""

import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from voicesite.client.client import Client
from voicesite.client.errors import GenerationFailed, Invalid
from voicesite.client.things import Speech

from . import profiles
from .targets import PIPE, by_suffix, targets, write
from .terminal import Bar, Usage, complain, note

FORMATS = ("wav", "mp3", "opus", "aac", "m4a", "flac", "pcm")
FORMAT_BY_SUFFIX = {name: name for name in FORMATS} | {"ogg": "opus"}
PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
)


def speak(asked: Namespace) -> int:
    """Speak each text; one that the server can't speak doesn't keep the others from it."""
    texts = _texts(asked)
    format = asked.format or by_suffix(asked.output, FORMAT_BY_SUFFIX) or "wav"
    if not (asked.output or asked.play or asked.file):
        raise Usage("Say where to: -o FILE, -o - for a pipe, or --play")
    if asked.output == PIPE and sys.stdout.isatty():
        raise Usage("Sound is not for a terminal: -o FILE, or --play")
    player = _player() if asked.play else ()
    to_files = asked.output or not asked.play
    places = targets([name for name, _ in texts], asked.output, format) if to_files else [None] * len(texts)
    failed = 0
    with profiles.chosen(asked.profile).client() as client:
        for (name, text), place in zip(texts, places, strict=True):
            try:
                speech = _spoken(client, asked, name, text, format if to_files else "wav")
            except (Invalid, GenerationFailed) as error:
                if len(texts) == 1:
                    raise
                complain(f"{name}: {error}")
                failed = 3
                continue
            if to_files:
                write(speech.audio, place)
            if not asked.quiet and place:
                note(f"{place}: {speech.generation.seconds or 0:.1f} s of speech")
            if player:
                _play(speech, player)
    return failed


def _texts(asked: Namespace) -> list[tuple[str, str]]:
    """Return what to speak, each with a name. Raises Usage, OSError."""
    if bool(asked.text) == bool(asked.file):
        raise Usage("Say what to speak: a TEXT, - for standard input, or --file FILE …")
    if asked.file:
        return [("speech" if name == PIPE else name, _read(name)) for name in asked.file]
    if asked.text == [PIPE]:
        return [("speech", _read(PIPE))]
    text = " ".join(asked.text)
    if len(asked.text) == 1 and len(text) < 200 and Path(text).is_file():
        raise Usage(f"{text} is a file: to speak what is in it, write --file {text}")
    return [("speech", text)]


def _read(name: str) -> str:
    data = sys.stdin.buffer.read() if name == PIPE else Path(name).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(f"{name} is not a text in UTF-8.") from None


def _spoken(client: Client, asked: Namespace, name: str, text: str, format: str) -> Speech:
    with Bar(Path(name).name, asked.quiet) as bar:
        try:
            return client.speak(
                text,
                asked.voice,
                format=format,
                on_progress=bar.show,
                speed=asked.speed,
                seed=asked.seed,
                language=asked.language,
                model=asked.model,
            )
        except KeyboardInterrupt:
            bar.close()
            if bar.task is None:
                note("Interrupted.")
            elif bar.task.status == "cancelled":
                note("Cancelled: the server speaks no more of it.")
            elif bar.task.status == "completed":
                note("Interrupted. What was spoken is in your library.")
            else:
                note("Interrupted. The server could not be told, and may go on.")
            raise


def _player() -> tuple[str, ...]:
    """Return the command that plays a file. Raises Usage where there is none."""
    for player in PLAYERS:
        if shutil.which(player[0]):
            return player
    raise Usage(f"There is no program that plays: install one of {', '.join(player[0] for player in PLAYERS)}")


def _play(speech: Speech, player: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*player, str(speech.save(Path(folder) / f"speech.{speech.format}"))])
    if done.returncode:
        complain(f"{player[0]} could not play it.")
