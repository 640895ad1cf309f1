"""Portuguese, Brazilian and European."""

import pytest

from voices.text.normalization.languages import language_of

from .cases import by_kind, check

BRAZILIAN = {
    "scale": {
        "São 2 mesas e 2 meses.": "São duas mesas e dois meses.",
        "na escala 1:50": "na escala um a cinquenta",
    },
    "quantity": {
        "7,5 l/100 km, 1.5 kg": "sete vírgula cinco litros a cada cem quilômetros, um vírgula cinco quilograma",
        "3/4 l de vinho, 1/4 kg de açúcar": "três quartos de litro de vinho, um quarto de quilograma de açúcar",
        "4x100 m rasos": "quatro vezes cem metros rasos",
        "dormem < 10 h": "dormem menos de dez horas",
        '15,6" e 38\'45"': "quinze vírgula seis polegadas e trinta e oito minutos quarenta e cinco segundos",
        "10⁶ km": "dez elevado a seis quilômetros",
        "23° 33' S": "vinte e três graus trinta e três minutos sul",
        "2 col. (sopa) de óleo": "duas colheres de sopa de óleo",
        "R$ 9,99/un., R$ 1,20/100 g": "nove reais e noventa e nove centavos por unidade, um real e vinte centavos cada cem gramas",
        "o km 21": "o quilômetro vinte e um",
    },
    "cardinal": {
        "21 mulheres, 2 casas, 1 pessoa e 22 livros": "vinte e uma mulheres, duas casas, uma pessoa e vinte e dois livros",
        "2.001 noites e 200 páginas": "duas mil e uma noites e duzentas páginas",
        "1.105": "mil cento e cinco",
        "2 mil pessoas e 2 milhões de reais": "duas mil pessoas e dois milhões de reais",
        "2 dias, 2 problemas, 2 viagens, 2 crises": "dois dias, dois problemas, duas viagens, duas crises",
        "2 decisões, 2 aviões, 2 mãos e 2 irmãos": "duas decisões, dois aviões, duas mãos e dois irmãos",
        "Tenho 2. O capítulo 2 e a sala 1 são bons.": "Tenho dois. O capítulo dois e a sala um são bons.",
        "2.000.000 pessoas": "dois milhões de pessoas",
        "1 ou 2 vezes": "uma ou duas vezes",
    },
    "ordinal": {
        "3ª": "terceira",
        "O 1º lugar, a 2ª vez, 5° andar": "O primeiro lugar, a segunda vez, quinto andar",
        "1a edição, 21º": "primeira edição, vigésimo primeiro",
        "2ª-feira e às 3ªs feiras": "segunda-feira e às terças-feiras",
    },
    "decimal": {"3,14 e 0,05": "três vírgula catorze e zero vírgula zero cinco"},
    "sign": {"-5 °C": "menos cinco graus Celsius"},
    "fraction": {
        "3 e ½, 1 h e ½": "três e meio, uma hora e meia",
        "1/2 xícara, 3/4 de xícara": "meia xícara, três quartos de xícara",
        "3 ½ horas, 2/3, 3/11": "três horas e meia, dois terços, três onze avos",
    },
    "range": {
        "De 1-2 horas, 10-20 anos": "De uma a duas horas, dez a vinte anos",
        "1990-1995": "mil novecentos e noventa a mil novecentos e noventa e cinco",
    },
    "score": {
        "venceu por 3 a 1 (3x1)": "venceu por três a um (três a um)",
        "Venceu por 3x2, com 4 x 3 = 12.": "Venceu por três a dois, com quatro vezes três igual a doze.",
        "3x sem juros": "três vezes sem juros",
    },
    "mathematics": {
        "5 - 3 = 2; 10 ÷ 2; x²": "cinco menos três igual a dois; dez dividido por dois; x ao quadrado",
        "~30 e 3 < 5": "cerca de trinta e três menor que cinco",
    },
    "year and decade": {
        "Em 1945 e em 2001": "Em mil novecentos e quarenta e cinco e em dois mil e um",
        "os anos 90, os '80 e os anos 1980": "os anos noventa, os oitenta e os anos mil novecentos e oitenta",
    },
    "century": {
        "O séc. XXI e o século V a.C.": "O século vinte e um e o século quinto antes de Cristo.",
        "os séculos XVIII e XIX": "os séculos dezoito e dezenove",
    },
    "date": {
        "14-fev-2025": "catorze de fevereiro de dois mil e vinte e cinco",
        "de 10/05 a 15/06, até 15/06": "de dez de maio a quinze de junho, até quinze de junho",
        "em 31-XII-1999": "em trinta e um de dezembro de mil novecentos e noventa e nove",
        "25/11/2026": "vinte e cinco de novembro de dois mil e vinte e seis",
        "2026-11-25": "vinte e cinco de novembro de dois mil e vinte e seis",
        "25 de nov. de 2026": "vinte e cinco de novembro de dois mil e vinte e seis",
        "1º de maio e 1 de janeiro de 1999": "primeiro de maio e primeiro de janeiro de mil novecentos e noventa e nove",
        "dia 25/12, maio de 2026": "dia vinte e cinco de dezembro, maio de dois mil e vinte e seis",
    },
    "time": {
        "14:30, 22:00, 1:00": "catorze e trinta, vinte e duas horas, uma hora",
        "Às 9h, 14h30, 9h05min": "Às nove horas, catorze e trinta, nove horas e cinco minutos",
        "às 2, às 22h, 0h30": "às duas, às vinte e duas horas, zero hora e trinta",
        "das 9:00-18:00 e 9h-14h": "das nove a dezoito horas e nove a catorze horas",
        "em 2:05:30": "em duas horas, cinco minutos e trinta segundos",
    },
    "money": {
        "3 x R$ 12,50": "três vezes doze reais e cinquenta centavos",
        "R$ 12,50, R$ 1": "doze reais e cinquenta centavos, um real",
        "R$ 1.250,00; R$ 0,50": "mil duzentos e cinquenta reais; cinquenta centavos",
        "R$ 3,5 milhões; R$ 10 mil; R$ 2 bi": "três vírgula cinco milhões de reais; dez mil reais; dois bilhões de reais",
        "US$ 100; € 50; £ 2; 100 BRL": "cem dólares; cinquenta euros; duas libras; cem reais",
        "R$ 1.000.000,00 e R$ 1 mil": "um milhão de reais e mil reais",
        "R$ 4,99/kg": "quatro reais e noventa e nove centavos por quilo",
        "1,5 mi de pessoas": "um vírgula cinco milhão de pessoas",
    },
    "unit": {
        "120 km/h, 3 kg e 20 m²": "cento e vinte quilômetros por hora, três quilogramas e vinte metros quadrados",
        "2 t, 1 h, 22 lb, 37,5 °C": "duas toneladas, uma hora, vinte e duas libras, trinta e sete vírgula cinco graus Celsius",
    },
    "percentage": {
        "50%": "cinquenta por cento",
        "1% ou 10-20%": "um por cento ou dez a vinte por cento",
    },
    "telephone": {
        "(11) 91234-5678": "um um, nove um dois três quatro, cinco seis sete oito",
        "Ligue 0800 123 4567": "Ligue zero oito zero zero, um dois três, quatro cinco seis sete",
        "+55 11 91234-5678": "mais cinco cinco, um um, nove um dois três quatro, cinco seis sete oito",
    },
    "code": {
        "aula 1.21": "aula um ponto vinte e um",
        "CPF 123.456.789-00": "C P F um dois três, quatro cinco seis, sete oito nove, zero zero",
        "CEP 01310-100": "CEP zero um três um zero, um zero zero",
        "Sala 305, voo JJ 3456, BR-101": "Sala trezentos e cinco, voo J J três quatro cinco seis, B R cento e um",
        "versão 2.0, v3.11.2": "versão dois ponto zero, v três ponto onze ponto dois",
        "192.168.0.1": "um nove dois ponto um seis oito ponto zero ponto um",
    },
    "Roman numeral": {
        "D. Pedro II, João Paulo II, Luís XIV": "dom Pedro segundo, João Paulo segundo, Luís catorze",
        "D. Maria I e Henrique VIII": "dona Maria primeira e Henrique oitavo",
        "Capítulo IV, tomo II, cap. V": "Capítulo quatro, tomo dois, capítulo cinco",
        "a II Guerra Mundial, o III Congresso": "a segunda Guerra Mundial, o terceiro Congresso",
    },
    "abbreviation": {
        "desc. 10%, S. Exa., Drª Ana": "desconto dez por cento, Sua Excelência, Doutora Ana",
        "ter. a sex., dom. fechado": "terça a sexta, domingo fechado",
        "Era o que devia ter.": "Era o que devia ter.",
        "J. Silva Jr., n. 1000": "J Silva Júnior, número mil",
        "os nos. 3 e 4, al. b)": "os números três e quatro, alínea b)",
        "Cia. Ltda.": "Companhia limitada.",
        "O Sr. Silva, a Dra. Lima e o Prof. Paulo": "O Senhor Silva, a Doutora Lima e o Professor Paulo",
        "Av. Paulista, nº 500, apto. 12, R. Augusta": "Avenida Paulista, número quinhentos, apartamento doze, rua Augusta",
        "Exmo. Sr. e V. Ex.ª": "Excelentíssimo Senhor e Vossa Excelência",
        "Pág. 3, p. ex. isto, etc.": "Página três, por exemplo isto, et cetera.",
        "Silva & Filhos Ltda. e Petrobras S.A.": "Silva e Filhos Limitada e Petrobras Sociedade Anônima.",
        "Vi na TV. Minha ex. São dez.": "Vi na T V. Minha ex. São dez.",
    },
    "initialism": {
        "a USP": "a USP",
        "A ONU, a OTAN, o OVNI, o CPF e o PIB": "A ONU, a OTAN, o OVNI, o C P F e o PIB",
        "o IBGE, os EUA e a OMS": "o I B G É, os Estados Unidos e a Ó M S",
        "AT&T, C++ e C#": "A T and T, C mais mais e C sharp",
    },
    "address": {
        "ana@exemplo.com.br": "ana arroba exemplo ponto com ponto br",
        "https://www.exemplo.com.br/ajuda": "exemplo ponto com ponto br barra ajuda",
        "@usuario_1, relatorio.pdf": "arroba usuario sublinhado um, relatorio ponto P D F",
    },
}


