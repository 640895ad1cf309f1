"""The rows of the database as they were at one moment, in a form that SQLite and PostgreSQL both can take in.

Each table is a text of lines, compressed: the names of its fields, then a row a line, in JSON. It is put back into
tables as the migrations made them that the backup names, so that a later version of the code can take an earlier backup.
"""

import base64
import contextlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field, Model
from django.utils.duration import duration_iso_string

from .repository import Unusable
from .sealing import Damaged

_ROWS_AT_ONCE = 1000


# ---- reading


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is read in this block be what the database held at its first query; others write meanwhile.

    Not by `atomic`: on SQLite, that would keep others from writing.
    """
    at_once = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN{at_once}")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def tables(all_models: Iterable[type[Model]] | None = None) -> dict[str, type[Model]]:
    """Return the models that have a table of their own, by their labels; those between two models too."""
    found = all_models if all_models is not None else apps.get_models(include_auto_created=True)
    return {model._meta.label_lower: model for model in found if model._meta.managed and not model._meta.proxy}


def dump(model: type[Model]) -> Iterator[bytes]:
    """Yield all rows of a table, as `load` takes them."""
    packer = zlib.compressobj(wbits=31)  # as gzip, without a time: the same rows are the same bytes
    for line in _lines(model):
        yield packer.compress(line.encode() + b"\n")
    yield packer.flush()


def _lines(model: type[Model]) -> Iterator[str]:
    names = list(_fields(model))
    yield json.dumps(names)
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(_ROWS_AT_ONCE):
        yield json.dumps(row, default=_plain)


def _plain(value: Any) -> str:
    """Return a value that JSON lacks as a text from which `Field.to_python` makes it again, to the microsecond."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return duration_iso_string(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case UUID() | Decimal():
            return str(value)
    raise TypeError(f"{type(value)} can't be backed up")


def _fields(model: type[Model]) -> dict[str, Field]:
    fields = model._meta.local_concrete_fields
    return {field.attname: field for field in fields if not field.generated}


def migrations() -> list[list[str]]:
    """Return the migrations that the database went through. Raises Unusable where it still needs some."""
    loader = MigrationLoader(connection)
    if missing := sorted(set(loader.graph.nodes) - set(loader.applied_migrations)):
        names = ", ".join(".".join(key) for key in missing[:3])
        raise Unusable(
            f"The database is not up to date (it lacks {names}): start the site once, or run manage.py migrate."
        )
    return sorted(list(key) for key in loader.graph.nodes)


# ---- writing


def require_known(names: list[list[str]]) -> None:
    """Raise Unusable for migrations that this code does not have."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    if unknown := [".".join(key) for key in names if tuple(key) not in known]:
        raise Unusable(
            f"The backup was made by a newer version of Voicesite: this one does not know {', '.join(unknown[:3])}. "
            "Update it first."
        )


def replace(names: list[list[str]], contents: dict[str, Callable[[], Iterator[bytes]]]) -> None:
    """Put other rows into the place of all that the database holds; either all of it happens, or nothing.

    names: of the migrations that made the tables in which `contents`, by the labels of their models, were.
    """
    with _empty_database():
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        models = tables(executor.migrate(_last_of_each_app(executor, names)).apps.get_models(include_auto_created=True))
        if strange := contents.keys() - models.keys():
            raise Damaged(f"The backup has tables that its migrations don't make: {', '.join(sorted(strange))}.")
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # migrations change that, until the transaction ends
            for model in models.values():  # what migrations put there
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
            for label, content in contents.items():
                if label not in _of_processes():
                    load(models[label], content())
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(statement)


def load(model: type[Model], content: Iterable[bytes]) -> None:
    """Insert rows that `dump` gave, as they are: nothing is computed, no date is set. Raises Damaged and DatabaseError."""
    try:
        _load(model, _unpacked(content))
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError, zlib.error):
        raise Damaged(f"The rows of {model._meta.label} can't be read.") from None


def _load(model: type[Model], lines: Iterator[bytes]) -> None:
    names, fields = json.loads(next(lines, b"")), _fields(model)
    if sorted(names) != sorted(fields):
        raise Damaged(f"The rows of {model._meta.label} have other columns than its table.")
    columns = [fields[name] for name in names]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
    places = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({quoted}) VALUES ({places})"  # noqa: S608 — names of our own tables
    with connection.cursor() as cursor:
        while portion := list(islice(lines, _ROWS_AT_ONCE)):
            cursor.executemany(statement, [_prepared(columns, json.loads(line)) for line in portion])


def _prepared(columns: list[Field], row: list) -> list:
    return [
        field.get_db_prep_save(field.to_python(value), connection) for field, value in zip(columns, row, strict=True)
    ]


def _unpacked(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of what was compressed."""
    unpacker, rest = zlib.decompressobj(wbits=31), b""
    for piece in content:
        *lines, rest = (rest + unpacker.decompress(piece)).split(b"\n")
        yield from lines
    if rest or not unpacker.eof:
        raise Damaged("The rows of a table end in the middle.")


def _of_processes() -> set[str]:
    """Return the labels of models whose rows are about processes of a moment: where a backup is restored, none of them runs."""
    return {label for label, model in tables().items() if getattr(model, "is_of_processes", False)}


def _last_of_each_app(executor: MigrationExecutor, names: list[list[str]]) -> list[tuple[str, str]]:
    """Return those that no other of the same app comes after: what is asked of the executor twice, it would undo."""
    there, nodes = {(app, name) for app, name in names}, executor.loader.graph.node_map
    return [
        key
        for key in sorted(there)
        if not any(child.key in there and child.key[0] == key[0] for child in nodes[key].children)
    ]


@contextlib.contextmanager
def _empty_database() -> Iterator[None]:
    """Let the block fill an empty database, which takes the site's place when the block has ended well."""
    if connection.vendor == "sqlite":
        with _new_file():
            yield
    else:
        with transaction.atomic():
            _drop_tables()
            yield


@contextlib.contextmanager
def _new_file() -> Iterator[None]:
    place = Path(connection.settings_dict["NAME"])
    beside = place.with_name(f"{place.name}.restoring")
    _remove(beside)
    connection.close()
    connection.settings_dict["NAME"] = beside
    try:
        yield
    except BaseException:
        connection.close()
        _remove(beside)
        raise
    finally:
        connection.close()  # the last one: SQLite then moves all of the log into the file
        connection.settings_dict["NAME"] = place
    if place.exists():
        # Of the old one too: a log that stays would be taken for that of the new one.
        with contextlib.closing(sqlite3.connect(place)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    beside.replace(place)


def _remove(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def _drop_tables() -> None:
    """Drop the tables of our apps, and none of another program that uses the same database."""
    prefixes = ("django_", *(f"{app.label}_" for app in apps.get_app_configs()))
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name.startswith(prefixes):
                cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")
