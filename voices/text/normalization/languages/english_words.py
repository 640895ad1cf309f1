"""The words of English: abbreviations, currencies, units, symbols, names."""

from voices.text.normalization.language import Currency, Language, words_of

# Two capitals before a number that are no airline.
NO_CARRIERS = words_of("US UK EU UN AD BC CE AM PM TV PC CD OK NO IN ON AT TO OF MY IV VI XI IX")
DAYS = "Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun"
MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "IA": "Iowa",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri",
    "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VT": "Vermont",
    "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming", "DC": "D C",
}  # fmt: skip
# Books of the Bible, by the abbreviations that precede a chapter and a verse.
BOOKS = {
    "Gen": "Genesis", "Ex": "Exodus", "Exod": "Exodus", "Lev": "Leviticus", "Num": "Numbers", "Deut": "Deuteronomy",
    "Josh": "Joshua", "Judg": "Judges", "Sam": "Samuel", "Kgs": "Kings", "Chr": "Chronicles", "Chron": "Chronicles",
    "Neh": "Nehemiah", "Ps": "Psalm", "Pss": "Psalms", "Prov": "Proverbs", "Eccl": "Ecclesiastes", "Isa": "Isaiah",
    "Jer": "Jeremiah", "Lam": "Lamentations", "Ezek": "Ezekiel", "Dan": "Daniel", "Hos": "Hosea", "Mic": "Micah",
    "Zech": "Zechariah", "Mal": "Malachi", "Matt": "Matthew", "Mt": "Matthew", "Mk": "Mark", "Lk": "Luke",
    "Jn": "John", "Rom": "Romans", "Cor": "Corinthians", "Gal": "Galatians", "Eph": "Ephesians",
    "Phil": "Philippians", "Col": "Colossians", "Thess": "Thessalonians", "Tim": "Timothy", "Heb": "Hebrews",
    "Jas": "James", "Pet": "Peter", "Rev": "Revelation",
}  # fmt: skip
BOOK_NAMES = words_of(
    "Genesis Exodus Leviticus Numbers Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra Job Psalm Psalms "
    "Proverbs Ecclesiastes Isaiah Jeremiah Ezekiel Daniel Hosea Joel Amos Micah Matthew Mark Luke John Acts Romans "
    "Corinthians Galatians Ephesians Philippians Colossians Thessalonians Timothy Titus Hebrews James Peter Jude "
    "Revelation"
)
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega"
)
GREEK_LETTERS = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK.split(), strict=True))
GREEK_LETTERS |= {letter.upper(): name for letter, name in GREEK_LETTERS.items()}
DIRECTIONS = {"N": "north", "S": "south", "E": "east", "W": "west"} | {
    f"{first}{second}": f"{north}{east}"
    for first, north in (("N", "north"), ("S", "south"))
    for second, east in (("E", "east"), ("W", "west"))
}
STREETS = {
    "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Sq": "Square", "Ter": "Terrace", "Cir": "Circle", "Rd": "Road",
    "Ave": "Avenue", "Blvd": "Boulevard", "Fl": "Floor", "Pkwy": "Parkway",
}  # fmt: skip