@by_kind(BRAZILIAN)
def test_brazilian_portuguese(cases):
    check(cases, "pt-br")


EUROPEAN = {
    "cardinal": {
        "16, 17 e 19": "dezasseis, dezassete e dezanove",
        "1.000.000.000 de pessoas": "mil milhões de pessoas",
        "10 000 casas": "dez mil casas",
    },
    "unit": {"120 km/h": "cento e vinte quilómetros por hora"},
    "money": {"16,19 € e 3 mil milhões de euros": "dezasseis euros e dezanove cêntimos e três mil milhões de euros"},
    "time": {"às 16h17, 0h": "às dezasseis e dezassete, zero horas"},
    "telephone": {
        "Ligue 912 345 678.": "Ligue nove um dois, três quatro cinco, seis sete oito.",
        "ou +351 912 345 678": "ou mais três cinco um, nove um dois, três quatro cinco, seis sete oito",
    },
    "abbreviation": {
        "A Sr.ª D.ª Maria, a Dr.ª Ana e o Eng.º Rui": "A Senhora dona Maria, a Doutora Ana e o Engenheiro Rui",
        "R. da Paz, n.º 17, 2.º esq.": "rua da Paz, número dezassete, segundo esquerdo.",
    },
}


@by_kind(EUROPEAN)
def test_european_portuguese(cases):
    check(cases, "pt")


@pytest.mark.parametrize(
    "nouns, gender",
    [
        (
            "casas mulheres vozes noites decisões cidades atitudes viagens séries mãos fotos crises imagens leis opiniões",
            "f",
        ),
        ("homens anos problemas mapas dias aviões limões corações poetas países meses animais irmãos quilogramas", "m"),
        ("mais menos três dois antes depois mas pois seis", ""),
    ],
)
def test_the_gender_of_a_noun_is_told_by_its_ending_and_by_a_list(nouns, gender):
    portuguese = language_of("pt-br")
    assert {noun: portuguese.gender_of(noun) for noun in nouns.split()} == dict.fromkeys(nouns.split(), gender)
