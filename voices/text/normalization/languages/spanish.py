"""Spanish."""

import re

from voices.text.normalization.language import NO_BREAK_SPACES, Currency, words_of
from voices.text.normalization.scanner import Rule, rule

from .iberian import SPACE, Iberian


class Spanish(Iberian):
    code = "es"
    scale_nouns = "escala|proporción"
    locale = "es"
    # Spain writes a comma before the fraction, most of America a point.
    separators = ((f". {NO_BREAK_SPACES}", ","), (",", "."))
    cardinal_rules = {
        "": "spellout-numbering", "m": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine",
    }  # fmt: skip
    ordinal_rules = {
        "": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine",
        "before m": "spellout-ordinal-masculine-adjective",
    }  # fmt: skip
    point = "coma"
    dot = "punto"
    minus = "menos"
    plus = "más"
    until = "a"
    and_half = "y medio"
    ordinal_endings = r"\.?[ºª°]s?|\.?[oa]s?|(?:\.?er|[rdtmvn][oa]s?)(?:\.(?=\s[a-z]))?"
    fraction_names = {
        2: "medio/medios", 3: "tercio/tercios", 4: "cuarto/cuartos", 5: "quinto/quintos", 6: "sexto/sextos",
        7: "séptimo/séptimos", 8: "octavo/octavos", 9: "noveno/novenos", 10: "décimo/décimos",
        11: "onceavo/onceavos", 12: "doceavo/doceavos", 13: "treceavo/treceavos", 14: "catorceavo/catorceavos",
        15: "quinceavo/quinceavos", 16: "dieciseisavo/dieciseisavos", 17: "diecisieteavo/diecisieteavos",
        18: "dieciochoavo/dieciochoavos", 19: "diecinueveavo/diecinueveavos", 20: "veinteavo/veinteavos",
    }  # fmt: skip
    before_numbers = {
        "n.º": "número", "nº": "número", "n.°": "número", "n°": "número", "núm.": "número", "nro.": "número",
        "n.os": "números", "núms.": "números", "№": "número", "p.": "página", "pp.": "páginas", "cap.": "capítulo",
        "caps.": "capítulos", "vol.": "volumen", "vols.": "volúmenes", "t.": "tomo", "art.": "artículo",
        "arts.": "artículos", "fig.": "figura", "figs.": "figuras", "tab.": "tabla", "ej.": "ejemplo",
        "ap.": "apartado", "ed.": "edición", "sec.": "sección", "lám.": "lámina", "hab.": "habitación",
        "ext.": "extensión", "op.": "opus", "km.": "kilómetro", "km": "kilómetro",
        "fracc.": "fracción", "min.": "minuto", "inc.": "inciso", "L.O.": "ley orgánica", "R.D.": "real decreto",
        "Exp.": "expediente", "UF": "unidad de fomento", "mar.": "martes", "CP": "código postal",
        "C. P.": "código postal",
    }  # fmt: skip

    feminine_endings = r"as?|[cstxgn]ion(?:es)?|[dt]ad(?:es)?|tud(?:es)?|umbres?|ies?|itis|sis|tri[zc](?:es)?"
    feminine_nouns = words_of(
        "mano foto moto radio libido dinamo flor coliflor voz luz cruz vez paz raiz nariz nuez perdiz cicatriz "
        "codorniz tez red pared sed merced sal señal piel miel carcel catedral postal sucursal espiral central vocal "
        "credencial mujer madre sangre nave llave clave nube noche tarde parte calle clase frase fase base fuente "
        "muerte suerte mente gente torre leche nieve fiebre serpiente ley grey orden imagen virgen sien razon sazon "
        "labor sede helice legumbre variante constante corriente vertiente patente lente fe suite web app startup "
        "pyme res tos indole dote mole prole intemperie tribu polio seo nao ave hache crisis tesis dosis metropolis "
        "salud virtud solicitud juventud comadre liebre cumbre sobremesa debacle catastrofe estirpe plebe hoz coz "
        "actriz emperatriz directriz matriz institutriz faz capital ong hipotesis sintesis cohorte ubre peste masacre "
        "efigie isabel beatriz carie serie especie superficie barbarie progenie mies bilis caries elipsis carne "
        "chinche cama"
    )
    masculine_nouns = words_of(
        "dia mediodia mapa problema sistema subsistema ecosistema programa tema poema idioma clima planeta cometa "
        "drama sintoma esquema fantasma dilema lema emblema teorema telegrama dalmata diploma trauma carisma aroma "
        "enigma estigma panorama diagrama crucigrama holograma pentagrama organigrama plasma prisma magma dogma sofa "
        "papa gorila tranvia artista periodista turista ciclista futbolista deportista taxista analista economista "
        "especialista activista socialista comunista terrorista pianista guitarrista novelista accionista "
        "protagonista dentista electricista atleta poeta pirata idiota patriota democrata compatriota cura guardia "
        "espia policia colega pijama yoga sida axioma coma hematoma glaucoma sintagma fonema morfema estratagema "
        "anagrama psicodrama melodrama monarca jerarca camarada pie avion camion guion bastion gorrion campeon ion "
        "peon analisis enfasis oasis extasis parentesis chasis millon cazabombardero paraguas lavavajillas "
        "rascacielos cumpleaños viernes martes jueves miercoles lunes mes pais ciempies sacacorchos portaaviones "
        "delta"
    )
    stressed_a_nouns = words_of("agua ala alma ancla arma arpa aula hacha águila área")
    not_nouns = words_of(
        "a al ante bajo con contra de del desde durante en entre excepto hacia hasta mediante para por salvo segun "
        "según sin so sobre tras y e o u ni que pero sino mas más menos como cuando donde si porque pues aunque "
        "mientras el la lo los las un una unos unas es era eran fue fueron son soy eres somos está esta este esto ese "
        "esa eso están estamos estas estos será serán sea ha han hay había he hemos se me te le les nos os su sus mi "
        "mis tu tus no sí ya muy tan tanto también tampoco solo sólo aún aun todavía hoy ayer mañana ahora antes "
        "después luego entonces aquí ahí allí además casi apenas siempre nunca jamás quizás quizá atrás detrás "
        "adelante aproximadamente dos tres seis dieciséis veintidós veintitrés veintiséis cuatro cinco siete ocho "
        "nueve diez once doce cien mil ciento cada cual cuyo cuya quien tiene tienen tenía puede pueden debe deben va "
        "van vamos vas viene vienen llegó gana ganó queda quedan igual mayor menor elevado dividido multiplicado coma "
        "punto uno primero primera cuesta cuestan vale valen sigue dice dijo entra sale sube baja llega marca hace "
        "hizo hacen suma resta equivale nacional mundial absoluto izquierda derecha dcha izq"
    )
    label_nouns = (
        r"capítulo|página|número|tipo|nivel|fase|grupo|clase|zona|sala|planta|línea|puerta|parte|paso|opción|tabla|"
        r"figura|artículo|ejercicio|lección|tema|unidad|episodio|temporada|ronda|jornada|vía|andén|terminal|carril|"
        r"grado|categoría|fórmula|canal|volumen|tomo|acto|escena|apartado|punto|anexo|módulo|bloque|piso|habitación|"
        r"pregunta|mesa|caso|autobús|bus|vuelo|formación"
    )
    feminine_articles = r"(?<=\b[Ll]as\s)|(?<=\b[Aa] la\s)|(?<=\b[Ee]s la\s)|(?<=\b[Ee]ra la\s)"
    date_article = "[Ee]l"
    masculine_articles = "[Ee]l|[Dd]el|[Aa]l"
    and_word = "y"
    half = ("medio", "media")
    hour = "hora/horas"
    minute = "minuto/minutos"
    second = "segundo/segundos"
    comparisons = {"<": "menos de", ">": "más de"}
    inch = "pulgada/pulgadas"
    times = "vez/veces"
    ordinal_nouns = "lugar|puesto|piso|grado|año|aniversario|congreso|premio|puerto|día|capítulo|festival|curso"
    half_days = ("de la mañana", "del mediodía", "de la tarde", "de la noche")
    event_nouns = (
        r"guerras? mundial(?:es)?|guerra|república|congreso|edición|encuentro|jornadas?|feria|premios?|bienal|"
        r"concurso|concilio|dinastía|legislatura|centenario|aniversario|cumbre|festival|juegos|campeonato|copa|"
        r"carrera|simposio|foro|semana|certamen|conferencia|asamblea|cruzada|reich|internacional|plan|ciclo|torneo|"
        r"salón|gala|maratón|trofeo|región|convenio|muestra|seminario|curso|marcha|exposición"
    )
    century = r"[Ss]iglos?|ss?\."
    centuries = ("siglo", "siglos")
    ends_sentence = {"etc.": "etcétera", "Etc.": "Etcétera"}
    telephones = (
        rf"[6-9]\d\d{SPACE}\d{{3}}{SPACE}\d{{3}}",
        rf"\(?\d{{2,3}}\)?{SPACE}\d{{4}}[ -]\d{{4}}",
        r"(?!(?:1\d|20)\d\d-)\d{4}-\d{4}",
        rf"[89]\d{SPACE}\d{{3}}{SPACE}\d\d{SPACE}\d\d",
        rf"[6-9]\d\d{SPACE}\d\d{SPACE}\d\d{SPACE}\d\d",
        r"[6-9]\d{8}",
        r"9\d\.\d{3}\.\d\d\.\d\d",
        r"\d\d(?:-\d\d){3}",
    )

    percent = "por ciento"
    per_mille = "por mil"
    currencies = {
        "$": Currency("dólar/dólares", "centavo/centavos"), "€": Currency("euro/euros", "céntimo/céntimos"),
        "£": Currency("libra/libras", "penique/peniques", "f"), "¥": Currency("yen/yenes"),
        "₹": Currency("rupia/rupias", "", "f"), "₩": Currency("won/wones"), "₽": Currency("rublo/rublos"),
        "₺": Currency("lira/liras", "", "f"), "₿": Currency("bitcóin/bitcoines"), "¢": Currency("centavo/centavos"),
        "US$": Currency("dólar/dólares", "centavo/centavos"), "U$S": Currency("dólar/dólares", "centavo/centavos"),
        "MX$": Currency("peso mexicano/pesos mexicanos", "centavo/centavos"),
        "R$": Currency("real/reales", "centavo/centavos"), "S/": Currency("sol/soles", "céntimo/céntimos"),
        "S/.": Currency("sol/soles", "céntimo/céntimos"), "₡": Currency("colón/colones"),
        "₲": Currency("guaraní/guaraníes"), "USD": Currency("dólar/dólares", "centavo/centavos"),
        "EUR": Currency("euro/euros", "céntimo/céntimos"), "GBP": Currency("libra/libras", "penique/peniques", "f"),
        "JPY": Currency("yen/yenes"), "CHF": Currency("franco suizo/francos suizos", "céntimo/céntimos"),
        "BRL": Currency("real/reales", "centavo/centavos"),
        "MXN": Currency("peso mexicano/pesos mexicanos", "centavo/centavos"),
        "ARS": Currency("peso argentino/pesos argentinos", "centavo/centavos"),
        "CLP": Currency("peso chileno/pesos chilenos"), "COP": Currency("peso colombiano/pesos colombianos"),
        "UYU": Currency("peso uruguayo/pesos uruguayos"), "PEN": Currency("sol/soles", "céntimo/céntimos"),
        "CNY": Currency("yuan/yuanes"), "BTC": Currency("bitcóin/bitcoines"),
        "ptas.": Currency("peseta/pesetas", "", "f"),
    }  # fmt: skip
    scales = {
        "M": "millón/millones", "k": "mil", "K": "mil", "mil": "mil", "millón": "millón/millones",
        "millones": "millón/millones", "mil millones": "mil millones", "billón": "billón/billones",
        "billones": "billón/billones", "bn": "billón/billones", "mill.": "millón/millones", "MM": "millón/millones",
    }  # fmt: skip
    and_cents = " con "
    units = {
        "kWh": "kilovatio hora/kilovatios hora", "MWh": "megavatio hora/megavatios hora",
        "Wh": "vatio hora/vatios hora", "GWh": "gigavatio hora/gigavatios hora",
        "TWh": "teravatio hora/teravatios hora", "mAh": "miliamperio hora/miliamperios hora",
        "° C": "grado Celsius/grados Celsius", "° F": "grado Fahrenheit/grados Fahrenheit",
        "dB": "decibelio/decibelios", "rpm": "revolución por minuto/revoluciones por minuto", "CV": "caballo/caballos",
        "Mbps": "megabit por segundo/megabits por segundo", "Gbps": "gigabit por segundo/gigabits por segundo",
        "Mb/s": "megabit por segundo/megabits por segundo", "fps": "fotograma por segundo/fotogramas por segundo",
        "ppp": "punto por pulgada/puntos por pulgada", "lpm": "latido por minuto/latidos por minuto",
        "Nm": "newton metro/newton metro", "bar": "bar/bares", "K": "kelvin/kélvines", "hs": "hora/horas",
        "hrs": "hora/horas", "seg": "segundo/segundos", "segs": "segundo/segundos", "mins": "minuto/minutos",
        "cc": "centímetro cúbico/centímetros cúbicos", "uds": "unidad/unidades", "ud": "unidad/unidades",
        "kms": "kilómetros", "Kg": "kilogramo/kilogramos", "Km": "kilómetro/kilómetros", "kgs": "kilogramos",
        "mdd": "millones de dólares", "mdp": "millones de pesos", "Tm": "tonelada/toneladas",
        "pulg": "pulgada/pulgadas", "hab": "habitante/habitantes",
        "hab/km²": "habitante por kilómetro cuadrado/habitantes por kilómetro cuadrado",
        "Km/h": "kilómetro por hora/kilómetros por hora", "km/s": "kilómetro por segundo/kilómetros por segundo",
        "l/100 km": "litro a los cien kilómetros/litros a los cien kilómetros", "gr": "gramo/gramos",
        "hPa": "hectopascal/hectopascales", "mmHg": "milímetro de mercurio/milímetros de mercurio",
        "cda": "cucharada/cucharadas", "cdas": "cucharada/cucharadas", "cdta": "cucharadita/cucharaditas",
        "cdtas": "cucharadita/cucharaditas", "UA": "unidad astronómica/unidades astronómicas", "d": "día/días",
        "bpm": "latido por minuto/latidos por minuto", "kcal": "kilocaloría/kilocalorías",
    }  # fmt: skip
    not_units = frozenset({"K"})
    unit_genders = dict.fromkeys(
        ["mi", "yd","t", "Tm", "oz", "fl oz", "lb", "lbs", "tbsp", "tsp", "ha", "mi²", "mph", "kcal", "cal", "h",
        "hr", "hs", "hrs", "psi", "ppm", "rpm", "uds", "ud", "pulg", "cda", "cdas", "cdta", "cdtas", "UA"], "f"
    )  # fmt: skip
    per_amount = "cada"
    compass = {"N": "norte", "S": "sur", "E": "este", "O": "oeste", "W": "oeste"}
    per_nouns = {
        "h": "hora", "hora": "hora", "día": "día", "dia": "día", "semana": "semana", "mes": "mes", "año": "año",
        "noche": "noche", "persona": "persona", "pers.": "persona", "min": "minuto", "s": "segundo", "kg": "kilo",
        "l": "litro", "L": "litro", "m²": "metro cuadrado", "m2": "metro cuadrado", "m³": "metro cúbico",
        "m3": "metro cúbico", "km": "kilómetro", "kWh": "kilovatio hora", "MWh": "megavatio hora", "t": "tonelada",
        "ha": "hectárea", "ud": "unidad", "unidad": "unidad", "g": "gramo", "ml": "mililitro",
    }  # fmt: skip

    month_names = {"sep": 9, "set": 9, "setiembre": 9, "agto": 8}

    abbreviations = {
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Sras.": "señoras",
        "Srtas.": "señoritas", "D.ª": "doña", "D.a": "doña", "Dña.": "doña", "Dr.": "doctor", "Dra.": "doctora",
        "Dres.": "doctores", "Prof.": "profesor", "Profa.": "profesora", "Prof.ª": "profesora", "Ud.": "usted",
        "Uds.": "ustedes", "Vd.": "usted", "Vds.": "ustedes", "CC. OO.": "Comisiones Obreras",
        "JJ. OO.": "Juegos Olímpicos", "RR. HH.": "recursos humanos", "CC. AA.": "comunidades autónomas",
        "FF. AA.": "Fuerzas Armadas", "RR. SS.": "redes sociales", "EE. UU.": "Estados Unidos",
        "EE UU": "Estados Unidos", "EEUU": "Estados Unidos", "EE.UU": "Estados Unidos", "Avda.": "avenida",
        "Av.": "avenida", "Avd.": "avenida", "Pza.": "plaza", "Plza.": "plaza", "P.º": "paseo", "Ctra.": "carretera",
        "Urb.": "urbanización", "Apdo.": "apartado", "Blvr.": "bulevar", "Fracc.": "fraccionamiento", "n.º": "número",
        "núm.": "número", "pág.": "página", "págs.": "páginas", "pgs.": "páginas", "etc.": "etcétera",
        "p. ej.": "por ejemplo", "por ej.": "por ejemplo", "izq.": "izquierda", "izqda.": "izquierda",
        "dcha.": "derecha", "esc.": "escalera", "tel.": "teléfono", "teléf.": "teléfono", "tfno.": "teléfono",
        "tlf.": "teléfono", "tfn.": "teléfono", "aprox.": "aproximadamente", "máx.": "máximo", "mín.": "mínimo",
        "a. C.": "antes de Cristo", "d. C.": "después de Cristo", "a. de C.": "antes de Cristo",
        "d. de C.": "después de Cristo", "a. n. e.": "antes de nuestra era", "a. m.": "de la mañana",
        "p. m.": "de la tarde", "S. A.": "Sociedad Anónima", "S. L.": "Sociedad Limitada",
        "S. A. de C. V.": "Sociedad Anónima de Capital Variable", "S. R. L.": "Sociedad de Responsabilidad Limitada",
        "Ltda.": "Limitada", "Cía.": "Compañía", "Hnos.": "Hermanos", "y ss.": "y siguientes", "sig.": "siguiente",
        "sigs.": "siguientes", "cf.": "confróntese", "cfr.": "confróntese", "vid.": "véase", "ibíd.": "ibídem",
        "op. cit.": "obra citada", "et al.": "y otros", "vs.": "contra", "vs": "contra", "v. gr.": "verbigracia",
        "Excmo.": "excelentísimo", "Excma.": "excelentísima", "Ilmo.": "ilustrísimo", "Ilma.": "ilustrísima",
        "Rvdo.": "reverendo", "Fdo.": "firmado", "Gral.": "general", "Cnel.": "coronel", "Tte.": "teniente",
        "Sgto.": "sargento", "Lic.": "licenciado", "Lcdo.": "licenciado", "Lcda.": "licenciada", "Arq.": "arquitecto",
        "Mtro.": "maestro", "Mtra.": "maestra", "Pdte.": "presidente", "Dpto.": "departamento",
        "Depto.": "departamento", "Dto.": "descuento", "dto.": "descuento", "Admón.": "administración",
        "Ayto.": "ayuntamiento", "Univ.": "universidad", "Prov.": "provincia", "Gob.": "gobierno", "Sto.": "Santo",
        "Sta.": "Santa", "Fco.": "Francisco", "M.ª": "María", "Mª": "María", "Fdez.": "Fernández", "Glez.": "González",
        "Rdguez.": "Rodríguez", "Hdez.": "Hernández", "C/": "calle", "c/u": "cada uno", "s/n": "sin número",
        "y/o": "y o", "q. e. p. d.": "que en paz descanse", "D. E. P.": "descanse en paz", "P. D.": "posdata",
        "cta.": "cuenta", "trad.": "traducción", "coord.": "coordinador", "hab.": "habitantes", "art.": "artículo",
        "cap.": "capítulo", "fig.": "figura", "vol.": "volumen", "ej.": "ejemplo", "ref.": "referencia",
        "min.": "minutos", "seg.": "segundos", "hrs.": "horas", "ene.": "enero", "feb.": "febrero", "abr.": "abril",
        "ago.": "agosto", "sept.": "septiembre", "oct.": "octubre", "nov.": "noviembre", "dic.": "diciembre",
        "dup.": "duplicado", "bco.": "banco", "ptas.": "pesetas", "entlo.": "entresuelo", "pral.": "principal",
        "r. p. m.": "revoluciones por minuto", "lun.": "lunes", "mié.": "miércoles", "jue.": "jueves",
        "vie.": "viernes",
        "sáb.": "sábado", "dom.": "domingo", "Jr.": "júnior", "trim.": "trimestre", "la Lic.": "la licenciada",
        "la Ing.": "la ingeniera", "la Arq.": "la arquitecta", "p. p.": "puntos porcentuales", "T.ª": "temperatura",
        "s. n. m.": "sobre el nivel del mar", "s. n. m": "sobre el nivel del mar", "Atte.": "atentamente",
        "Nte.": "norte", "incl.": "incluido",
        "xq": "porque", "tmb": "también", "mmHg": "milímetros de mercurio",
        "cdta.": "cucharadita", "cdtas.": "cucharaditas", "cda.": "cucharada", "cdas.": "cucharadas",
    }  # fmt: skip
    titles = {
        "Sr": "señor", "Sra": "señora", "Srta": "señorita", "Dr": "doctor", "Dra": "doctora", "Dña": "doña",
        "Av": "avenida", "Avda": "avenida", "Pza": "plaza", "Cap.": "capitán", "Ing.": "ingeniero", "Col.": "colonia",
        "Pl.": "plaza", "Cmdte.": "comandante", "Fr.": "fray", "Mons.": "monseñor", "Pte.": "presidente",
        "Sen.": "senador", "Dip.": "diputado", "Rep.": "República", "Ma.": "María", "Mª": "María",
    }  # fmt: skip
    initialisms = words_of(
        "DNI ONG UE ADN ARN OMS FMI BCE CEOE OCDE OEA OIT OMC IRPF VIH CIA IA IP ID CE EPS UGT CCOO CCAA EGB OTI IVAP "
        "USA UK IT AM FM AFP ETS TDAH UPM UAB UAM API APIs URL USB UHF UTC GMT IBM HP CEO CFO CTO DIY CD DVD PDF ITV "
        "ATS UVA OCU QR IPC EPO IES UEM IAE ETT ITP AEAT UPV UCM UHT EAU RAI LGTBI LGTB IMC UFC NBA ACB OS PC UX UI"
    )
    acronyms = words_of(
        "ONU OTAN OVNI IVA AVE NASA FIFA UEFA UNESCO UNICEF PIB RAE PSOE RENFE SIDA UCI UVI ERE ERTE ESO BUP COU NIF "
        "CIF NIE INE ICO OPEP PYME IBEX CSIC UNAM PAN PRI SEAT ADIF AENA PIN RAM ROM GIF SIM COVID LASER RADAR SONAR "
        "IBAN SEPA TAC ITER CERN MIR OVNIS ONCE IMSS ETA AMPA EBAU APA GEO UME UNED TALGO INEM SEPE BOE DOG FARC ELA "
        "UBA AFIP INDEC"
    )
    numeral_nouns = words_of(
        "capítulo cap. cap tomo libro volumen vol vol. parte acto escena título artículo art art. fase nivel tipo "
        "grado clase grupo anexo apéndice figura tabla sección lección tema unidad ronda jornada canto salmo episodio "
        "temporada apolo cuadro lámina división categoría base pentium dinastía edición capítulos tomos libros"
    )
    regnal_names = words_of(
        "Felipe Carlos Fernando Alfonso Isabel Juan Pablo Pedro Jaime Enrique Sancho Ramiro Ordoño Bermudo García "
        "Alejandro Benedicto Pío León Clemente Gregorio Inocencio Urbano Bonifacio Sixto Julio Nicolás Celestino "
        "Calixto Adriano Luis Francisco Napoleón José Leopoldo Guillermo Federico Jorge Eduardo Ricardo Jacobo María "
        "Catalina Iván Gustavo Cristián Haakon Harald Alberto Víctor Manuel Humberto Maximiliano Ramsés Tutmosis "
        "Amenofis Ptolomeo Cleopatra Darío Jerjes Ciro Artajerjes Antíoco Constantino Justiniano Teodosio Otón "
        "Rodolfo Segismundo Casimiro Esteban Balduino Rainiero Hassan Mohamed Mohammed Abderramán Almanzor Margarita "
        "Ana Carlota Cristina Amadeo Recaredo Witiza Berenguer Ramón Beatriz Mehmed Solimán Selim Murad Atahualpa "
        "Moctezuma Abdalá Yugurta Tolomeo Juana Blanca Martín"
    )

    symbols = {
        "&": "y", "+": "más", "=": "igual a", "==": "igual a", "<": "menor que", ">": "mayor que", "≠": "distinto de",
        "!=": "distinto de", "≤": "menor o igual que", "<=": "menor o igual que", "≥": "mayor o igual que",
        ">=": "mayor o igual que", "≈": "aproximadamente igual a", "≡": "idéntico a", "±": "más menos", "×": "por",
        "÷": "entre", "√": "raíz cuadrada de", "∞": "infinito", "∑": "sumatorio de", "∏": "producto de", "∆": "delta",
        "∂": "derivada parcial de", "∫": "integral de", "→": "a", "←": "desde", "↔": "de ida y vuelta a",
        "⇒": "implica", "∈": "pertenece a", "∉": "no pertenece a", "∪": "unión", "∩": "intersección",
        "⊂": "subconjunto de", "∅": "conjunto vacío", "∝": "proporcional a", "∠": "ángulo", "∴": "por lo tanto",
        "²": "al cuadrado", "³": "al cubo", "^": "elevado a", "~": "unos", "#": "número", "§": "sección", "@": "arroba",
        "°": "grados", "%": "por ciento", "‰": "por mil", "/": "barra", "π": "pi", "µ": "micro", "Ω": "ohmios",
    }  # fmt: skip
    address_symbols = {
        ".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", "@": "arroba", ":": "dos puntos",
        "?": "interrogación", "=": "igual", "&": "y", "#": "almohadilla", "~": "virgulilla", "%": "por ciento",
        "+": "más",
    }  # fmt: skip
    terms = {
        "C++": "C más más", "C#": "C sharp", "F#": "F sharp", ".NET": "punto net", "Notepad++": "Notepad más más",
        "AT&T": "A T and T", "R&D": "R and D", "I+D": "I más D", "I+D+i": "I más D más I", "H&M": "H y M",
        "Q&A": "Q and A", "24/7": "veinticuatro siete", "50/50": "cincuenta cincuenta", "TCP/IP": "T C P I P",
        "I/O": "I O", "km/h": "kilómetros por hora", "m²": "metros cuadrados", "km²": "kilómetros cuadrados",
        "m³": "metros cúbicos", "°C": "grados Celsius", "ºC": "grados Celsius", "kWh": "kilovatios hora",
        "kg": "kilogramos", "CO₂": "C O dos", "CO2": "C O dos", "H₂O": "H dos O", "H2O": "H dos O",
        "CCOO": "Comisiones Obreras", "JJOO": "Juegos Olímpicos", "RRHH": "recursos humanos",
        "CCAA": "comunidades autónomas", "RRSS": "redes sociales", "OK": "okey",
        "24/48 h": "veinticuatro o cuarenta y ocho horas", "24/48h": "veinticuatro o cuarenta y ocho horas",
        "24-48 h": "veinticuatro a cuarenta y ocho horas", "4K": "cuatro K", "8K": "ocho K",
    }  # fmt: skip

    def cardinal(self, number: int, gender: str = "") -> str:
        said = super().cardinal(number, gender)
        if gender == "f" and number >= 200_000:  # “doscientas mil casas”, but “doscientos mil millones”
            millions, found, rest = said.rpartition("mill")
            said = (
                millions
                + found
                + re.sub(
                    r"cientos(?= (?:\w+ )?(?:y \w+ )?mil\b)|quinientos(?= (?:\w+ )?(?:y \w+ )?mil\b)",
                    lambda each: each.group()[:-2] + "as",
                    rest,
                )
            )
        return said

    def event_ordinal(self, number: int, gender: str) -> str:
        return self.ordinal(number, "f" if gender == "f" else "before m")

    def read_ordinal(self, number: int, ending: str) -> str:
        ending = ending.strip(".")
        is_plural = ending.endswith("s") and ending != "s"
        if ending == "er":
            return self.ordinal(number, "before m")
        gender = "f" if ending.rstrip("s")[-1] in "ªa" else "m"
        return self.ordinal(number, gender) + "s" * is_plural

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        said = self.cardinal(hour, "f")
        if minute:
            said += f" y {self.cardinal(minute)}"
        elif not half_day and not 0 < hour <= 12:
            said += " horas"
        return f"{said} {self.half_day(hour, half_day)}" if half_day else said

    def noun_gender(self, noun: str) -> str:
        return "m" if noun.lower() in self.stressed_a_nouns else super().noun_gender(noun)

    def own_rules(self) -> list[Rule]:
        name = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñü]"
        return [
            rule("title", rf"(?<![\w.])[Dd]\.(?={SPACE}{name})", lambda match: "don"),
            rule(
                "title",
                rf"(?<![\w.])S\.(?={SPACE}(?:Juan|Pedro|Pablo|José|Francisco|Miguel|Antonio|Isidro|Sebastián)\b)",
                lambda match: "San",
            ),
            rule("abbreviation", rf"(?<![\w.])No\.{SPACE}?(?=\d)", lambda match: "número "),
            rule("abbreviation", rf"(?<!\w)[Cc]/{SPACE}?(?=[A-ZÁÉÍÓÚÑ])", lambda match: "calle "),
            rule("abbreviation", rf"(?<!\w)Pº(?={SPACE})", lambda match: "paseo"),
            rule("money", rf"\${SPACE}?(?=\d[\d.,]{{0,20}}{SPACE}?(?:USD|MXN|ARS|COP|CLP|UYU)\b)", lambda match: ""),
            rule("symbol", r"\s?&\s?(?=[IÍií](?!\w?[A-Z])|H[iíIÍ])", lambda match: " e "),
            rule("ordinal", rf"(?<![\w.,])(\d{{0,2}}[13])\.?[º°]{SPACE}(?P<noun>[^\W\d_]{{3,}})", self._before_noun),
            rule("code", r"(?<![\w.,-])(\d{1,2}(?:\.\d{3}){2}|\d{8})-?([A-Z])\b", self._identity_card),
            *super().own_rules(),
        ]

    def _before_noun(self, match: re.Match) -> str | None:
        if self.noun_gender(match["noun"]) != "m" or match["noun"].lower().endswith("s"):
            return None
        return f"{self.ordinal(int(match[1]), 'before m')} {match['noun']}"

    def _identity_card(self, match: re.Match) -> str:
        return f"{self.digits(match[1])} {match[2]}"
