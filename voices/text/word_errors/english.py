"""English words with two spellings and one sound, numbers in words, and words that are easily missed. Pure.

The homophones are those of the Carnegie Mellon Pronouncing Dictionary (BSD licence) among frequent words, without names
and without those that sound alike in some accents only.
"""

import re
from functools import cache

# Of one sound. The first word of each set stands for all; a number is spelled here.
_HOMOPHONES = """
eight ate|four for fore|one won|two to too|addition edition|adviser advisor|aerial ariel|ah aah|aid aide|aids aides
air heir ere|airplane aeroplane|allowed aloud|aluminum aluminium|are r|ascent assent|aunt ant|aunts ants|ax axe
axle axel|band banned|baron barren|bay bey|be b bee|beach beech|bear bare|bearing baring|bears bares|beat beet
beats beets|bell belle|berries buries|berry bury|birth berth|bite byte|bites bytes|block bloc|blond blonde|blue blew
board bored|bold bowled|bore boar|born borne|bough bow|boulder bolder|bowl boll|breach breech|bread bred|break brake
breaking braking|breaks brakes|brood brewed|brown browne|browse brows|bruise brews|build billed|by buy bye|can't cant
cancelled canceled|canon cannon|canvas canvass|carat carrot karat|carrots carats|cash cache|cast caste|cause cuz
ceiling sealing|cereal serial|cereals serials|check cheque|checks cheques|choir quire|clause claws|coat cote
colonel kernel|colors colours|complement compliment|complements compliments|coop coupe|cord chord|cords chords
core corps|council counsel|course coarse|cozy cosy|creak creek|creaks creeks|crews cruise|curb kerb|current currant
currents currants|damn dam|days daze|dear deer|defense defence|descent dissent|die dye|died dyed|disc disk
discrete discreet|discs disks|do due dew|doc dock|donut doughnut|donuts doughnuts|draft draught|dryer drier
ducked duct|dumb dum|dying dyeing|earn urn|enquire inquire|f ef|faint feint|fair fare|fairs fares|fairy ferry
fate fete|feet feat|few phew|find fined|finish finnish|flare flair|flea flee|flew flu flue|flower flour|flowers flours
fourth forth|fowl foul|fur fir|gate gait|gauge gage|goodbye goodby|gorilla guerrilla|great grate|grown groan
guest guessed|guilt gilt|guys guise|h aitch|ha hah|hail hale|hair hare|hall haul|halves haves|hangar hanger|hay hey
heal heel he'll|heals heels|heard herd|heart hart|her hur|here hear|high hi|higher hire|him hymn|hmm hm|hoard horde
hoarse horse|hold holed|holy wholly|i eye aye|idle idol|in inn|j jay|jail gaol|jam jamb|judgment judgement|k kay
key quay|keys quays|knead need|kneads needs|knows nose|lack lac|lain lane|leach leech|lead led|leads leeds
least leased|lesson lessen|license licence|licenses licences|lie lye|light lite|links lynx|lion lyon|load lode
loan lone|loose luce|low lo|m em|made maid|magnet magnate|main mane|male mail|males mails|mall maul|mantle mantel
martial marshal marshall|math maths|maze maize|medal meddle|meet meat|meets meats|metal mettle|meter metre
meters metres|might mite|mind mined|minor miner|minors miners|miss mis|missed mist|moan mown
mold mould|mom mum|moms mums|mood mooed|moose mousse|moral morale|morning mourning|mount mt|muscle mussel
muscles mussels|mustache moustache|mustard mustered|n en|naval navel|nay neigh|needed kneaded|new knew gnu
night knight|nights knights|no know|none nun|not knot|oh owe o|or oar ore|our hour|ours hours|owed ode
p pea pee|pack pac|packed pact|pail pale|pails pales|pain pane|pair pear pare|pairs pears pares|pajamas pyjamas
palette palate pallet|panes pains|par parr|past passed|paste paced|patience patients|pause paws|peak peek pique
peal peel|pedal peddle|phase faze|piece peace|pier peer|piers peers|plane plain|planes plains|plow plough
plows ploughs|plum plumb|poll pole|polls poles|pour pore|pours pores|practice practise|pray prey|prays praise preys
principal principle|principals principles|profit prophet|profits prophets|program programme|programs programmes
q queue cue|queues cues|rain reign rein|raining reigning|rains reigns reins|raise rays raze|raised razed|rap wrap
rapped wrapped rapt|raps wraps|read red|real reel|reek wreak|rhyme rime|right write rite|rights writes rites
ring wring|rings wrings|road rode rowed|role roll|roles rolls|rose rows|rough ruff|route root|routes roots|row roe
rude rued|rye wry|sachet sashay|sale sail|sales sails|sauce source|scull skull|seam seem|see sea c|seems seams
seen scene|sees seas seize|sell cell|seller cellar|sellers cellars|sells cells|sense cents scents|sent cent scent
sheer shear|shoe shoo|shoot chute|shown shone|sick sic|side sighed|sign sine|sink sync|site sight cite
sites sights cites|size sighs|skeptic sceptic|skeptical sceptical|slay sleigh|sleight slight|slow sloe|so sew sow
son sun|sons suns|sore soar|soul sole|souls soles|staid stayed|stair stare|stairs stares|stake steak|stakes steaks
stationary stationery|steel steal|step steppe|steps steppes|stories storeys|story storey|straight strait
sulfur sulphur|sunday sundae|sweet suite|sword soared|t tea tee|tacks tax|tail tale|tails tales|taught taut|team teem
teas tease tees|tenant tennant|tern turn|theatre theater|though tho|through threw thru|thrown throne|thyme time
tic tick|tie thai|tied tide|tire tyre|tires tyres|toe tow|toes tows|told tolled|ton tonne|tons tonnes
tough tuff|towed toad|tracked tract|troop troupe|troops troupes|uh er|um erm|use yews|v vee|veil vale|vein vain vane
verse versus|vial vile|w doubleyou|wait weight|waits weights|war wore|warn worn|waste waist|wave waive|waved waived
way weigh|ways weighs|we wee|wears wares|week weak|weekly weakly|whale wail|whales wales|wheel weal|wheels weals
where wear ware|whether weather|which witch|whirled world|whiskey whisky|who hoo|who's whose|whoa woe|whole hole
wine whine|would wood|wrest rest|wretch retch|wrote rote|wrung rung|x ex|y why|yoke yolk|yore your|you u ewe|z zee zed
"""

