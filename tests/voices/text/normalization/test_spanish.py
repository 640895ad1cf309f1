"""Spanish."""

import pytest

from voices.text.normalization.languages import language_of

from .cases import by_kind, check

SPANISH = {
    "scale": {
        "El plano está a escala 1:50.": "El plano está a escala uno a cincuenta.",
        "Hay 501 mesas y 21 meses.": "Hay quinientas una mesas y veintiún meses.",
    },
    "quantity": {
        "3/4 l de vino, 1/4 kg de azúcar": "tres cuartos de litro de vino, un cuarto de kilogramo de azúcar",
        "máx. 31º, mín. 18º": "máximo treinta y un grados, mínimo dieciocho grados",
        "dura < 10 min": "dura menos de diez minutos",
        "1,5 × 10⁶ km a 11,2 km/s": "uno coma cinco por diez elevado a seis kilómetros a once coma dos kilómetros por segundo",
        "40° 25' N, 3° 42' O": "cuarenta grados veinticinco minutos norte, tres grados cuarenta y dos minutos oeste",
        "120/80 mmHg, 72 lpm": "ciento veinte barra ochenta milímetros de mercurio, setenta y dos latidos por minuto",
        "en 3 d. y 2 cdas. de aceite": "en tres días y dos cucharadas de aceite",
        "1,20 €/100 g, 9,99 €/ud. (IVA incl.) hoy": "un euro con veinte céntimos cada cien gramos, nueve euros con noventa y nueve céntimos por unidad (IVA incluido) hoy",
        "el km 21": "el kilómetro veintiuno",
    },
    "cardinal": {
        "21 mujeres, 21 años, 31 casas, 200 páginas y 1 voz": "veintiuna mujeres, veintiún años, treinta y una casas, "
        "doscientas páginas y una voz",
        "Había 1.521 personas en 2.000 ciudades.": "Había mil quinientas veintiuna personas en dos mil ciudades.",
        "500.000 humanos y 510.000 casas": "quinientos mil humanos y quinientas diez mil casas",
        "1,500 pesos": "mil quinientos pesos",
        "21.000 y 31.000": "veintiún mil y treinta y un mil",
        "10 000 personas": "diez mil personas",
        "2026": "dos mil veintiséis",
        "101 noches, 1001 noches y 101 problemas": "ciento una noches, mil una noches y ciento un problemas",
        "1.000.000 personas": "un millón de personas",
        "200 mil alumnas y 21 mil alumnos": "doscientas mil alumnas y veintiún mil alumnos",
        "Tiene 1, 2 o 3 hijos. Hay 21.": "Tiene uno, dos o tres hijos. Hay veintiuno.",
        "31 días, 21 mapas, 41 manos, 21 fotos": "treinta y un días, veintiún mapas, cuarenta y una manos, veintiuna fotos",
        "21 canciones, 21 camiones y 21 aviones": "veintiuna canciones, veintiún camiones y veintiún aviones",
        "21 ciudades, 21 paredes, 21 peces y 21 veces": "veintiuna ciudades, veintiuna paredes, veintiún peces y veintiuna veces",
        "1 problema, 1 foto, 1 día y 1 mano": "un problema, una foto, un día y una mano",
        "El capítulo 1 trata de 1 hombre; el 1 es mío.": "El capítulo uno trata de un hombre; el uno es mío.",
        "1 de cada 5": "uno de cada cinco",
    },
    "ordinal": {
        "El 1.º, la 2ª, el 3.er piso y el 1er lugar": "El primero, la segunda, el tercer piso y el primer lugar",
        "3ª y 1º": "tercera y primero",
        "1º piso, 3.º B, 5° lugar": "primer piso, tercero B, quinto lugar",
        "la 1ra vez, el 2do y 8vo grado": "la primera vez, el segundo y octavo grado",
        "los 1.os premios y las 2.as pruebas": "los primeros premios y las segundas pruebas",
        "El 21.º y la 4.ª edición": "El vigésimo primero y la cuarta edición",
    },
    "decimal": {
        "1.234,5": "mil doscientos treinta y cuatro coma cinco",
        "3,14 y 0,05": "tres coma catorce y cero coma cero cinco",
        "3,1416": "tres coma uno cuatro uno seis",
    },
    "sign": {"-5 °C y -3": "menos cinco grados Celsius y menos tres"},
    "fraction": {
        "3 y ½, 1 h y ½": "tres y medio, una hora y media",
        "1 ½ cdta. de sal": "una cucharadita y media de sal",
        "entrega en 24/48 h": "entrega en veinticuatro o cuarenta y ocho horas",
        "1/2, 2/3 y 3/4 de taza": "un medio, dos tercios y tres cuartos de taza",
        "1/2 kilo y ½ hora": "medio kilo y media hora",
        "3 ½ horas y 2 1/2 tazas": "tres horas y media y dos tazas y media",
        "las 3/4 partes": "las tres cuartas partes",
        "el 50 % de 3 ½": "el cincuenta por ciento de tres y medio",
        "5/12": "cinco doceavos",
    },
    "range": {
        "10-20 años": "diez a veinte años",
        "de 1-2 horas y 1 o 2 veces": "de una a dos horas y una o dos veces",
        "1990-1995 y 1990-95": "mil novecientos noventa a mil novecientos noventa y cinco y mil novecientos noventa a mil "
        "novecientos noventa y cinco",
    },
    "score": {
        "un 11-0, un 3-1": "un once a cero, un tres a uno",
        "Ganó 3-2 y empató 1:1.": "Ganó tres a dos y empató uno a uno.",
    },
    "mathematics": {
        "3 · 4 = 12": "tres por cuatro igual a doce",
        "5 - 3 = 2; 4 x 3": "cinco menos tres igual a dos; cuatro por tres",
        "x² + y² = 10 ÷ 2": "x al cuadrado más y al cuadrado igual a diez entre dos",
        "2^10 > 9 y √16 = 4": "dos elevado a diez mayor que nueve y raíz cuadrada de dieciséis igual a cuatro",
    },
    "year and decade": {
        "En 1984 y en 2001": "En mil novecientos ochenta y cuatro y en dos mil uno",
        "los años 90, los 80's y los '60": "los años noventa, los ochenta y los sesenta",
        "los años 1990": "los años mil novecientos noventa",
    },
    "century": {
        "El s. XXI y el siglo XX": "El siglo veintiuno y el siglo veinte",
        "el siglo V a. C.": "el siglo quinto antes de Cristo.",
        "los siglos XVIII y XIX, ss. XV-XVI": "los siglos dieciocho y diecinueve, siglos quince a dieciséis",
    },
    "date": {
        "14-feb-2025": "catorce de febrero de dos mil veinticinco",
        "murió el 31-XII-1999": "murió el treinta y uno de diciembre de mil novecientos noventa y nueve",
        "25/11/2026": "veinticinco de noviembre de dos mil veintiséis",
        "25-11-2026": "veinticinco de noviembre de dos mil veintiséis",
        "2026-11-25": "veinticinco de noviembre de dos mil veintiséis",
        "25 de nov. de 2026": "veinticinco de noviembre de dos mil veintiséis",
        "El 1 de mayo y el 1º de enero": "El primero de mayo y el primero de enero",
        "mayo de 2026": "mayo de dos mil veintiséis",
        "3-5 de mayo de 2024": "tres a cinco de mayo de dos mil veinticuatro",
        "el día 25/12": "el día veinticinco de diciembre",
    },
    "time": {
        "a las 5 pm, a las 12 a. m.": "a las cinco de la tarde, a las doce de la noche.",
        "corrió en 38'45\"": "corrió en treinta y ocho minutos cuarenta y cinco segundos",
        "14:30, 1:00": "catorce y treinta, una",
        "Son las 10:30 h; 1:05": "Son las diez y treinta; una y cinco",
        "a las 9.15 y a las 21": "a las nueve y quince y a las veintiuna",
        "De 9:00 a 14:00 y 16:00-20:00 h": "De nueve a catorce horas y dieciséis a veinte horas",
        "9:30 a. m. y 5 p. m.": "nueve y treinta de la mañana y cinco de la tarde.",
        "10 h, 21 h y 1 h 30 min": "diez horas, veintiuna horas y una hora y treinta minutos",
        "en 2:05:30": "en dos horas, cinco minutos y treinta segundos",
        "a la 1 en punto": "a la una en punto",
        "00:00": "cero horas",
    },
    "money": {
        "3 x 12,50 €": "tres por doce euros con cincuenta céntimos",
        "12,50 €, $1": "doce euros con cincuenta céntimos, un dólar",
        "5 millones €": "cinco millones de euros",
        "1.234,56 €": "mil doscientos treinta y cuatro euros con cincuenta y seis céntimos",
        "$100 y 21 £": "cien dólares y veintiuna libras",
        "1,2 M€ y 5 M €": "uno coma dos millones de euros y cinco millones de euros",
        "3.000 millones de euros y 10 mil €": "tres mil millones de euros y diez mil euros",
        "0,99 €; US$ 1,200": "noventa y nueve céntimos; mil doscientos dólares",
        "100 USD y 30 BRL": "cien dólares y treinta reales",
        "$ 1,500.50 MXN": "mil quinientos pesos mexicanos con cincuenta centavos",
        "1.000.000 €": "un millón de euros",
        "0,15 €/kWh y 20 €/mes": "quince céntimos por kilovatio hora y veinte euros por mes",
    },
    "unit": {
        "20 °C, 120 km/h y 3 kg": "veinte grados Celsius, ciento veinte kilómetros por hora y tres kilogramos",
        "21 t, 1 lb y 5 ha": "veintiuna toneladas, una libra y cinco hectáreas",
        "20 m², 1 kWh y 100 km/día": "veinte metros cuadrados, un kilovatio hora y cien kilómetros por día",
        "1-2 h": "una a dos horas",
        "El precio por m²": "El precio por metros cuadrados",
    },
    "percentage": {"Sube un 0,5% o el 10-20 %.": "Sube un cero coma cinco por ciento o el diez a veinte por ciento."},
    "telephone": {
        "91.123.45.68": "nueve uno, uno dos tres, cuatro cinco, seis ocho",
        "91 555 12 34": "nueve uno, cinco cinco cinco, uno dos, tres cuatro",
        "el +34 600 123 456": "el más tres cuatro, seis cero cero, uno dos tres, cuatro cinco seis",
        "600 123 456": "seis cero cero, uno dos tres, cuatro cinco seis",
        "(55) 1234-5678": "cinco cinco, uno dos tres cuatro, cinco seis siete ocho",
    },
    "code": {
        "IBAN ES91 2100 0418 4502 0005 1332": "IBAN E S nueve uno, dos uno cero cero, cero cuatro uno ocho, cuatro cinco cero dos, cero cero cero cinco, uno tres tres dos",
        "talla M/L": "talla M L",
        "expediente 2026-0457": "expediente dos mil veintiséis-cero cuatro cinco siete",
        "La habitación 305, el vuelo IB 3170": "La habitación trescientos cinco, el vuelo I B tres uno siete cero",
        "Python 3.12, v3.11.2": "Python tres punto doce, v tres punto once punto dos",
        "192.168.0.1": "uno nueve dos punto uno seis ocho punto cero punto uno",
        "la N-340, el 23-F": "la N trescientos cuarenta, el veintitrés F",
        "12345678Z": "uno dos tres cuatro cinco seis siete ocho Z",
        "art. 20.1": "artículo veinte punto uno",
    },
    "Roman numeral": {
        "Felipe VI, Alfonso XIII, Juan Pablo II": "Felipe sexto, Alfonso trece, Juan Pablo segundo",
        "Isabel II, Carlos I y Alfonso X": "Isabel segunda, Carlos primero y Alfonso décimo",
        "Capítulo IV, tomo II, cap. V": "Capítulo cuatro, tomo dos, capítulo cinco",
        "la II Guerra Mundial y la I Guerra Mundial": "la segunda Guerra Mundial y la primera Guerra Mundial",
        "el III Congreso, las II Jornadas y la X edición": "el tercer Congreso, las segundas Jornadas y la décima edición",
        "Vi a X e Y.": "Vi a X e Y.",
    },
    "abbreviation": {
        "lun. a vie., sáb. y dom.": "lunes a viernes, sábado y domingo.",
        "inc. b), fracc. IV": "inciso b), fracción cuatro",
        "la Lic. Ma. Elena Ríos": "la licenciada María Elena Ríos",
        "0,05 p. p. más": "cero coma cero cinco puntos porcentuales más",
        "a 667 m s. n. m.": "a seiscientos sesenta y siete metros sobre el nivel del mar.",
        "La Sra. López y el Dr. Ruiz, pág. 3.": "La Señora López y el Doctor Ruiz, página tres.",
        "D. Juan, D.ª María y Dña. Ana": "don Juan, doña María y Doña Ana",
        "Ud. y Uds., EE. UU., etc.": "Usted y Ustedes, Estados Unidos, etcétera.",
        "Avda. de América, n.º 5, 1.º izq.": "Avenida de América, número cinco, primero izquierda.",
        "C/ Mayor, 3, 2.º dcha., s/n": "calle Mayor, tres, segundo derecha, sin número",
        "págs. 3 y ss., p. ej. esto": "páginas tres y siguientes, por ejemplo esto",
        "Gómez & Hijos, S.A. y Pérez, S. L.": "Gómez e Hijos, Sociedad Anónima y Pérez, Sociedad Limitada.",
        "Ana, Luis, etc. Luego nada.": "Ana, Luis, etcétera. Luego nada.",
        "aprox. 30, máx. 40, tel. 112": "aproximadamente treinta, máximo cuarenta, teléfono ciento doce",
        "Lo vi en la TV. Vive en ING.": "Lo vi en la T V. Vive en ING.",
    },
    "initialism": {
        "La ONU, la OTAN, el DNI, el IVA, la UE y un PDF": "La ONU, la OTAN, el D N I, el IVA, la U E y un P D F",
        "los DVDs y las ONG": "los D V D y las O N G",
        "AT&T usa C++ y C#.": "A T and T usa C más más y C sharp.",
    },
    "address": {
        "#8M": "ocho M",
        "ana.perez@ejemplo.es": "ana punto perez arroba ejemplo punto es",
        "https://www.ejemplo.es/ayuda-1": "ejemplo punto es barra ayuda guion uno",
        "#MeGusta, @usuario_1, informe.pdf": "Me Gusta, arroba usuario guion bajo uno, informe punto P D F",
    },
}


@by_kind(SPANISH)
def test_spanish(cases):
    check(cases, "es")


@pytest.mark.parametrize(
    "nouns, gender",
    [
        (
            "casas mujeres voces noches canciones ciudades actitudes costumbres series manos fotos crisis imágenes leyes",
            "f",
        ),
        ("hombres años problemas mapas días aviones camiones análisis poetas turistas lápices países meses pies", "m"),
        ("es más menos tres antes después entonces los unas seis", ""),
    ],
)
def test_the_gender_of_a_noun_is_told_by_its_ending_and_by_a_list(nouns, gender):
    spanish = language_of("es")
    assert {noun: spanish.gender_of(noun) for noun in nouns.split()} == dict.fromkeys(nouns.split(), gender)
