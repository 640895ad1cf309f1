"""What was changed last in a text, in words, and which of its sentences are marked: parts of pages that show a text."""

from synthesis.models import Generation, Segment, SegmentEdit

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
    subject, _, how = edit.what.partition(": ")
    are = "are" if subject.split()[0] == "Sentences" or subject.endswith("sentences") else "is"
    if how == "pause":
        return f"The pause after {in_line(subject)} is changed."
    if how == "deleted":
        return f"{subject} is deleted."
    if how.startswith("take "):
        return f"{subject} is heard in {how} now."
    if is_ready:
        return f"{subject} {are} ready."
    return f"{subject} {are} {how if how in ('split', 'joined') else 'spoken anew'}."


def in_line(what: str) -> str:
    """Return what was changed as it stands inside a line: “sentence 3, other words”."""
    return (what[:1].lower() + what[1:]).replace(": ", ", ", 1)
