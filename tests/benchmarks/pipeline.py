"""Processor time to turn a text into what is said: 100,000 characters in each language, and texts without an end."""

import time

from synthesis.engines.base import Engine
from synthesis.engines.kokoro.engine import KokoroEngine
from synthesis.scripts.script import Script, prepare
from voices.languages import LANGUAGES

CHARACTERS = 100_000
CHARACTERS_WITHOUT_AN_END = 20_000
PARAGRAPHS = {  # by the beginning of a code: prose, and much of what is read otherwise than it is written
    "en": "Dr. Smith paid $1,250.50 on 4 July 2026, at 9:30 p.m. It was 21 °C; nobody said a word about chapter IV. "
    "“Write to ann@example.org,” she wrote, e.g. today, and **never** asked again.",
    "es": "El Dr. Ruiz pagó 1.250,50 € el 4 de julio de 2026, a las 21:30 h. Hacía 21 °C; nadie habló del capítulo IV. "
    "«Escribe a ana@ejemplo.es», dijo ella, p. ej. hoy, y **nunca** más preguntó.",
    "fr": "Le Dr Morel a payé 1 250,50 € le 4 juillet 2026, à 21h30. Il faisait 21 °C ; personne n'a parlé du chapitre IV. "
    "« Écris à anne@exemple.fr », dit-elle, par ex. demain, et **jamais** elle ne demanda plus rien.",
    "it": "Il dott. Neri pagò 1.250,50 € il 4 luglio 2026, alle 21:30. C'erano 21 °C; nessuno parlò del capitolo IV. "
    "«Scrivi ad anna@esempio.it», disse lei, per es. oggi, e **mai** più chiese nulla.",
    "pt": "O Dr. Lima pagou 1.250,50 € em 4 de julho de 2026, às 21h30. Fazia 21 °C; ninguém falou do capítulo IV. "
    "“Escreva para ana@exemplo.pt”, disse ela, p. ex. hoje, e **nunca** mais perguntou.",
    "de": "Dr. Weber zahlte am 4. Juli 2026 um 21:30 Uhr 1.250,50 €. Es waren 21 °C; niemand sprach von Kapitel IV. "
    "„Schreib an anna@beispiel.de“, sagte sie, z. B. heute, und fragte **nie** wieder.",
    "ru": "Доктор Иванов заплатил 1250,50 € 4 июля 2026 г., в 21:30. Было 21 °C; никто не говорил о главе IV. "
    "«Пиши на anna@example.ru», — сказала она, напр. сегодня, и **никогда** больше не спрашивала.",
    "hi": "डॉ. शर्मा ने 4 जुलाई 2026 को रात 9:30 बजे ₹1,250.50 दिए। तापमान 21 °C था; किसी ने अध्याय 4 की बात नहीं की। "
    "“ann@example.in पर लिखो,” उसने कहा, और फिर **कभी** नहीं पूछा।",
    "zh": "王医生在2026年7月4日晚上9:30付了1,250.50元。气温是21 °C，没有人提到第4章。“写信到ann@example.cn，”她说，以后**再也**没有问。",
    "ja": "田中先生は2026年7月4日の21:30に1,250円を払った。気温は21 °Cで、第4章のことは誰も話さなかった。「ann@example.jpに書いて」と彼女は言い、**二度と**聞かなかった。",
    "ko": "김 박사는 2026년 7월 4일 21:30에 1,250원을 냈다. 기온은 21 °C였고 제4장 이야기는 아무도 하지 않았다. "
    "“ann@example.kr로 써 줘”라고 그녀는 말하고 **다시는** 묻지 않았다.",
}
WITHOUT_AN_END = {"digits": "7", "spaces": " ", "letters": "a"}


def main() -> None:
    print(f"| language | seconds for {CHARACTERS:,} characters | utterances |\n|---|---:|---:|")
    for language in LANGUAGES:
        paragraph = PARAGRAPHS[language.partition("-")[0]] + "\n\n"
        text = (paragraph * (CHARACTERS // len(paragraph) + 1))[:CHARACTERS]
        seconds, script = timed(text, language)
        print(f"| {language} | {seconds:.2f} | {len(script.segments)} |", flush=True)
    print(f"\n| {CHARACTERS_WITHOUT_AN_END:,} | seconds, the slowest language |\n|---|---:|")
    for name, character in WITHOUT_AN_END.items():
        slowest = max((timed(character * CHARACTERS_WITHOUT_AN_END, language)[0], language) for language in LANGUAGES)
        print(f"| {name} | {slowest[0]:.2f} ({slowest[1]}) |", flush=True)


def timed(text: str, language: str) -> tuple[float, Script]:
    engine = KokoroEngine if language in KokoroEngine.languages else Engine
    prepare("1 a.", language, engine)  # loads the language's data
    began = time.process_time()
    script = prepare(text, language, engine)
    return time.process_time() - began, script


if __name__ == "__main__":
    main()
