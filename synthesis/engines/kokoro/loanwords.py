"""Words of one language in another's text: as its speakers say them. Data, and the function that applies it.

Where espeak takes a word for English, its American pronunciation is said with the sounds of the text's language; a table
for each language tells how. What espeak takes for a word of the language and reads wrongly is spelled anew for it.
"""

import re

from .alphabet import STRESSES, VOWELS

# English sounds, as alphabet.from_ipa writes them for en-us, in the phonemes that espeak has for the language.
# Those that are not named stay as they are.
_ADAPTED = {
    "fr": {
        "ɜɹ": "œʁ",
        "əɹ": "œʁ",
        "ᵊl": "œl",
        "ᵊ": "œ",
        "A": "ɛ",
        "I": "aj",
        "O": "o",
        "W": "aw",
        "Y": "ɔj",
        "æ": "a",
        "ɑɹ": "aʁ",
        "ɑ": "ɔ",
        "ʌ": "œ",
        "ə": "œ",
        "ɪ": "i",
        "ᵻ": "i",
        "ʊ": "u",
        "h": "",
        "θ": "s",
        "ð": "z",
        "ɹ": "ʁ",
        "T": "t",
        "ʧ": "tʃ",
        "ʤ": "dʒ",
    },
    "it": {
        "ɜɹ": "er",
        "əɹ": "er",
        "ᵊl": "ol",
        "ᵊ": "e",
        "A": "ej",
        "I": "aj",
        "O": "o",
        "W": "aw",
        "Y": "oj",
        "æ": "ɛ",
        "ɑɹ": "ar",
        "ɑ": "ɔ",
        "ɔ": "o",
        "ʌ": "a",
        "ə": "e",
        "ɪ": "i",
        "ᵻ": "i",
        "ʊ": "u",
        "h": "",
        "θ": "t",
        "ð": "d",
        "ɹ": "r",
        "T": "t",
    },
    "es": {
        "ɜɹ": "eɾ",
        "əɹ": "eɾ",
        "ᵊl": "el",
        "ᵊ": "e",
        "O": "o",
        "æ": "a",
        "ɑɹ": "aɾ",
        "ɑ": "o",
        "ɔ": "o",
        "ʌ": "a",
        "ə": "e",
        "ɛ": "e",
        "ɪ": "i",
        "ᵻ": "i",
        "ʊ": "u",
        "h": "x",
        "z": "s",
        "v": "b",
        "ʤ": "ʝ",
        "ð": "d",
        "ɹ": "ɾ",
        "T": "t",
        "ʃ": "ʧ",
    },
    "pt-br": {
        "ɜɹ": "eɾ",
        "əɹ": "eɾ",
        "ᵊl": "ow",
        "ᵊ": "e",
        "O": "o",
        "æ": "ɛ",
        "ɑɹ": "aɾ",
        "ɑ": "ɔ",
        "ʌ": "a",
        "ə": "ɐ",
        "ɪ": "i",
        "ᵻ": "i",
        "ʊ": "u",
        "h": "x",
        "θ": "t",
        "ð": "d",
        "ɹ": "ɾ",
        "T": "t",
    },
    "hi": {
        "ɜɹ": "əɾ",
        "əɹ": "əɾ",
        "ᵊl": "əl",
        "ᵊ": "ə",
        "A": "eː",
        "I": "aːj",
        "O": "oː",
        "W": "aːʊ",
        "Y": "ɔːj",
        "æ": "ɛː",
        "ɑɹ": "aːɾ",
        "ɑ": "ɔː",
        "i": "iː",
        "u": "uː",
        "ɔ": "ɔː",
        "ʌ": "ə",
        "ᵻ": "ɪ",
        "θ": "tʰ",
        "ð": "d",
        "w": "ʋ",
        "v": "ʋ",
        "t": "ʈ",
        "T": "ʈ",
        "d": "ɖ",
        "ɹ": "ɾ",
        "ʒ": "ʤ",
    },
}

# What a language does not begin or end a word with.
_EDGES = {
    "es": ((r"^s(?=[ptkmnlf])", "es"), ("([aeiou])m$", r"\1n")),
    "pt-br": (("^s(?=[ptkmnlf])", "is"), ("l$", "w"), ("t$", "ʧi"), ("d$", "ʤi"), ("([pbkɡf])$", r"\1i")),
}

# Phonemes of what is elided before a word that espeak takes for English.
ELIDED = {
    **{letter: letter for letter in "dlmnst"},
    "c": "s",
    "j": "ʒ",
    "qu": "k",
    "all": "al",
    "dall": "dal",
    "dell": "del",
    "nell": "nel",
    "sull": "sul",
    "un": "un",
}

