import re

import pytest

from synthesis.engines.kokoro import english
from synthesis.engines.kokoro.phonemes import read

# Each word in brackets has another reading in other sentences.
HETERONYMS = [
    ("I have [read] that novel twice.", "ɹˈɛd"),
    ("She [read] the letter aloud and cried.", "ɹˈɛd"),
    ("Can you [read] this label for me?", "ɹˈid"),
    ("They want to [read] more poetry.", "ɹˈid"),
    ("The will was [read] to the family.", "ɹˈɛd"),
    ("Did he [read] your message?", "ɹˈid"),
    ("[Read] the instructions first.", "ɹˈid"),
    ("I had never [read] anything so dull.", "ɹˈɛd"),
    ("The old [lead] pipes must be replaced.", "lˈɛd"),
    ("She will [lead] the expedition.", "lˈid"),
    ("Our team is in the [lead].", "lˈid"),
    ("The statue is made of [lead].", "lˈɛd"),
    ("My parents [live] in Lisbon.", "lˈɪv"),
    ("We heard [live] music at the bar.", "lˈIv"),
    ("The show was broadcast [live].", "lˈIv"),
    ("Where do you [live]?", "lˈɪv"),
    ("Cats have nine [lives].", "lˈIvz"),
    ("My sister [lives] near the station.", "lˈɪvz"),
    ("The vaccine saved millions of [lives].", "lˈIvz"),
    ("A cold [wind] blew all night.", "wˈɪnd"),
    ("Remember to [wind] the clock.", "wˈInd"),
    ("The path [winds] up the hill.", "wˈIndz"),
    ("Let's [wind] down the meeting.", "wˈInd"),
    ("A [tear] rolled down his cheek.", "tˈɪɹ"),
    ("Be careful not to [tear] the paper.", "tˈɛɹ"),
    ("It shows normal wear and [tear].", "tˈɛɹ"),
    ("Her eyes were full of [tears].", "tˈɪɹz"),
    ("The [use] of phones is forbidden.", "jˈus"),
    ("You can [use] my laptop.", "jˈuz"),
    ("It's no [use] crying.", "jˈus"),
    ("Many farmers [use] tractors.", "jˈuz"),
    ("Please [close] the window.", "klˈOz"),
    ("Stay [close] to me.", "klˈOs"),
    ("She is a [close] friend of mine.", "klˈOs"),
    ("The shops [close] at nine.", "klˈOz"),
    ("That was [close].", "klˈOs"),
    ("He broke the world [record].", "ɹˈɛkəɹd"),
    ("We [record] every call.", "ɹəkˈɔɹd"),
    ("Prices rose to [record] highs.", "ɹˈɛkəɹd"),
    ("They will [record] a new album.", "ɹəkˈɔɹd"),
    ("This is a [present] for you.", "pɹˈɛzᵊnt"),
    ("I would like to [present] my results.", "pɹizˈɛnt"),
    ("At [present], nobody knows.", "pɹˈɛzᵊnt"),
    ("I [object] to that remark.", "əbʤˈɛkt"),
    ("A strange [object] fell from the sky.", "ˈɑbʤəkt"),
    ("Wait a [minute].", "mˈɪnət"),
    ("He described it in [minute] detail.", "mInˈut"),
    ("The actors took a [bow].", "bˈW"),
    ("She tied the ribbon in a [bow].", "bˈO"),
    ("He had to [bow] before the queen.", "bˈW"),
    ("We sat in the front [row].", "ɹˈO"),
    ("The [content] of the book is excellent.", "kˈɑntɛnt"),
    ("He seemed [content] with his life.", "kəntˈɛnt"),
    ("Camels cross the [desert].", "dˈɛzəɹt"),
    ("He would never [desert] his friends.", "dəzˈɜɹt"),
    ("A white [dove] sat on the roof.", "dˈʌv"),
    ("She [dove] into the pool.", "dˈOv"),
    ("The nurse cleaned the [wound].", "wˈund"),
    ("He [wound] up in prison.", "wˈWnd"),
    ("[Does] it matter?", "dˈʌz"),
    ("The [house] has two floors.", "hˈWs"),
    ("The shelter can [house] sixty people.", "hˈWz"),
    ("She polished the [Polish] silver.", "pˈOlɪʃ"),
    ("He plays the [bass] in a jazz band.", "bˈAs"),
    ("Attach your [resume] to the form.", "ɹˈɛzəmˌA"),
    ("The talks will [resume] tomorrow.", "ɹəzˈum"),
    ("They [refuse] to pay.", "ɹəfjˈuz"),
    ("The [project] is late.", "pɹˈɑʤˌɛkt"),
    ("We need a [permit] for that.", "pˈɜɹmɪt"),
    ("The farm produces fresh [produce].", "pɹˈOdˌus"),
]


@pytest.mark.parametrize(("sentence", "said"), HETERONYMS)
def test_a_word_of_two_readings_is_read_by_the_words_beside_it(sentence, said):
    words = re.findall(r"[\w'\[\]]+|[.,?!]", sentence)
    place = next(place for place, word in enumerate(words) if word[0] == "[")
    words[place] = words[place].strip("[]")

    assert english.read_words(words, "en-us", str)[place] == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the apple", "ði ˈæpᵊl"),
        ("the pear", "ðə pˈɛɹ"),
        ("the Voicesite", "ðə vˈYssIt"),  # a word that only espeak can say
        ("the “apple”", "ði “ˈæpᵊl”"),
        ("a way to eat, to go, to", "ɐ wˈA tʊ ˈit, tə ɡˌO, tu"),
        ("A B C, the F B I", "ˈA bˈi sˈi, ði ˈɛf bˈi ˈI"),
        ("vitamin A", "vˈITəmən ˈA"),
        ("I have what you have.", "ˌI hæv wˌʌt ju hˈæv."),
    ],
)
def test_small_words_are_said_as_what_follows_asks(text, said):
    assert read(text, "en-us") == said


@pytest.mark.parametrize(
    ("word", "american", "british"),
    [
        ("cats", "kˈæts", "kˈats"),
        ("buses", "bˈʌsᵻz", "bˈʌsɪz"),
        ("cities", "sˈɪTiz", "sˈɪtiz"),
        ("Trump's", "tɹˈʌmps", "tɹˈʌmps"),
        ("dogs'", "dˈɔɡz", "dˈɒɡz"),
        ("wanted", "wˈɑntᵻd", "wˈɒntɪd"),
        ("stopped", "stˈɑpt", "stˈɒpt"),
        ("hoping", "hˈOpɪŋ", "hˈQpɪŋ"),
        ("hopping", "hˈɑpɪŋ", "hˈɒpɪŋ"),
        ("singing", "sˈɪŋɪŋ", "sˈɪŋɪŋ"),
        ("visiting", "vˈɪzɪTɪŋ", "vˈɪzɪtɪŋ"),
        ("café", "kæfˈA", "kˈafA"),
        ("don’t", "dˈOnt", "dˈQnt"),
        ("DO", "dˈu", "dˈuː"),
        ("went", "wˈɛnt", "wˈɛnt"),
        ("FBI", "ˌɛfbˌiˈI", "ˌɛfbˌiːˈI"),
        ("'tis", "tˈɪz", "tˈɪz"),
    ],
)
def test_inflections_and_spellings_of_a_word(word, american, british):
    assert (read(word, "en-us"), read(word, "en-gb")) == (american, british)
