"""A short text to begin with, in each language: something to hear before one has written anything."""

# None says whether a man or a woman speaks. The first sentence is short, as it is heard as soon as it is spoken.
TEXT_BY_LANGUAGE = {
    "en-us": "Hello, it’s nice to meet you. I can read anything you write: a story, a letter, a shopping list.",
    "en-gb": "Hello, it’s nice to meet you. I can read anything you write: a story, a letter, a shopping list.",
    "es": "Hola, qué alegría saludarte. Puedo leer todo lo que escribas: un cuento, una carta, la lista de la compra.",
    "fr": "Bonjour, et bienvenue. Je peux lire tout ce que vous écrivez : une histoire, une lettre, une liste de courses.",
    "it": "Ciao, che piacere conoscerti. Posso leggere tutto quello che scrivi: una storia, una lettera, la lista della "
    "spesa.",
    "pt-br": "Olá, que bom ter você aqui. Posso ler tudo o que você escrever: uma história, uma carta, a lista de compras.",
    "hi": "नमस्ते, यहाँ आपका स्वागत है। आप जो भी लिखेंगे, वह सुनाई देगा: कोई कहानी, कोई चिट्ठी, सामान की सूची।",
    "de": "Hallo, schön, dass Sie da sind. Ich lese alles vor, was Sie schreiben: eine Geschichte, einen Brief, den "
    "Einkaufszettel.",
    "ja": "こんにちは、はじめまして。物語でも、手紙でも、買い物メモでも、書いたものを何でも読みます。",
    "ko": "안녕하세요, 만나서 반갑습니다. 이야기든 편지든 장보기 목록이든, 쓰신 것을 무엇이든 읽어 드립니다.",
    "pt": "Olá, que bom ter companhia. Posso ler tudo o que escrever: uma história, uma carta, a lista de compras.",
    "ru": "Здравствуйте, очень приятно. Здесь можно услышать всё, что вы напишете: рассказ, письмо, список покупок.",
    "zh": "你好，很高兴认识你。故事、书信、购物清单，你写什么，我就念什么。",
}
