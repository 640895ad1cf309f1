#!/usr/bin/env python
"""Django's command line for Voicesite."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voicesite.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError
    except ImportError as error:
        raise SystemExit(
            f"Voicesite is not installed in this Python ({error}). "
            "Run `make install`, then use .venv/bin/python manage.py."
        ) from error
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        raise SystemExit(f"{error}") from error
    except DatabaseError as error:
        if not lacks_migrations():
            raise
        raise SystemExit(
            f"The database is not prepared for this version of Voicesite ({error}). "
            "Start the site, or run `manage.py prepare`; then try again."
        ) from error


def lacks_migrations() -> bool:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:  # it doesn't answer at all, and the first error says so
        return False


if __name__ == "__main__":
    main()
