"""Bring a database of the time before the first release to the names of today.

Each app begins with one migration, `0001_initial`. Databases that the earlier ones made hold the same tables under the
names that these had: they are renamed in place, once, before anything else is migrated, so that whoever tried Voicesite
early keeps voices and speech. `migrate` itself cannot tell: to it, `0001_initial` has long been applied.
"""

from django.apps import apps
from django.core.management import CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

# The last of the earlier migrations: with these, a database differs from today's by names only.
LAST_EARLY_MIGRATIONS = {
    ("voicesite", "0002_api_key"),
    ("voices", "0008_dictations"),
    ("synthesis", "0013_tasks_of_programs"),
}
LAST_EARLY_COMMIT = "9e988b3"  # whose code makes any older database into such a one
TABLES = {
    "voices_dictation": "voices_transcriptionrequest",
    "voices_stretchsearch": "voices_excerptsearch",
    "synthesis_check": "synthesis_evaluation",
    "synthesis_device": "synthesis_loadedmodel",
}
COLUMNS = {  # by the model that has them today
    "voices.Clip": {"plain_audio": "original_audio", "heard": "recognized_text"},
    "synthesis.Generation": {"takes": "take_group", "heard": "recognized_text"},
}


def rename_early_tables(using: str, **_kwargs) -> None:
    """Rename what an early database calls otherwise; nothing where it is new, or was renamed before.

    A receiver of `pre_migrate`. All or nothing. Raises CommandError for a database that is older still.
    """
    connection = connections[using]
    recorder = MigrationRecorder(connection)
    early = {
        (app, name)
        for app, name in recorder.applied_migrations()
        if app in ("voicesite", "voices", "synthesis") and name != "0001_initial"
    }
    if not any(name == "0002_recordings_and_curation" for _, name in early):
        return
    if not early >= LAST_EARLY_MIGRATIONS:
        raise CommandError(
            "This database was made by an early version of Voicesite. Your voices are safe in it, but one step lies "
            f"between: run `git checkout {LAST_EARLY_COMMIT} && make run` once, end it, and go back to this version."
        )
    with connection.schema_editor() as editor:
        quote = connection.ops.quote_name
        for old, new in TABLES.items():
            editor.execute(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}")
        for label, columns in COLUMNS.items():
            table = apps.get_model(label)._meta.db_table
            for old, new in columns.items():
                editor.execute(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}")
        for index in _renamed_indexes():
            _rename_index(connection, editor, *index)
        for app, name in early:
            recorder.record_unapplied(app, name)


def _renamed_indexes():
    """(model, index) of each index over a renamed column: Django names an index by its columns."""
    for label, columns in COLUMNS.items():
        model = apps.get_model(label)
        for index in model._meta.indexes:
            if set(index.fields) & set(columns.values()):
                yield model, index


def _rename_index(connection, editor, model, index) -> None:
    """Make the index of early times again, under its name of today."""
    columns = [model._meta.get_field(name).column for name, _ in index.fields_orders]
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    for name, constraint in found.items():
        is_same = constraint["index"] and not constraint["unique"] and constraint["columns"] == columns
        if is_same and name != index.name:
            editor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
            editor.add_index(model, index)
