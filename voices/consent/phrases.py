"""Sentences with which a speaker agrees, each with words by chance, in every language of the site. Pure.

The words are things that everybody knows, written in one way, of two syllables or more where the language has them: short
ones are heard as any other, and hardly any sounds like another. Six of 32 make 650 million sentences in each language,
and a recording fits one of 700,000.
"""

import secrets

WORDS_IN_SENTENCE = 6

# Without the region, where accents have their words in common.
_SENTENCES = {
    "en": "I agree that my voice is cloned here. My words today are {}.",
    "es": "Acepto que aquí se clone mi voz. Mis palabras de hoy son {}.",
    "fr": "J’accepte que ma voix soit clonée ici. Mes mots d’aujourd’hui sont {}.",
    "it": "Accetto che la mia voce sia clonata qui. Le mie parole di oggi sono {}.",
    "pt": "Concordo que a minha voz seja clonada aqui. As minhas palavras de hoje são {}.",
    "hi": "मैं सहमत हूँ कि यहाँ मेरी आवाज़ की नकल बनाई जाए। आज के मेरे शब्द हैं {}।",
    "de": "Ich bin einverstanden, dass meine Stimme hier geklont wird. Meine Wörter heute sind {}.",
    "ja": "ここでわたしの声を複製することに同意します。今日の言葉は、{}です。",
    "ko": "여기에서 제 목소리를 복제하는 것에 동의합니다. 오늘의 단어는 {}입니다.",
    "ru": "Я согласен, чтобы мой голос здесь клонировали. Мои слова на сегодня: {}.",
    "zh": "我同意在这里克隆我的声音。我今天的词语是{}。",
}
_WORDS = {
    "en": "apple basket blanket butter button camel candle carpet castle chicken coffee copper cotton dolphin dragon eagle "
    "engine feather forest garden hammer island ladder lemon mountain orange pepper pocket river silver "
    "tiger window",
    "es": "abeja árbol ratón ballena barco bosque camello caballo camisa castillo cebolla ciudad cocina cuchara "
    "elefante escalera estrella flor fuego guitarra iglesia jardín lámpara limón madera manzana montaña naranja "
    "nube paloma puente ventana",
    "fr": "dragon tambour assiette baleine banane bateau bouteille bureau cerise chaise chapeau cheval citron colline "
    "poisson crayon escalier étoile fenêtre fleur forêt fromage guitare jardin lampe maison montagne piano orange "
    "papillon rivière voiture",
    "it": "albero arancia balena bambola sapone bicchiere bottiglia camicia castello cavallo chitarra cipolla drago "
    "pesce cucina elefante farfalla finestra fiume foresta giardino gatto lampada limone pioggia montagna nuvola "
    "ombrello patata pomodoro sedia stella",
    "pt": "abelha árvore baleia banana barco borboleta cadeira camisa castelo cavalo cebola cidade cozinha elefante "
    "escada estrela faca piano floresta relógio girafa sapato janela jardim laranja limão raposa montanha nuvem "
    "pomba ponte tomate",
    "hi": "अनार आकाश बकरी इमली कमल कलम किताब कुर्सी केला खिड़की गाजर गुलाब घोड़ा चम्मच चाँद जंगल जूता टमाटर तारा दरवाज़ा दीपक "
    "बिल्ली नमक पहाड़ पानी फूल बंदर बादल मछली समुद्र सूरज हाथी",
    "de": "Banane Blume Brücke Butter Dackel Giraffe Elefant Fenster Schokolade Flasche Gabel Garten Gitarre Hammer Himmel "
    "Honig Papagei Kaffee Melone Kartoffel Kerze Kirche Tomate Lampe Leiter Löwe Orange Pfeffer Schlüssel Tasse "
    "Wolke Zitrone",
    "ja": "りんご みかん さくら ひまわり うさぎ くじら ぺんぎん ぶどう すずめ とんぼ たまご おにぎり みそしる とうふ つくえ "
    "はさみ えんぴつ とけい めがね かばん くつした ぼうし かいだん まどぐち こうえん みずうみ ひこうき じてんしゃ "
    "ふうせん たいこ はなび ゆきだるま",
    "ko": "사과 바나나 오렌지 고양이 강아지 호랑이 코끼리 돼지 나비 거북이 해바라기 무지개 구름 호수 나무 기차 비행기 "
    "자전거 우산 안경 가방 양말 연필 의자 창문 시계 피아노 기타 감자 당근 우유 커피",
    "ru": "яблоко апельсин банан берёза бутылка ворона гитара дерево дождик жираф зеркало капуста картина корабль "
    "кошка лампа лимон ложка машина медведь чайник морковь облако телефон остров подушка ракета собака солнце "
    "тарелка улица часы",
    "zh": "苹果 香蕉 手机 葡萄 骆驼 老虎 熊猫 兔子 蝴蝶 海豚 太阳 月亮 星星 白云 森林 大海 高山 火车 飞机 自行车 地图 眼镜 书包 牙刷 "
    "铅笔 椅子 窗户 钢琴 吉他 土豆 牛奶 咖啡",
}
# How a transcriber may write a word that Latin letters don't make alike: Chinese characters are read as Chinese.
_PAIRS = (
    "りんご/林檎 みかん/蜜柑 さくら/桜 ひまわり/向日葵 うさぎ/兎 くじら/鯨 すずめ/雀 たまご/卵 おにぎり/お握り "
    "みそしる/味噌汁 とうふ/豆腐 つくえ/机 ぶどう/葡萄 えんぴつ/鉛筆 とけい/時計 めがね/眼鏡 かばん/鞄 くつした/靴下 ぼうし/帽子 "
    "かいだん/階段 まどぐち/窓口 こうえん/公園 みずうみ/湖 ひこうき/飛行機 じてんしゃ/自転車 ふうせん/風船 たいこ/太鼓 "
    "はなび/花火 ゆきだるま/雪だるま"
)
SPELLINGS = dict(pair.split("/") for pair in _PAIRS.split())
_COMMAS = {"ja": "、", "zh": "、"}


def words_of(language: str) -> list[str]:
    """Return the words of which sentences in a language are made."""
    return _WORDS[language.partition("-")[0]].split()


def sentence(language: str) -> tuple[str, list[str]]:
    """Return a sentence by chance, and its words in their order, none of them twice.

    language: a code of voices.languages.
    """
    base = language.partition("-")[0]
    words = secrets.SystemRandom().sample(words_of(language), WORDS_IN_SENTENCE)
    return _SENTENCES[base].format(_COMMAS.get(base, ", ").join(words)), words
