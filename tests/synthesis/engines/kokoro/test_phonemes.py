import logging

import pytest

from synthesis.engines.kokoro import espeak, phonemes
from synthesis.engines.kokoro.alphabet import IDS
from synthesis.engines.kokoro.phonemes import chunks, read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It is three. Four. Five!", "ˌɪt ɪz θɹˈi. fˈɔɹ. fˈIv!"),
        ("Yes, no, yes; no: yes", "jˈɛs, nˈO, jˈɛs; nˈO: jˈɛs"),
        ('"Wait," he said. "No!"', "“wˈAt,” hi sˈɛd. “nˈO!”"),
        ("«Wait» he said—no – yes -- no", "“wˈAt” hi sˈɛd—nˈO — jˈɛs — nˈO"),
        ("[one] {two} (three)", "(wˈʌn) (tˈu) (θɹˈi)"),
        ("No... Wait …", "nˈO… wˈAt…"),
        ("well-known", "wˈɛl nˈOn"),
        ("- One", "— wˈʌn"),
        ("yes/no", "jˈɛs nˈO"),
        ("“Yes” and ‘no’", "“jˈɛs” ænd nˈO"),
        ("non\u00adsense gen\u200berally", "nˈɑnsˌɛns ʤˈɛnəɹəli"),
    ],
)
def test_marks_stay_where_they_are_in_the_forms_that_the_model_knows(text, said):
    assert read(text, "en-us") == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("les enfants ont un accident", "fr", "lez ɑ̃fˈɑ̃z ˈɔ̃t œ̃n aksidˈɑ̃"),
        ("Ça va ? Oui !", "fr", "sa vˈa? wˈi!"),
        ("« Bonjour », dit-il.", "fr", "“bɔ̃ʒˈuʁ”, dˈitˈil."),
        ("l'homme d’aujourd’hui", "fr", "lˈɔm doʒuʁdyˈi"),
        ("le rythme, vas-y", "fr", "lə ʁˈitm, vˈazˈi"),
        ("¿Qué? ¡No!", "es", "kˈe? nˈo!"),
        ("el concepto", "es", "el konθˈepto"),
        ("नमस्ते। फल", "hi", "nəmˈʌsteː. pʰˈʌl"),
        ("não", "pt-br", "nˈɐ̃ʊ̃"),
        ("la pizza degli amici", "it", "la pˈiʦːa dˌeʎɪ amˈiʧɪ"),
    ],
)
def test_words_beside_each_other_are_said_as_one(text, language, said):
    assert read(text, language) == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("le football au parking", "fr", "lə futbˈɔl o paʁkˈiŋ"),
        ("l'e-mail du leader", "fr", "limˈɛl dy lidˈœʁ"),
        ("New York est loin", "fr", "nˈu jˈɔʁk ɛ lwˈɛ̃"),
        ("il team dell'email", "it", "il tˈim dellimˈAl"),
        ("un smartphone online", "es", "ˈun esmˈaɾtfon onlˈain"),
        ("मैं facebook पर", "hi", "mɛ̃ fˈeːsbʊk pˈʌɾ"),
        ("o WhatsApp", "pt-br", "u ˌuaʧizˈapi"),
    ],
)
def test_english_words_are_said_as_the_language_says_them(text, language, said):
    assert read(text, language) == said


@pytest.mark.parametrize("language", ["fr", "it", "pt-br", "es", "hi"])
def test_no_mark_of_another_language_is_spoken(language):
    words = ["football", "weekend", "business", "team", "New", "York", "Washington", "streaming", "José", "madame"]
    for text in [*words, " ".join(words), ", ".join(words)]:
        said = read(text, language)
        assert said and not set("()") & set(said), (text, said)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Say /ˈaɪ piː eɪ/!", "en-us", "sˈA ˈI pi A!"),
        ("/ˈnaɪki/’s shoe", "en-us", "nˈIkiz ʃˈu"),
        ("the (/ˈæpəl/)", "en-us", "ði (ˈæpəl)"),
        ("and/or /home/me/docs", "en-us", "ænd ɔɹ hˈOm mˌi dˈɑks"),
        ("dit /ɑ̃fɑ̃/, oui", "fr", "dˈi ɑ̃fɑ̃, wˈi"),
    ],
)
def test_ipa_between_slashes_is_said_as_it_is(text, language, said):
    assert read(text, language) == said


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Say 你好 now", "en-us", "sˈA nˈW"),
        ("Привет", "es", ""),
        ("नमस्ते", "fr", ""),
        ("ok 😀 ok", "it", "okˈɛi okˈɛi"),
        ("Say /ǃoʊ/ now", "en-us", "sˈA O nˈW"),
    ],
)
def test_what_cannot_be_said_is_left_out_and_logged(text, language, said, caplog):
    with caplog.at_level(logging.WARNING):
        assert read(text, language) == said
    assert caplog.records


