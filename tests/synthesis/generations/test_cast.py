"""The cast of a dialogue, by the forms of programs and of the studio."""

import pytest

from synthesis.generations import takes
from synthesis.generations.forms import ApiGenerationForm, GenerationForm
from synthesis.models import CastMember, Generation
from tests.factories import GenerationFactory, VoiceFactory
from voicesite.jobs.job import State

DIALOGUE = "Anna: Did you hear that?\nBen: Only the wind.\nAnna: No. Listen."


@pytest.fixture
def narrator(user):
    return VoiceFactory(owner=user, name="Narrator")


@pytest.fixture
def low(user):
    return VoiceFactory(owner=user, name="Low")


@pytest.fixture
def program(user, narrator, low):
    """`program(cast)`: the form that a program sends."""
    return lambda cast, text=DIALOGUE: ApiGenerationForm({"voice": "Narrator", "text": text, "cast": cast}, user=user)


@pytest.fixture
def studio(user, narrator, low):
    """`studio(**chosen)`: the form that the studio sends, with what is chosen for each name."""
    sent = {"voice": narrator.pk, "text": DIALOGUE, "language": "en-us", "speed": "1"}
    return lambda text=DIALOGUE, **chosen: GenerationForm(
        sent | {"text": text} | {f"cast:{name}": value for name, value in chosen.items()}, user=user
    )


def members(generation):
    return [
        (one.name, one.voice and one.voice.name, one.voice_name)
        for one in CastMember.named.filter(generation=generation)
    ]


def test_the_cast_is_saved_with_the_generation(program, low, narrator):
    form = program({"Anna": str(low.pk), " ben : ": "NARRATOR", "Cleo": "Low"})
    assert form.is_valid(), form.errors
    form.generation().submit()
    generation = Generation.objects.get()
    assert (generation.voice, generation.state) == (narrator, State.PENDING)
    assert members(generation) == [("Anna", "Low", "Low"), ("ben", "Narrator", "Narrator"), ("Cleo", "Low", "Low")]


def test_all_is_saved_or_nothing(program, monkeypatch):
    form = program({"Anna": "Low", "Ben": "Low"})
    assert form.is_valid()
    monkeypatch.setattr(CastMember.named, "bulk_create", lambda members: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        form.generation().submit()
    assert not Generation.objects.exists()


def test_a_name_that_is_no_speakers_is_kept_but_speaks_not(program):
    form = program({"Anna": None, "Ben": "Low"})
    assert form.is_valid(), form.errors
    assert list(form.speakers) == ["Ben"]
    form.generation().submit()
    generation = Generation.objects.get()
    assert members(generation) == [("Anna", None, ""), ("Ben", "Low", "Low")]
    assert [one.name for one in generation.cast.all()] == ["Ben"]


@pytest.mark.parametrize(
    ("cast", "words"),
    [
        ({"Anna": "Low"}, "Ben has no voice: choose one, or null where"),
        ({"Note": None}, "Anna and Ben have no voice"),
        ({"Anna": "Low", "Ben": "Nobody"}, "Ben: there is no such voice, or it isn’t yours to use."),
        ({"Anna": "Low", "Ben": "Twin"}, "Ben: several voices have this name. Send an id instead."),
        ({"Anna": "Low", "ANNA": "Low", "Ben": "Low"}, "“ANNA” is twice in the cast."),
        ({"Anna": "Low", " ": "Low"}, "in the cast is not a name"),
        ({"Anna": "Low", "B" * 61: "Low"}, "at most 60 characters"),
        ({f"Guest {number}": "Low" for number in range(21)}, "at most 20 names; this one has 21"),
        ({"Anna": 7}, "Anna: write the id or the name of a voice."),
        (["Anna"], "The cast is an object"),
        ("Anna", "The cast is an object"),
    ],
)
def test_what_is_wrong_with_a_cast_is_said(program, user, stranger, cast, words):
    VoiceFactory(name="Twin", owner=stranger, visibility="shared")
    VoiceFactory(name="Twin", visibility="shared")
    form = program(cast)
    assert not form.is_valid() and words in form.errors["cast"][0]


def test_a_strangers_voice_is_refused_like_none(program, stranger):
    theirs = VoiceFactory(owner=stranger, name="Theirs")
    refusals = [
        program({"Anna": "Low", "Ben": written}).errors["cast"]
        for written in (str(theirs.pk), "Theirs", "Nobody", "00000000-0000-0000-0000-000000000000")
    ]
    assert all(words == refusals[0] for words in refusals)


@pytest.mark.parametrize("fate", ["suspended_at", "retired_at"])
def test_a_voice_that_speaks_no_more_is_refused(program, low, fate):
    setattr(low, fate, low.created_at)
    low.save()
    assert "Anna: there is no such voice" in program({"Anna": "Low", "Ben": "Narrator"}).errors["cast"][0]


def test_without_a_cast_a_programs_text_is_read_as_it_is_written(program):
    form = program({})
    assert form.is_valid() and form.without_voice == ["Anna", "Ben"] and not form.speakers


def test_a_text_of_names_alone_says_nothing(program):
    assert "but the names of who speaks" in program({"Anna": "Low"}, "Anna:").errors["text"][0]


def test_the_studio_asks_for_each_voice(studio, low):
    assert studio().errors["cast"] == ["Anna and Ben have no voice: choose one, or “Not a speaker”."]
    assert studio(Anna=str(low.pk), Ben="").errors["cast"] == ["Ben has no voice: choose one, or “Not a speaker”."]
    form = studio(Anna=str(low.pk), Ben="-")
    assert form.is_valid() and list(form.speakers) == ["Anna"]
    assert studio("Hello to you.").is_valid()


def test_the_studio_forgets_who_is_not_in_the_text(studio, low):
    form = studio("Hello to you.", Anna=str(low.pk), Ben="garbage")
    assert form.is_valid() and form.generation().cast_members == []
    assert "this voice is no longer available" in studio(Anna=str(low.pk), Ben="garbage").errors["cast"][0]


# ---------------------------------------------------------------------------------------------------------------------
# Another take, another try


@pytest.fixture
def spoken(user, narrator, low):
    row = GenerationFactory(owner=user, voice=narrator, failed=True, text=DIALOGUE)
    CastMember.named.create(generation=row, name="Anna", voice=low, voice_name="An old name")
    CastMember.named.create(generation=row, name="Ben")
    return row


def test_another_take_has_the_same_cast(spoken):
    another = takes.another(spoken)
    another.submit()
    assert members(another) == [("Anna", "Low", "Low"), ("Ben", None, "")]


def test_it_is_spoken_again_as_long_as_every_voice_may_speak(user, spoken, low):
    assert takes.why_not_speak(user, spoken) == ""
    low.retired_at = low.created_at
    low.save()
    assert takes.why_not_speak(user, spoken) == (
        "An old name, the voice of Anna, is suspended or retired: choose another for this text."
    )
    assert not spoken.retry()
    low.retired_at = None
    low.save()
    assert spoken.retry()


def test_a_voice_that_is_gone_or_private_now_speaks_not_again(user, spoken, low, stranger):
    low.owner = stranger
    low.save()
    assert "Anna, is no longer available" in takes.why_not_speak(user, spoken)
    low.delete()
    assert "Anna, is no longer available" in takes.why_not_speak(user, spoken)
    assert not Generation.objects.get(pk=spoken.pk).retry()
