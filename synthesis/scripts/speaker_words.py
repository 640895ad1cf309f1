"""Words that stand before a colon at a line's beginning and are no speaker's name, in the offered languages. Pure data.

Those of NO_SPEAKERS are parted by `|`, the others by spaces.
"""

NO_SPEAKERS = """
    note|notes|nb|warning|caution|danger|attention|notice|important|remember|tip|tips|hint|info|information|disclaimer|
    example|examples|summary|conclusion|introduction|background|abstract|overview|result|results|discussion|context|
    update|edit|todo|fixme|error|bug|fix|reminder|spoiler|reason|reasons|problem|solution|goal|goals|aim|purpose|task|
    first|second|third|finally|next|then|also|however|therefore|moral|fact|facts|rule|rules|pros|cons|advantages|
    disadvantages|ps|pps|re|fwd|fw|to|from|cc|bcc|subject|date|sent|reply-to|attachment|attachments|regards|
    name|first name|last name|surname|full name|age|sex|gender|city|town|country|state|street|address|zip|postcode|email|
    e-mail|mail|phone|telephone|tel|fax|mobile|website|web|url|link|links|source|sources|author|authors|editor|publisher|
    title|subtitle|year|month|day|week|time|times|place|location|venue|when|where|who|what|why|how|which|price|cost|total|
    size|colour|color|weight|height|width|length|depth|status|type|kind|category|tags|tag|keywords|topic|topics|theme|
    language|languages|version|id|number|order|invoice|account|team|company|department|position|job|role|born|died|
    occupation|nationality|genre|director|cast|characters|starring|runtime|rating|duration|music|setting|scene|act|
    exterior|interior|int|ext|cut to|fade in|fade out|stage|sound|sfx|lights|enter|exit|curtain|
    ingredients|method|directions|instructions|preparation|equipment|serves|servings|yield|prep time|cook time|
    breakfast|lunch|dinner|supper|snack|starter|main|dessert|menu|drinks|
    step|chapter|part|section|lesson|unit|exercise|figure|fig|table|appendix|volume|book|page|line|paragraph|item|option|
    phase|level|stage|round|game|match|season|episode|track|verse|chorus|bridge|refrain|room|floor|question|answer key|
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|yesterday|tonight|morning|noon|afternoon|
    evening|night|weekend|january|february|march|july|september|october|november|december|
    spring|winter|before|after|now|later|meanwhile|input|output|usage|default|returns|parameters|
    hours|opening hours|contact|open|closed|admission|tickets|entry|
    nota|notas|aviso|advertencia|atención|atencao|atenção|importante|recuerda|recuerde|lembrete|consejo|dica|ejemplo|
    ejemplos|exemplo|exemplos|resumen|resumo|conclusión|conclusão|introducción|introdução|problema|solución|solução|
    asunto|assunto|fecha|data|de|para|nombre|nome|apellido|apellidos|sobrenome|edad|idade|ciudad|cidade|país|dirección|
    endereço|correo|teléfono|telefone|título|titulo|autor|autora|año|ano|lugar|local|hora|hora de|precio|preço|total|
    ingredientes|preparación|preparo|modo de preparo|paso|passo|capítulo|parte|lección|lição|sección|seção|ventajas|
    desventajas|lunes|martes|miércoles|jueves|viernes|sábado|domingo|segunda|terça|quarta|quinta|sexta|hoy|hoje|mañana|
    amanhã|ayer|ontem|escena|cena|acto|ato|personajes|personagens|fuente|fonte|
    remarque|remarques|attention|avertissement|rappel|astuce|conseil|exemple|exemples|résumé|introduction|problème|
    solution|objet|sujet|date|à|nom|prénom|âge|ville|pays|adresse|courriel|téléphone|tél|titre|auteur|année|lieu|heure|
    prix|ingrédients|préparation|étape|chapitre|partie|leçon|exercice|avantages|inconvénients|lundi|mardi|mercredi|jeudi|
    vendredi|samedi|dimanche|aujourd'hui|demain|hier|scène|acte|personnages|source|important|
    avvertenza|avviso|attenzione|ricorda|consiglio|esempio|esempi|riassunto|conclusione|introduzione|soluzione|oggetto|
    da|nome|cognome|età|città|paese|indirizzo|telefono|titolo|autore|anno|luogo|ora|prezzo|totale|ingredienti|
    preparazione|passo|capitolo|lezione|vantaggi|svantaggi|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|
    oggi|domani|ieri|scena|atto|personaggi|fonte|
    hinweis|hinweise|achtung|warnung|vorsicht|wichtig|merke|tipp|tipps|beispiel|beispiele|zusammenfassung|fazit|
    einleitung|problem|lösung|betreff|datum|von|an|name|vorname|nachname|alter|stadt|land|straße|anschrift|adresse|
    telefon|titel|autor|autorin|jahr|ort|uhrzeit|zeit|preis|summe|zutaten|zubereitung|schritt|kapitel|teil|lektion|
    abschnitt|aufgabe|übung|vorteile|nachteile|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|heute|morgen|
    gestern|szene|akt|personen|quelle|ps|anmerkung|bemerkung|ziel|ergebnis|
    примечание|примечания|внимание|важно|предупреждение|осторожно|совет|пример|примеры|итог|вывод|введение|проблема|
    решение|тема|дата|от|кому|имя|фамилия|возраст|город|страна|адрес|почта|телефон|название|автор|год|место|время|цена|
    итого|ингредиенты|приготовление|шаг|глава|часть|урок|плюсы|минусы|понедельник|вторник|среда|четверг|пятница|суббота|
    воскресенье|сегодня|завтра|вчера|сцена|акт|действие|источник|
    नोट|ध्यान दें|सावधान|चेतावनी|महत्वपूर्ण|उदाहरण|सारांश|निष्कर्ष|विषय|दिनांक|तारीख|नाम|आयु|उम्र|शहर|देश|पता|फ़ोन|फोन|ईमेल|
    शीर्षक|लेखक|वर्ष|स्थान|समय|मूल्य|सामग्री|विधि|चरण|अध्याय|भाग|सोमवार|मंगलवार|बुधवार|गुरुवार|शुक्रवार|शनिवार|रविवार|
    注|注意|备注|備註|提示|警告|重要|例|例如|例子|总结|總結|结论|結論|主题|主題|日期|姓名|名字|年龄|年齡|城市|国家|國家|地址|电话|電話|
    邮箱|标题|標題|作者|时间|時間|地点|地點|价格|價格|材料|做法|步骤|步驟|优点|缺点|来源|场景|星期一|星期二|星期三|星期四|星期五|
    备考|注記|メモ|ヒント|まとめ|結果|件名|日時|日付|氏名|名前|年齢|住所|電話|タイトル|著者|場所|価格|作り方|手順|月曜日|火曜日|水曜日|
    木曜日|金曜日|土曜日|日曜日|場面|出典|
    참고|주의|경고|중요|팁|예|예시|요약|결론|제목|날짜|이름|나이|도시|국가|주소|전화|이메일|저자|시간|장소|가격|재료|만드는 법|단계|
    월요일|화요일|수요일|목요일|금요일|토요일|일요일|장면|출처
"""

SALUTATIONS = (
    "dear hello hi hey greetings querido querida estimado estimada estimados estimadas hola cher chère chers chères bonjour "
    "caro cara gentile gentili egregio ciao prezado prezada olá lieber liebe liebes sehr hallo guten дорогой дорогая "
    "уважаемый уважаемая привет प्रिय 亲爱的 尊敬的 親愛なる 拝啓 친애하는"
)

NUMBERS = "one two three four five six seven eight nine ten"

# Small words inside a name.
PARTICLES = "de del della di da do dos das du la le el of the van von der den zu y e und and et & bin al"
