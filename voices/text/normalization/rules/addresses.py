"""Web and e-mail addresses, file names, hashtags and @names."""

import re

from voices.text.normalization.language import VOWEL_SIGNS, Language
from voices.text.normalization.scanner import Rule, rule

# Common ones: any other word after a full stop may be the next sentence, typed without a space.
TOP_LEVEL_DOMAINS = (
    "com|org|net|edu|gov|int|mil|info|biz|dev|app|io|ai|co|me|tv|eu|uk|us|ca|au|nz|ie|in|de|at|ch|fr|be|lu|es|mx|ar|cl|"
    "ly|gg|gl|fm|xyz|online|site|blog|shop|pe|it|pt|br|nl|se|no|dk|fi|pl|cz|gr|ru|ua|jp|kr|cn|hk|tw|sg|za|example|test"
)
FILE_EXTENSIONS = (
    "pdf|docx?|xlsx?|pptx?|odt|ods|txt|md|csv|tsv|json|xml|ya?ml|toml|ini|cfg|log|html?|css|js|ts|py|rb|rs|go|java|cpp|"
    "sh|exe|dmg|zip|rar|tar|gz|7z|png|jpe?g|gif|svg|webp|tiff?|bmp|psd|mp3|mp4|m4a|wav|flac|ogg|opus|avi|mov|mkv|epub"
)
READ_EXTENSIONS = (
    "doc",
    "zip",
    "tar",
    "gif",
    "json",
    "toml",
    "log",
    "java",
    "wav",
    "opus",
    "exe",
)  # the others: spelled
LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"


def rules(language: Language) -> list[Rule]:
    def address(match: re.Match) -> str:
        return spoken_address(match.group(), language)

    def file(match: re.Match) -> str:
        *names, extension = match.group().split(".")
        if extension.lower() not in READ_EXTENSIONS:
            extension = " ".join(language.cardinal(int(c)) if c.isdigit() else c for c in extension.upper())
        path = spoken_address(".".join(names), language)
        return f"{path} {language.address_symbols['.']} {extension}"

    def hashtag(match: re.Match) -> str:
        return " ".join(spoken_address(word, language) for word in _words_of_name(match[1]))

    def name(match: re.Match) -> str:
        return f"{language.address_symbols['@']} {spoken_address(match[1], language)}"

    return [
        rule("address", r"(?<![\w@])(?:https?|ftp)://[^\s<>\"“”«»]*[\w/]", address, re.IGNORECASE),
        rule("address", rf"(?<![\w.@-])[\w.+-]{{1,64}}@(?:{LABEL}\.){{1,8}}[a-z]{{2,24}}\b", address, re.IGNORECASE),
        rule("address", rf"(?<![\w.@-])www\.(?:{LABEL}\.){{1,8}}[a-z]{{2,24}}\b(?:/[^\s<>\"]*[\w/])?", address, re.I),
        rule(
            "address",
            rf"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,8}}(?:{TOP_LEVEL_DOMAINS})\b(?![.-]\w|@)"
            r"(?:/[^\s<>\"]*[\w/])?",
            address,
        ),
        rule("file name", rf"(?<![\w.@/-])[\w-]{{1,80}}(?:\.[\w-]{{1,20}})*\.(?:{FILE_EXTENSIONS})\b(?!\.\w)", file),
        rule(
            "file name",
            rf"(?<![\w.@/\\-])(?:[A-Z]:\\)?(?:[\w.-]{{1,80}}[\\/]){{1,20}}"
            rf"[\w-]{{1,80}}\.(?:{FILE_EXTENSIONS})\b(?!\.\w)",
            file,
        ),
        rule("address", r"\b[A-Z]:\\(?:[\w.-]{1,80}\\?){1,20}(?<!\.)", address),
        rule("address", r"(?<![\w/.])(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)+/?", address),
        rule("hashtag", rf"(?<![\w&#/])#(\d{{0,6}}[^\W\d_]\w{{0,100}})(?![\w{VOWEL_SIGNS}])", hashtag),
        rule("name", r"(?<![\w.@])@([^\W\d]\w{1,60})", name),
    ]


def spoken_address(written: str, language: Language) -> str:
    """Return an address as one tells it on the telephone: without its scheme, “www.” and last slash."""
    written = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.|/$", "", written, flags=re.IGNORECASE)
    said = []
    for part in re.findall(r"\d+|[^\W\d_]+|.", written):
        if part.isdecimal():
            said.append(language.number(part) if len(part) < 5 and part[0] != "0" else language.digits(part))
        else:
            said.append(language.address_symbols.get(part, part if part.isalnum() else ""))
    return " ".join(filter(None, said))


def _words_of_name(written: str) -> list[str]:
    """Return the words of a name such as “MondayMotivation” or “snake_case”."""
    return re.findall(r"[A-Z]{2,}(?![a-z])|[^\W\d_A-Z]*[A-Z]?[^\W\d_A-Z]+|[A-Z]|\d+", written)
