"""English."""

from .cases import by_kind, check

AMERICAN = {
    "cardinal": {
        "I have 3 cats and 0 dogs.": "I have three cats and zero dogs.",
        "2,500 people": "two thousand five hundred people",
        "1,234,567 people": "one million two hundred thirty-four thousand five hundred sixty-seven people",
        "It is 5. Then 6.": "It is five. Then six.",
        "The war killed 1 000 000 people.": "The war killed one million people.",
        "a 12,345-seat arena": "a twelve thousand three hundred forty-five-seat arena",
        "There were 1,001 nights.": "There were one thousand one nights.",
        "Twenty-one 3rd graders read 12 books.": "Twenty-one third graders read twelve books.",
        "The 49ers and the 76ers won.": "The forty-niners and the seventy-sixers won.",
        "It has 1500 seats.": "It has fifteen hundred seats.",
        "Lap 3 of 58": "Lap three of fifty-eight",
    },
    "decimal": {
        "1,234.89": "one thousand two hundred thirty-four point eight nine",
        "0.05": "zero point zero five",
        "Pi is 3.14.": "Pi is three point one four.",
        "He hit .312 last year.": "He hit point three one two last year.",
        "3.0 is not 3.": "three point zero is not three.",
        "99.99% of 2.71828": "ninety-nine point nine nine percent of two point seven one eight two eight",
    },
    "sign": {
        "-5 degrees": "minus five degrees",
        "from -40 to +4": "from minus forty to plus four",
        "$-5 or -$5": "minus five dollars or minus five dollars",
        "−3 and -0.5%": "minus three and minus zero point five percent",
        "(+1.2%)": "(plus one point two percent)",
    },
    "range": {
        "10-20 men": "ten to twenty men",
        "1990-1995": "nineteen ninety to nineteen ninety-five",
        "a 10-20% rise": "a ten to twenty percent rise",
        "$20–$30 or 5%–10%": "twenty dollars to thirty dollars or five percent to ten percent",
        "20°C to 25°C, 30-35°C": (
            "twenty degrees Celsius to twenty-five degrees Celsius, thirty to thirty-five degrees Celsius"
        ),
        "A–Z, K–5 and NY–LA": "A to Z, K to five and N Y to L A",
        "wins 102-98 and 21-7": "wins one hundred two to ninety-eight and twenty-one to seven",
        "5,000–10,000 steps": "five thousand to ten thousand steps",
        "aged 18-35": "aged eighteen to thirty-five",
        "a pH of 7.35-7.45": "a P H of seven point three five to seven point four five",
    },
    "percentage": {
        "50% of 12.5 %": "fifty percent of twelve point five percent",
        "up 2.3%, down -0.5%": "up two point three percent, down minus zero point five percent",
        "at 5.25%-5.50%": "at five point two five percent to five point five zero percent",
        "a 25 bps cut": "a twenty-five-basis point cut",
    },
    "money": {
        "$3.50, $1, -$2": "three dollars and fifty cents, one dollar, minus two dollars",
        "US$1,000,000 or €5 million": "one million US dollars or five million euros",
        "$1.2M and €3bn": "one point two million dollars and three billion euros",
        "$0.99 and €29,99": "ninety-nine cents and twenty-nine euros and ninety-nine cents",
        "$5-10 million; $3–5; £2m; ¥500; 50¢": (
            "five to ten million dollars; three to five dollars; two million pounds; five hundred yen; fifty cents"
        ),
        "US$ 20, 20 USD, EUR 15": "twenty US dollars, twenty US dollars, fifteen euros",
        "The population is 8.1 bn.": "The population is eight point one billion.",
        "12% of 12.5M": "twelve percent of twelve point five million",
        "a $5 bill and a $10 million deal": "a five dollar bill and a ten million dollar deal",
        "oil at $82.14/bbl": "oil at eighty-two dollars and fourteen cents per barrel",
        "$1.50/lb, 5¢/mile, $12/mo.": (
            "one dollar and fifty cents per pound, five cents per mile, twelve dollars per month."
        ),
        "$.75 or $1.01": "seventy-five cents or one dollar and one cent",
        "NZ$3, S$5, MX$200 and 100 SEK": (
            "three New Zealand dollars, five Singapore dollars, two hundred Mexican pesos and one hundred "
            "Swedish kronor"
        ),
        "homes from $1M+": "homes from one million dollars plus",
        "$1,234,567.89": (
            "one million two hundred thirty-four thousand five hundred sixty-seven dollars and eighty-nine cents"
        ),
        "£1=US$1.27": "one pound equals one US dollar and twenty-seven cents",
        "$50k-$60k": "fifty thousand dollars to sixty thousand dollars",
        "USD 1,234.56": "one thousand two hundred thirty-four US dollars and fifty-six cents",
        "a $3.5T market cap": "a three point five trillion dollar market cap",
        "less than $2.15/day": "less than two dollars and fifteen cents per day",
        "Chelsea's £106.8m signing, the $5 they owe": (
            "Chelsea's one hundred six point eight million pound signing, the five dollars they owe"
        ),
        "£1,450 pcm": "one thousand four hundred fifty pounds per calendar month",
    },
    "ordinal": {
        "1st, 2nd, 21st and 103rd": "first, second, twenty-first and one hundred third",
        "his 21ST and 5TH": "his twenty-first and fifth",
        "the 3rd-place team": "the third-place team",
        "on the 21st Fl., please": "on the twenty-first Floor, please",
    },
    "year": {
        "In 1984, 1905, 2005 and 2026": (
            "In nineteen eighty-four, nineteen oh five, two thousand five and twenty twenty-six"
        ),
        "the years 2010-12, 1914–18": "the years twenty ten to twenty twelve, nineteen fourteen to nineteen eighteen",
        "the Class of '99, H1'25": "the Class of ninety-nine, H one twenty-five",
        "c. 1450–1519": "circa fourteen fifty to fifteen nineteen",
        "est. 1995, est. 500 people": "established nineteen ninety-five, estimated five hundred people",
        "Mar. '24": "March twenty twenty-four",
        "AD 79 and 44 B.C.": "A D seventy-nine and forty-four B C.",
        "2024/25": "twenty twenty-four twenty-five",
    },
    "decade": {
        "the 1990s and '80s": "the nineteen nineties and eighties",
        "the 1850s–60s": "the eighteen fifties to sixties",
        "the ’60s, the mid-1990s, the 00s": "the sixties, the mid-nineteen nineties, the two thousands",
        "in his 30s": "in his thirties",
        "the 400s": "the four hundreds",
    },
    "time": {
        "at 14:30, 3:05 pm, 3:00 pm, 12:00": "at fourteen thirty, three oh five P M, three P M, twelve o’clock",
        "From 9am-5pm, Mon-Fri.": "From nine A M to five P M, Monday to Friday.",
        "From 9:00 a.m. to 5:30 p.m.": "From nine A M to five thirty P M.",
        "9:00–10:30 and 1-5pm": "nine o’clock to ten thirty and one to five P M",
        "2:00-3:30 pm EST": "two to three thirty P M E S T",
        "8am-noon, noon–1pm": "eight A M to noon, noon to one P M",
        "at 0900 hours and 0842 GMT": "at oh nine hundred hours and oh eight forty-two G M T",
        "2:14:04 and 10:00:30": "two fourteen oh four and ten oh oh thirty",
        "00:00, 12:30am, 9.30pm": "midnight, twelve thirty A M, nine thirty P M",
        "5 PM ET/2 PM PT": "five P M ET two P M P T",
        "at :15 and :45": "at fifteen and forty-five",
        "a lap of 1:32.608": "a lap of one thirty-two point six zero eight",
    },
    "date": {
        "2026-11-24": "November twenty-fourth, twenty twenty-six",
        "11/24/2026": "November twenty-fourth, twenty twenty-six",
        "On 4 July 1776": "On July fourth, seventeen seventy-six",
        "the meeting is on Mon., Jan. 5": "the meeting is on Monday, January fifth",
        "In the 1800s, in 1066, in 2000, in 500 BC": (
            "In the eighteen hundreds, in ten sixty-six, in two thousand, in five hundred B C"
        ),
        "Apollo 11 landed in '69.": "Apollo eleven landed in sixty-nine.",
        "Born in the '90s, not the 80's.": "Born in the nineties, not the eighties.",
        "July 9–11, 2024": "July ninth to eleventh, twenty twenty-four",
        "3–7 June": "June third to seventh",
        "Dec. 30 – Jan. 2": "December thirtieth to January second",
        "Jan–Mar and May-June": "January to March and May to June",
        "on 12/24, RSVP by 5/1": "on December twenty-fourth, R S V P by May first",
        "Tue., 3/5": "Tuesday, March fifth",
        "On Tue, Mar 5, 2024": "On Tuesday, March fifth, twenty twenty-four",
        "the 4th of July": "the fourth of July",
        "4th of July 1776": "fourth of July seventeen seventy-six",
        "5-May-2024, Jul-04-2021": "May fifth, twenty twenty-four, July fourth, twenty twenty-one",
        "2024/03/15, 2024-03": "March fifteenth, twenty twenty-four, March twenty twenty-four",
        "15.03.2024": "March fifteenth, twenty twenty-four",
        "Jan. 1st, 1900": "January first, nineteen hundred",
        "25 & 26 December": "December twenty-fifth and twenty-sixth",
        "Oct. 3rd": "October third",
        "12/31/99": "December thirty-first, nineteen ninety-nine",
        "9/6-9/8, ends 11/30": "September sixth to September eighth, ends November thirtieth",
    },
    "telephone number": {
        "Call 555-1234 or (212) 555-1234.": (
            "Call five five five, one two three four or two one two, five five five, one two three four."
        ),
        "+1 212 5551234": "plus one, two one two, five five five one two three four",
        "415.555.2672 ext. 12": "four one five, five five five, two six seven two extension twelve",
        "(555)123-4567": "five five five, one two three, four five six seven",
        "1-900-555-0100 x12": "one, nine zero zero, five five five, zero one zero zero extension one two",
        "Text HELP to 741741.": "Text HELP to seven four one seven four one.",
        "911, not 112": "nine one one, not one hundred twelve",
    },
    "code": {
        "Agent 007": "Agent zero zero seven",
        "12345678901": "one two three, four five six, seven eight nine, zero one",
        "v3.11.2": "v three point eleven point two",
        "MP3, 5km, 4x4": "M P three, five kilometers, four by four",
        "IP 192.168.0.1.": "I P one nine two dot one six eight dot zero dot one.",
        "Call 1-800-555-1234 now!": "Call one, eight zero zero, five five five, one two three four now!",
        "The ISBN is 978-3-16-148410-0.": (
            "The I S B N is nine seven eight, three, one six, one four eight four one zero, zero."
        ),
        "in FY2023 and Q3 2024": "in F Y twenty twenty-three and Q three twenty twenty-four",
        "Boeing 747 and Airbus A380": "Boeing seven hundred forty-seven and Airbus A three eighty",
        "B2B, 3D, 4K, 5G": "B two B, three D, four K, five G",
        "Dial 911 or 112.": "Dial nine one one or one hundred twelve.",
        "section 3.2.1 of RFC 2616": "section three point two point one of R F C two thousand six hundred sixteen",
        "COVID-19, F-16s and the AK-47": "COVID nineteen, F sixteens and the A K forty-seven",
        "I-95 to US-101": "I ninety-five to U S one oh one",
        "plate no. ABC-1234": "plate number A B C twelve thirty-four",
        "SSN 123-45-6789": "S S N one two three, four five, six seven eight nine",
        "HTTP 404, error 500": "H T T P four oh four, error five hundred",
        "1080p, 720p and 4K": "ten eighty P, seven twenty P and four K",
        "H.264 and HTML5": "H two six four and HTML five",
        "error 0x80070005, #FF5733": (
            "error zero x eight zero zero seven zero zero zero five, F F five seven three three"
        ),
        "London NW1 6XE": "London N W one six X E",
        "Boeing 737-800": "Boeing seven thirty-seven eight hundred",
        "Z999AA101234": "Z nine nine nine, A A one zero one, two three four",
        "a card ending in 4242": "a card ending in four two four two",
        "H₂O, CO₂ and ²³⁵U": "H two O, C O two and two thirty-five U",
        "vitamin B12, D3": "vitamin B twelve, D three",
        "127.0.0.1:8080": "one two seven dot zero dot zero dot one colon eight zero eight zero",
        "Python 3.12, v20.11.1, C++17": (
            "Python three point one two, v twenty point eleven point one, C plus plus seventeen"
        ),
        "case No. 18-956": "case Number eighteen nine fifty-six",
    },
    "fraction": {
        "1/2 or 3/4 cup": "one half or three quarters cup",
        "2/3rds of it": "two thirds of it",
        "a 1/4 mile, a 1/2 cup": "a quarter mile, a half cup",
        "1-1/2 cups": "one and a half cups",
        "5 3/8 inches": "five and three eighths inches",
        "22/7": "twenty-two over seven",
    },
    "Roman numeral": {
        "Henry VIII met Elizabeth II in Chapter IV.": "Henry the eighth met Elizabeth the second in Chapter four.",
        "World War II": "World War Two",
        "Thutmose II's reign": "Thutmose the second's reign",
        "I am I, said V.": "I am I, said V.",
        "Louis the XIV": "Louis the fourteenth",
        "Section IV(a), Scene ii, pp. xi–xv": "Section four a, Scene two, pages eleven to fifteen",
        "Stage IIIB cancer, grade IV": "Stage three B cancer, grade four",
        "MCMXCIV and MMXXIV": "nineteen ninety-four and twenty twenty-four",
        "WW1, WW2 and World War I": "World War One, World War Two and World War One",
        "Phase I, Vol. I": "Phase one, volume one",
        "Rocky IV, Part II, Act III": "Rocky four, Part two, Act three",
        'Do I? I do. "I," he said.': 'Do I? I do. "I," he said.',
        "Vitamin C, Plan B, Malcolm X": "Vitamin C, Plan B, Malcolm X",
        "an IV drip": "an I V drip",
        "John Doe III, Henry Ford II": "John Doe the third, Henry Ford the second",
    },
    "abbreviation": {
        "Dr. Smith lives at 12 St. James St., next to Mr. and Mrs. Brown.": (
            "Doctor Smith lives at twelve Saint James Street, next to Mister and Missus Brown."
        ),
        "e.g. apples, i.e. the red ones, etc.": "for example apples, that is the red ones, et cetera.",
        "No. I left it.": "No. I left it.",
        "No. 5": "Number five",
        "eg this, ie that": "for example this, that is that",
        "54 y/o": "fifty-four year-old",
        "Brown v. Board": "Brown versus Board",
        "feat. Prince": "featuring Prince",
        "3 ea. = 9": "three each equals nine",
        "w/o, c/o and n/a": "without, care of and not applicable",
        "approx. 20": "approximately twenty",
        "fig. 2a, eq. (3), para. 2": "figure two a, equation (three), paragraph two",
        "We met in Sept.": "We met in September.",
    },
    "initialism": {
        "The FBI, NASA and AT&T use C++, SQL and APIs.": (
            "The F B I, NASA and A T and T use C plus plus, S Q L and A P I’s."
        ),
        "DO NOT TOUCH THE RED BUTTON!": "DO NOT TOUCH THE RED BUTTON!",
        "CEOs, MPs and PhDs": "C E O’s, M P’s and P H D’s",
        "NASA's and the IRS's": "NASA's and the I R S’s",
        "an MBA, Ph.D.s": "an M B A, P H D’s",
        "R&B, PB&J and M&Ms": "R and B, P B and J and M and M’s",
        "mRNA, pH and iOS": "M R N A, P H and I O S",
        "HIV/AIDS, ADHD": "H I V AIDS, A D H D",
        "U.S.-based, the U.S.A.'s": "U S-based, the U S A's",
        "HE WORKS IN IT AND WHO ASKED?": "HE WORKS IN IT AND WHO ASKED?",
        "the TVs' CPUs": "the T V’s' C P U’s",
        "LAN, VPN, PIN": "LAN, V P N, PIN",
    },
    "place": {
        "St. Petersburg, FL 33701": "Saint Petersburg, Florida three three seven zero one",
        "Dr. King lived at 123 Main St.": "Doctor King lived at one hundred twenty-three Main Street.",
        "Turn left onto Elm Dr. and stop.": "Turn left onto Elm Drive and stop.",
        "The 2nd Ave. subway": "The second Avenue subway",
        "Mt. Everest is 8,848 m high.": "Mount Everest is eight thousand eight hundred forty-eight meters high.",
        "No. 10 Downing St.": "Number ten Downing Street.",
        "Room 5B, Gate A12, Flight UA123": "Room five B, Gate A twelve, Flight U A one twenty-three",
        "The meeting is in Rm. 204.": "The meeting is in room two oh four.",
        "Austin, TX; Miami, FL.": "Austin, Texas; Miami, Florida.",
        "It's fine, OK, let's go.": "It's fine, OK, let's go.",
        "Sen. Cruz (R-TX)": "Senator Cruz (R, Texas)",
        "5 N. Main St., Ste. 200": "five North Main Street, suite two hundred",
        "45 W. 25th St.": "forty-five West twenty-fifth Street.",
        "St. Louis, St. Paul's": "Saint Louis, Saint Paul's",
        "12 km SE of town": "twelve kilometers southeast of town",
        "27 Queen's Rd., Leeds": "twenty-seven Queen's Road, Leeds",
        "Ft. Worth, Mt. Hood": "Fort Worth, Mount Hood",
        "exit 7A off Rte. 66": "exit seven A off route sixty-six",
        "40°N, 74.006°W": "forty degrees north, seventy-four point zero zero six degrees west",
        "P.O. Box 12": "P O Box twelve",
        "N. Korea, E. 42nd St.": "North Korea, East forty-second Street.",
    },
    "quantity": {
        "A 10-km run, a 5-star hotel": "A ten-kilometer run, a five-star hotel",
        "a 10m (32ft) passageway": "a ten-meter (thirty-two feet) passageway",
        "He's 5 ft 11 in tall.": "He's five feet eleven inches tall.",
        "It's 6'2\" and weighs 13.5 lbs.": "It's six feet two inches and weighs thirteen point five pounds.",
        "1 km, 1.0 km, 0.5 mi": "one kilometer, one point zero kilometers, zero point five miles",
        "3 h 20 min, 45 s": "three hours twenty minutes, forty-five seconds",
        "She ran the 100m in 9.58s.": "She ran the one hundred meters in nine point five eight seconds.",
        "Our Wi-Fi runs at 300 Mbps; ping is 15 ms.": (
            "Our Wi-Fi runs at three hundred megabits per second; ping is fifteen milliseconds."
        ),
        "Add 2 tbsp of oil & 1 tsp of salt.": "Add two tablespoons of oil and one teaspoon of salt.",
        "-12°C (10.4°F)": "minus twelve degrees Celsius (ten point four degrees Fahrenheit)",
        "3,000 sq ft": "three thousand square feet",
        "8GB of RAM and 256 GB of storage": "eight gigabytes of RAM and two hundred fifty-six gigabytes of storage",
        "1½ tsp. salt, ¼ tsp pepper": "one and a half teaspoons salt, one quarter of a teaspoon pepper",
        "½ lb butter, 3/4 mi": "half a pound butter, three quarters of a mile",
        "150 million km": "one hundred fifty million kilometers",
        "250mg/5mL": "two hundred fifty milligrams per five milliliters",
        "140 mg/dL, 120/80 mmHg": (
            "one hundred forty milligrams per deciliter, one hundred twenty over eighty millimeters of mercury"
        ),
        "a 20-oz. coffee": "a twenty-ounce coffee",
        "1,200 sqft, 30 mpg": "one thousand two hundred square feet, thirty miles per gallon",
        "12st 7lb": "twelve stone seven pounds",
        "a speed in km/h": "a speed in kilometers per hour",
        "3 doz. eggs, 1 c. milk": "three dozen eggs, one cup milk",
        "375 degrees F.": "three hundred seventy-five degrees Fahrenheit.",
        "0° C or 32° F": "zero degrees Celsius or thirty-two degrees Fahrenheit",
    },
    "rate": {
        "He earned $45k/year, or $3.75/hr.": (
            "He earned forty-five thousand dollars per year, or three dollars and seventy-five cents per hour."
        ),
    },
    "mathematics": {
        "If x > 3 and y <= 7": "If x is greater than three and y is at most seven",
        "E = mc² and a² + b² = c².": "E equals mc squared and a squared plus b squared equals c squared.",
        "95/100, 3:1, 50-50": "ninety-five out of one hundred, three to one, fifty-fifty",
        "7/8 of people; 1/3, 2/3; 3⅞": "seven eighths of people; one third, two thirds; three and seven eighths",
        ".5 or √16 ≈ 4": "point five or the square root of sixteen is about four",
        "p < 0.05, n > 3": "p is less than zero point zero five, n is greater than three",
        "y = x² − 4, (a+b)²": "y equals x squared minus four, (a plus b) squared",
        "3×10⁸ m/s, 1.6e-19": (
            "three times ten to the power of eight meters per second, one point six times ten to the power "
            "of minus nineteen"
        ),
        "f(x) = 2x": "f of x equals two x",
        "5! = 120": "five factorial equals one hundred twenty",
        "7 × 8 = 56; 12 ÷ 4 = 3": "seven times eight equals fifty-six; twelve divided by four equals three",
        "a => b --> c": "a to b to c",
        "1:1000, 1:50,000": "one to one thousand, one to fifty thousand",
        "TNF-α and Δx": "T N F-alpha and delta x",
    },
    "address": {
        "john_smith+test@mail-server.co.uk": "john underscore smith plus test at mail dash server dot co dot uk",
        "www.bbc.co.uk/news or github.com/user/repo.": (
            "bbc dot co dot uk slash news or github dot com slash user slash repo."
        ),
        "#ThrowbackThursday @jane_doe liked it.": "Throwback Thursday at jane underscore doe liked it.",
        "notes.txt and report.pdf": "notes dot T X T and report dot P D F",
        "https://www.example.com/help": "example dot com slash help",
        "info@example.com.": "info at example dot com.",
        "jane.doe99@gmail.com": "jane dot doe ninety-nine at gmail dot com",
        "/etc/nginx/nginx.conf": "slash etc slash nginx slash nginx dot conf",
        "C:\\Users\\John\\file.txt": "C colon backslash Users backslash John backslash file dot T X T",
        "see src/main.py": "see src slash main dot P Y",
        "http://localhost:3000/api": "localhost colon three thousand slash api",
        "bit.ly/abc": "bit dot ly slash abc",
    },
    "title": {
        "Mr. J. R. R. Tolkien wrote it.": "Mister J R R Tolkien wrote it.",
        "Prof. Jones, Ph.D., and Sen. Smith": "Professor Jones, P H D, and Senator Smith",
        "Pope John Paul II and King George V met Malcolm X.": (
            "Pope John Paul the second and King George the fifth met Malcolm X."
        ),
        "Super Bowl LVIII": "Super Bowl fifty-eight",
        "1st Lt. John Doe, Jr.": "first Lieutenant John Doe, Junior.",
        "Maj. Gen. Jones and Sgt. Smith": "Major General Jones and Sergeant Smith",
        "Messrs. Hall, Rev. Dr. King": "Messieurs Hall, Reverend Doctor King",
        "Dr. Who? Dr. No.": "Doctor Who? Doctor No.",
    },
    "century": {
        "the XXI century": "the twenty-first century",
        "the XIX–XX centuries": "the nineteenth to twentieth centuries",
        "a 12th c. church": "a twelfth century church",
        "the XVth century": "the fifteenth century",
    },
    "duration": {
        "won in 3h 42m": "won in three hours forty-two minutes",
        "1 hr 10 mins": "one hour ten minutes",
        "2h0m35s": "two hours zero minutes thirty-five seconds",
        "90 secs, 24hr, 6 mos.": "ninety seconds, twenty-four hours, six months.",
    },
    "day": {
        "Mon–Fri 9–5, Sat 10–2, closed Sun.": "Monday to Friday nine to five, Saturday ten to two, closed Sunday.",
        "Fri. & Sat. 10-4": "Friday and Saturday ten to four",
        "Mon to Fri": "Monday to Friday",
        "every Thurs": "every Thursday",
    },
    "rating": {
        "4.5/5 stars, 10/10": "four point five out of five stars, ten out of ten",
        "4/5 stars": "four out of five stars",
        "a score of 87/100": "a score of eighty-seven out of one hundred",
    },
    "length": {
        'a 9" x 13" pan': "a nine by thirteen inch pan",
        "an 8-in. square": "an eight-inch square",
        'a 6.7" display': "a six point seven inch display",
        "a 4'11\" girl": "a four foot eleven girl",
        "5'4 tall": "five feet four inches tall",
        'a 3 1/4" bolt': "a three and one quarter inch bolt",
        "1 in., 6 in": "one inch, six inches",
    },
    "size": {
        "4x4, 1920x1080": "four by four, nineteen twenty by ten eighty",
        "a 4x100m relay": "a four by one hundred meter relay",
        "120 × 60 × 75 cm": "one hundred twenty by sixty by seventy-five centimeters",
        "a 9x13-inch pan": "a nine by thirteen-inch pan",
    },
    "angle": {
        "a 45° angle": "a forty-five degree angle",
        "40°42'46\"N": "forty degrees forty-two minutes forty-six seconds north",
    },
    "symbol": {
        "a B+, Disney+, notepad++": "a B plus, Disney plus, notepad plus plus",
        "a && b": "a and b",
        "this / that | other": "this, that, other",
        "Fish < $10": "Fish less than ten dollars",
    },
    "emoticon": {
        "Love ya <3 :) xoxo": "Love ya xoxo",
        "so fun ;-) :P": "so fun",
    },
    "hashtag": {
        "#100DaysOfCode #BLM": "one hundred Days Of Code BLM",
    },
    "Bible": {
        "John 3:16; Gen. 1:1–3": "John three, sixteen; Genesis one, one to three",
        "1 Cor. 13:4-7, Rev. 21:4": "First Corinthians thirteen, four to seven, Revelation twenty-one, four",
    },
    "law": {
        "Section 12(b)(6), §§ 5–7": "Section twelve b six, sections five to seven",
        "42 U.S.C. § 1983": "forty-two U S C section nineteen eighty-three",
    },
    "ratio": {
        "a 60/40 split": "a sixty forty split",
    },
}


