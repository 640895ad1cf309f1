"""Rename the tables and columns of databases from before the first release.

The migrations of that time were squashed into one `0001_initial` per app, with other names. In such a database it counts
as applied, so tables and columns are renamed before `migrate` runs, and nobody loses voices or speech.
"""

from django.apps import apps
from django.core.management import CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

# The last of the earlier migrations: with these applied, a database differs from the current one by names only.
LAST_EARLY_MIGRATIONS = {
    ("voicesite", "0002_api_key"),
    ("voices", "0008_dictations"),
    ("synthesis", "0013_tasks_of_programs"),
}
LAST_EARLY_COMMIT = "9e988b3"  # its code migrates any older database up to these
NEW_TABLE_NAMES = {
    "voices_dictation": "voices_transcriptionrequest",
    "voices_stretchsearch": "voices_excerptsearch",
    "synthesis_check": "synthesis_evaluation",
    "synthesis_device": "synthesis_loadedmodel",
}
NEW_COLUMN_NAMES = {  # by current model
    "voices.Clip": {"plain_audio": "original_audio", "heard": "recognized_text"},
    "synthesis.Generation": {"takes": "take_group", "heard": "recognized_text"},
}


def rename_early_tables(using: str, **_kwargs) -> None:
    """Rename tables, columns and indexes in one transaction; do nothing to a new or renamed database.

    A receiver of `pre_migrate`. Raises CommandError if the database lacks some of LAST_EARLY_MIGRATIONS.
    """
    connection = connections[using]
    recorder = MigrationRecorder(connection)
    applied = set(recorder.applied_migrations())
    is_new = ("voices", "0001_initial") not in applied
    if is_new or NEW_TABLE_NAMES["voices_dictation"] in connection.introspection.table_names():
        return
    if not applied >= LAST_EARLY_MIGRATIONS:
        raise CommandError(
            "This database was made by an early version of Voicesite. Your voices are safe in it, but one step lies "
            f"between: run `git checkout {LAST_EARLY_COMMIT} && make run` once, end it, and go back to this version."
        )
    with connection.schema_editor() as editor:
        quote = connection.ops.quote_name
        for old, new in NEW_TABLE_NAMES.items():
            editor.execute(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}")
        for label, columns in NEW_COLUMN_NAMES.items():
            model = apps.get_model(label)
            for old, new in columns.items():
                editor.execute(f"ALTER TABLE {quote(model._meta.db_table)} RENAME COLUMN {quote(old)} TO {quote(new)}")
            for index in model._meta.indexes:  # Django derives the names of indexes from their columns
                if set(index.fields) & set(columns.values()):
                    _rename_index(editor, model, index)
        for app, name in applied:
            if app in ("voicesite", "voices", "synthesis") and name != "0001_initial":
                recorder.record_unapplied(app, name)


def _rename_index(editor, model, index) -> None:
    """Replace the index on the same columns by `index`, unless it has that name already."""
    columns = [model._meta.get_field(name).column for name, _ in index.fields_orders]
    for name in editor._constraint_names(model, columns, unique=False, index=True, exclude={index.name}):
        editor.execute(f"DROP INDEX {editor.quote_name(name)}")
        editor.add_index(model, index)
