"""Brazilian Portuguese."""

import re

from voices.text.normalization.language import Currency, words_of
from voices.text.normalization.rules.amounts import quantity_in_words, unit_symbols
from voices.text.normalization.scanner import Rule, rule

from .iberian import SPACE, Iberian

SCORED = re.compile(
    r"\b(?:venc|ganh|perd|empat|derrot|bate|placar|resultado|goleou|goleada|jogo|partida|vitória|final)\w*"
    r"[^.!?]{0,50}$",
    re.I,
)
WEEKDAYS = {"ter": "terça", "dom": "domingo"}  # at the end of a sentence they are words


class BrazilianPortuguese(Iberian):
    code = "pt"
    scale_nouns = "escala|proporção"
    locale = "pt_BR"
    cardinal_rules = {
        "": "spellout-cardinal-masculine", "m": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine",
    }  # fmt: skip
    ordinal_rules = {"": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine"}
    year_rule = "spellout-cardinal-masculine"
    point = "vírgula"
    dot = "ponto"
    minus = "menos"
    plus = "mais"
    until = "a"
    and_half = "e meio"
    ordinal_endings = r"\.?[ºª°]s?|[oa]s?"
    fraction_names = {
        2: "meio/meios", 3: "terço/terços", 4: "quarto/quartos", 5: "quinto/quintos", 6: "sexto/sextos",
        7: "sétimo/sétimos", 8: "oitavo/oitavos", 9: "nono/nonos", 10: "décimo/décimos",
    } | {
        number: f"{word} avos"
        for number, word in enumerate(["onze", "doze", "treze", "catorze", "quinze"], 11)
    } | {16: "dezesseis avos", 20: "vinte avos"}  # fmt: skip
    before_numbers = {
        "n.º": "número", "nº": "número", "n.°": "número", "n°": "número", "núm.": "número", "№": "número",
        "n.ºs": "números", "n.os": "números", "nºs": "números", "p.": "página", "pp.": "páginas", "cap.": "capítulo",
        "caps.": "capítulos", "vol.": "volume", "vols.": "volumes", "t.": "tomo", "art.": "artigo", "arts.": "artigos",
        "fig.": "figura", "figs.": "figuras", "tab.": "tabela", "ed.": "edição", "sec.": "seção", "ap.": "apartamento",
        "apt.": "apartamento", "apto.": "apartamento", "bl.": "bloco", "qd.": "quadra", "lt.": "lote", "op.": "opus",
        "km.": "quilômetro", "inc.": "inciso", "km": "quilômetro", "n.": "número", "nos.": "números", "nrs.": "números",
        "al.": "alínea",
    }  # fmt: skip

    feminine_endings = (
        r"as?|ã|ãs|(?:ç|s|x|gi|ni)(?:ao|ão|ões)|[dt]ades?|tudes?|[aiu]gem|[aiu]gens|[eé]ries?|[eé]cies?|icies?|ites?|"
        r"tri[zc](?:es)?|[aeo]ses|cracia"
    )
    feminine_nouns = words_of(
        "arvore mão questão gestão sugestão digestão combustão foto moto radio tribo libido vez "
        "voz luz cruz paz noz raiz cicatriz rapidez mulher colher cor flor dor noite tarde parte arte morte sorte "
        "ponte fonte gente mente lente frente corrente vertente semente serpente rede parede sede classe fase frase "
        "base tese crise analise sintese hipotese dose tosse chave nave neve ave greve febre torre fome pele lei mae "
        "mãe ordem nuvem margem origem imagem viagem mensagem equipe grade face catastrofe haste elite variante "
        "constante patente suite web equação lebre sebe pose posse metropole prole plebe estirpe elipse diocese fé "
        "virgem garagem vontade esfinge metade serie especie superficie efigie startup ong pandemia couve carne cárie "
        "trave plateia vítima sílaba tonelada colheres sobremesa saude virtude juventude velhice crendice lata "
        "estante vagem mare maré isabel beatriz ines"
    )
    masculine_nouns = words_of(
        "dia meio-dia mapa problema sistema subsistema ecossistema programa tema poema idioma clima planeta cometa "
        "drama sintoma esquema fantasma dilema lema emblema teorema telegrama diploma trauma carisma aroma enigma "
        "estigma panorama diagrama holograma pentagrama organograma grama quilograma miligrama plasma prisma dogma "
        "sofa gorila artista jornalista turista ciclista cientista especialista ativista socialista comunista "
        "terrorista pianista novelista acionista protagonista dentista eletricista motorista economista taxista "
        "analista atleta poeta profeta pirata idiota patriota democrata compatriota guarda policia colega pijama "
        "axioma hematoma fonema camarada cinema telefonema monarca coração pão cão irmão cristão pagão mês "
        "mes pais país interesse deus ônibus lápis vírus gás ás ananás gênesis oásis atlas caos tênis pires cais chá "
        "delta dalmata astronauta cineasta diplomata parasita burguês bumbum paraquedas guarda-chuva salva-vidas "
        "arroz juiz "
        "rapaz xadrez nariz inglês francês português japonês chinês mestre lote bilhete kilograma estratagema crisma "
        "eczema magma melodrama"
    )
    not_nouns = words_of(
        "a à ante após até com contra de desde em entre para perante por sem sob sobre trás e ou nem que mas porém "
        "como quando onde se porque pois embora enquanto o os as um uma uns umas é era eram foi foram são sou és "
        "somos está este esta isto esse essa isso estão estamos será serão seja há havia houve tem têm tinha ter me "
        "te lhe lhes nos vos seu sua seus suas meu minha não já muito tão tanto também só ainda hoje ontem amanhã "
        "agora antes depois então aqui ali lá além quase apenas sempre nunca jamais talvez atrás mais menos dos das "
        "do da no na nas ao aos às dois duas três seis dez dezesseis dezasseis vinte cem mil cento quatro cinco sete "
        "oito nove onze doze cada qual cujo cuja quem pode podem deve devem vai vão vem vêm chegou ganhou fica ficam "
        "igual maior menor elevado dividido multiplicado vírgula ponto primeiro primeira custa custam vale valem "
        "segue diz disse entra sai sobe desce marca faz fez fazem soma resta equivale nacional mundial absoluto "
        "esquerda direita aproximadamente pelo pela"
    )
    label_nouns = (
        r"capítulo|página|número|tipo|nível|fase|grupo|classe|zona|sala|linha|porta|parte|passo|opção|tabela|figura|"
        r"artigo|exercício|lição|tema|unidade|episódio|temporada|rodada|jornada|via|terminal|faixa|grau|categoria|"
        r"fórmula|canal|volume|tomo|ato|cena|ponto|anexo|módulo|bloco|andar|quarto|pergunta|mesa|caso|ônibus|voo|"
        r"questão|apartamento|lote|quadra|portão"
    )
    feminine_articles = r"(?<=\b[Àà]s\s)|(?<=\b[Dd]as\s)|(?<=\b[Aa]s\s)|(?<=\b[Àà]\s)"
    date_article = "[Ee]m"
    masculine_articles = "[Oo]|[Dd]o|[Aa]o|[Nn]o"
    and_word = "e"
    half = ("meio", "meia")
    hour = "hora/horas"
    minute = "minuto/minutos"
    second = "segundo/segundos"
    comparisons = {"<": "menos de", ">": "mais de"}
    inch = "polegada/polegadas"
    times = "vez/vezes"
    ordinal_nouns = (
        "lugar|posto|andar|piso|grau|ano|aniversário|congresso|prêmio|prémio|dia|capítulo|festival|período|turno"
    )
    half_days = ("da manhã", "do meio-dia", "da tarde", "da noite")
    event_nouns = (
        r"guerras? mundia(?:l|is)|guerra|república|congresso|edição|encontro|jornadas?|feira|prêmio|prémio|bienal|"
        r"concurso|concílio|dinastia|legislatura|centenário|aniversário|cúpula|festival|jogos|campeonato|copa|"
        r"corrida|simpósio|fórum|semana|conferência|assembleia|cruzada|reich|internacional|plano|ciclo|torneio|"
        r"salão|gala|maratona|troféu|mostra|seminário|curso|marcha|exposição|reunião|cimeira"
    )
    century = r"[Ss]éculos?|[Ss]écs?\."
    centuries = ("século", "séculos")
    ends_sentence = {"etc.": "et cetera", "Etc.": "Et cetera"}
    telephones: tuple[str, ...] = (
        rf"\(?\d{{2,3}}\)?{SPACE}?9?{SPACE}?\d{{4}}[ -]\d{{4}}",
        r"9\d{4}-\d{4}",
        r"(?!(?:1\d|20)\d\d-)\d{4}-\d{4}",
        rf"0[389]00{SPACE}\d{{3}}{SPACE}\d{{3,4}}",
        r"\d{5}-\d{3}",  # post codes
        r"\d{3}\.\d{3}\.\d{3}-\d\d",  # tax numbers of people
        r"\d\d\.\d{3}\.\d{3}/\d{4}-\d\d",  # and of companies
        r"\d{1,2}\.\d{3}\.\d{3}-[\dXx]",  # identity cards
    )

    percent = "por cento"
    per_mille = "por mil"
    currencies = {
        "$": Currency("dólar/dólares", "centavo/centavos"), "€": Currency("euro/euros", "cêntimo/cêntimos"),
        "£": Currency("libra/libras", "penny/pence", "f"), "¥": Currency("iene/ienes"),
        "₹": Currency("rupia/rupias", "", "f"), "₩": Currency("won/wons"), "₽": Currency("rublo/rublos"),
        "₺": Currency("lira/liras", "", "f"), "₿": Currency("bitcoin/bitcoins"), "¢": Currency("centavo/centavos"),
        "R$": Currency("real/reais", "centavo/centavos"), "US$": Currency("dólar/dólares", "centavo/centavos"),
        "U$": Currency("dólar/dólares", "centavo/centavos"), "USD": Currency("dólar/dólares", "centavo/centavos"),
        "EUR": Currency("euro/euros", "cêntimo/cêntimos"), "GBP": Currency("libra/libras", "penny/pence", "f"),
        "BRL": Currency("real/reais", "centavo/centavos"), "JPY": Currency("iene/ienes"),
        "CHF": Currency("franco suíço/francos suíços", "cêntimo/cêntimos"),
        "ARS": Currency("peso argentino/pesos argentinos", "centavo/centavos"), "CNY": Currency("yuan/yuans"),
        "MXN": Currency("peso mexicano/pesos mexicanos", "centavo/centavos"), "AOA": Currency("kwanza/kwanzas"),
        "MZN": Currency("metical/meticais"), "BTC": Currency("bitcoin/bitcoins"),
    }  # fmt: skip
    scales = {
        "M": "milhão/milhões", "mi": "milhão/milhões", "bi": "bilhão/bilhões", "tri": "trilhão/trilhões", "k": "mil",
        "K": "mil", "mil": "mil", "milhão": "milhão/milhões", "milhões": "milhão/milhões", "bilhão": "bilhão/bilhões",
        "bilhões": "bilhão/bilhões", "trilhão": "trilhão/trilhões", "trilhões": "trilhão/trilhões",
        "MM": "milhão/milhões", "mM": "mil milhões", "mil M": "mil milhões", "mil milhões": "mil milhões",
        "B": "bilhão/bilhões",
    }  # fmt: skip
    and_cents = " e "
    units = {
        "t": "tonelada/toneladas", "kn": "nó/nós", "kWh": "quilowatt-hora/quilowatts-hora",
        "MWh": "megawatt-hora/megawatts-hora", "GWh": "gigawatt-hora/gigawatts-hora",
        "TWh": "terawatt-hora/terawatts-hora", "Wh": "watt-hora/watts-hora", "mAh": "miliampere-hora/miliamperes-hora",
        "° C": "grau Celsius/graus Celsius", "° F": "grau Fahrenheit/graus Fahrenheit", "dB": "decibel/decibéis",
        "rpm": "rotação por minuto/rotações por minuto", "cv": "cavalo/cavalos", "CV": "cavalo/cavalos",
        "Mbps": "megabit por segundo/megabits por segundo", "Gbps": "gigabit por segundo/gigabits por segundo",
        "fps": "quadro por segundo/quadros por segundo", "bpm": "batimento por minuto/batimentos por minuto",
        "Nm": "newton-metro/newtons-metro", "bar": "bar/bares", "hs": "hora/horas", "hrs": "hora/horas",
        "seg": "segundo/segundos", "mins": "minuto/minutos", "pol": "polegada/polegadas",
        "cc": "centímetro cúbico/centímetros cúbicos", "un": "unidade/unidades", "Kg": "quilograma/quilogramas",
        "Km": "quilômetro/quilômetros", "kms": "quilômetros", "gr": "grama/gramas", "hab": "habitante/habitantes",
        "Km/h": "quilômetro por hora/quilômetros por hora", "km/s": "quilômetro por segundo/quilômetros por segundo",
        "hab/km²": "habitante por quilômetro quadrado/habitantes por quilômetro quadrado",
        "km/l": "quilômetro por litro/quilômetros por litro",
        "l/100 km": "litro a cada cem quilômetros/litros a cada cem quilômetros",
        "L/100 km": "litro a cada cem quilômetros/litros a cada cem quilômetros",
        "mmHg": "milímetro de mercúrio/milímetros de mercúrio",
        "col. (chá)": "colher de chá/colheres de chá", "col. (sopa)": "colher de sopa/colheres de sopa",
        "d": "dia/dias", "min.": "minuto/minutos",
    }  # fmt: skip
    not_units = frozenset({"mi", "min.", "un"})
    unit_genders = dict.fromkeys(
        ["mi", "yd","t", "oz", "fl oz", "lb", "lbs", "tbsp", "tsp", "mi²", "mph", "kcal", "cal", "h", "hr", "hs",
        "hrs", "psi", "ppm", "rpm", "pol", "col. (chá)", "col. (sopa)"], "f"
    )  # fmt: skip
    per_amount = "cada"
    compass = {"N": "norte", "S": "sul", "E": "leste", "L": "leste", "O": "oeste", "W": "oeste"}
    per_nouns = {
        "h": "hora", "hora": "hora", "dia": "dia", "semana": "semana", "mês": "mês", "mes": "mês", "ano": "ano",
        "noite": "noite", "pessoa": "pessoa", "min": "minuto", "s": "segundo", "kg": "quilo", "l": "litro",
        "L": "litro", "m²": "metro quadrado", "m2": "metro quadrado", "m³": "metro cúbico", "m3": "metro cúbico",
        "km": "quilômetro", "kWh": "quilowatt-hora", "MWh": "megawatt-hora", "t": "tonelada", "ha": "hectare",
        "unidade": "unidade", "un.": "unidade", "un": "unidade", "g": "grama", "ml": "mililitro",
    }  # fmt: skip

    month_names = {"sept": 9}

    abbreviations = {
        "Sr.": "senhor", "Sra.": "senhora", "Sr.ª": "senhora", "Srta.": "senhorita", "Srs.": "senhores",
        "Sras.": "senhoras", "D.ª": "dona", "Dr.": "doutor", "Dra.": "doutora", "Dr.ª": "doutora", "Drs.": "doutores",
        "Prof.": "professor", "Profa.": "professora", "Prof.ª": "professora", "Profª": "professora",
        "Profs.": "professores", "Eng.": "engenheiro", "Eng.º": "engenheiro", "Eng.ª": "engenheira",
        "Arq.": "arquiteto", "Exmo.": "excelentíssimo", "Exma.": "excelentíssima", "Ex.mo": "excelentíssimo",
        "Ilmo.": "ilustríssimo", "V. Ex.ª": "Vossa Excelência", "V. Exa.": "Vossa Excelência",
        "S/A": "Sociedade Anônima", "V. S.ª": "Vossa Senhoria", "V. Sa.": "Vossa Senhoria", "Av.": "avenida",
        "Pça.": "praça", "Pç.": "praça", "Lgo.": "largo", "Estr.": "estrada", "Cond.": "condomínio", "n.º": "número",
        "nº": "número", "pág.": "página", "págs.": "páginas", "p. ex.": "por exemplo", "etc.": "et cetera",
        "tel.": "telefone", "Tels.": "telefones", "telem.": "telemóvel", "aprox.": "aproximadamente", "máx.": "máximo",
        "mín.": "mínimo", "a. C.": "antes de Cristo", "d. C.": "depois de Cristo", "a. m.": "da manhã",
        "p. m.": "da tarde", "Ltda.": "Limitada", "Lda.": "Limitada", "S. A.": "Sociedade Anônima", "Cia.": "companhia",
        "Inc.": "Incorporada", "séc.": "século", "sécs.": "séculos", "cap.": "capítulo", "vol.": "volume",
        "art.": "artigo", "fig.": "figura", "ref.": "referência", "obs.": "observação", "vs.": "versus", "vs": "versus",
        "cf.": "confira", "et al.": "e outros", "ibid.": "ibidem", "op. cit.": "obra citada", "i. e.": "isto é",
        "N. B.": "note bem", "P. S.": "pós-escrito", "Sgt.": "sargento", "Pe.": "padre", "Sto.": "Santo",
        "Sta.": "Santa", "Pres.": "presidente", "Dep.": "deputado", "Sen.": "senador", "Gov.": "governador",
        "Min.": "ministro", "depto.": "departamento", "dept.": "departamento", "univ.": "universidade", "c/": "com",
        "s/": "sem", "p/": "para", "s/n": "sem número", "e/ou": "e ou", "jan.": "janeiro", "fev.": "fevereiro",
        "abr.": "abril", "jun.": "junho", "jul.": "julho", "ago.": "agosto", "nov.": "novembro", "hab.": "habitantes",
        "esq.": "esquerdo", "dir.": "direito", "dto.": "direito", "r/c": "rés do chão", "adm.": "administração",
        "min.": "minutos", "hrs.": "horas", "ed.": "edição", "coord.": "coordenador", "trad.": "tradução",
        "R. P. M.": "rotações por minuto", "apto.": "apartamento", "Jr.": "júnior", "trim.": "trimestre",
        "desc.": "desconto", "temp.": "temperatura", "S. Exa.": "Sua Excelência", "Drª": "doutora", "out.": "outubro",
        "p.p.": "pontos percentuais",
        "mmHg": "milímetros de mercúrio", "Att.": "atenciosamente", "Tam.": "tamanho",
        "Cia. Ltda.": "companhia limitada", "seg.": "segunda",
        "qua.": "quarta", "qui.": "quinta", "sex.": "sexta", "sáb.": "sábado",
        "blz": "beleza", "pq": "porque", "vc": "você", "tbm": "também", "Cfr.": "confira", "incl.": "incluído",
        "imp.": "imposto", "col.": "colher",
    }  # fmt: skip
    titles = {
        "Sr": "senhor", "Sra": "senhora", "Srta": "senhorita", "Dr": "doutor", "Dra": "doutora", "Prof": "professor",
        "Profa": "professora", "Eng": "engenheiro", "R.": "rua", "Av": "avenida", "Al.": "alameda", "Tv.": "travessa",
        "Trav.": "travessa", "Rod.": "rodovia", "Ed.": "edifício", "Pq.": "parque", "Jd.": "jardim", "Gal.": "general",
        "Gen.": "general", "Cel.": "coronel", "Ten.": "tenente", "Cap.": "capitão", "Maj.": "major",
        "Alm.": "almirante", "Fr.": "frei", "Dna.": "dona", "Mons.": "monsenhor", "Eng.o": "engenheiro",
        "Cmte.": "comandante",
    }  # fmt: skip
    initialisms = words_of(
        "OMS OAB OEA OCDE OMC FMI UE ICMS IOF IPI IPVA IPTU IRPF INSS IBGE TSE STJ ABNT ANP UFRJ USP UERJ UFMG UFBA "
        "CEO CFO CTO IA TI IP ID DNA RNA ADN AVC HIV VIH UTI ETA CIA AM FM UK USA API APIs URL USB PDF CD DVD GPS UHF "
        "UTC IBM HP MBA CNI CBF AC AL AP BA CE ES GO MA PA PI RO SE IRS PSP GNR RTP EDP CEE ADSE IMI CGD TPA UX UI PC "
        "QR IPO SOS ISS ABI EAD EJA MDB IGP IPC IPCA PME ETE UBS ITA IME CPI UPP"
    )
    acronyms = words_of(
        "USP ONU OTAN NATO OVNI ONG NASA FIFA UEFA UNESCO UNICEF PIB SUS ENEM CEP PIX PIS COFINS SESC SENAI SENAC "
        "SEBRAE FUNAI INCRA IBAMA ANVISA ANATEL ANEEL COPOM SELIC CADE EMBRAPA UNICAMP UNESP PUC UOL AIDS UPA VIP MEI "
        "MEC "
        "SIDA IVA NIF SIC TAP OPEP PIN RAM ROM GIF SIM COVID LASER RADAR IBOPE PSOL CAPES FIES PROUNI PROCON DETRAN "
        "CEMIG ECAD IPEA FIOCRUZ ENADE BRICS MERCOSUL IPEM CERN LED CIEP CAPS PAC SAMU ANAC PALOP ALCA UTAD IPMA INEM "
        "ISCTE PEC"
    )
    numeral_nouns = words_of(
        "capítulo cap tomo livro volume vol parte ato cena título artigo art fase nível tipo grau classe grupo anexo "
        "apêndice figura tabela seção secção lição tema unidade rodada jornada canto salmo episódio temporada apolo "
        "quadro divisão categoria inciso capítulos tomos livros módulo"
    )
    regnal_names = words_of(
        "Pedro João Paulo Luís Luiz Bento Pio Leão Gregório Clemente Inocêncio Urbano Bonifácio Sixto Júlio Nicolau "
        "Alexandre Adriano Afonso Sancho Dinis Fernando Duarte Manuel Sebastião Henrique Filipe José Maria Miguel "
        "Carlos Isabel Elizabeth Elisabete Guilherme Frederico Jorge Eduardo Ricardo Jaime Catarina Ivã Gustavo "
        "Cristiano Haakon Haroldo Alberto Vítor Vitor Humberto Maximiliano Ramsés Tutmés Ptolomeu Cleópatra Dario "
        "Xerxes Ciro Antíoco Constantino Justiniano Teodósio Otão Oto Rodolfo Sigismundo Casimiro Estêvão Balduíno "
        "Napoleão Leopoldo Francisco Felipe Margarida Ana Cristina Beatriz Maomé Solimão Selim Murad Mehmed Benedito "
        "Celestino Calisto Alfonso Juan Leonor"
    )

    symbols = {
        "&": "e", "+": "mais", "=": "igual a", "==": "igual a", "<": "menor que", ">": "maior que", "≠": "diferente de",
        "!=": "diferente de", "≤": "menor ou igual a", "<=": "menor ou igual a", "≥": "maior ou igual a",
        ">=": "maior ou igual a", "≈": "aproximadamente igual a", "≡": "idêntico a", "±": "mais ou menos", "×": "vezes",
        "÷": "dividido por", "√": "raiz quadrada de", "∞": "infinito", "∑": "somatório de", "∏": "produtório de",
        "∆": "delta", "∂": "derivada parcial de", "∫": "integral de", "→": "para", "←": "de", "↔": "ida e volta",
        "⇒": "implica", "∈": "pertence a", "∉": "não pertence a", "∪": "união", "∩": "interseção",
        "⊂": "está contido em", "∅": "conjunto vazio", "∝": "proporcional a", "∠": "ângulo", "∴": "portanto",
        "²": "ao quadrado", "³": "ao cubo", "^": "elevado a", "~": "cerca de", "#": "número", "§": "parágrafo",
        "@": "arroba", "°": "graus", "%": "por cento", "‰": "por mil", "/": "barra", "π": "pi", "µ": "micro",
        "Ω": "ohms",
    }  # fmt: skip
    address_symbols = {
        ".": "ponto", "/": "barra", "-": "hífen", "_": "sublinhado", "@": "arroba", ":": "dois-pontos",
        "?": "interrogação", "=": "igual", "&": "e", "#": "cerquilha", "~": "til", "%": "por cento", "+": "mais",
    }  # fmt: skip
    terms = {
        "C++": "C mais mais", "C#": "C sharp", "F#": "F sharp", ".NET": "ponto net", "Notepad++": "Notepad mais mais",
        "AT&T": "A T and T", "R&D": "R and D", "P&D": "P e D", "I&D": "I e D", "H&M": "H e M", "Q&A": "Q and A",
        "24/7": "vinte e quatro por sete", "50/50": "cinquenta a cinquenta", "TCP/IP": "T C P I P", "I/O": "I O",
        "km/h": "quilômetros por hora", "m²": "metros quadrados", "km²": "quilômetros quadrados",
        "m³": "metros cúbicos", "°C": "graus Celsius", "ºC": "graus Celsius", "kWh": "quilowatts-hora",
        "kg": "quilogramas", "CO₂": "C Ó dois", "CO2": "C Ó dois", "H₂O": "H dois Ó", "H2O": "H dois Ó",
        "EUA": "Estados Unidos", "E.U.A.": "Estados Unidos", "OK": "okay", "4K": "quatro K", "8K": "oito K",
    }  # fmt: skip

    def cardinal(self, number: int, gender: str = "") -> str:
        return super().cardinal(number, gender).strip()

    def letters(self, written: str) -> str:
        """Spell with the open vowels of the alphabet: a lone “o” or “e” is said as the article or “and”."""
        return " ".join({"O": "Ó", "E": "É"}.get(letter, letter) for letter in written)

    def fraction(self, above: int, below: int) -> str:
        forms = self.fraction_names.get(below) or f"{self.cardinal(below)} avos"
        return self.join(self.cardinal(above), self.form(forms, str(above)))

    def read_ordinal(self, number: int, ending: str) -> str:
        said = self.ordinal(number, "f" if ending.strip(".s") in ("ª", "a") else "m")
        return " ".join(f"{word}s" for word in said.split()) if ending.endswith("s") else said

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        said = self.cardinal(hour, "f")
        if minute:
            said = self.counted("0", "", self.hour) if not hour else said
            said += f" e {self.cardinal(minute)}"
        elif not half_day:
            said = self.counted(str(hour), "", self.hour, "f")
        return f"{said} {self.half_day(hour, half_day)}" if half_day else said

    def own_rules(self) -> list[Rule]:
        name = r"[A-ZÁÉÍÓÚÂÊÔÇ][a-záéíóúâêôãõç]"
        return [
            rule("title", rf"(?<![\w.])D\.(?={SPACE}(?P<name>{name}\w*))", self._don),
            rule("date", r"(?<![\w-])(ter|dom)\.(?=,?\s[a-z\d])", lambda match: WEEKDAYS[match[1]]),
            rule("abbreviation", rf"(?<![\w.])R\.(?={SPACE}d[aeo]s?\b)", lambda match: "rua"),
            rule(
                "title",
                rf"(?<![\w.])S\.(?={SPACE}(?:Paulo|João|Pedro|José|Francisco|Miguel|Jorge|Bento|Vicente|Luís)\b)",
                lambda match: "São",
            ),
            rule(
                "ordinal", r"(?<![\w.,])([2-6])\.?ªs?(?:[- ]feiras?)?(?=\s|[,.;:!?)]|$)(?<=feira|eiras)", self._weekday
            ),
            rule(
                "number",
                rf"(?<![\w.,])(?P<number>\d{{1,3}}(?:,\d{{1,2}})?){SPACE}(?P<scale>mi|bi|tri)(?={SPACE}de\b)",
                self._millions,
            ),
            rule(
                "number",
                rf"(?<![\w.,$€£])(?<![$€£]\s)(\d{{1,4}})\.(\d{{1,2}})(?![\w%h]|[.,/:]\d|{SPACE}?[h%€])"
                rf"(?:{SPACE}(?P<unit>{'|'.join(map(re.escape, unit_symbols(self)))})(?![\w°²³/]))?",
                self._dotted,
            ),
            rule("score", rf"(?<![\w.,])(\d{{1,2}}){SPACE}?[xX]{SPACE}?(\d{{1,2}})(?![\w%]|[.,]\d|\s?=)", self._score),
            *super().own_rules(),
        ]

    def _dotted(self, match: re.Match) -> str:
        if match["unit"]:
            return quantity_in_words(match[1], match[2], match["unit"], self)
        return f"{self.cardinal(int(match[1]))} {self.dot} {self.fraction_digits(match[2])}"

    def _don(self, match: re.Match) -> str:
        return "dona" if self.noun_gender(match["name"]) == "f" else "dom"

    def _weekday(self, match: re.Match) -> str:
        weekday = self.ordinal(int(match[1]), "f").replace("terceira", "terça")
        plural = "s" if match.group().endswith("s") else ""
        return f"{weekday}{plural}-feira{plural}"

    def _millions(self, match: re.Match) -> str:
        whole, _, fraction = match["number"].partition(",")
        return self.counted(whole, fraction, self.scales[match["scale"]])

    def _score(self, match: re.Match) -> str | None:
        if not SCORED.search(match.string[max(match.start() - 80, 0) : match.start()]):
            return None
        return f"{self.cardinal(int(match[1]))} {self.until} {self.cardinal(int(match[2]))}"
