"""Texts, dictionaries and addresses that people write."""

from tests.fuzz.target import fuzzed, words


@fuzzed(
    b"\0Ada: Well [pause 2s] **no**, {tomato|/t\xc9\x99/} &amp; <b>12</b>.\nBen: 3.5 km at 10:30!",
    "\4東京は。".encode(),
)
def text(data: bytes) -> None:
    """Marks, markup, sentences and normalization: all that a written text goes through before an engine gets it."""
    from synthesis.engines.kokoro.engine import KokoroEngine
    from synthesis.scripts import script

    language = ("en-us", "de", "es", "fr", "ja", "hi")[data[0] % 6] if data else "en-us"
    for segment in script.prepare(words(data[1:]), language, KokoroEngine).segments:
        assert segment.spoken.strip() and 0 <= segment.pause < 1000


@fuzzed(
    b"\0On 12/05/2024 at 7:30 pm, $1,234.50; 3/4 of XIV, H2O, +34 600 123 456.",
    "\1§ 12 Abs. 3: 5 °C".encode(),
)
def normalization(data: bytes) -> None:
    from voices.text.normalization import read

    language = ("en", "de", "es", "fr", "it", "pt", "ru", "ar")[data[0] % 8] if data else "en"
    written = words(data[1:])
    assert "".join(piece.written for piece in read(written, language)) == written


@fuzzed(b"Ada: One.\nBen (softly): Two.\nADA: Three: four.")
def dialogue(data: bytes) -> None:
    from synthesis.scripts import dialogue

    written = words(data)
    dialogue.speaking(written, dialogue.find_speakers(written))


@fuzzed(
    b'Ada: One.\nBen: Two.\0{"Ada": "Grandmother", "ben": null}',
    b'A\xc3\xafda\xef\xbc\x9a One.\0{"**A\xc3\xafda:**": "x", "\\ud83d": 1}',
)
def cast(data: bytes) -> None:
    """A cast, as programs send it, and whose of its names the text has."""
    from django.core.exceptions import ValidationError

    from synthesis.generations.cast import CastField, member
    from synthesis.scripts import dialogue
    from voicesite.web.parsing import parse_json
    from voicesite.web.rejection import Rejected

    written, _, sent = data.partition(b"\0")
    try:
        found = CastField(required=False).clean(parse_json(sent))
    except (Rejected, ValidationError) as error:
        assert str(error)
        return
    assert set(dialogue.speaking(words(written), found)) <= set(found)
    for name in found:
        member(name, None).clean_fields(exclude=["generation", "voice", "voice_name"])


@fuzzed(b"word,said\nnginx,engine x\n", b'\xef\xbb\xbfword;said;language\r\n\'=a;"b""c";en\r\n')
def dictionary(data: bytes) -> None:
    from synthesis.pronunciations import csv_files
    from voicesite.web.rejection import Rejected

    try:
        csv_files.read(csv_files.decode(data))
    except Rejected as error:
        assert str(error)


@fuzzed(b'{"text": "a", "speed": 1.5, "cast": [{"name": "x"}], "n": null}')
def body(data: bytes) -> None:
    from voicesite.web.parsing import parse_json
    from voicesite.web.rejection import Rejected

    try:
        parse_json(data)
    except Rejected as error:
        assert str(error)


@fuzzed(
    b"https://hooks.example.org:8443/a?b=c",
    b"http://[::1]/",
    b"http://0x7f.1/",
    b"http://[::ffff:10.0.0.1]:80/",
    "http://１２７。0.0.1/".encode(),
    "https://bücher.example/ä?ö".encode(),
)
def webhook(data: bytes) -> None:
    """An address that is taken leads to where it is judged to lead, and to the public."""
    from voicesite.hooks import addresses

    try:
        target = addresses.parse(words(data))
    except addresses.NotAllowed as error:
        assert str(error)
        return
    assert target.host.isascii() and target.path.isascii() and " " not in target.path and 0 < target.port < 65536
    if addresses.is_address(target.host):
        assert addresses.is_permitted(target.host)
