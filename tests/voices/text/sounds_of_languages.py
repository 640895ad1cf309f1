"""The sounds of each language of the site, and which of them a text has.

By espeak-ng, in its letters: as far as it tells sounds apart. Korean is spelled by its sounds, so its letters are counted, and
the sounds that a syllable may end with. Japanese is given as it is read, in kana.
"""

import re
import unicodedata
from unittest import mock

from synthesis.engines.kokoro import espeak

_VOICES = espeak.VOICES | {
    "de": "gmw/de", "ja": "jpx/ja", "pt": "roa/pt", "ru": "zle/ru", "zh": "sit/cmn",
}  # fmt: skip
_OWN_FLAGS = ("", "cmn")  # what espeak calls Mandarin

_ENGLISH = "iː ɪ e͡ɪ ɛ ɑː ɔː ʊ uː ʌ ə ɜː a͡ɪ a͡ʊ ɔ͡ɪ p b t d k ɡ f v θ ð s z ʃ ʒ h t͡ʃ d͡ʒ m n ŋ l ɹ w j"
_PORTUGUESE = "a e ɛ i o ɔ u ɐ̃ ũ ə ɐ̃͡ʊ̃ e͡ɪ p b t d k ɡ f v s z ʃ ʒ m n ɲ ŋ l ʎ ɾ j w"

# What phonologies of the language list; not what only foreign words have.
INVENTORIES = {
    "en-us": f"{_ENGLISH} æ o͡ʊ ɚ",
    "en-gb": f"{_ENGLISH} a ɒ ə͡ʊ i͡ə e͡ə",
    "es": "a e i o u p b β t d ð k ɡ ɣ f θ s x t͡ʃ ʝ m n ɲ ŋ l ʎ ɾ r j w",
    "fr": "i e ɛ a ɔ o u y ø œ ə ɛ̃ ɑ̃ ɔ̃ œ̃ p b t d k ɡ f v s z ʃ ʒ m n ɲ l ʁ j w",
    "it": "a e ɛ i o ɔ u p b t d k ɡ f v s z t͡s d͡z t͡ʃ d͡ʒ m n ɲ ŋ l ʎ r ʃ j w",
    "pt-br": f"{_PORTUGUESE} t͡ʃ d͡ʒ x æ ʊ",
    "hi": "ə aː ɪ iː ʊ uː eː ɛː oː ɔː ã ẽː õ ũ ɛ̃ k kʰ ɡ ɡʰ c cʰ ɟ ɟʰ ʈ ʈʰ ɖ ɖʰ ɳ t tʰ d dʰ n p pʰ b bʰ m j r. ɾ l ʋ ʃ s h",
    "de": "iː ɪ eː ɛ ɛː a ɑː ɔ oː ʊ uː yː ʏ øː œ ə ɜ a͡ɪ a͡ʊ ɔ͡ø p b t d k ɡ f v s z ʃ ç x h p͡f t͡s m n ŋ l ɾ j",
    "ja": "ä i ɯ͡ᵝ e̞ o̞ k ɡ s z t d n ç h ɸ b p m j ɽ w ɕ t͡s t͡ɕ d͡ʑ kʲ ɡʲ nʲ bʲ mʲ ɽʲ ɴ ː",
    "ko": "ᄀᄁᄂᄃᄄᄅᄆᄇᄈᄉᄊᄋᄌᄍᄎᄏᄐᄑᄒ ᅡᅢᅣᅤᅥᅦᅧᅨᅩᅪᅫᅬᅭᅮᅯᅰᅱᅲᅳᅴᅵ ᆨᆫᆮᆯᆷᆸᆼ",
    "pt": f"{_PORTUGUESE} ʁ ɨ ɐ",
    "ru": "a e i o u y p pʲ b bʲ t tʲ d dʲ k kʲ ɡ ɡʲ f fʲ v vʲ s sʲ z ʑ m mʲ n nʲ ɭ ɭʲ r rʲ ʃ ʒ x t͡s t͡ʃʲ ɕ j",
    "zh": (
        "p p͡h m f t t͡h n l k k͡h χ t͡ɕ t͡ɕ͡h ɕ t͡s. t͡s.͡h s. ʐ t͡s t͡s͡h s ɑ a i u y o ə a͡i e͡i ɑ͡u o͡u i͡ɑ i͡ɛ i͡o͡u u͡a u͡o "
        "u͡e͡i u͡ə y͡ɛ y͡æ o͡n͡ɡ ŋ ə͡r"
    ),
}  # fmt: skip

