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
