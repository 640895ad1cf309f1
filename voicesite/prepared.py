"""Queries that are asked all the time, whose SQL is made once.

To make the SQL of one row by its key takes the ORM ten times as long as it takes the database to find that row.
"""

import functools
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """Stands in a prepared query for a value that is given when it is asked."""

    def __init__(self, name: str, model: type[Model], field: str = ""):
        """field: of the model, as whose value it is prepared; by default that of the same name."""
        column: Any = model._meta.get_field(field or name)
        super().__init__(column)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


class Prepared(Generic[Row]):
    """The rows of a queryset in which values are `Given`, with the relations that it follows and without what it defers.

    What it asks must follow from those values alone: a time or a setting would stay as it was when this was made. Nothing of
    an answer is kept. It knows no annotations, and prefetches nothing.
    """

    def __init__(self, queryset: QuerySet[Row]):
        self._queryset = queryset

    @functools.cached_property
    def _made(self) -> "_Made":
        return _Made(self._queryset)

    def rows(self, **values: Any) -> list[Row]:
        """Return the rows for these values."""
        made, db = self._made, self._queryset.db
        connection = connections[db]
        given = [param.prepared(values, connection) if isinstance(param, Given) else param for param in made.params]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, given)
            return [made.row(columns, db, connection) for columns in cursor.fetchall()]

    def first(self, **values: Any) -> Row | None:
        """Return the first of them; None if there is none."""
        return next(iter(self.rows(**values)), None)


class _Made:
    """What the ORM finds out about a queryset each time: its SQL, and how a row of the answer becomes an object."""

    def __init__(self, queryset: QuerySet):
        compiler: Any = queryset.query.get_compiler(queryset.db)
        self.sql, self.params = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        self._converters = compiler.get_converters(columns).items()
        self._model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
        self._own = slice(places[0], places[-1] + 1)
        self._names = [column.target.attname for column in columns[self._own]]
        followed: Any = get_related_populators  # the stubs are those of a later Django
        self._relations = followed(compiler.klass_info, compiler.select, queryset.db)

    def row(self, answer: Sequence, db: str, connection: Any) -> Any:
        """Return the object of a row of the answer. As ModelIterable does it."""
        columns = list(answer)
        for place, (converters, column) in self._converters:
            for convert in converters:
                columns[place] = convert(columns[place], column, connection)
        found = self._model.from_db(db, self._names, columns[self._own])
        for relation in self._relations:
            relation.populate(columns, found)
        return found
