"""German."""

from .cases import by_kind, check

GERMAN = {
    "cardinal": {
        "Ich habe 21 Katzen und 1 Hund.": "Ich habe einundzwanzig Katzen und ein Hund.",
        "1.234.567 Menschen": "eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig Menschen",
        "eine von 101 Nächten": "eine von einhunderteins Nächten",
    },
    "decimal": {
        "3,14 und 0,05": "drei Komma eins vier und null Komma null fünf",
    },
    "sign": {
        "-5 Grad": "minus fünf Grad",
    },
    "range": {
        "10–20 % der Leute": "zehn bis zwanzig Prozent der Leute",
        "von 5-7 Tagen": "von fünf bis sieben Tagen",
    },
    "score": {
        "Es steht 3:2.": "Es steht drei zu zwei.",
    },
    "time": {
        "Um 14:30 Uhr, 9 Uhr, 1:00 Uhr": "Um vierzehn Uhr dreißig, neun Uhr, ein Uhr",
        "um 8.15 Uhr oder 18 Uhr 30": "um acht Uhr fünfzehn oder achtzehn Uhr dreißig",
        "Mo.-Fr. 9-17 Uhr": "Montag bis Freitag neun bis siebzehn Uhr",
    },
    "year": {
        "Er wurde 1984 geboren, 2026 ist er alt.": "Er wurde neunzehnhundertvierundachtzig geboren, zweitausendsechsundzwanzig ist er alt.",
    },
    "decade": {
        "die 1990er Jahre, die 80er": "die neunzehnhundertneunziger Jahre, die achtziger",
    },
    "money": {
        "1 €, 12,50 €, 5 Millionen €": "ein Euro, zwölf Euro fünfzig, fünf Millionen Euro",
        "2,5 Mio. €, 3 Mrd. Euro, 1 Mio. €": "zwei Komma fünf Millionen Euro, drei Milliarden Euro, eine Million Euro",
        "$100 und 3,50 £": "einhundert Dollar und drei Pfund fünfzig",
        "Das kostet 1.299,– €.": "Das kostet eintausendzweihundertneunundneunzig Euro.",
    },
    "percent": {
        "50 %, 2,5 %": "fünfzig Prozent, zwei Komma fünf Prozent",
    },
    "telephone": {
        "030 123456, +49 30 1234567": "null drei null, eins zwei drei vier fünf sechs, plus vier neun, drei null, eins zwei drei vier fünf sechs sieben",
    },
    "date": {
        "am 3. Mai, der 24. Dezember, den 1. April 2024": "am dritten Mai, der vierundzwanzigste Dezember, den ersten April zweitausendvierundzwanzig",
        "3. Oktober": "dritter Oktober",
        "24.12.2026, am 5.6.2023, bis 31.12.": "vierundzwanzigster Dezember zweitausendsechsundzwanzig, am fünften Juni zweitausenddreiundzwanzig, bis einunddreißigsten Dezember",
        "2026-11-25": "fünfundzwanzigster November zweitausendsechsundzwanzig",
    },
    "quantity": {
        "-5 °C, 10 km/h, 40cm, 3 kg": "minus fünf Grad Celsius, zehn Kilometer pro Stunde, vierzig Zentimeter, drei Kilogramm",
        "1 h, 1 min, 2 t, 15 kWh": "eine Stunde, eine Minute, zwei Tonnen, fünfzehn Kilowattstunden",
        "Die 3-jährige Anna, ein 10-km-Lauf": "Die dreijährige Anna, ein zehn-Kilometer-Lauf",
        "Ich bin 1,80 m groß.": "Ich bin eins Komma acht null Meter groß.",
    },
    "ordinal": {
        "1. Platz, 2. Stock, im 3. Stock": "erster Platz, zweiter Stock, im dritten Stock",
        "Das 19. Jahrhundert, im 20. Jh.": "Das neunzehnte Jahrhundert, im zwanzigsten Jahrhundert.",
    },
    "Roman numeral": {
        "Heinrich IV., Ludwig XIV. und Elisabeth II. von England": "Heinrich der Vierte, Ludwig der Vierzehnte und Elisabeth die Zweite von England",
        "der II. Weltkrieg, Kapitel IV": "der zweite Weltkrieg, Kapitel vier",
    },
    "abbreviation": {
        "Dr. Müller wohnt in der Goethestr. 5, z. B. mit Prof. Meier usw.": "Doktor Müller wohnt in der Goethestraße fünf, zum Beispiel mit Professor Meier und so weiter.",
        "d.h. ca. fünf, u.a. bzw. evtl. ggf. inkl. MwSt.": "das heißt circa fünf, unter anderem beziehungsweise eventuell gegebenenfalls inklusive Mehrwertsteuer.",
        "St. Pauli, Str. des 17. Juni": "Sankt Pauli, Straße des siebzehnten Juni",
        "Nr. 5, S. 12, § 5 Abs. 2, Abb. 3": "Nummer fünf, Seite zwölf, Paragraf fünf Absatz zwei, Abbildung drei",
        "44 v. Chr. und 79 n. Chr.": "vierundvierzig vor Christus und neunundsiebzig nach Christus.",
    },
    "initialism": {
        "Die CDU, der ADAC, die NATO und das ZDF": "Die C D U, der A D A C, die NATO und das Z D F",
    },
    "term": {
        "C++ und C#, Müller & Söhne": "C plus plus und C sharp, Müller und Söhne",
    },
    "mathematics": {
        "5 + 3 = 8, 4 x 3": "fünf plus drei gleich acht, vier mal drei",
    },
    "address": {
        "info@beispiel.de, www.beispiel.de/hilfe": "info at beispiel Punkt de, beispiel Punkt de Schrägstrich hilfe",
    },
    "fraction": {
        "3/4 der Leute, 2 ½ Stunden, 1/3": "drei Viertel der Leute, zweieinhalb Stunden, ein Drittel",
    },
    "version": {
        "Version 2.0.1": "Version zwei Punkt null Punkt eins",
    },
    "code": {
        "Airbus A380, G20": "Airbus A drei acht null, G zwanzig",
    },
}


@by_kind(GERMAN)
def test_german(cases):
    check(cases, "de")
