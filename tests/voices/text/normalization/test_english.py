"""English."""

from .cases import by_kind, check

AMERICAN = {
    "cardinal": {
        "I have 3 cats and 0 dogs.": "I have three cats and zero dogs.",
        "2,500 people": "two thousand five hundred people",
        "1,234,567 people": "one million two hundred thirty-four thousand five hundred sixty-seven people",
        "It is 5. Then 6.": "It is five. Then six.",
    },
    "decimal": {
        "1,234.89": "one thousand two hundred thirty-four point eight nine",
        "0.05": "zero point zero five",
        "Pi is 3.14.": "Pi is three point one four.",
    },
    "sign": {"-5 degrees": "minus five degrees"},
    "range": {
        "10-20 men": "ten to twenty men",
        "1990-1995": "nineteen ninety to nineteen ninety-five",
        "a 10-20% rise": "a ten to twenty percent rise",
    },
    "percentage": {"50% of 12.5 %": "fifty percent of twelve point five percent"},
    "money": {
        "$3.50, $1, -$2": "three dollars and fifty cents, one dollar, minus two dollars",
        "US$1,000,000 or €5 million": "one million US dollars or five million euros",
        "$1.2M and €3bn": "one point two million dollars and three billion euros",
        "$0.99 and €29,99": "ninety-nine cents and twenty-nine euros and ninety-nine cents",
    },
    "ordinal": {"1st, 2nd, 21st and 103rd": "first, second, twenty-first and one hundred third"},
    "year": {
        "In 1984, 1905, 2005 and 2026": "In nineteen eighty-four, nineteen oh five, two thousand five and twenty twenty-six",
    },
    "decade": {"the 1990s and '80s": "the nineteen nineties and eighties"},
    "time": {
        "at 14:30, 3:05 pm, 3:00 pm, 12:00": "at fourteen thirty, three oh five P M, three P M, twelve o’clock",
    },
    "date": {
        "2026-11-24": "November twenty-fourth, twenty twenty-six",
        "11/24/2026": "November twenty-fourth, twenty twenty-six",
    },
    "telephone": {
        "Call 555-1234 or (212) 555-1234.": "Call five five five, one two three four "
        "or two one two, five five five, one two three four.",
        "+1 212 5551234": "plus one, two one two, five five five one two three four",
    },
    "code": {
        "Agent 007": "Agent zero zero seven",
        "12345678901": "one two three, four five six, seven eight nine, zero one",
        "v3.11.2": "v three point eleven point two",
        "MP3, 5km, 4x4": "M P three, five kilometers, four times four",
        "IP 192.168.0.1.": "I P one nine two dot one six eight dot zero dot one.",
    },
    "fraction": {"1/2 or 3/4 cup": "one half or three quarters cup"},
    "Roman numeral": {
        "Henry VIII met Elizabeth II in Chapter IV.": "Henry the eighth met Elizabeth the second in Chapter four.",
        "World War II": "World War Two",
        "Thutmose II's reign": "Thutmose the second's reign",
        "I am I, said V.": "I am I, said V.",
    },
    "abbreviation": {
        "Dr. Smith lives at 12 St. James St., next to Mr. and Mrs. Brown.": "Doctor Smith lives at twelve Saint James "
        "Street, next to Mister and Missus Brown.",
        "e.g. apples, i.e. the red ones, etc.": "for example apples, that is the red ones, et cetera.",
        "No. I left it.": "No. I left it.",
        "No. 5": "Number five",
    },
    "initialism": {
        "The FBI, NASA and AT&T use C++, SQL and APIs.": "The F B I, NASA and A T and T use C plus plus, S Q L and A P I’s.",
        "DO NOT TOUCH THE RED BUTTON!": "DO NOT TOUCH THE RED BUTTON!",
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
    },
    "quantity": {
        "A 10-km run, a 5-star hotel": "A ten-kilometer run, a five-star hotel",
        "a 10m (32ft) passageway": "a ten-meter (thirty-two feet) passageway",
        "He's 5 ft 11 in tall.": "He's five feet eleven inches tall.",
        "It's 6'2\" and weighs 13.5 lbs.": "It's six feet two inches and weighs thirteen point five pounds.",
        "1 km, 1.0 km, 0.5 mi": "one kilometer, one point zero kilometers, zero point five miles",
        "3 h 20 min, 45 s": "three hours twenty minutes, forty-five seconds",
        "She ran the 100m in 9.58s.": "She ran the one hundred meters in nine point five eight seconds.",
        "Our Wi-Fi runs at 300 Mbps; ping is 15 ms.": "Our Wi-Fi runs at three hundred megabits per second; ping is fifteen milliseconds.",
        "Add 2 tbsp of oil & 1 tsp of salt.": "Add two tablespoons of oil and one teaspoon of salt.",
        "-12°C (10.4°F)": "minus twelve degrees Celsius (ten point four degrees Fahrenheit)",
        "3,000 sq ft": "three thousand square feet",
        "8GB of RAM and 256 GB of storage": "eight gigabytes of RAM and two hundred fifty-six gigabytes of storage",
    },
    "rate": {
        "He earned $45k/year, or $3.75/hr.": "He earned forty-five thousand dollars per year, or three dollars and seventy-five cents per hour.",
    },
    "more times": {
        "From 9am-5pm, Mon-Fri.": "From nine A M to five P M, Monday to Friday.",
        "From 9:00 a.m. to 5:30 p.m.": "From nine A M to five thirty P M.",
    },
    "more dates": {
        "On 4 July 1776": "On July fourth, seventeen seventy-six",
        "the meeting is on Mon., Jan. 5": "the meeting is on Monday, January fifth",
        "In the 1800s, in 1066, in 2000, in 500 BC": "In the eighteen hundreds, in ten sixty-six, in two thousand, in five hundred B C",
        "Apollo 11 landed in '69.": "Apollo eleven landed in sixty-nine.",
        "Born in the '90s, not the 80's.": "Born in the nineties, not the eighties.",
    },
    "more codes": {
        "Call 1-800-555-1234 now!": "Call one, eight zero zero, five five five, one two three four now!",
        "The ISBN is 978-3-16-148410-0.": "The ISBN is nine seven eight, three, one six, one four eight four one zero, zero.",
        "in FY2023 and Q3 2024": "in F Y twenty twenty-three and Q three twenty twenty-four",
        "Boeing 747 and Airbus A380": "Boeing seven hundred forty-seven and Airbus A three eighty",
        "B2B, 3D, 4K, 5G": "B two B, three D, four K, five G",
        "Dial 911 or 112.": "Dial nine one one or one hundred twelve.",
        "section 3.2.1 of RFC 2616": "section three point two point one of R F C two thousand six hundred sixteen",
    },
    "more money": {
        "$5-10 million; $3–5; £2m; ¥500; 50¢": "five to ten million dollars; three to five dollars; two million pounds; five hundred yen; fifty cents",
        "US$ 20, 20 USD, EUR 15": "twenty US dollars, twenty US dollars, fifteen euros",
        "The population is 8.1 bn.": "The population is eight point one billion.",
        "12% of 12.5M": "twelve percent of twelve point five million",
    },
    "mathematics": {
        "If x > 3 and y <= 7": "If x greater than three and y is at most seven",
        "E = mc² and a² + b² = c².": "E equals mc squared and a squared plus b squared equals c squared.",
        "95/100, 3:1, 50-50": "ninety-five over one hundred, three to one, fifty-fifty",
        "7/8 of people; 1/3, 2/3; 3⅞": "seven eighths of people; one third, two thirds; three and seven eighths",
        ".5 or √16 ≈ 4": "point five or the square root of sixteen is about four",
    },
    "more addresses": {
        "john_smith+test@mail-server.co.uk": "john underscore smith plus test at mail dash server dot co dot uk",
        "www.bbc.co.uk/news or github.com/user/repo.": "bbc dot co dot uk slash news or github dot com slash user slash repo.",
        "#ThrowbackThursday @jane_doe liked it.": "Throwback Thursday at jane underscore doe liked it.",
        "notes.txt and report.pdf": "notes dot T X T and report dot P D F",
    },
    "names": {
        "Mr. J. R. R. Tolkien wrote it.": "Mister J R R Tolkien wrote it.",
        "Prof. Jones, Ph.D., and Sen. Smith": "Professor Jones, P H D, and Senator Smith",
        "Pope John Paul II and King George V met Malcolm X.": "Pope John Paul the second and King George the fifth met Malcolm X.",
        "Super Bowl LVIII": "Super Bowl fifty-eight",
        "1st Lt. John Doe, Jr.": "first Lieutenant John Doe, Junior.",
    },
    "address": {
        "https://www.example.com/help": "example dot com slash help",
        "info@example.com.": "info at example dot com.",
    },
}


@by_kind(AMERICAN)
def test_american_english(written, said):
    check(written, said, "en-us")


BRITISH = {
    "date": {"On 3/4/2026": "On the third of April twenty twenty-six"},
    "cardinal": {"105": "one hundred and five"},
}


@by_kind(BRITISH)
def test_british_english(written, said):
    check(written, said, "en-gb")
