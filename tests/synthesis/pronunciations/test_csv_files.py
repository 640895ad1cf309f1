"""Dictionaries as spreadsheets write and read them."""

import pytest

from synthesis.pronunciations import csv_files, importing
from synthesis.pronunciations.csv_files import MAX_ROWS, Row
from synthesis.pronunciations.models import PronunciationEntry
from synthesis.pronunciations.service import MAX_ENTRIES
from tests.factories import PronunciationFactory
from voicesite.web.rejection import Rejected

NIKE = Row(2, "Nike", "nye-kee", "en", "no")


def rows_of(content: bytes):
    return csv_files.read(csv_files.decode(content))


def entries(owner):
    return list(PronunciationEntry.objects.filter(owner=owner).values_list("word", "said", "language", "match_case"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"word,said,language,match_case\r\nNike,nye-kee,en,no\r\n", [NIKE]),
        ("\ufeffword;said;language;match_case\r\nNike;nye-kee;en;no".encode(), [NIKE]),
        (b"Language\tMatch_Case\tSaid\tWord\tNotes\nen\tno\tnye-kee\tNike\tx", [NIKE]),
        (b"\nNike,nye-kee,en,no\n\n,,\n", [NIKE]),
        (b"word,said\r\rNike,nye-kee\r", [Row(3, "Nike", "nye-kee")]),
        (b"Nike", [Row(1, "Nike")]),
        (b"Nike,nye-kee,en,no,more,still", [NIKE._replace(line=1)]),
        (
            b'word,said\n"New\nYork","say ""new"", york"\nX,y',
            [Row(2, "New\nYork", 'say "new", york'), Row(4, "X", "y")],
        ),
        (b"", []),
    ],
)
def test_files_are_read_as_spreadsheets_write_them(content, expected):
    assert rows_of(content) == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("Nike,nyé".encode("latin-1"), "not in UTF-8"),
        ("Nike,nye".encode("utf-16"), "not in UTF-8"),
        (b"a\0b", "not a CSV"),
        (b"x" * 200_000, "not a CSV"),
        (b"a,b\n" * (MAX_ROWS + 1), "the limit is 10,000"),
    ],
)
def test_what_is_no_such_file_is_refused(content, problem):
    with pytest.raises(Rejected, match=problem):
        rows_of(content)


@pytest.mark.django_db
def test_what_is_exported_is_imported_as_it_was(user, stranger):
    hostile = ("=1+1 x", "+a", "-a", "@ada", "'=a", "''@a", "'tis", 'say "a"', "a,b", "a;b", "Zoë", "名前", "<b>x</b>")
    for word in hostile:
        PronunciationFactory(owner=user, word=word, language="en-gb", match_case=word == "@ada")
    PronunciationFactory(owner=user, word="Nike", said="-nye’kee")
    content = csv_files.write(PronunciationEntry.objects.filter(owner=user))
    plan = importing.plan(stranger, rows_of(content))
    assert not plan.refused and not plan.changed
    plan.apply()
    assert entries(stranger) == entries(user) and len(entries(user)) == len(hostile) + 1
    again = importing.plan(stranger, rows_of(content))
    assert (again.count, again.same, again.refused) == (0, len(hostile) + 1, [])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'=", "''-"])
def test_no_cell_is_a_formula(start):
    entry = PronunciationEntry(word=f"{start}cmd|' /C calc'!A0", said=f"{start}1")
    line = csv_files.write([entry]).decode("utf-8-sig").splitlines()[1]
    assert line.startswith("'") and ",'" in line
    assert rows_of(csv_files.write([entry]))[0][1:3] == (entry.word, entry.said)


@pytest.mark.django_db
def test_each_line_is_new_changed_the_same_or_refused(user):
    PronunciationFactory(owner=user, word="Nike", language="en", said="before")
    PronunciationFactory(owner=user, word="Same", said="same")
    text = (
        "word,said,language,match_case\nNIKE,nye-kee,English,\nSame,same,,\nNew,noo,pt-BR,yes\nnew,nah,pt-br,1\n"
        "NEW,noo,pt_br,no\nX,5,,\nY,why,xx,\nZ,zed,,perhaps\n,x,,\nnew,noo,Portuguese (Brazilian),n\n"
    )
    plan = importing.plan(user, csv_files.read(text))
    assert [entry.word for entry in plan.new] == ["New", "new", "NEW"]
    assert [(change.before, change.entry.word) for change in plan.changed] == [("before", "NIKE")]
    assert (plan.same, plan.count) == (1, 4)
    problems = {line.line: line.problem for line in plan.refused}
    assert list(problems) == [7, 8, 9, 10, 11]
    assert "5 can’t be said" in problems[7] and "“xx” is not a language" in problems[8]
    assert "yes or no" in problems[9] and "word: " in problems[10] and "line 6" in problems[11]
    assert PronunciationEntry.objects.count() == 2, "nothing is changed before"
    plan.apply()
    assert PronunciationEntry.objects.count() == 5
    changed = PronunciationEntry.objects.get(key="nike")
    assert (changed.word, changed.said) == ("NIKE", "nye-kee") and changed.updated_at > changed.created_at


@pytest.mark.django_db
def test_there_is_room_for_2000_and_the_next_line_is_refused(user, django_assert_max_num_queries):
    text = "word,said\n" + "".join(f"w{number},x\n" for number in range(2001))
    with django_assert_max_num_queries(40):
        plan = importing.plan(user, csv_files.read(text))
        plan.apply()
    assert PronunciationEntry.objects.filter(owner=user).count() == MAX_ENTRIES == 2000
    assert [(line.line, line.word) for line in plan.refused] == [(2002, "w2000")] and "2,000" in plan.refused[0].problem
    assert importing.plan(user, csv_files.read(text.replace(",x", ",y"))).count == 2000, "the same words are changed"


@pytest.mark.django_db
def test_what_another_added_meanwhile_is_a_conflict_and_nothing_is_imported(user):
    plan = importing.plan(user, [Row(1, "Ikea", "i"), Row(2, "Nike", "n")])
    PronunciationFactory(owner=user, word="nike")
    with pytest.raises(Rejected, match="Try again"):
        plan.apply()
    assert entries(user) == [("nike", "nye-kee", "", False)]


@pytest.mark.django_db
def test_the_sites_dictionary_is_another(user):
    importing.plan(None, [Row(1, "Nike", "n")]).apply()
    assert entries(None) and not entries(user)
