import pytest

from tests.factories import UserFactory, VoiceFactory
from voices.clips.names import suggested_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("grandma_interview-2.m4a", "Grandma interview 2"),
        ("Jane.wav", "Jane"),
        ("mein Opa (Weihnachten).MP3", "Mein Opa Weihnachten"),
        ("бабушка.ogg", "Бабушка"),
        ("दादी.wav", "दादी"),
        ("anna", "Anna"),
        ("../../etc/pass\u202ewd.wav", "Passwd"),
        ("x" * 300 + ".wav", "X" + "x" * 79),
        ("", "Ada"),
        ("Your recording, 16:39", "Ada"),
        ("Tu grabación, 16:39", "Ada"),
        ("New Recording 4.m4a", "Ada"),
        ("AUD-20250101-WA0003.opus", "Ada"),
        ("20250301_1230.amr", "Ada"),
        ("audio.webm", "Ada"),
    ],
)
def test_a_voice_is_named_after_its_file_or_its_owner_where_a_recorder_named_that(user, file, name):
    assert suggested_name(user, file) == name


def test_a_person_is_called_what_they_are_called(db):
    assert suggested_name(UserFactory(username="jd", first_name="Jane", last_name="Doe"), "") == "Jane Doe"


def test_a_name_that_the_owner_gave_already_is_numbered(user, stranger):
    VoiceFactory(owner=user, name="Jane")
    VoiceFactory(owner=user, name="Jane (2)")
    VoiceFactory(owner=stranger, name="Anna")
    assert suggested_name(user, "jane.wav") == "Jane (3)"
    assert suggested_name(user, "anna.wav") == "Anna", "what others call theirs is nothing to this"