# Words that espeak reads wrongly, spelled so that it reads them right.
RESPELLED: dict[str, dict[str, str]] = {
    language: dict(pair.split("=") for pair in pairs.split())
    for language, pairs in {
        "fr": """
            ahmed=amède bercy=berci bestseller=bestsèleur blogger=blogueur burger=beurgueur business=biznesse
            cocktail=coktelle danemark=danemarque dos=dô email=imèle e-mail=imèle emails=imèles e-mails=imèles
            fitness=fitnesse footballeur=foutebaleur footballeurs=foutebaleurs hamburger=hambourgueur hit=hite
            instagram=innstagramme ipad=aïpade iphone=aïfone jeans=djine jean's=djine jury=juri jurys=juris
            maghreb=magrèbe manager=manadjeur managers=manadjeurs mohamed=mohamède nancy=nanci online=onnlaïne
            p'tit=ptit p'tite=ptite p'tits=ptits sarkozy=sarkozi skate=skeïte smartphones=smartphone surf=seurfe
            thriller=trileur thrillers=trileur whatsapp=ouatsape wifi=ouifi wi-fi=ouifi youtube=youtoube
            """,
        "it": """
            baby=bèibi backup=bekap bestseller=bestséller blues=blus burger=bùrgher cloud=claud coach=couch cocktail=coktéil
            cool=cul deadline=dedlàin email=iméil e-mail=iméil football=fùtbol freelance=frilèns hardware=àrduer
            influencer=influènser iphone=aifon jeans=gins leader=lìder like=làic link=linc look=luc manager=mànager
            meeting=mìtin mouse=màus online=onlàin password=pàssuord remake=rimèic shorts=sciorts show=sciò skate=schéit
            smartphone=smàrtfon software=sòftuer spoiler=spòiler startup=startàp sweater=suèter t-shirt=tisciért
            update=apdèit website=uebsàit weekend=uikènd week-end=uikènd western=uèstern whatsapp=uatsàp wifi=uaifài
            wi-fi=uaifài youtube=iutùb
            """,
        "es": """
            baby=béibi backup=bácap blogger=blóguer blues=blus bluetooth=blutuz burger=búrguer business=bísnes
            cloud=claud coach=couch cocktail=coctel cool=cul deadline=dédlain football=fútbol freelance=frílans
            feedback=fídbac gym=yim halloween=jalouín hamburger=jamburguer hardware=járduer influencer=influénser
            instagram=ínstagram ipad=aipad iphone=aifon jeans=yins jogging=yoguin leader=líder like=laik link=linc
            look=luc manager=mánayer marketing=márketin meeting=mitin message=mésech mouse=maus online=onláin
            parking=parkin password=pásuord remake=riméik sandwich=sángüich shopping=chopin show=chou skate=eskéit
            smartphone=esmártfon snack=esnac software=sófguer spam=espam spoiler=espóiler star=estar startup=estártap
            streaming=estrimin stress=estrés sweater=suéter t-shirt=tíchert team=tim thriller=tríler trekking=trekin
            tweet=tuit update=ápdeit website=uébsait week-end=uiquen weekend=uiquen western=uéstern whatsapp=guásap
            wifi=uifi wi-fi=uifi youtube=yutub
            """,
        "pt-br": """
            amazon=âmazon baby=bêibi backup=becápi blogger=blóguer burger=búrguer business=bíznes cloud=cláudi coach=côutchi
            cocktail=coquetéu cool=cul deadline=dédlaine email=iméil football=fútebol freelance=frilânci feedback=fidebéqui
            hamburger=rambúrguer hardware=rárduer hit=ríti influencer=influêncer ipad=aipédi iphone=aifône jeans=djins
            jogging=djóguin leader=líder like=láiqui look=lúqui manager=mânadjer marketing=márquetin meeting=mítin
            message=méssadji mouse=máusi online=onláine parking=párquin remake=riméiqui shorts=chórtis show=chôu
            skate=isquêiti smartphone=ismártfone software=sóftuer spoiler=ispóiler startup=istartápi
            streaming=istrímin sweater=suéter t-shirt=tíchârti team=time thriller=tríler twitter=tuíter update=apidêiti
            website=uebissáiti weekend=uikende week-end=uikende western=uéstern whatsapp=uatizápi wifi=uaifái
            wi-fi=uaifái youtube=iutúbi
            """,
        "hi": "",
    }.items()
}


def adapt(english: str, language: str) -> str:
    """Return the English phonemes of a word in the sounds of `language`, stressed as its speakers would."""
    sounds = _ADAPTED[language]
    said = re.sub("|".join(sounds), lambda found: sounds[found[0]], english)
    for pattern, replacement in _EDGES.get(language, ()):
        said = re.sub(pattern, replacement, said)
    if language == "fr":  # the last syllable
        said = re.sub(f"[{STRESSES}]", "", said)
        said = re.sub(f"([{VOWELS}])(?=[^{VOWELS}]*$)", r"ˈ\1", said, count=1)
    return said
