"""Undoing what was deleted, in tests: the button that a page has for it, and the end of the minute."""

import re
from datetime import timedelta

from django.utils import timezone


def button(response) -> str:
    """The address of the button that undoes what the page says was deleted."""
    (address,) = re.findall(r'<form method="post" action="(/undo/[^"]+)">', response.text)
    return address


def later(model, seconds=61):
    model.everything.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(seconds=seconds))
