"""The library in order: folders and tags, chips of filters, days, marked words, and pages that hold their place."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Folder, Generation, TextTag
from tests.factories import GenerationFactory, VoiceFactory
from voices.text.lengths import MAX_TAGS

LIST = reverse("synthesis:list")
MAKE = reverse("synthesis:make_folder")
MOVE = reverse("synthesis:move_selected")
TAG = reverse("synthesis:tag_selected")


def of(name, thing):
    return reverse(f"synthesis:{name}", args=[thing.pk])


def folder(owner, name="Audiobook") -> Folder:
    return Folder.objects.create(owner=owner, name=name)


def titles(response) -> list[str]:
    return re.findall(r'<h3><a href="/generations/[^"]+">(.+?)</a></h3>', response.text)


def tagged(generation, *names):
    TextTag.objects.bulk_create(TextTag(generation=generation, name=name) for name in names)


def other_take(generation):
    same = {name: getattr(generation, name) for name in ("owner", "voice", "take_group", "title")}
    return GenerationFactory(**same, is_picked=False, completed=True)


# ---------------------------------------------------------------------------------------------------------------------
# Folders


def test_a_folder_is_made_renamed_and_deleted_and_its_texts_stay(page, user):
    answer = page.post(MAKE, {"name": "  My \n book "}, follow=True)
    made = Folder.objects.get(owner=user)
    assert made.name == "My book" and answer.request["QUERY_STRING"] == f"folder={made.pk}"
    assert "This folder is empty" in answer.text
    text = GenerationFactory(owner=user, folder=made, title="Chapter one")
    page.post(of("rename_folder", made), {"name": "Our book"})
    assert "Our book" in page.get(LIST).text
    answer = page.post(of("delete_folder", made), follow=True)
    assert "Chapter one" in answer.text and not Folder.objects.exists()
    text.refresh_from_db()
    assert text.folder is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the folder a name."),
        (" \x00", "Give the folder a name."),
        ("x" * 81, "80 char"),
        ("AUDIObook", "have a folder of that name"),
    ],
)
def test_a_name_that_can_not_be_is_refused_in_words(page, user, name, words):
    mine = folder(user)
    assert words in html.unescape(page.post(MAKE, {"name": name}, follow=True).text)
    other = folder(user, "Other")
    assert words in html.unescape(page.post(of("rename_folder", other), {"name": name}, follow=True).text)
    assert set(Folder.objects.values_list("name", flat=True)) == {mine.name, "Other"}
    page.post(of("rename_folder", mine), {"name": "AUDIOBOOK"})
    mine.refresh_from_db()
    assert mine.name == "AUDIOBOOK", "its own name is not taken"


def test_two_people_have_folders_of_one_name(page, stranger):
    folder(stranger)
    page.post(MAKE, {"name": "Audiobook"})
    assert Folder.objects.count() == 2


@pytest.mark.parametrize(
    "name", ["rename_folder", "delete_folder", "arrange", "move_selected", "tag_selected", "make_folder"]
)
def test_who_may(client, page, user, stranger, name):
    mine, theirs = folder(user), folder(stranger, "Theirs")
    text = GenerationFactory(owner=stranger, title="A secret")
    things = {"rename_folder": theirs, "delete_folder": theirs, "arrange": text}
    where = of(name, things[name]) if name in things else reverse(f"synthesis:{name}")
    assert page.get(where).status_code == 405
    form = {"name": "Mine", "folder": mine.pk, "tags": "mine", "selected": [text.pk]}
    answer = page.post(where, form)
    assert answer.status_code == (404 if name in things else 302)
    theirs.refresh_from_db()
    text.refresh_from_db()
    assert (theirs.name, text.folder, text.tags.count()) == ("Theirs", None, 0)
    client.logout()
    assert client.post(where, form).url.startswith("/account/login/")


def test_the_folder_of_a_stranger_takes_nothing(page, user, stranger):
    text, theirs = GenerationFactory(owner=user), folder(stranger)
    assert "no longer there" in page.post(MOVE, {"folder": theirs.pk, "selected": text.pk}, follow=True).text
    assert "no longer there" in page.post(of("arrange", text), {"folder": theirs.pk}, follow=True).text
    text.refresh_from_db()
    assert text.folder is None


# ---------------------------------------------------------------------------------------------------------------------
# One text, and several


def test_a_text_is_put_into_a_folder_with_tags_and_so_are_its_takes(page, user):
    mine, text = folder(user), GenerationFactory(owner=user, completed=True)
    take = other_take(text)
    shown = page.post(of("arrange", text), {"folder": mine.pk, "tags": "Chapter 1, draft,draft"}, follow=True).text
    assert "#chapter 1" in shown and f"{LIST}?folder={mine.pk}" in shown
    for one in (text, take):
        one.refresh_from_db()
        assert (one.folder, [tag.name for tag in one.tags.all()]) == (mine, ["chapter 1", "draft"])
    page.post(of("another", text))
    third = Generation.objects.latest("created_at")
    assert (third.folder, third.tags.count()) == (mine, 2), "another take is kept with them"
    page.post(of("arrange", text), {"folder": "", "tags": ""})
    assert not TextTag.objects.exists() and not Generation.objects.exclude(folder=None).exists()


def test_several_are_moved_and_tagged_and_untagged(page, user, stranger):
    mine = folder(user)
    texts = GenerationFactory.create_batch(2, owner=user)
    take, theirs = other_take(texts[0]), GenerationFactory(owner=stranger)
    keys = {"selected": [one.pk for one in (*texts, theirs)], "query": "q=good"}
    answer = page.post(MOVE, keys | {"folder": mine.pk}, follow=True)
    assert "2 texts are in “Audiobook” now." in answer.text and "q=good" in answer.request["QUERY_STRING"]
    assert set(mine.generations.all()) == {*texts, take}
    assert f"{LIST}?folder={mine.pk}" in page.get(LIST).text
    page.post(TAG, keys | {"tags": "Draft, two"})
    page.post(TAG, keys | {"tags": "draft"})
    assert TextTag.objects.filter(name="draft").count() == 3 and not theirs.tags.exists()
    page.post(TAG, keys | {"tags": "draft", "remove": "1"})
    assert set(TextTag.objects.values_list("name", flat=True)) == {"two"}
    assert "2 texts are in no folder now." in page.post(MOVE, keys | {"folder": ""}, follow=True).text
    assert not mine.generations.exists()


def test_what_lacks_something_is_said(page, user):
    text, mine = GenerationFactory(owner=user), folder(user)
    assert "Select what to move first." in page.post(MOVE, {"folder": mine.pk}, follow=True).text
    assert "Select what to tag first." in page.post(TAG, {"tags": "a"}, follow=True).text
    assert "Write a tag first." in page.post(TAG, {"selected": text.pk}, follow=True).text
    tagged(text, *map(str, range(MAX_TAGS)))
    assert (
        "1 text has as many tags as it can have" in page.post(TAG, {"selected": text.pk, "tags": "z"}, follow=True).text
    )
    assert text.tags.count() == MAX_TAGS


# ---------------------------------------------------------------------------------------------------------------------
# Finding


def test_filters_are_chips_that_go_one_by_one(page, user):
    anna, mine = VoiceFactory(owner=user, name="Anna"), folder(user)
    text = GenerationFactory(
        owner=user, voice=anna, title="Found", text="Bees", folder=mine, is_favourite=True, completed=True
    )
    tagged(text, "draft")
    GenerationFactory(owner=user, voice=anna, title="Other", completed=True)
    day = f"{timezone.localdate():%Y-%m-%d}"
    chosen = {
        "q": "bees", "state": "completed", "starred": "1", "voice": anna.pk, "language": "en-us", "folder": mine.pk,
        "tag": "draft", "since": day, "until": day,
    }  # fmt: skip
    shown = page.get(LIST, chosen)
    assert titles(shown) == ["Found"] and re.search(r"\b1 text\b", shown.text)
    chips = dict(re.findall(r'<a href="(\?[^"]*)">\s*<span>([^<]+)</span> <svg', shown.text))
    assert len(chips) == len(chosen)
    words = ["“bees”", "Ready", "Starred", "Anna", "Audiobook", "#draft"] + ["English (American)"]
    assert set(words) < set(chips.values())
    for link in chips:
        left = page.get(LIST + html.unescape(link))
        assert len(re.findall(r"</span> <svg", left.text)) == len(chosen) - 1
    for name, value in chosen.items():
        assert "Found" in titles(page.get(LIST, {name: value})), name
    gone = f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}"
    assert titles(page.get(LIST, {"until": gone})) == [] and "Nothing matches" in page.get(LIST, {"until": gone}).text
    assert titles(page.get(LIST, {"folder": "none"})) == titles(page.get(LIST, {"tag": "x"})) + ["Other"]


def test_words_that_are_looked_for_are_marked_in_titles_and_texts(page, user):
    long = "The <b>harbour & the sea. " * 20 + "There was a Hidden treasure in it. " + "And so on. " * 30
    GenerationFactory(owner=user, title="Hidden <i>", text="Something else, hidden.")
    GenerationFactory(owner=user, title="The harbour", text=long)
    shown = page.get(LIST, {"q": "hidden"}).text
    assert "<mark>Hidden</mark> &lt;i&gt;" in shown
    (excerpt,) = re.findall(r'excerpted">(….+?…)</p>', shown)
    assert "<mark>Hidden</mark> treasure" in excerpt and "<b>" not in excerpt and len(excerpt) < 300
    assert "<mark>" not in page.get(LIST).text


def test_texts_are_under_their_days_in_the_persons_time_zone(page, user):
    now = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    made = {
        "first": now,
        "second": now - timedelta(hours=4),
        "third": now - timedelta(days=3),
        "old": now - timedelta(days=400),
    }
    for title, moment in made.items():
        Generation.objects.filter(pk=GenerationFactory(owner=user, title=title).pk).update(created_at=moment)
    headings = r'<h2 class="day">(.+?)</h2>|<h3><a[^>]*>(\w+)</a>'

    def listed():
        return [day or title for day, title in re.findall(headings, page.get(LIST).text)]

    with freeze(now):
        assert listed() == [
            "Today",
            "first",
            "Yesterday",
            "second",
            "Tuesday 24 November",
            "third",
            "Thursday 23 October 2025",
            "old",
        ]
        page.cookies["timezone"] = "America/New_York"  # where it is the evening before
        assert listed()[:4] == ["Today", "first", "second", "Monday 23 November"]
        assert titles(page.get(LIST, {"since": "2026-11-26"})) == ["first", "second"]


def freeze(moment):
    patch = pytest.MonkeyPatch()

    class Frozen:
        def __enter__(self):
            patch.setattr(timezone, "now", lambda: moment)

        def __exit__(self, *_):
            patch.undo()

    return Frozen()


# ---------------------------------------------------------------------------------------------------------------------
# Pages by key


@pytest.mark.backends
@pytest.mark.parametrize("order", ["", "similarity", "accuracy"])
def test_pages_hold_their_place_whatever_comes_and_goes(page, user, order):
    rows = [GenerationFactory.build(owner=user, voice=None, voice_name="Ada", title=f"No {n}") for n in range(50)]
    for n, row in enumerate(rows):
        row.similarity, row.word_error_rate = (n % 7) / 10, (n % 5) / 10
    Generation.objects.bulk_create(rows)
    moment = timezone.now()
    for n, row in enumerate(rows):  # of many the same moment
        Generation.objects.filter(pk=row.pk).update(created_at=moment - timedelta(minutes=n // 10))
    seen, where = [], f"{LIST}?order={order}"
    while True:
        shown = page.get(where)
        seen += titles(shown)
        link = re.search(r'rel="next" href="(.+?)"', shown.text)
        if not link:
            break
        GenerationFactory(owner=user, voice=None, voice_name="Ada", title="New", similarity=0.99, word_error_rate=0.0)
        Generation.objects.filter(owner=user, title=seen[-1]).delete()
        where = LIST + html.unescape(link[1])
    assert sorted(seen) == sorted({f"No {n}" for n in range(50)}), "each once"


def test_more_rows_come_as_one_scrolls(page, user, count_queries):
    GenerationFactory.create_batch(45, owner=user, cancelled=True, folder=folder(user))
    first = page.get(LIST)
    (link,) = re.findall(r'hx-get="(.+?)"\s+hx-trigger="revealed"', first.text)
    part = page.get(LIST + html.unescape(link), headers={"HX-Request": "true", "HX-Target": "older"})
    assert len(titles(part)) == 20 and "<html" not in part.text and 'id="found"' not in part.text
    assert 'class="day"' not in part.text, "the day goes on"
    assert 'class="day"' in page.get(LIST + html.unescape(link)).text, "but a page of its own says it"
    last = re.search(r'hx-get="(.+?)"\s+hx-trigger="revealed"', part.text)
    end = page.get(LIST + html.unescape(last[1]), headers={"HX-Request": "true", "HX-Target": "older"})
    assert len(titles(end)) == 5 and "revealed" not in end.text
    assert count_queries(page, LIST + html.unescape(link)) == count_queries(page, LIST)


def test_it_costs_the_same_for_few_and_many_folders_and_tags(page, user, count_queries):
    costs = []
    for more in range(2):
        for n in range(1 + 9 * more):
            text = GenerationFactory(owner=user, completed=True, folder=folder(user, f"{more}-{n}"))
            tagged(text, f"{more}-{n}", "all")
        costs.append([count_queries(page, LIST), count_queries(page, of("detail", text))])
    assert costs[0] == costs[1]