class EnglishWords(Language):
    before_numbers = {
        "No.": "number", "Nos.": "numbers", "Nr.": "number", "№": "number", "p.": "page", "pp.": "pages",
        "Fig.": "figure", "Figs.": "figures", "Vol.": "volume", "Vols.": "volumes", "Ch.": "chapter",
        "Chap.": "chapter", "Sec.": "section", "Sect.": "section", "Art.": "article", "Eq.": "equation",
        "Ex.": "example", "Tab.": "table", "Ln.": "line", "Ext.": "extension", "Apt.": "apartment", "Rm.": "room",
        "Pt.": "part", "Op.": "opus", "Ver.": "version", "Ste.": "suite", "Bldg.": "building", "Rte.": "route",
        "Hwy.": "highway", "Rd.": "round", "para.": "paragraph",
        "paras.": "paragraphs", "Ed.": "edition", "Gen.": "generation", "c.": "circa", "ca.": "circa",
    }  # fmt: skip
    currencies = {
        "$": Currency("dollar/dollars", "cent/cents"), "€": Currency("euro/euros", "cent/cents"),
        "£": Currency("pound/pounds", "penny/pence"), "¥": Currency("yen"),
        "₹": Currency("rupee/rupees", "paisa/paise"), "₩": Currency("won"),
        "₽": Currency("ruble/rubles", "kopeck/kopecks"), "₺": Currency("lira"), "₪": Currency("shekel/shekels"),
        "₿": Currency("bitcoin/bitcoins"), "¢": Currency("cent/cents"),
        "R$": Currency("real/reais", "centavo/centavos"), "US$": Currency("US dollar/US dollars", "cent/cents"),
        "C$": Currency("Canadian dollar/Canadian dollars", "cent/cents"),
        "A$": Currency("Australian dollar/Australian dollars", "cent/cents"),
        "HK$": Currency("Hong Kong dollar/Hong Kong dollars", "cent/cents"),
        "USD": Currency("US dollar/US dollars", "cent/cents"), "EUR": Currency("euro/euros", "cent/cents"),
        "GBP": Currency("pound/pounds", "penny/pence"), "JPY": Currency("yen"),
        "CHF": Currency("Swiss franc/Swiss francs", "centime/centimes"),
        "INR": Currency("rupee/rupees", "paisa/paise"), "BRL": Currency("real/reais", "centavo/centavos"),
        "CNY": Currency("yuan"), "RMB": Currency("yuan"),
        "CAD": Currency("Canadian dollar/Canadian dollars", "cent/cents"),
        "AUD": Currency("Australian dollar/Australian dollars", "cent/cents"),
        "MXN": Currency("peso/pesos", "centavo/centavos"), "BTC": Currency("bitcoin/bitcoins"),
        "MX$": Currency("Mexican peso/Mexican pesos", "centavo/centavos"),
        "NZ$": Currency("New Zealand dollar/New Zealand dollars", "cent/cents"),
        "NZD": Currency("New Zealand dollar/New Zealand dollars", "cent/cents"),
        "S$": Currency("Singapore dollar/Singapore dollars", "cent/cents"),
        "SGD": Currency("Singapore dollar/Singapore dollars", "cent/cents"),
        "HKD": Currency("Hong Kong dollar/Hong Kong dollars", "cent/cents"),
        "SEK": Currency("Swedish krona/Swedish kronor"), "NOK": Currency("Norwegian krone/Norwegian kroner"),
        "DKK": Currency("Danish krone/Danish kroner"), "kr": Currency("krona/kronor"),
        "PLN": Currency("zloty"), "CZK": Currency("koruna/koruny"), "HUF": Currency("forint/forints"),
        "TRY": Currency("lira"), "ZAR": Currency("rand", "cent/cents"), "KRW": Currency("won"),
        "RUB": Currency("ruble/rubles", "kopeck/kopecks"), "₴": Currency("hryvnia/hryvnias"),
        "₦": Currency("naira"), "₫": Currency("dong"), "฿": Currency("baht"), "₱": Currency("peso/pesos"),
    }  # fmt: skip
    units = {
        "dB": "decibel/decibels", "kbps": "kilobit per second/kilobits per second",
        "rpm": "revolution per minute/revolutions per minute", "Mbps": "megabit per second/megabits per second",
        "Gbps": "gigabit per second/gigabits per second", "fps": "frame per second/frames per second",
        "bpm": "beat per minute/beats per minute", "mAh": "milliamp hour/milliamp hours", "Ah": "amp hour/amp hours",
        "MWh": "megawatt hour/megawatt hours", "GWh": "gigawatt hour/gigawatt hours",
        "TWh": "terawatt hour/terawatt hours", "Wh": "watt hour/watt hours", "Nm": "newton meter/newton meters",
        "bar": "bar/bar", "mins": "minute/minutes", "secs": "second/seconds", "wk": "week/weeks", "wks": "weeks",
        "yr": "year/years", "yrs": "years", "pcs": "piece/pieces", "qt": "quart/quarts",
        "kWh": "kilowatt hour/kilowatt hours", "bps": "basis point/basis points", "pts": "point/points",
        "mpg": "mile per gallon/miles per gallon", "sqft": "square foot/square feet",
        "sq. ft": "square foot/square feet", "sq. ft.": "square foot/square feet",
        "cu ft": "cubic foot/cubic feet", "cu. ft.": "cubic foot/cubic feet",
        "sq mi": "square mile/square miles", "sq. mi.": "square mile/square miles",
        "sq m": "square meter/square meters", "sq km": "square kilometer/square kilometers",
        "bbl": "barrel/barrels", "mmHg": "millimeter of mercury/millimeters of mercury",
        "mcg": "microgram/micrograms", "Tbsp": "tablespoon/tablespoons", "Tbs": "tablespoon/tablespoons",
        "Tsp": "teaspoon/teaspoons", "mos": "month/months", "mo": "month/months", "doz": "dozen",
        "° C": "degree Celsius/degrees Celsius",
        "° F": "degree Fahrenheit/degrees Fahrenheit", "IU": "international unit/international units",
    }  # fmt: skip
    abbreviations = {
        "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "vs": "versus",
        "approx.": "approximately", "cf.": "compare", "viz.": "namely", "et al.": "and others", "incl.": "including",
        "excl.": "excluding", "esp.": "especially", "est.": "estimated", "Sr.": "senior", "doz.": "dozen",
        "lg.": "large", "dist.": "distance", "dept.": "department",
        "govt.": "government", "assn.": "association", "Inc.": "Incorporated", "Ltd.": "Limited",
        "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers", "Jr.": "junior", "Ph.D.": "P H D",
        "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Hwy.": "Highway", "Pkwy.": "Parkway",
        "w/o": "without", "w/": "with", "b/c": "because", "a.k.a.": "A K A", "a.m.": "A M", "p.m.": "P M",
        "misc.": "miscellaneous", "temp.": "temperature", "max.": "maximum", "min.": "minimum", "tel.": "telephone",
        "ext.": "extension", "ibid.": "ibidem", "and/or": "and or", "no.s": "numbers", "Univ.": "University",
        "Jan.": "January", "Feb.": "February", "Aug.": "August", "Sept.": "September", "Oct.": "October",
        "Nov.": "November", "Dec.": "December", "Mon.": "Monday", "Tues.": "Tuesday", "Wed.": "Wednesday",
        "Thurs.": "Thursday", "Fri.": "Friday", "lbs.": "pounds", "lbs": "pounds", "oz": "ounces", "oz.": "ounces",
        "tsp.": "teaspoon", "tsp": "teaspoon", "tbsp.": "tablespoon", "tbsp": "tablespoon", "sq.": "square",
        "feat.": "featuring", "ea.": "each",
        "Tue.": "Tuesday", "Thu.": "Thursday", "Calif.": "California", "Mich.": "Michigan", "Minn.": "Minnesota",
        "Ariz.": "Arizona", "Okla.": "Oklahoma", "Tenn.": "Tennessee", "Wis.": "Wisconsin", "Conn.": "Connecticut",
    }  # fmt: skip
    titles = {
        "Dr.": "Doctor", "Dr": "Doctor", "Mr.": "Mister", "Mr": "Mister", "Mrs.": "Missus", "Mrs": "Missus",
        "Ms.": "Miz", "Ms": "Miz", "Prof.": "Professor", "Gen.": "General", "Sen.": "Senator",
        "Rep.": "Representative", "Gov.": "Governor", "Capt.": "Captain", "Cpt.": "Captain", "Lt.": "Lieutenant",
        "Sgt.": "Sergeant", "Col.": "Colonel", "Cmdr.": "Commander", "Maj.": "Major", "Rev.": "Reverend",
        "Hon.": "Honorable", "Pres.": "President", "Supt.": "Superintendent", "Messrs.": "Messieurs", "Mt.": "Mount",
        "Mt": "Mount", "Ft.": "Fort", "Fr.": "Father", "Br.": "Brother", "Sr.": "Sister",
        "Rt. Hon.": "Right Honorable", "Prof": "Professor",
        "Capt": "Captain", "Rev": "Reverend", "Sgt": "Sergeant", "Pt.": "Point", "Cpl.": "Corporal",
        "Pvt.": "Private",
    }  # fmt: skip
    initialisms = words_of(
        "AA AAA AAC AARP ABC AC ACL ACLU AD ADHD AED AFL AFP AI AIG AKA ALS AM AMC AMD AOC AOL AP API APIs "
        "APR AR ASAP ATF ATM ATV AV AVI AWS B2B BA BBC BC BCE BMI BMW BYOB CBS CCTV CD CDC CE CEO CFO CIA CIO "
        "CLI CNN COO CPU CSS CTO DC DEA DIY DNA DOA DOD DOI DOJ DUI DUP DVD DVLA ECB ECG EDT EEG EIA EIN EKG "
        "EMS EMT EOB EOD EP EPA EPL EQ ER ESL ESPN EST ETA ETF EU EV FAA FAQ FBI FDA FYI GCSE GDP GE GED GM "
        "GMT GOP GPA GPS GPU GRE GUI HDMI HIV HOA HP HR HTML IAEA IBM IBS ICBM ICC ICJ ICU ID IDE IDK IEEE "
        "ILO IMF IMO IOC IOU IP IPA IPCC IPO IQ IRA IRL IRS ISBN ISSN ISO ISP ISS IT IUD IV IVF KGB KPI LA LED "
        "LGBT LGBTQ LMAO MA MBA MEP MIA MIT MMO MOU MRI MVP NAACP NBA NBC NCAA NDA NFL NGO NHL NHS NIH NPR "
        "NSA NYC OCD OCR OECD OED OEM OLED OMG OOP OPM OS OST OTC PA PBS PC PDF PDT PE PIB PM PMI PO POV PR "
        "PSA PST QA QR RAF RBI RIP RNA ROI ROTC RPG RSVP SDK SEO SMS SOP SOS SQL SUV TBA TBD TSA TTYL TV UAE "
        "UAV UBS UCLA UFC UFO UHF UI UK UN UPI UPS URI URL US USA USAF USB USC USDA USMC USPS USS USSR UTC "
        "UTF UUID UV UX VA VAT VFX VIP VPN VR WHO WTO WWI WWII XML XR YMCA"
    )
    words_too = words_of("IT WHO AM OS ER PA MA AD ID LED")
    acronyms = words_of(
        "NASA NATO UNESCO UNICEF OPEC FIFA UEFA AIDS SCUBA SWAT RAM ROM GIF JPEG PIN SIM LAN WAN COVID SARS MERS NAFTA "
        "FEMA OSHA POTUS SCOTUS LASIK LASER RADAR SONAR ASCII YAML JSON ZIP TED IKEA IHOP FOMO YOLO ICE"
    )
    numeral_nouns = words_of(
        "chapter part book volume act scene section article title phase stage type class grade level tier form group "
        "unit war appendix figure table canto psalm lesson ch. vol. pt. sec. art. bowl apollo mark category "
        "division episode season round"
    )
    regnal_names = words_of(
        "Alexander Alfonso Amenhotep Benedict Boniface Catherine Charles Christian Clement Cleopatra Edward "
        "Elizabeth Ferdinand Francis Frederick George Gregory Gustav Harald Henry Innocent Isabella Ivan James John "
        "Joseph Julius Leo Leopold Louis Margaret Mary Maximilian Mehmed Mohammed Murad Napoleon Nicholas Olaf Otto "
        "Paul Peter Philip Pius Ptolemy Ramesses Ramses Richard Robert Rudolf Selim Sixtus Stephen Thutmose "
        "Tutankhamun Urban Victor Wilhelm William Xerxes Darius Cyrus Umberto Emmanuel Felipe Carl Edmund "
        "David Constantine Justinian Theodosius Valentinian Antiochus Artaxerxes Sigismund Casimir Vladislaus Bela "
        "Haakon Christopher Eric Magnus"
    )
    symbols = {
        "&": "and", "&&": "and", "+": "plus", "=": "equals", " < ": "is less than", " > ": "is greater than",
        "==": "equals", "<": "less than", ">": "greater than",
        "≠": "is not equal to", "!=": "is not equal to", "≤": "is at most", "<=": "is at most", "≥": "is at least",
        ">=": "is at least", "≈": "is about", "≡": "is identical to", "±": "plus or minus", "×": "times",
        "÷": "divided by", "√": "the square root of", "∞": "infinity", "∑": "the sum of", "∏": "the product of",
        "∆": "delta", "∂": "partial", "∫": "the integral of", "→": "to", "←": "from", "↔": "to and from",
        "⇒": "implies", "∈": "in", "∉": "not in", "∪": "union", "∩": "intersection", "⊂": "is a subset of",
        "∅": "the empty set", "∝": "is proportional to", "∠": "angle", "∴": "therefore", "²": "squared", "³": "cubed",
        "^": "to the power of", "~": "about", "#": "number", "§": "section", "@": "at", "°": "degrees",
        "%": "percent", "‰": "per mille", "/": "over", "π": "pi", "µ": "micro", "Ω": "ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark",
        "=": "equals", "&": "and", "#": "hash", "~": "tilde", "\\": "backslash", "%": "percent", "+": "plus",
    }  # fmt: skip
    terms = {
        "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "Notepad++": "Notepad plus plus",
        "AT&T": "A T and T", "R&D": "R and D", "Q&A": "Q and A", "B&B": "B and B", "H&M": "H and M", "M&A": "M and A",
        "24/7": "twenty-four seven", "50-50": "fifty-fifty", "9-1-1": "nine one one", "9/11": "nine eleven",
        "50/50": "fifty fifty", "TCP/IP": "T C P I P", "A/C": "A C", "I/O": "I O", "N/A": "not applicable",
        "n/a": "not applicable", "24/7/365": "twenty-four seven three sixty-five", "YoY": "year over year",
        "QoQ": "quarter over quarter", "y/o": "year-old", "c/o": "care of", "he/she": "he or she",
        "his/her": "his or her", "s/he": "she or he", "him/her": "him or her", "PhD": "P H D", "PhDs": "P H D’s",
        "BSc": "B S C", "MSc": "M S C", "mRNA": "M R N A", "tRNA": "T R N A", "pH": "P H", "SpO2": "S P O two",
        "SpO₂": "S P O two", "iOS": "I O S", "macOS": "mac O S", "iPadOS": "iPad O S", "IoT": "I O T",
        "ASP.NET": "A S P dot net", "M&Ms": "M and M’s", "M&M’s": "M and M’s", "Ctrl": "Control", "LaTeX": "lah-tek",
        "Xbox 360": "Xbox three sixty", "20/20": "twenty twenty", "T&Cs": "T and C’s",
        "T&C": "T and C", "Ph.D.s": "P H D’s",
        "H.264": "H two six four", "H.265": "H two six five",
        "P&P": "P and P", "Fed. R. Civ. P.": "Federal Rule of Civil Procedure", "w/c": "week commencing",
    }  # fmt: skip
