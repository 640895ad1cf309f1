"""The command line: subcommands, options and their help."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voicesite.client.version import __version__

from . import listing, login, recordings, speaking

EXAMPLES = """
examples:
  voicesite login https://voices.example.org
  voicesite voices
  voicesite speak "Good morning." --voice Ada -o morning.mp3
  voicesite speak --voice Ada --file chapter*.txt -o book/
  echo "It is done." | voicesite speak - --voice Ada --play
  voicesite transcribe interview.m4a --format srt > interview.srt
  voicesite clone ada.wav --name Ada --language en-us

VOICESITE_SERVER and VOICESITE_KEY stand for what `login` keeps. It ends with
0, or 1: it failed, 2: wrong usage, 3: the server said no, 130: interrupted.
"""
SPEAK_EXAMPLES = """
examples:
  voicesite speak "Good morning." --voice Ada -o morning.mp3
  voicesite speak --voice Ada --file one.txt two.txt -o spoken/ --format opus
  voicesite speak - --voice Ada -o - < letter.txt | ffplay -

Ctrl-C cancels what is being spoken on the server too; pressed again, it
leaves at once.
"""
TRANSCRIBE_EXAMPLES = """
examples:
  voicesite transcribe interview.m4a
  voicesite transcribe interview.m4a --format json --words
  voicesite transcribe *.mp3 --format vtt -o subtitles/
"""
CLONE_EXAMPLES = """
examples:
  voicesite clone ada.wav --name Ada --language en-us
  voicesite clone ada.wav --name Ada --language en-us --i-have-consent \\
    --transcript "Good morning to all of you."
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser. What it parses has `do`, the function of the subcommand, which takes it."""
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--profile", default=argparse.SUPPRESS, metavar="NAME", help="which server, of several that you logged in to"
    )
    made = _parser("voicesite", "Speak, transcribe and clone voices with a Voicesite server.", EXAMPLES, [everywhere])
    made.add_argument("--version", action="version", version=f"voicesite {__version__}")
    commands = made.add_subparsers(metavar="command", required=True)

    def command(name: str, do: Callable[..., Any], help: str, examples: str = "") -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=help, parents=[everywhere], **_texts(f"{help[0].upper()}{help[1:]}.", examples)
        )
        added.set_defaults(do=do)
        return added

    one = command("login", login.login, "keep the address of a server, and a key for it")
    one.add_argument("url", nargs="?", metavar="URL", help="such as https://voices.example.org; asked for if left out")
    one.add_argument(
        "--certificate", type=Path, metavar="FILE", help="the certificate that the server made itself (PEM)"
    )
    command("logout", login.logout, "forget the key")

    one = command("voices", listing.voices, "list the voices that you may use")
    one.add_argument("words", nargs="*", metavar="WORD", help="of the name, the description or the tags")
    one.add_argument("--json", action="store_true", help="all that is known of them, as JSON")
    one = command("books", listing.books, "list your books")
    one.add_argument("--json", action="store_true", help="as JSON")

    one = command("speak", speaking.speak, "speak a text, or many, in a voice", SPEAK_EXAMPLES)
    one.add_argument("text", nargs="*", metavar="TEXT", help="what to say; - reads it from standard input")
    one.add_argument(
        "-f", "--file", nargs="+", default=[], metavar="FILE", help="texts to speak, each into a file of its own"
    )
    one.add_argument("-v", "--voice", required=True, metavar="NAME", help="name or id of a voice")
    one.add_argument("-o", "--output", metavar="FILE", help="where to; a folder for many; - is standard output")
    one.add_argument("--format", choices=speaking.FORMATS, help="by the suffix of FILE, else wav")
    one.add_argument("--play", action="store_true", help="play it, too")
    one.add_argument("--speed", type=float, default=1.0, metavar="X", help="1.25 is a quarter faster")
    one.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same speech again")
    one.add_argument("--language", default="", metavar="CODE", help="such as en-gb; the voice's if left out")
    one.add_argument("--model", default="", metavar="NAME", help="another than the server's default")
    one.add_argument("-q", "--quiet", action="store_true", help="show no progress")

    one = command("transcribe", recordings.transcribe, "write down what is said in recordings", TRANSCRIBE_EXAMPLES)
    one.add_argument("file", nargs="+", metavar="FILE", help="a recording of any common format; - is standard input")
    one.add_argument("--language", metavar="CODE", help="what is spoken, such as en; detected if left out")
    one.add_argument("--format", choices=recordings.FORMATS, help="by the suffix of -o, else text")
    one.add_argument("--words", action="store_true", help="with the time of each word, in json")
    one.add_argument("-o", "--output", metavar="FILE", help="where to; a folder for many")

    one = command("clone", recordings.clone, "make a voice from a recording", CLONE_EXAMPLES)
    one.add_argument("clip", metavar="CLIP", help="six to fifteen seconds of one person, in a quiet room")
    one.add_argument("--name", required=True, help="what to call the voice")
    one.add_argument("--language", default="", metavar="CODE", help="what is spoken in it, such as en-us")
    one.add_argument("--transcript", metavar="TEXT", help="what is said in it; the server listens, if left out")
    one.add_argument(
        "--i-have-consent", action="store_true", dest="consent", help="the person who speaks agrees to be cloned"
    )
    return made


def _parser(name: str, about: str, examples: str, parents: list[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(name, parents=parents, **_texts(about, examples))


def _texts(about: str, examples: str) -> dict[str, Any]:
    return {"description": about, "epilog": examples, "formatter_class": argparse.RawDescriptionHelpFormatter}