# Words that are hard in their language: rare letters, foreign spelling, digits and signs that no one put in words.
WORDS = {
    "en-us": "naïve façade jalapeño Nguyen Dvořák Łódź Xiong tsk hmm shh psst rhythm e.g. 3.14 10% $5 café's O'Brien y'all",
    "en-gb": "queue Worcester Llanfair loch Siobhan Niamh fjord Zoë coöperate hors-d'œuvre £3 5°C rock'n'roll ’em",
    "es": "güero pingüino México guion kiwi xilófono whisky Wagner ñandú búho Dª nº 25 chófer psicólogo Txomin",
    "fr": "œuf aiguë Noël yacht gnocchi whisky m² n° 3e XXe aujourd'hui p'tit j't'aime Saint-Étienne à ça où eux-mêmes",
    "it": "perché gnocchi sciarpa aiuola xilofono jeans km² città po' cos'è gli zuppa acqua soqquadro Djokovic",
    "pt-br": "coração pão põe ônibus lingüiça muito xícara exame táxi que guerra você ª 1º Dvořák kiwi",
    "hi": "ज़िंदगी पढ़ाई क्षत्रिय ज्ञान श्री हूँ ॐ ऑफ़िस २५ डॉ॰ कृपया ऋषि फ़िल्म WhatsApp COVID",
}


@pytest.mark.parametrize("language", espeak.VOICES)
def test_all_that_reaches_the_model_is_of_its_alphabet(language, caplog):
    words = WORDS[language].split()
    letters = [
        chr(code) for start, end in ((0x20, 0x180), (0x900, 0x980), (0x2000, 0x2070)) for code in range(start, end)
    ]

    for text in [*words, " ".join(words), *letters, "".join(letters)]:
        said = read(text, language)
        assert set(said) <= set(IDS), (text, said)
        assert said or text in letters
    assert not [record for record in caplog.records if "lacks" in record.message]


@pytest.mark.parametrize("text", ["", " ", "…", "—", "“”", "/", "//", "' - '", "\0", "\ud800"])
@pytest.mark.parametrize("language", ["en-us", "fr"])
def test_a_text_without_words_has_no_letters(text, language):
    assert not any(symbol.isalpha() for symbol in read(text, language))


@pytest.mark.parametrize("text", ["1" * 20_000, " " * 20_000, "a" * 20_000, "/" * 20_000, "-" * 20_000, "'" * 20_000])
@pytest.mark.parametrize("language", ["en-us", "fr"])
def test_what_nobody_says_takes_no_longer_than_other_texts(text, language):
    assert all(len(chunk) <= 400 for chunk in chunks(read(text, language), 400))  # squared, it would be minutes


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("aaaa. bbbb, cccc", ["aaaa.", "bbbb, cccc"]),
        ("aaaa bbbb. cc dddd", ["aaaa bbbb.", "cc dddd"]),
        ("aaaa bbbb cccc dddd", ["aaaa bbbb", "cccc dddd"]),
        ("a, bbbbbbbbb cccc", ["a, bbbbbbbbb", "cccc"]),
        ("aaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaaaa", "aaaaaaaa"]),
        ("aaaa", ["aaaa"]),
        ("", []),
    ],
)
def test_long_ones_are_cut_at_a_mark_then_at_a_space(said, parts):
    assert chunks(said, 12) == parts


def test_a_clause_is_said_once(monkeypatch):
    read("Le chat dort.", "fr")
    monkeypatch.setattr(espeak, "_library", None)
    assert read("Le chat dort.", "fr") == phonemes.read("Le chat dort.", "fr")
