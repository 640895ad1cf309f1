import pytest

from tests.factories import FittingFactory, VoiceFactory
from voices.curation.tags import set_tags
from voices.models import Collection

pytestmark = pytest.mark.backends

LIST_URL = "/voices/"


@pytest.fixture
def voices(user, stranger):
    mine = VoiceFactory(owner=user, name="Grandmother", clip__grade=4)
    theirs = VoiceFactory(owner=stranger, name="Newsreader", visibility="shared", language="es", clip__grade=2)
    VoiceFactory(owner=stranger, name="Secret", language="de")
    set_tags(mine, ["warm"])
    set_tags(theirs, ["clear"])
    Collection.objects.create(name="Radio").voices.add(theirs)
    return mine, theirs


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Grandmother", "Newsreader"}),
        ("q=mother", {"Grandmother"}),
        ("q=clear", {"Newsreader"}),
        ("whose=mine", {"Grandmother"}),
        ("whose=shared", {"Newsreader"}),
        ("language=es", {"Newsreader"}),
        ("tag=warm", {"Grandmother"}),
        ("collection={radio}", {"Newsreader"}),
        ("grade=3", {"Grandmother"}),
        ("grade=2", {"Grandmother", "Newsreader"}),
        ("whose=mine&language=es", set()),
        ("grade=best&collection=²&whose=%00", {"Grandmother", "Newsreader"}),
        ("collection=99999999999999999999", set()),
    ],
)
def test_the_list_is_narrowed(page, voices, query, shown):
    query = query.format(radio=Collection.objects.get().pk)
    response = page.get(f"{LIST_URL}?{query}")
    assert {voice.name for voice in response.context["page"]} == shown
    assert shown or "No voice matches" in response.text


def test_what_is_offered_tells_nothing_of_others_voices(page, voices, stranger):
    hidden = VoiceFactory(owner=stranger)
    set_tags(hidden, ["classified"])
    Collection.objects.create(name="Top secret").voices.add(hidden)
    shown = page.get(LIST_URL).text
    assert "Radio" in shown and "warm" in shown and "Spanish" in shown
    for word in ("classified", "Top secret", "German", "Secret"):
        assert word not in shown


def test_the_list_costs_as_many_queries_for_much_of_everything(page, user, voices, count_queries):
    few = count_queries(page, f"{LIST_URL}?tag=warm")
    for number in range(10):
        set_tags(FittingFactory(voice__owner=user).voice, ["warm", f"tag {number}"])
        Collection.objects.create(name=f"Collection {number}").voices.add(voices[0])
    assert count_queries(page, f"{LIST_URL}?tag=warm") == few <= 9
