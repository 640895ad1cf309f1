"""What a person may read aloud to record their voice: texts in each language of the site. Pure.

Two to four sentences of everyday words, 10 to 18 seconds at an easy pace. Each has nearly all of the language's sounds, the
three of a language together all of them (tests/voices/text/test_passages.py measures it). They tell something, because a
list of sounds is read like a list.
"""

from rapidfuzz.distance import Levenshtein

from .word_errors import letters

_MAX_EDITS_PER_LETTER = 0.25  # of a passage: a sentence that was left out is more, words that are heard wrongly less

# By the codes of voices.languages.
PASSAGES: dict[str, tuple[str, ...]] = {
    "en-us": (
        "Just after three, the rain stopped and all our neighbors came outside. Young children ran shouting through the "
        "puddles, while my uncle measured flour for bread, put the oven on, and hummed a good old tune he has always "
        "enjoyed. The first girl home got the biggest slice.",
        "Every Thursday, George takes the early bus to the beach with a thermos of strong coffee. He chooses a quiet spot "
        "by the dunes, pulls out a small yellow book, and reads aloud until the gulls join in. It is a casual pleasure, "
        "he says, though a noisy one.",
        "My neighbor’s boy found a huge pear tree behind the garage, and his mother cooked two large pots of jam. Their "
        "kitchen smelled of sugar and ginger for days. You could hear them singing loudly while they washed the jars, and "
        "nobody was in a hurry.",
    ),
    "en-gb": (
        "Just after three, the rain stopped and all our neighbours came outside. Young children ran shouting through the "
        "puddles, while my uncle measured flour for bread, put the oven on, and hummed a good old tune he has always "
        "enjoyed. The first girl home got the biggest slice.",
        "Every Thursday, George takes the early bus to the beach with a flask of strong tea. He chooses a quiet spot by "
        "the dunes, pulls out a small yellow book, and reads aloud until the gulls join in. It is a casual pleasure, he "
        "says, though rather a noisy one.",
        "My neighbour’s boy found a huge pear tree behind the garage, and his mother cooked two large pots of jam. Their "
        "kitchen smelled of sugar and ginger for days. You could hear them singing loudly while they washed the jars, and "
        "nobody was in a hurry.",
    ),
    "es": (
        "Ayer llovió muchísimo, pero al anochecer el cielo se abrió de golpe. Los niños bajaron corriendo a la plaza, "
        "y mi vecina sacó la guitarra al balcón y estuvo tocando un buen rato, feliz, con un gato gris dormido a sus pies.",
        "Joaquín trabaja en una panadería cerca del río. Cada mañana enciende el horno, charla con los vecinos y guarda un "
        "bollo de chocolate para la señora Núñez, que llega siempre tarde, riéndose, con el paraguas bajo el brazo y la "
        "voz un poco ronca.",
        "En agosto fuimos a un pueblo pequeño, lleno de flores y de gallinas. El abuelo nos enseñó a hacer queso, a "
        "distinguir las hierbas y a dormir la siesta sin culpa. Por la noche contaba chistes viejos, junto al fuego, bajo "
        "un cielo enorme y lleno de estrellas.",
    ),
    "fr": (
        "Hier soir, il pleuvait encore quand le train est entré en gare. Sur le quai, une jeune femme attendait sous un "
        "grand parapluie rouge, et mon frère, qui dormait à moitié, a failli oublier sa valise et son chapeau neuf.",
        "Chaque dimanche, ma voisine cueille des champignons à la montagne. Elle revient vers huit heures, le panier "
        "plein, le cœur léger, et prépare une soupe qui embaume tout l’immeuble. Personne n’ose refuser un bol, même "
        "quand il fait très chaud en juin.",
        "Le facteur connaît chaque chien du quartier par son nom. Il a toujours un mot gentil, un sourire, parfois une "
        "histoire un peu folle. Hier, il jouait de l’accordéon sous le vieux chêne, et un agneau brun l’écoutait sans "
        "bouger, comme ébloui par la musique.",
    ),
    "it": (
        "Ieri sera ha smesso di piovere proprio mentre uscivamo di casa. In piazza c’era profumo di castagne arrosto, e "
        "mia nonna, seduta alla finestra, raccontava ai figli dei vicini una vecchia storia di mare, di zingari e di "
        "grandi balene blu.",
        "Ogni giovedì lo zio Guido scende al mercato con la sua bicicletta gialla. Sceglie zucchine, funghi e due "
        "bottiglie d’olio buono, poi si ferma a chiacchierare con chiunque passi. Torna a casa a mezzogiorno, stanco ma "
        "felice, fischiando una canzone.",
        "La bambina dei vicini ha trovato un grillo nel giardino e gli ha dato un nome lunghissimo. Gli parla piano, gli "
        "offre foglie fresche e uno zuccherino, e giura che la sera le risponde. Suo padre ride, ma abbassa sempre la "
        "voce quando passa accanto alla gabbia.",
    ),
    "pt-br": (
        "Ontem à tarde choveu bastante, mas no fim do dia o céu abriu de repente. Os filhos da vizinha desceram "
        "correndo para a praça, e ela pegou o violão e ficou tocando na varanda até anoitecer, junto com o gato.",
        "Minha avó mora numa rua tranquila, perto da igreja. Todo domingo ela faz pão de queijo, coa um café bem forte e "
        "chama a gente para a mesa. Meu irmão chega sempre atrasado, cheio de histórias, com um jornal debaixo do braço "
        "e um sorriso enorme.",
        "O velho carteiro conhece cada cachorro do bairro pelo nome. Ele anda devagar, junta folhas secas no bolso e canta "
        "baixinho um samba antigo. Um dia, uma mulher lhe deu uma laranja e um guarda-chuva azul, porque o tempo não "
        "estava nada bom.",
    ),
    "hi": (
        "कल शाम बारिश रुकते ही सारे बच्चे आँगन में निकल आए। दादी ने अदरक वाली चाय बनाई और खिड़की के पास बैठकर हमें अपने "
        "गाँव की एक पुरानी कहानी सुनाई, जिसमें एक मोर और एक घोड़ा पक्के दोस्त थे।",
        "मेरे भाई को ढोल बजाने का बहुत शौक़ है। हर रविवार वह छत पर बैठकर घंटों अभ्यास करता है, और पड़ोस के बच्चे झूमते हुए "
        "ताली बजाते हैं। थोड़ी देर बाद माँ ठंडा शरबत लाती हैं, और फिर सब मिलकर ज़ोर से गाते हैं।",
        "हमारे घर के पीछे एक पुराना पीपल का पेड़ है। उसकी घनी छाया में दोपहर को चाचा अख़बार पढ़ते हैं, धीरे-धीरे ऊँघने लगते हैं, "
        "और गिलहरियाँ उनकी थाली से मूँगफली उठाकर भाग जाती हैं। फिर हम सब खूब हँसते हैं।",
    ),
    "de": (
        "Kurz nach drei hörte der Regen auf, und die ganze Straße kam vor die Tür. Die Kinder sprangen klatschend durch "
        "die Pfützen, während mein Onkel am offenen Fenster stand und leise ein altes Lied pfiff. Bald roch es überall "
        "nach Kuchen, und jeder freute sich.",
        "Jeden Freitag fährt Tante Käthe mit dem Zug ans Meer, auch wenn es stürmt. Sie kauft sich frische Brötchen, sucht "
        "einen ruhigen Platz hinter den Dünen und beobachtet die Möwen. Am Abend kommt sie müde und glücklich heim, die "
        "Jackentaschen voller Muscheln und neuer Geschichten.",
        "Unser Nachbar züchtet schöne Hühner und spielt abends leise Geige. Neulich hat er uns einen Topf Apfelmus "
        "geschenkt, noch ganz heiß, mit Zimt und etwas Honig. Mein jüngster Bruder aß gleich drei Löffel davon und sagte "
        "dann kein Wort mehr, so gut schmeckte es ihm.",
    ),
    "ja": (
        "昨日の夕方、雨がやむと、遠くに山脈が見え、近所の人たちが外に出てきました。子どもたちは水たまりで遊び、"
        "隣のおじさんは縁側に座って、懐かしい歌を口ずさんでいました。",
        "祖母は毎朝六時に起きて、小さな畑で野菜を育てています。夏になると、ピーマン、きゅうり、トマトを両手いっぱいに抱えて、"
        "にこにこしながら帰ってきます。それから冷たい牛乳を飲み、百年前から伝わる秘密の味噌汁を作ってくれます。",
        "先週の土曜日、友達と電車に乗って、古い港町へ行きました。坂の上の喫茶店でケーキを注文し、"
        "窓から船を眺めていると、病院帰りの店主がギターを弾き始め、お客さんはみんな拍手しました。",
    ),
    "ko": (
        "어제저녁 비가 그치자 동네 사람들이 모두 밖으로 나왔습니다. 아이들은 물웅덩이에서 첨벙첨벙 뛰어놀았고, "
        "삼촌은 창가에 앉아 예전에 즐겨 듣던 노래를 조용히 흥얼거렸습니다.",
        "우리 할머니는 일요일마다 텃밭에서 딴 고추와 야채로 김치를 담그십니다. 부엌에는 구수한 된장찌개 냄새가 가득하고, "
        "꼬마들은 빨간 쟁반 앞에서 떡을 하나씩 집어 먹으며 깔깔 웃습니다. 왜 그렇게 맛있는지 아무도 모릅니다.",
        "제 친구는 기타를 치며 여행하는 것을 좋아합니다. 몹시 더웠던 지난여름에는 바닷가 마을의 의자 하나 없는 카페에서 노래했는데, "
        "웬 할아버지 한 분이 예쁜 꽃과 뜨거운 우유를 건네며 옛날 얘기를 오래도록 들려주셨습니다.",
    ),
    "pt": (
        "Ontem à tarde choveu imenso, mas ao fim do dia o céu abriu de repente. Os filhos da vizinha desceram a correr "
        "até à praça, e ela pegou na guitarra e ficou a tocar na varanda até anoitecer, junto do gato.",
        "A minha avó vive numa rua sossegada, perto da igreja. Todos os domingos faz pão de milho, serve um chá bem quente "
        "e chama-nos para a mesa. O meu irmão chega sempre atrasado, cheio de histórias, com um jornal debaixo do braço e "
        "um sorriso enorme.",
        "O velho carteiro conhece todos os cães do bairro pelo nome. Anda devagar, apanha folhas secas do chão e canta "
        "baixinho uma canção antiga. Um dia, uma mulher deu-lhe uma laranja e um guarda-chuva azul, porque o tempo não "
        "estava nada bom.",
    ),
    "ru": (
        "Вчера вечером дождь наконец прекратился, и мы вышли прогуляться к реке. У моста незнакомый юноша играл на "
        "скрипке, а дети слушали его, забыв про мороженое, которое уже таяло у них в руках.",
        "По субботам бабушка печёт пироги с грибами и щавелем. Она встаёт рано, растапливает печь, открывает окно в зелёный "
        "сад и читает стихи. К обеду съезжается вся семья: дядя Фёдор шутит, малыши бегают вокруг стола, а рыжий кот терпеливо "
        "ждёт своей доли.",
        "Мой сосед чинит часы и знает толк в хорошей музыке. Вчера он показал мне старинную шкатулку: если её открыть, "
        "звучит нежный вальс, и крошечная фигурка кружится, будто живая. Он хранит эту вещь уже двадцать пять лет и ни "
        "за что не продаст.",
    ),
    "zh": (
        "昨天傍晚雨一停，邻居们都走到院子里来了。三四个孩子踩着水坑跑来跑去，"
        "我舅舅坐在窗边，一边揉面，一边轻轻地哼着一首老歌。",
        "我奶奶每天六点起床，先去公园打太极，再到市场买新鲜的蔬菜和水果。她最拿手的是红烧鱼和绿豆粥，一端上桌，"
        "全家人就安静下来，连小猫也围着桌子转圈。",
        "上个星期，我和朋友坐火车去了一座古老的小城。那儿的茶馆没有空调，窗外却有风吹过竹林。老板给我们倒茶，"
        "用温和的声音讲从前的故事，我们听得出了神，差点儿误了回家的车。",
    ),
}


def passage(key: str) -> str:
    """Return the text that a page names by its language and number, as “de:1”; empty if there is none."""
    code, _, number = key.partition(":")
    texts = dict(enumerate(PASSAGES.get(code, ())))
    return texts.get(int(number), "") if number.isdecimal() else ""


def is_passage(text: str) -> bool:
    """Return whether a text is one of those, as it stands here."""
    return any(text in texts for texts in PASSAGES.values())


def was_read(text: str, recognized: str, language: str) -> bool:
    """Return whether a text is a passage, and what was recognized the reading of it, in a language by its code."""
    if not is_passage(text):
        return False
    told, heard = letters(text, language), letters(recognized, language)
    return Levenshtein.distance(told, heard) <= _MAX_EDITS_PER_LETTER * len(told)
