"""`voicesite voices` and `voicesite books`."""

import json
from argparse import Namespace
from dataclasses import asdict

from voicesite.client.errors import NotFound
from voicesite.client.things import Voice

from . import profiles
from .terminal import note, table


def voices(asked: Namespace) -> None:
    with profiles.chosen(asked.profile).client() as client:
        found = list(client.voices(" ".join(asked.words)))
    if asked.json:
        print(json.dumps([asdict(voice) for voice in found], ensure_ascii=False, indent=2, default=str))
    elif found:
        print(table(["NAME", "LANGUAGE", "FROM", ""], [_row(voice) for voice in found]))
    else:
        note(
            "There are no such voices." if asked.words else "There are no voices yet: voicesite clone CLIP --name NAME"
        )


def _row(voice: Voice) -> list[str]:
    owner = "you" if voice.is_mine else "built in" if voice.is_builtin else voice.owner or ""
    state = "may not speak" if not voice.is_usable else "being refined" if voice.is_being_fitted else ""
    return [voice.name, voice.language, owner, state]


def books(asked: Namespace) -> None:
    with profiles.chosen(asked.profile).client() as client:
        try:
            found = list(client.books())
        except NotFound:
            note("This server has no books.")
            found = []
    if asked.json:
        print(json.dumps([asdict(book) for book in found], ensure_ascii=False, indent=2))
    else:
        for book in found:
            print(book.title)
