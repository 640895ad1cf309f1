"""Bring the translations in `locale/` up to date with the texts in the sources: `.venv/bin/python scripts/translations.py`.

Finds what templates and code mark as translatable, merges it into each language's `django.po`, and compiles that to the
`django.mo` beside it, which the site reads. Both are committed, so that a site needs no tools of gettext. With `--check` it
writes nothing, and exits with 1 where a catalogue is behind the sources or incomplete: docs/translating.md.
"""

import io
import os
import re
import sys
import tempfile
from pathlib import Path

import django
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
NAMES = "voicesite/site/field_names.py"  # gives names that stand nowhere as a text
LOCALE = ROOT / "locale"
CODE = ("voicesite", "voices", "synthesis")
CALLS: dict = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "N_")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    "rule": (1,),  # of voices.text.normalization: what it reads a part of a text as
}
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def in_sources() -> Catalog:
    """Return the texts that templates and code mark as translatable, in the order of their files."""
    found = Catalog(project="Voicesite", charset="utf-8")
    files = [file for folder in CODE for file in sorted((ROOT / folder).rglob("*.py"))]
    files += sorted((ROOT / "templates").rglob("*.*"))
    for file in files:
        text = file.read_text()
        if file.suffix != ".py":
            # What is left of a template are calls as in code, between words that are none; but its indentation is none either.
            text = "\n".join(line.strip() for line in templatize(text, origin=str(file)).splitlines())
        where = str(file.relative_to(ROOT))
        calls = extract("python", io.BytesIO(text.encode()), CALLS, ("Translators:",), {"encoding": "utf-8"})
        for _line, message, comments, context in calls:
            found.add(message, locations=[(where, None)], auto_comments=comments, context=context)
        if where == NAMES:
            for name in names():
                found.add(name, locations=[(where, None)])
    return found


def names() -> list[str]:
    """Return the names of what the administration shows: they follow from models."""
    if not apps.ready:
        os.environ["DJANGO_SETTINGS_MODULE"] = "voicesite.settings"
        with tempfile.TemporaryDirectory() as folder:
            os.environ["VOICESITE_DATA"] = folder
            sys.path.insert(0, str(ROOT))
            django.setup()
    from voicesite.site import field_names

    return field_names.texts()


def read(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, sources: Catalog) -> Catalog:
    """Return the language's catalogue with the texts of the sources: new ones are empty, and those that are gone are left out."""
    catalog = read(language)
    catalog.update(sources, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def compiled(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def written(catalog: Catalog) -> bytes:
    text = io.BytesIO()
    write_po(text, catalog, width=120, sort_by_file=False, include_lineno=False, ignore_obsolete=True)
    return text.getvalue()


def problems(language: str, sources: Catalog) -> list[str]:
    """Return what is wrong with a language's catalogue, a line each."""
    catalog = read(language)
    found = []
    for message in sources:
        if message.id and not (own := catalog.get(message.id, message.context)):
            found.append(f"not in the catalogue: {message.id!r}")
        elif message.id:
            found += _problems_of(own, catalog.num_plurals)
    found += [
        f"no longer in the sources: {own.id!r}" for own in catalog if own.id and not sources.get(own.id, own.context)
    ]
    if (LOCALE / language / "LC_MESSAGES" / "django.mo").read_bytes() != compiled(catalog):
        found.append("django.mo is not what django.po compiles to")
    return found


def _problems_of(message: Message, plurals: int) -> list[str]:
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    if message.fuzzy:
        return [f"fuzzy: {message.id!r}"]
    if not all(strings) or (message.pluralizable and len(strings) != plurals):
        return [f"not translated: {message.id!r}"]
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    # A form for exactly one thing may say it in words: “a word” for “%(count)s word”.
    one, many = set(PLACES.findall(ids[0])), set(PLACES.findall(ids[-1]))
    needed = [one & many, *[many] * (len(strings) - 1)]
    places = [set(PLACES.findall(string)) for string in strings]
    wrong = any(not want <= has <= one | many for has, want in zip(places, needed, strict=True))
    return [f"other places than in the original: {message.id!r}"] if wrong else []


def main(check: bool = False) -> int:
    sources = in_sources()
    languages = sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())
    if check:
        found = [f"{language}: {problem}" for language in languages for problem in problems(language, sources)]
        print(*found, sep="\n", end="\n" if found else "")
        return 1 if found else 0
    for language in languages:
        catalog = update(language, sources)
        folder = LOCALE / language / "LC_MESSAGES"
        (folder / "django.po").write_bytes(written(catalog))
        (folder / "django.mo").write_bytes(compiled(catalog))
        missing = sum(1 for message in catalog if message.id and _problems_of(message, catalog.num_plurals))
        print(f"{language}: {len(catalog):,} texts, {missing:,} to do")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
