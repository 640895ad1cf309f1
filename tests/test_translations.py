"""Every text is translatable, and translated: in templates, in code and on the pages themselves."""

import re
import sys
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from scripts import translations
from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "templates"

FOR_PROGRAMS = ("api/*", "plots/*")  # the documents of the API are English
ALIKE = {
    "Voicesite", "MP", "WAV", "API", "QR", "IPA", "Apache", "LUFS", "dBTP", "OK", "htmx", "BSD", "Zero", "Clause", "min", "kB", "MB",
    "kHz", "dB", "Opus", "FLAC", "AAC", "SRT", "VTT", "JSON", "CSV", "URL", "Kokoro", "Ctrl", "Enter", "Cmd", "Esc", "Español", "English",
}  # fmt: skip
SAID = ("title", "placeholder", "aria-label", "alt", "aria-valuetext", "hx-confirm", "data-confirm", "aria-description")
WORD = re.compile(r"[^\W\d_]{2,}")
TAG = "\ufffc"  # stands for a template tag: neither a letter nor white space


class Texts(HTMLParser):
    """Collects what people read of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], ""

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self.inside = tag
        kind = dict(attrs).get("type")
        says = (*SAID, "value") if tag == "input" and kind in ("submit", "button") else SAID
        self.found += [value for name, value in attrs if name in says and value]

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data):
        if not self.inside:
            self.found.append(data)


def unmarked(source: str) -> list[str]:
    """Return the words of a template that stand outside {% translate %} and {% blocktranslate %}."""
    html, skips = [], False
    for token in Lexer(source).tokenize():
        first = token.contents.split()[:1] if token.token_type == TokenType.BLOCK else []
        if first and first[0] in ("blocktranslate", "comment"):
            skips = True
        elif first and first[0] in ("endblocktranslate", "endcomment"):
            skips = False
        elif not skips and token.token_type == TokenType.TEXT:
            html.append(token.contents)
        elif not skips:
            html.append(TAG)
    # A block that gives <body> its class has no words.
    text = re.sub(r'class="[^"]*"', "", "".join(html))
    parser = Texts()
    parser.feed(text)
    parser.close()
    return [
        " ".join(found.replace(TAG, "…").split())
        for found in parser.found
        if any(word not in ALIKE for word in WORD.findall(found))
    ]


def templates() -> list[str]:
    names = (file.relative_to(TEMPLATES).as_posix() for file in sorted(TEMPLATES.rglob("*.html")))
    return [name for name in names if not any(fnmatch(name, pattern) for pattern in FOR_PROGRAMS)]


@pytest.mark.parametrize("name", templates())
def test_no_text_of_a_template_is_left_out(name):
    source = (TEMPLATES / name).read_text()
    assert unmarked(re.sub(r"\{% block body_?class %\}.*?\{% endblock %\}", "", source)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %}</p>', []),
        ("{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %}", []),
        ('<button aria-label="Close">{{ x }}</button>', ["Close"]),
        ('<input type="submit" value="Go on">', ["Go on"]),
        ('<input name="site" value="on">', []),
        ("<p>{{ n }} texts, {{ m }} MB</p>", ["… texts, … MB"]),
        ("<script>const words = 'Hello';</script><p class='card'>·</p>", []),
    ],
)
def test_the_check_finds_what_is_left_out(source, found):
    assert unmarked(source) == found


LITERAL = re.compile(r'//[^\n]*|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')  # or a comment
OF_MACHINES = {
    "Enter", "Escape", "Notification", "Content-Type", "Content-Length", "Content-Disposition", "Retry-After",
    "a, button", "input, textarea", "message error",
}  # fmt: skip


def said_by(script: str) -> list[str]:
    """Return what a script seems to say by itself: what begins with a capital letter, and what has several words."""
    literals = [match[1] or match[2] or "" for match in LITERAL.finditer(script)]
    bare = [re.sub(r"\$\{[^}]*\}", "", literal).strip() for literal in literals]
    texts = [one for one in bare if re.match(r"[A-Z][a-z]", one) or re.fullmatch(r"[a-z’]+([,.:]? [a-z’]+)+[.…]?", one)]
    return [one for one in texts if one not in OF_MACHINES and not re.fullmatch(r"([A-Z][a-z]+){2,}", one)]  # ArrowUp


@pytest.mark.parametrize("script", sorted((ROOT / "static").glob("*.js")), ids=lambda script: script.name)
def test_no_script_has_words_of_its_own(script):
    assert said_by(script.read_text()) == []


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('say("Text cleared.");', ["Text cleared."]),
        ("title = `Ready · ${title}`;", ["Ready ·"]),
        ('length = "can’t be played";', ["can’t be played"]),
        ('words("goal", { seconds }); // says "It is long"', []),
        ('if (event.key === "Enter") list.querySelector("main :is(h1, p)").className = `row ${state}`;', []),
    ],
)
def test_the_check_finds_words_in_scripts(script, found):
    assert said_by(script) == found


def words_of(script: str) -> set[str]:
    """Return the names of words that a script takes from the page."""
    return set(re.findall(r'\bwords\("([\w-]+)"', script))


def test_the_page_has_all_words_that_scripts_say():
    on_pages = {
        word for file in TEMPLATES.rglob("*.html") for word in re.findall(r'data-word="([\w-]+)"', file.read_text())
    }
    said = {word for script in (ROOT / "static").glob("*.js") for word in words_of(script.read_text())}
    assert len(said) > 50
    assert said - on_pages == set()


def test_all_that_is_marked_is_translated():
    sources = translations.in_sources()
    assert len(sources) > 1000
    for folder in sorted(translations.LOCALE.iterdir()):
        assert translations.problems(folder.name, sources) == []


def test_a_catalogue_behind_the_sources_is_found(tmp_path, monkeypatch):
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Save"\nmsgstr ""\n\nmsgid "{n} of {m}"\nmsgstr "{n} de {x}"\n\nmsgid "Gone"\nmsgstr "Ido"\n'
    )
    (folder / "django.mo").write_bytes(b"")
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    sources = translations.Catalog()
    for text in ("Save", "{n} of {m}", "New"):
        sources.add(text)
    assert sorted(problem.split(":")[0] for problem in translations.problems("es", sources)) == [
        "django.mo is not what django.po compiles to",
        "no longer in the sources",
        "not in the catalogue",
        "not translated",
        "other places than in the original",
    ]


def test_spanish_pages_are_spanish_throughout(page, user):
    """No sentence of the catalogue is left in English on the main pages."""
    user.is_staff = user.is_superuser = True
    user.save()
    voice, text = VoiceFactory(owner=user, consent_wording="Sí"), GenerationFactory(owner=user, completed=True)
    VoiceFactory(owner=user, consent_wording="Sí", share_requested_at=timezone.now())
    GenerationFactory(owner=user, failed=True)
    SegmentFactory(generation=text, text="Hello.")
    catalog = translations.read("es")
    sentences = [
        message.id
        for message in catalog
        if isinstance(message.id, str) and " " in message.id.strip() and not re.search(r"[{%<]", message.id)
    ]
    left = {}
    for address in (
        reverse("account"),
        reverse("privacy:page"),
        reverse("studio"),
        reverse("synthesis:list"),
        reverse("synthesis:detail", args=[text.pk]),
        reverse("synthesis:sentences", args=[text.pk]),
        reverse("synthesis:sentence", args=[text.pk, 0]),
        reverse("voices:list"),
        reverse("voices:new"),
        reverse("voices:detail", args=[voice.pk]),
        reverse("voices:clip", args=[voice.clip_id]),
        reverse("pronunciations:list"),
        reverse("synthesis:status"),
        reverse("synthesis:share", args=[text.pk]),
        reverse("synthesis:provenance"),
        reverse("licences"),
        reverse("sessions"),
        reverse("admin:index"),
        reverse("admin:voices_voiceprofile_changelist"),
        reverse("admin:voices_voiceprofile_change", args=[voice.pk]),
        reverse("admin:voices_voiceprofile_review"),
        reverse("admin:synthesis_generation_changelist"),
        "/nowhere/",
    ):
        html = page.get(address, headers={"Accept-Language": "es"}).text
        shown = " ".join(re.sub(r"<(script|style).*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL).split())
        assert 'lang="es"' in shown
        left[address] = [one for one in sentences if re.search(rf"(?<!\w){re.escape(escape(one))}(?!\w)", shown)]
    assert {address: found for address, found in left.items() if found} == {}


def test_the_script_tells_what_is_to_do(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["translations.py", "--check"])
    assert translations.main(check=True) == 0 and capsys.readouterr().out == ""
