"""What was changed last in a text, in words, and which of its sentences are marked: parts of pages that show a text."""

from synthesis.models import Generation, Segment, SegmentEdit
from voicesite.texts import N_
from voicesite.wording import translated

MAX_MARKED_LINKS = 12


def changes_context(generation: Generation) -> dict:
    """Return the context of what was changed last, and of the marked sentences. Two queries.

    waited: the change that is being spoken, if there is one. Before there is a whole, the progress of that says more.
    """
    edit = generation.edits.defer("before").first()
    at_work = edit is not None and generation.is_active and generation.is_heard
    said = told(edit) if edit and at_work else ""
    return {"edit": edit, "waited": edit if at_work else None, "said": said, **marked_context(generation)}


def marked_context(generation: Generation) -> dict:
    """Return the context of the sentences in which other words were heard than they have. One query."""
    marked = generation.segments.in_text().filter(state=Segment.State.COMPLETED, take__is_marked=True)
    indices = list(marked.values_list("index", flat=True))
    return {"generation": generation, "marked": indices[:MAX_MARKED_LINKS], "marked_count": len(indices)}


def told(edit: SegmentEdit, is_ready: bool = False) -> str:
    """Return what happens to what was changed, or that it is ready, in words that are read aloud."""
    subject, _colon, how = edit.what.partition(": ")
    several = subject.split()[0] == "Sentences" or subject.endswith("sentences")
    if how == "pause":
        words = N_("The pause after {what} is changed.")
    elif how == "deleted":
        words = N_("{what} is deleted.")
    elif how.startswith("take "):
        words = N_("{what} now uses {take}.")
    elif is_ready:
        words = N_("{what} are ready.") if several else N_("{what} is ready.")
    elif how == "split":
        words = N_("{what} is split.")
    elif how == "joined":
        words = N_("{what} are joined.")
    else:
        words = N_("{what} are being spoken again.") if several else N_("{what} is being spoken again.")
    return translated(words.format(what=subject[:1].lower() + subject[1:] if how == "pause" else subject, take=how))


def in_line(what: str) -> str:
    """Return what was changed as it stands inside a line, in the language of the page: “sentence 3, other words”."""
    words = translated(what)
    return (words[:1].lower() + words[1:]).replace(": ", ", ", 1)
