"""Which voice is meant by a name: a choice, a voice, a built-in one, or the default; never one of somebody else's own."""

import pytest

from synthesis.aliases.meaning import Meaning, choose
from synthesis.models import VoiceAlias
from synthesis.voice_extension import SpeechExtension
from tests.factories import VoiceFactory


@pytest.fixture
def first(user):
    return VoiceFactory(owner=user, name="First")


@pytest.fixture
def second(user, first):
    return VoiceFactory(owner=user, name="Second")


def meant(user, written):
    voice = Meaning(user).voice(written)
    return voice and voice.name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("alloy", "First"),
        ("Marin", "First"),
        ("", "First"),
        ("af_bella", "First"),
        ("zm_yunxi", "First"),
        ("af_heart", "Grace"),
        ("af_heart(2)+af_sky(1)", "Grace"),
        ("af_bella + af_heart", "First"),
        ("af_bella-af_heart", "First"),
        ("second", "Second"),
        ("Second+af_heart", "Second"),
        ("Nobody", None),
        ("Nobody+alloy", None),
        ("+", None),
        ("en-US-AvaNeural", None),
        ("Secret", None),
    ],
)
def test_a_name_means_a_voice(user, stranger, second, written, name):
    VoiceFactory(builtin=True, preset="af_heart", name="Grace")
    VoiceFactory(owner=stranger, name="Secret")
    assert meant(user, written) == name


def test_what_is_chosen_goes_before_all_else(user, first, second):
    VoiceFactory(owner=user, name="Nova")
    assert meant(user, "nova") == "Nova", "a voice of that name, where nothing is chosen"
    choose(user, {"": str(second.pk), "nova": str(first.pk), "en-us-avaneural": str(first.pk), "echo": ""})
    for written, name in {"NOVA": "First", "en-US-AvaNeural": "First", "echo": "Second", "": "Second"}.items():
        assert meant(user, written) == name


def test_a_chosen_voice_that_is_gone_leaves_the_default(user, stranger, first):
    shared = VoiceFactory(owner=stranger, name="Shared", visibility="shared")
    choose(user, {"alloy": str(shared.pk)})
    assert meant(user, "alloy") == "Shared"
    shared.visibility = "private"
    shared.save()
    assert meant(user, "alloy") == "First"
    shared.delete()
    assert not VoiceAlias.objects.exists()


def test_without_an_own_voice_a_built_in_one_speaks_before_a_shared_one(user, stranger):
    assert meant(user, "alloy") is None
    VoiceFactory(owner=stranger, name="Private")
    VoiceFactory(owner=stranger, name="Shared", visibility="shared")
    assert meant(user, "alloy") == "Shared"
    VoiceFactory(builtin=True, preset="bf_emma", name="Emma")
    VoiceFactory(builtin=True, preset="af_heart", name="Grace")
    assert meant(user, "alloy") == "Grace"


def test_a_merged_voice_is_meant_as_the_one_that_stays(user, first, second):
    choose(user, {"alloy": str(second.pk)})
    SpeechExtension().on_merge(second, first)
    second.delete()
    assert VoiceAlias.objects.get().voice == first


def test_two_of_a_name_are_none(user, stranger, staff):
    for owner in (stranger, staff):
        VoiceFactory(owner=owner, name="Twin", visibility="shared")
    assert meant(user, "Twin") is None
