"""What `make lint` holds templates to, beside their format."""

import subprocess
import sys

import pytest

from tests.test_layers import ROOT

CHECK_COMMAND = [sys.executable, str(ROOT / "scripts" / "check_templates.py")]


def checked(folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CHECK_COMMAND, str(folder)], capture_output=True, text=True, cwd=ROOT)


def test_templates_are_easy_to_read():
    done = checked("templates")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "line, reason",
    [
        ("<p>" + "é" * 117, ""),
        ("<p>" + "é" * 118, "121 characters, 120 at most"),
        ('<a {% attr href="/" if it %} title="{{ it }}">{% if it %}{% endif %}</a>', ""),
        ('<a title="{{ it }}"{% if it %} href="/"{% endif %}>', "{% if %} inside a tag"),
        ('<a {% attr x if y > 1 %} href="{% if it %}/{% endif %}">', "{% if %} inside a tag"),
    ],
)
def test_the_check_names_the_line(tmp_path, line, reason):
    template = tmp_path / "page.html"
    template.write_text(f"\n{line}\n<p></p>\n")
    done = checked(tmp_path)
    assert (done.returncode, done.stdout) == ((1, f"{template}:2: {reason}\n") if reason else (0, ""))
