"""Prepared queries: what the ORM would answer, without its making the SQL each time."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler

from synthesis.models import Generation
from tests.factories import GenerationFactory
from voicesite.models import ApiKey, User
from voicesite.people import keys
from voicesite.prepared import Given, Prepared

pytestmark = pytest.mark.django_db


def by_key():
    return Prepared(Generation.objects.filter(pk=Given("id", Generation), owner=Given("owner", Generation)))


def test_it_answers_as_the_orm_does(user, stranger):
    made = [GenerationFactory(owner=owner, completed=True) for owner in (user, user, stranger)]
    query = by_key()
    for one in made:
        found = query.first(id=one.pk, owner=one.owner_id)
        expected = Generation.objects.get(pk=one.pk)
        fields = [field.attname for field in Generation._meta.concrete_fields]
        assert [getattr(found, name) for name in fields] == [getattr(expected, name) for name in fields]
    assert query.first(id=made[0].pk, owner=stranger.pk) is None
    assert query.rows(id=uuid.uuid4(), owner=user.pk) == []


def test_what_is_told_is_as_it_is_now(user):
    one, query = GenerationFactory(owner=user), by_key()
    for title in ("Before", "After"):
        Generation.objects.update(title=title)
        assert query.first(id=one.pk, owner=user.pk).title == title


def test_it_follows_and_defers_as_the_queryset_does(user, django_assert_num_queries):
    key, _ = keys.issue(user, "Scripts", ["read"])
    query = Prepared(ApiKey.objects.filter(pk=Given("id", ApiKey)).select_related("owner").defer("scopes"))
    with django_assert_num_queries(1):
        found = query.first(id=key.pk)
        assert found.owner == user and found.name == "Scripts"
    with django_assert_num_queries(1):
        assert found.scopes == ["read"]


def test_its_sql_is_made_once(user, monkeypatch):
    query, made = by_key(), []
    as_sql = SQLCompiler.as_sql
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *args, **kwargs: made.append(1) or as_sql(*args, **kwargs))
    for _ in range(3):
        query.first(id=uuid.uuid4(), owner=user.pk)
    assert len(made) == 1


@pytest.mark.django_db(transaction=True)
def test_threads_ask_by_connections_of_their_own(user):
    query = Prepared(User.objects.filter(pk=Given("id", User)))
    assert query.first(id=user.pk) == user

    def ask(_):
        try:
            return query.first(id=user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(ask, range(12))) == [user] * 12