# The Japanese passages as they are read.
READINGS = (
    "きのうのゆうがた、あめがやむと、とおくにさんみゃくがみえ、きんじょのひとたちがそとにでてきました。こどもたちはみずたまりであそび、となりのおじさんは"
    "えんがわにすわって、なつかしいうたをくちずさんでいました。",
    "そぼはまいあさろくじにおきて、ちいさなはたけでやさいをそだてています。なつになると、ぴーまん、きゅうり、とまとをりょうてい"
    "っぱいにかかえて、にこにこしながらかえってきます。それからつめたいぎゅうにゅうをのみ、ひゃくねんまえからつたわるひみつの"
    "みそしるをつくってくれます。",
    "せんしゅうのどようび、ともだちとでんしゃにのって、ふるいみなとまちへいきました。さかのうえのきっさてんでけーきを"
    "ちゅうもんし、まどからふねをながめていると、びょういんがえりのてんしゅがぎたーをひきはじめ、おきゃくさんはみんなはくしゅ"
    "しました。",
)

# Finals of Korean syllables by how they are said; those of two letters are left out.
_FINALS = dict(zip("ᆨᆩᆿᆫᆮᇀᆺᆻᆽᆾᇂᆯᆷᆸᇁᆼ", "ᆨᆨᆨᆫᆮᆮᆮᆮᆮᆮᆮᆯᆷᆸᆸᆼ", strict=True))
_SOUND = re.compile(r"[^\u0300-\u036fːʲʰᵝ.](?:[\u0300-\u0360\u0362-\u036fːʲʰᵝ.]|\u0361[^\u0300-\u036f])*")


def inventory(code: str) -> set[str]:
    """Return the sounds of a language by its code."""
    return (
        set("".join(INVENTORIES[code].split()))
        if code == "ko"
        else set(unicodedata.normalize("NFD", INVENTORIES[code]).split())
    )


def sounds(text: str, code: str) -> set[str]:
    """Return the sounds of the language with this code that are in `text`."""
    return inventory(code) & (_of_korean(text) if code == "ko" else _by_espeak(text, code))


def _of_korean(text: str) -> set[str]:
    letters = set(unicodedata.normalize("NFD", text))
    return letters - set(_FINALS) | {_FINALS[letter] for letter in letters & set(_FINALS)}


def _by_espeak(text: str, code: str) -> set[str]:
    with mock.patch.dict(espeak.VOICES, _VOICES):
        stretches = espeak.phonemize(text, code)
    ipa = " ".join(stretch.ipa for stretch in stretches if stretch.foreign in _OWN_FLAGS)
    ipa = re.sub("[ˈˌ ]" if code != "zh" else "[ˈˌ 0-9ɜ]", "", ipa)
    ipa = unicodedata.normalize("NFD", ipa).replace("͡ɹ", "ɹ").replace("͡l", "l")  # espeak ties them to the vowel before
    found = set(_SOUND.findall(ipa))
    if code == "ja" and re.search(r"ɯ͡ᵝɯ͡ᵝ|o̞ɯ͡ᵝ|e̞e̞", ipa):
        found.add("ː")
    if code in ("it", "pt-br", "pt"):
        found |= {sound.removesuffix("ː") for sound in found}
    return found