@by_kind(AMERICAN)
def test_american_english(cases):
    check(cases, "en-us")


BRITISH = {
    "date": {
        "On 3/4/2026": "On the third of April twenty twenty-six",
        "on the 3rd of May 2024": "on the third of May twenty twenty-four",
        "3 May, 3rd May": "the third of May, the third of May",
        "by 31/12": "by the thirty-first of December",
        "5–7 May 2024": "the fifth to the seventh of May twenty twenty-four",
        "2-4 Mar": "the second to the fourth of March",
        "21 Jan. 1901": "the twenty-first of January nineteen oh one",
        "25 & 26 Dec.": "the twenty-fifth and the twenty-sixth of December.",
        "w/c 5 Feb": "week commencing the fifth of February",
        "the 2nd July": "the second of July",
        "25/12/2023": "the twenty-fifth of December twenty twenty-three",
        "Sat 14 Sept.": "Saturday the fourteenth of September.",
    },
    "cardinal": {
        "105": "one hundred and five",
        "105 and 1,250": "one hundred and five and one thousand two hundred and fifty",
        "2,001": "two thousand and one",
        "1,000,001": "one million and one",
    },
    "time": {
        "14:05, 09:30, 00:15": "fourteen oh five, nine thirty, zero fifteen",
        "7.45pm, 10.30am–5pm": "seven forty-five P M, ten thirty A M to five P M",
        "15:00": "fifteen hundred",
    },
    "money": {
        "£3.50, £0.99, £1.2m": "three pounds and fifty pence, ninety-nine pence, one point two million pounds",
        "50p, 1p": "fifty pence, one penny",
        "a £5 note": "a five pound note",
        "£5k–£10k": "five thousand pounds to ten thousand pounds",
        "£45,000pa": "forty-five thousand pounds per annum",
        "£12.50pp": "twelve pounds and fifty pence per person",
        "VAT @ 20%: £41.60": "V A T at twenty percent: forty-one pounds and sixty pence",
    },
    "quantity": {
        "3.5 km at 60 km/h": "three point five kilometres at sixty kilometres per hour",
        "5 m, 10 l": "five metres, ten litres",
        "12st 7lb, 6ft 2in": "twelve stone seven pounds, six feet two inches",
        "½ lb, 1½ tbsp": "half a pound, one and a half tablespoons",
    },
    "fraction": {
        "2½ hours, 1/2 a pint": "two and a half hours, half a pint",
    },
    "temperature": {
        "highs of 25C to 30C": "highs of twenty-five degrees Celsius to thirty degrees Celsius",
    },
    "place": {
        "St. John's Rd, St Albans": "Saint John's Road, Saint Albans",
        "SW1A 1AA": "S W one A one A A",
        "10 Downing St, London": "ten Downing Street, London",
    },
    "title": {
        "Mr Smith, Prof Green, St Paul's": "Mister Smith, Professor Green, Saint Paul's",
    },
    "initialism": {
        "the NHS, MPs and GCSEs": "the N H S, M P’s and G C S E’s",
    },
    "Roman numeral": {
        "King Charles III, Elizabeth I": "King Charles the third, Elizabeth I",
    },
    "code": {
        "the M25, A303, BA2490": "the M twenty-five, A three oh three, B A twenty-four ninety",
    },
    "score": {
        "England v Australia": "England versus Australia",
    },
}


@by_kind(BRITISH)
def test_british_english(cases):
    check(cases, "en-gb")