# One way to write them. “Their” and “there” are written as “they're”, which is then “they are”.
SPELLINGS = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "ok": "okay",
    "grey": "gray",
    "alright": "all right",
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    "lets": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "do not know",
    "cos": "because",
    "'cause": "because",
    "'em": "them",
    "'til": "until",
    "till": "until",
    "'tis": "it is",
    "o'clock": "oclock",
    "their": "they are",
    "there": "they are",
    "your": "you are",
    "its": "it is",
    "whose": "who is",
    "ms": "miss",
    "miz": "miss",
    "&": "and",
}
_REPLACEMENTS = (
    (re.compile(r"n't$"), " not"),
    (re.compile(r"'re$"), " are"),
    (re.compile(r"'ll$"), " will"),
    (re.compile(r"'ve$"), " have"),
    (re.compile(r"'d$"), " would"),
    (re.compile(r"'m$"), " am"),
    (re.compile(r"^(it|he|she|that|what|here|who|how|when|why)'s$"), r"\1 is"),
    (re.compile(r"^(there|where)'s$"), r"\1 is"),
    (re.compile(r"in'$"), "ing"),
    # British to American spelling: rough, but applied to both texts.
    (re.compile(r"(?<=\w\w\w)our(?=$|s$|ed$|ing$|ful$|ite$|able$|less$|hood$)"), "or"),
    (re.compile(r"(?<=\w\w\w)([iy])s(?=e$|es$|ed$|ing$|er$|ation$|ations$)"), r"\1z"),
    (re.compile(r"(?<=\w\w[bt])re(?=$|s$)"), "er"),
    (re.compile(r"(?<=\w\w)ogue(?=$|s$)"), "og"),
    (re.compile(r"(?<=\w\w)ll(?=ed$|ing$|er$|ers$|or$|ors$)"), "l"),
    (re.compile(r"(?<=\w\w)ence$"), "ense"),
)

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12, "twentieth": 20,
    "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90,
}  # fmt: skip
VALUES = {word: value for value, word in enumerate(_UNITS)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
ORDINAL_VALUES = {f"{word}th": value for word, value in VALUES.items() if 4 <= value < 20} | _ORDINALS
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINAL_SCALES = {f"{word}th": value for word, value in SCALES.items()}

# Said so briefly that transcribers and people mistake or miss them, and that a text is understood without.
SLIGHT = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "of",
        "to",
        "in",
        "on",
        "at",
        "as",
        "is",
        "it",
        "that",
        "this",
        "s",
        "he",
        "she",
        "his",
        "her",
        "they",
        "are",
        "them",
        "was",
        "were",
        "will",
        "would",
        "had",
        "has",
        "have",
        "for",
        "with",
        "from",
        "be",
        "been",
        "so",
        "oh",
        "uh",
        "er",
        "um",
        "well",
    ]
)
NEGATIONS = frozenset(["not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without"])
# Words with a capital letter that are no names.
CALENDAR = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "i",
        "english",
    ]
)


@cache
def homophones() -> dict[str, str]:
    """Return the word that stands for all of its sound, by word."""
    found: dict[str, str] = {}
    for group in _HOMOPHONES.replace("\n", "|").strip("|").split("|"):
        first, *others = group.split()
        first = found.get(first, first)
        found.setdefault(first, first)
        for other in others:
            found.setdefault(other, first)
    return found


@cache
def respell(word: str) -> str:
    """Return the one way to write a word in lower case, as one word or several."""
    word = SPELLINGS.get(word, word)
    for pattern, replacement in _REPLACEMENTS:
        word = pattern.sub(replacement, word)
    return " ".join(SPELLINGS.get(part, part) for part in word.split()).replace("'", "").replace("&", "")
