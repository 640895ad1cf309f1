"""Which reading an English word has, by the words beside it: data, where a simple rule is nearly always right.

Parts of speech are those of misaki's dictionary: VERB, NOUN, ADJ, VBD (a past tense); where it has no such reading, a
rule names the phonemes in American and British English. A word without a rule that fits is read as it mostly is.
"""

from collections.abc import Sequence
from typing import NamedTuple

_MOST_WORDS = 12  # before it that may tell how a word is read
_PAUSES = ";:,.!?—…"


class Rule(NamedTuple):
    """A reading, and what must stand beside the word: each group that is not empty must have a word that is there."""

    reading: str
    before: str = ""  # the word before, adverbs left out; "^" is the start or a pause
    after: str = ""  # the word after; "$" is the end or a pause
    earlier: str = ""  # any word before it in the clause
    except_after: str = ""  # none of these may stand before it


# Left out in looking for the word before: “has never read”.
_ADVERBS = """
    already also always carefully ever even finally just never not often only quickly really recently simply still then
    usually yet
"""
# Of any word that has such a reading, and no rule of its own that fits.
GENERAL_RULES = (
    Rule(
        "VERB",
        """
        to will would can could should must may might shall do does did don't doesn't didn't can't cannot won't wouldn't
        couldn't shouldn't mustn't i you we they who let's please i'll you'll we'll they'll he'll she'll it'll i'd you'd
        we'd they'd gonna wanna
        """,
    ),
    Rule("VERB", "^", "the a an my your his her its our their this that these those it them him all every"),
    Rule(
        "NOUN",
        """
        the a an my your his her its our their this these those no some any each every another of for in with without by
        from on at into new first last best good great big common daily own other many several more much
        """,
    ),
)
_PARTICLES = "up down apart off out open through around back"
_PAST = (
    "have has had having i've you've we've they've was were is are been being be get got he she everyone nobody someone"
)

RULES = {
    "bass": (
        Rule("bˈæs bˈas", "sea largemouth smallmouth striped fresh grilled"),
        Rule("bˈæs bˈas", "", "fishing boat fillet fillets"),
        Rule("bˈAs bˈAs"),
    ),
    "bow": (
        Rule("VERB", "a", "$", "take took takes taking taken"),
        Rule("VERB", "the", "of", "", "violin"),
        Rule("VERB", "", "to before deeply"),
    ),
    "close": (
        Rule("ADJ", "", "to friend friends family call enough together relationship look attention by behind"),
        Rule("VERB", "the", "of"),
        Rule("VERB", "a", "$", "to"),
        Rule("ADJ", "a an so very too that this my your his her our their is are was were be stay keep get"),
        Rule("VERB", "", "the your my his her our their its at down it them early"),
    ),
    "content": (
        Rule(
            "ADJ",
            "is was are were be am been being feel feels felt seem seems seemed look looks looked perfectly quite very i'm",
        ),
        Rule("ADJ", "", "with to", "", "the of this that our their your my its new"),
        Rule("NOUN"),
    ),
    "desert": (Rule("NOUN", "", "island sand storm heat climate"),),
    "dove": (Rule("VERB", "he she it they i we who", "into in under for down off through back"),),
    "houses": (Rule("VERB"),),  # as in most dictionaries; misaki's has the consonant of “house”
    "lead": (
        Rule("lˈɛd lˈɛd", "", "pipe pipes paint poisoning pencil pencils bullet bullets crystal acetate mine mines"),
        Rule("lˈɛd lˈɛd", "molten contains containing"),
        Rule("lˈɛd lˈɛd", "of with from", "$", "made lined poisoned filled"),
    ),
    "live": (
        Rule("ADJ", "be been is are was were being"),
        Rule(
            "ADJ",
            "a an the this our their go goes going went broadcast streamed streaming performed performing some more",
        ),
        Rule(
            "ADJ",
            "",
            "music show shows stream streams audience broadcast performance performances album concert concerts",
        ),
        Rule(
            "ADJ",
            "",
            "coverage event events tv television band bands wire version recording recordings updates animals",
        ),
        Rule("VERB"),
    ),
    "lives": (
        Rule("NOUN", "their our your my his her its the many human other nine save saved lost private daily people's"),
        Rule("VERB", "he she it who nobody everyone someone"),
        Rule("VERB", "", "in at with near on here there alone by under next up down abroad"),
    ),
    "minute": (
        Rule(
            "ADJ", "", "detail details amount amounts particle particles trace traces quantities differences fraction"
        ),
    ),
    "object": (Rule("VERB", "", "to", "", "the an this that any no"),),
    "present": (Rule("NOUN", "to at", "$"), Rule("NOUN", "to", "day")),
    "produce": (Rule("NOUN", "fresh local organic garden seasonal"),),
    "read": (
        Rule("VERB", "he she", "", "did does can could will would should must might"),
        Rule("VBD", _PAST),
        Rule("VBD", "i you we they he she", "", "have has had haven't hasn't hadn't"),
        Rule("VBD", "i you we they", "", "yesterday ago"),
    ),
    "record": (
        Rule("NOUN", "to", "levels high highs low lows numbers heights"),
        Rule("NOUN", "", "label labels player players store stores company companies deal high low", "", "to"),
    ),
    "resume": (Rule("ɹˈɛzəmˌA ɹˈɛzjʊmˌA", "a my your his her the their our on"),),
    "résumé": (Rule("ɹˈɛzəmˌA ɹˈɛzjʊmˌA"),),
    "tear": (
        Rule("VERB", "and", "", "wear"),
        Rule("VERB", "", _PARTICLES + " it them the", "", "a the one"),
    ),
    "tears": (Rule("VERB", "", "up apart off open the it them", "", "the in of my her his"),),
    "use": (Rule("VERB", "to you can will would could should we they i"), Rule("NOUN", "", "of")),
    "wind": (Rule("VERB", "", "up down around back through", "", "the a this strong cold that of"),),
    "winds": (Rule("VERB", "", "up down around back through its", "", "the strong cold these those of high"),),
    "wound": (Rule("VBD", "", "up around down through back its his tightly", "", "the a this his her my deep"),),
}


def reading(words: Sequence[str], place: int) -> str:
    """Return the part of speech, or American and British phonemes, of the word at `place`; empty if it is not clear."""
    word = words[place].lower().replace("’", "'")
    first = max(place - _MOST_WORDS, 0)
    start = max((at + 1 for at in range(first, place) if words[at] in _PAUSES), default=first)
    earlier = [other.lower().replace("’", "'") for other in words[start:place]]
    before = next((other for other in reversed(earlier) if other not in _ADVERBS.split() and other[-2:] != "ly"), "^")
    after = words[place + 1].lower() if place + 1 < len(words) else "$"
    after = "$" if after in _PAUSES else after
    for rule in (*RULES.get(word, ()), *GENERAL_RULES):
        if (
            (not rule.before or before in rule.before.split())
            and (not rule.after or after in rule.after.split())
            and (not rule.earlier or set(earlier) & set(rule.earlier.split()))
            and before not in rule.except_after.split()
        ):
            return rule.reading
    return ""
