"""Outages that need no rights on the machine: a database that can only be read, and a disk without room."""

import shutil

from django.db import connection

from voicesite import resources


def let_change(may: bool) -> None:
    """Let this connection change the database, or not: by a switch of its own, as the rights of a file stop no superuser."""
    switch = "PRAGMA query_only = {}" if connection.vendor == "sqlite" else "SET default_transaction_read_only = {}"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("off" if may else "on"))


def fill_disk(patch, *, free: int = 0) -> None:
    """Let the disk look as if there were only `free` bytes left, as long as `patch` lasts."""
    usage = shutil.disk_usage
    patch.setattr(resources.shutil, "disk_usage", lambda folder: usage(folder)._replace(free=free))
